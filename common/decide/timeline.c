#include "common/decide/timeline.h"

#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <string.h>

#include "common/base/banned.h"

#define PASSED    "TESTS_PASSED"
#define FAILED    "TESTS_FAILED"
#define SKIPPED   "TESTS_SKIPPED"
#define REPORT    "TESTS_REPORT_URL"
#define MAX_TESTS 999999999

#define MAX_TEXT \
	(256 * 1024) /* all names of the greatest length, and escapes alone, are half of it */
#define MAX_MS 253402300799999.0 /* the end of the year 9999 */

/* ---- out of what CodePipeline told ----------------------------------------------------------- */

void timeline_want_tests(struct codepipeline_actions *actions)
{
	codepipeline_want_any_output(actions, PASSED);
	codepipeline_want_any_output(actions, FAILED);
	codepipeline_want_any_output(actions, SKIPPED);
	codepipeline_want_any_output(actions, REPORT);
}

static int64_t count_of(const struct codepipeline_actions *actions, const char *name)
{
	uint64_t number;
	struct span value = span_trim(span_of(codepipeline_output(actions, name)));

	return text_number(value, MAX_TESTS, &number) ? (int64_t)number : -1;
}

static const char *report_of(const struct codepipeline_actions *actions)
{
	const char *url = codepipeline_output(actions, REPORT);

	return url && url[0] && strlen(url) <= LIMIT_URL ? url : NULL;
}

static struct timeline_action action_of(const struct codepipeline_action *action)
{
	bool ended = action->status == ACTION_SUCCEEDED || action->status == ACTION_FAILED ||
	             action->status == ACTION_ABANDONED;

	return (struct timeline_action){
		.stage = action->stage,
		.action = action->name,
		.status = action->status,
		.started_ms = action->started_ms,
		.ended_ms = ended ? action->updated_ms : 0,
	};
}

/* Actions of one stage may start together, and are then told in any order. */
static bool is_before(const struct timeline_action *a, const struct timeline_action *b)
{
	if (a->started_ms != b->started_ms)
		return a->started_ms < b->started_ms;
	return strcmp(a->stage, b->stage) == 0 && strcmp(a->action, b->action) < 0;
}

static void insert(struct timeline *timeline, struct timeline_action action)
{
	size_t at = timeline->n_actions++;

	for (; at > 0 && is_before(&action, &timeline->actions[at - 1]); at--)
		timeline->actions[at] = timeline->actions[at - 1];
	timeline->actions[at] = action;
}

void timeline_make(const struct codepipeline_actions *actions, struct timeline *ret_timeline)
{
	size_t n = actions->n < LIMIT_TIMELINE ? actions->n : LIMIT_TIMELINE;

	ret_timeline->n_actions = 0;
	for (size_t i = n; i > 0; i--) /* told the newest first */
		insert(ret_timeline, action_of(&actions->at[i - 1]));
	ret_timeline->tests = (struct timeline_tests){
		.passed = count_of(actions, PASSED),
		.failed = count_of(actions, FAILED),
		.skipped = count_of(actions, SKIPPED),
		.report = report_of(actions),
	};
}

bool timeline_has_tests(const struct timeline *timeline)
{
	const struct timeline_tests *tests = &timeline->tests;

	return tests->passed >= 0 || tests->failed >= 0 || tests->skipped >= 0;
}

/* ---- as a text ------------------------------------------------------------------------------- */

static void write_action(struct writer *writer, const struct timeline_action *action)
{
	writer_object(writer, NULL);
	writer_string(writer, "stage", span_part(span_of(action->stage), 0, LIMIT_STAGE_NAME));
	writer_string(writer, "action", span_part(span_of(action->action), 0, LIMIT_STAGE_NAME));
	writer_text(writer, "status", action_status_word(action->status));
	writer_integer(writer, "started_ms", action->started_ms);
	writer_integer(writer, "ended_ms", action->ended_ms);
	writer_end(writer);
}

static void write_count(struct writer *writer, const char *key, int64_t count)
{
	if (count < 0)
		writer_null(writer, key);
	else
		writer_integer(writer, key, count);
}

static void write_tests(struct writer *writer, const struct timeline_tests *tests)
{
	writer_object(writer, "tests");
	write_count(writer, "passed", tests->passed);
	write_count(writer, "failed", tests->failed);
	write_count(writer, "skipped", tests->skipped);
	writer_text(writer, "report", tests->report);
	writer_end(writer);
}

static bool tells_nothing(const struct timeline *timeline)
{
	return timeline->n_actions == 0 && !timeline_has_tests(timeline) && !timeline->tests.report;
}

