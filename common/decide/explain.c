#include "common/decide/explain.h"

#include "common/base/text.h"
#include "common/decide/explain_images.h"

#include <string.h>

#include "common/base/banned.h"

const char *mark_word(enum mark mark)
{
	static const char *const words[] = {
		[MARK_PASSED] = "passed",
		[MARK_FAILED] = "failed",
		[MARK_NOT_REACHED] = "not_reached",
	};

	return words[mark];
}

/* What is asked once an image fits, in the order of decide_known() and hold_judge(). */
enum step {
	STEP_NOT_BUILT,
	STEP_NOT_OLDER,
	STEP_QUARANTINE,
	STEP_HOLD,
	STEP_SOAK,
	STEP_WINDOW,
	STEP_FAILURES,
	STEP_FREE,
	STEPS
};

static const struct {
	enum reason reason; /* when it fails */
	const char *condition;
} steps[STEPS] = {
	[STEP_NOT_BUILT] = { REASON_ALREADY_STARTED, "not_built" },
	[STEP_NOT_OLDER] = { REASON_OLDER_RELEASE, "not_older" },
	[STEP_QUARANTINE] = { REASON_QUARANTINED, "quarantine" },
	[STEP_HOLD] = { REASON_FAMILY_HELD, "hold" },
	[STEP_SOAK] = { REASON_SOAKING, "soak" },
	[STEP_WINDOW] = { REASON_OUTSIDE_WINDOW, "window" },
	[STEP_FAILURES] = { REASON_FAILING, "stop_after_failures" },
	[STEP_FREE] = { REASON_PIPELINE_BUSY, "pipeline_free" },
};

/* The step that the decision names; STEPS: it names none. */
static enum step step_of(const struct decision *decision)
{
	int step = 0;

	while (step < STEPS && steps[step].reason != decision->reason)
		step++;
	return (enum step)step;
}

/* Does it have an answer here? Most are the ledger's. */
static bool is_answered(const struct explain_question *question, enum step step)
{
	const struct family *family = question->decision->family;

	if (step == step_of(question->decision) && question->decision->image)
		return true;
	if (step == STEP_SOAK)
		return family->soak_s > 0;
	if (step == STEP_WINDOW)
		return family->window.text;
	return question->ledger && !(step == STEP_FAILURES && family->stop_after_failures == 0);
}

static struct place place_of(const struct family *family, enum step step)
{
	if (step == STEP_SOAK)
		return family->places.soak;
	if (step == STEP_WINDOW)
		return family->places.window;
	if (step == STEP_FAILURES)
		return family->places.stop_after_failures;
	return (struct place){ 0 };
}

/* ---- What there is to say -------------------------------------------------------------------- */

static const char *time_of(int64_t ms, struct arena *arena)
{
	char time[TEXT_TIME_SIZE];

	text_time(ms, time);
	return arena_text(arena, span_of(time));
}

static const char *say_waiting(const struct build *row, struct arena *arena)
{
	if (row->held == REASON_MATCHED)
		return "its build is about to be started";
	return arena_printf(arena, "its build waits: %s%s%s, asked again at %s",
	                    reason_word(row->held), row->hold_detail ? ", " : "",
	                    row->hold_detail ? row->hold_detail : "", time_of(row->due_ms, arena));
}

static const char *say_row(const struct build *row, struct arena *arena)
{
	switch (row->state) {
	case BUILD_WANTED:
		return say_waiting(row, arena);
	case BUILD_STARTED:
		return arena_printf(arena, "its build runs since %s, execution %s",
		                    time_of(row->started_ms, arena), row->execution_id);
	case BUILD_FINISHED:
		return arena_printf(arena, "its build ended at %s, %s",
		                    time_of(row->finished_ms, arena),
		                    execution_status_word(row->status));
	case BUILD_SUPERSEDED:
		return "its build gave way to that of a newer release";
	case BUILD_ADOPTED:
		return "it was built before evergold came";
	}
	return "";
}

static const char *say_failed(const struct explain_question *question, struct arena *arena)
{
	const struct decision *decision = question->decision;
	const char *until = time_of(decision->held_until_ms, arena);

	if (decision->reason == REASON_ALREADY_STARTED && question->row)
		return say_row(question->row, arena);
	if (decision->held_until_ms == 0 || strstr(decision->detail, until))
		return decision->detail;
	return arena_printf(arena, "%s, asked again at %s", decision->detail, until);
}

static const char *say_soak(const struct family *family, struct arena *arena)
{
	struct buf text = buf_with_max(100);
	const char *copy;

	text_add_duration(&text, family->soak_s * 1000);
	buf_add_text(&text, " after the announcement");
	copy = arena_text(arena, buf_span(&text));
	buf_clear(&text);
	return copy;
}

/* Of a step that passed. */
static const char *say_passed(const struct explain_question *question, enum step step,
                              struct arena *arena)
{
	const struct family *family = question->decision->family;
	const struct facts *facts = &question->decision->facts;

	switch (step) {
	case STEP_NOT_BUILT:
		return "this image has no build yet";
	case STEP_NOT_OLDER:
		return facts->newest[0] ? arena_printf(arena, "the newest that was started is %s",
		                                       facts->newest)
		                        : "nothing was started here before";
	case STEP_QUARANTINE:
		return "neither the image nor its release is in quarantine";
	case STEP_HOLD:
		return "nobody holds the family";
	case STEP_SOAK:
		return say_soak(family, arena);
	case STEP_WINDOW:
		return family->window.text;
	case STEP_FAILURES:
		return arena_printf(arena, "%d of %d executions in a row have failed",
		                    facts->failures, family->stop_after_failures);
	case STEP_FREE:
		return "no earlier build is running";
	case STEPS:
		break;
	}
	return "";
}

static const char *say(const struct explain_question *question, enum step step, enum mark mark,
                       struct arena *arena)
{
	if (mark == MARK_FAILED)
		return say_failed(question, arena);
	if (mark == MARK_PASSED || step == STEP_SOAK || step == STEP_WINDOW)
		return say_passed(question, step, arena);
	return "";
}

/* ---- The order ------------------------------------------------------------------------------- */

/* Those before the one that the decision names have passed; all, when it names none. */
static enum mark mark_of(const struct decision *decision, enum step step, bool reached)
{
	enum step failed = step_of(decision);

	if (!reached || step > failed)
		return MARK_NOT_REACHED;
	return step == failed ? MARK_FAILED : MARK_PASSED;
}

static void explain_known(const struct explain_question *question, bool reached,
                          struct arena *arena, struct explanation *explanation)
{
	const struct decision *decision = question->decision;

	for (int i = 0; i < STEPS && explanation->n < EXPLAINED_MOST; i++) {
		enum step step = (enum step)i;
		enum mark mark = mark_of(decision, step, reached);

		if (is_answered(question, step))
			explanation->conditions[explanation->n++] = (struct explained){
				.condition = steps[step].condition,
				.mark = mark,
				.place = place_of(decision->family, step),
				.text = say(question, step, mark, arena),
			};
	}
}

struct explanation explain(const struct explain_question *question, struct arena *arena)
{
	struct explanation explanation = { .decision = question->decision };
	bool reached = explain_images(question, arena, &explanation);

	explain_known(question, reached, arena, &explanation);
	return explanation;
}