const char *timeline_write(const struct timeline *timeline, struct arena *arena)
{
	struct buf text = buf_with_max(MAX_TEXT);
	struct writer *writer;
	const char *written;

	if (tells_nothing(timeline))
		return NULL;
	writer = writer_new();
	writer_array(writer, "stages");
	for (size_t i = 0; i < timeline->n_actions; i++)
		write_action(writer, &timeline->actions[i]);
	writer_end(writer);
	write_tests(writer, &timeline->tests);
	writer_finish(writer, &text);
	written = arena_text(arena, buf_span(&text));
	buf_clear(&text);
	return written;
}

/* ---- and back -------------------------------------------------------------------------------- */

struct reading {
	struct timeline *timeline;
	struct arena *arena;
	struct span report;
	double passed, failed, skipped;
};

struct action_text {
	struct span stage, action, status;
	double started_ms, ended_ms;
};

static const struct member action_members[] = {
	MEMBER_STRING(struct action_text, stage, "stage", true),
	MEMBER_STRING(struct action_text, action, "action", true),
	MEMBER_STRING(struct action_text, status, "status", true),
	MEMBER_NUMBER(struct action_text, started_ms, "started_ms", false),
	MEMBER_NUMBER(struct action_text, ended_ms, "ended_ms", false),
};

static int64_t whole(double number, double max, int64_t none)
{
	return number >= 0 && number <= max ? (int64_t)number : none;
}

static void read_action(struct reader *reader, struct reading *reading)
{
	struct timeline *timeline = reading->timeline;
	struct action_text text = { .started_ms = 0 };

	(void)members_read(reader, action_members, ARRAY_LEN(action_members), &text);
	if (timeline->n_actions == LIMIT_TIMELINE)
		return;
	timeline->actions[timeline->n_actions++] = (struct timeline_action){
		.stage = arena_text(reading->arena, text.stage),
		.action = arena_text(reading->arena, text.action),
		.status = action_status_of(text.status),
		.started_ms = whole(text.started_ms, MAX_MS, 0),
		.ended_ms = whole(text.ended_ms, MAX_MS, 0),
	};
}

static void read_actions(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_action(reader, target);
}

static const struct member test_members[] = {
	MEMBER_NUMBER(struct reading, passed, "passed", false),
	MEMBER_NUMBER(struct reading, failed, "failed", false),
	MEMBER_NUMBER(struct reading, skipped, "skipped", false),
	MEMBER_STRING(struct reading, report, "report", false),
};

static void read_tests(struct reader *reader, void *target)
{
	(void)members_read(reader, test_members, ARRAY_LEN(test_members), target);
}

static const struct member members[] = {
	MEMBER_NESTED("stages", read_actions, false),
	MEMBER_NESTED("tests", read_tests, false),
};

static const struct timeline nothing = { .tests = { -1, -1, -1, NULL } };

static void take_tests(const struct reading *reading)
{
	reading->timeline->tests = (struct timeline_tests){
		.passed = whole(reading->passed, MAX_TESTS, -1),
		.failed = whole(reading->failed, MAX_TESTS, -1),
		.skipped = whole(reading->skipped, MAX_TESTS, -1),
		.report = reading->report.at ? arena_text(reading->arena, reading->report) : NULL,
	};
}

bool timeline_read(const char *text, struct arena *arena, struct timeline *ret_timeline)
{
	struct reading reading = { ret_timeline, arena, SPAN_NONE, -1, -1, -1 };
	struct reader reader;
	bool fine;

	*ret_timeline = nothing;
	reader_init(&reader, span_of(text));
	fine = members_parse(&reader, members, ARRAY_LEN(members), &reading, NULL);
	if (fine)
		take_tests(&reading);
	else
		*ret_timeline = nothing;
	reader_clear(&reader);
	return fine;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static struct timeline_stage *stage_of(struct timeline_stages *stages,
                                       const struct timeline_action *action)
{
	for (size_t i = 0; i < stages->n; i++) {
		if (strcmp(stages->at[i].name, action->stage) == 0)
			return &stages->at[i];
	}
	stages->at[stages->n] = (struct timeline_stage){
		.name = action->stage,
		.status = action->status,
		.started_ms = action->started_ms,
		.ended_ms = action->ended_ms,
	};
	return &stages->at[stages->n++];
}

void timeline_stages(const struct timeline *timeline, struct timeline_stages *ret_stages)
{
	ret_stages->n = 0;
	for (size_t i = 0; i < timeline->n_actions; i++) {
		const struct timeline_action *action = &timeline->actions[i];
		struct timeline_stage *stage = stage_of(ret_stages, action);

		if (action->status > stage->status)
			stage->status = action->status;
		if (!action->ended_ms || !stage->ended_ms)
			stage->ended_ms = 0;
		else if (action->ended_ms > stage->ended_ms)
			stage->ended_ms = action->ended_ms;
	}
}
