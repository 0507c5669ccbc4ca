#include "common/base/text.h"
#include "common/decide/timeline.h"
#include "common/say/slack_build.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- What its stages did --------------------------------------------------------------------- */

static const char *sign_of(enum action_status status)
{
	switch (status) {
	case ACTION_SUCCEEDED:
		return "✅";
	case ACTION_FAILED:
		return "❌";
	case ACTION_ABANDONED:
		return "⏹";
	case ACTION_IN_PROGRESS:
		return "🟡";
	case ACTION_UNKNOWN:
		break;
	}
	return "❔";
}

static void add_steps(const struct timeline *timeline, struct slack_page *page)
{
	size_t n = timeline->n_actions;
	struct slack_step *steps = arena_alloc(page->arena, n, sizeof(*steps));

	for (size_t i = 0; i < n; i++) {
		const struct timeline_action *action = &timeline->actions[i];

		steps[i] = (struct slack_step){
			.sign = sign_of(action->status),
			.name = arena_printf(page->arena, "%s/%s", action->stage, action->action),
			.took = slack_duration(action->started_ms, action->ended_ms, page->arena),
		};
	}
	page->steps = steps;
	page->n_steps = n;
}

/* ---- What has come of it --------------------------------------------------------------------- */

static void add_count(struct buf *out, int64_t count, const char *what)
{
	if (count >= 0)
		buf_addf(out, "%s%lld %s", out->len ? ", " : "", (long long)count, what);
}

static void add_tests(const struct timeline_tests *tests, struct slack_page *page)
{
	struct buf text = buf_with_max(100);

	add_count(&text, tests->passed, "passed");
	add_count(&text, tests->failed, "failed");
	add_count(&text, tests->skipped, "skipped");
	slack_facts_add(&page->outcome, "Tests", arena_text(page->arena, buf_span(&text)),
	                tests->report);
	buf_clear(&text);
}

static void add_move(struct slack_page *page, const char *label, const char *from, const char *to)
{
	struct slack_facts *facts = &page->outcome;
	size_t before = facts->n;

	slack_facts_add(facts, label, to, NULL);
	if (facts->n > before && from && from[0] && strcmp(from, to) != 0)
		facts->at[before].more = arena_printf(page->arena, "was %.64s", from);
}

/* After a failure the base parameter returns to what it was. */
static void add_moves(const struct build *build, struct slack_page *page)
{
	if (build->base_written && build->status == EXECUTION_SUCCEEDED)
		add_move(page, "Base parameter", build->base_previous, build->image_id);
	if (build->golden_written)
		add_move(page, "Golden parameter", build->golden_previous, build->golden_ami);
}

/* ---- What went wrong, and what to do --------------------------------------------------------- */

static void add_trouble(const struct build *build, struct slack_page *page)
{
	bool succeeded = build->status == EXECUTION_SUCCEEDED;

	page->error = build->error_code;
	page->log_url = build->error_url;
	page->lines = build->trouble;
	if (build->error_message)
		page->words = build->error_message;
	else if (!succeeded)
		page->words = build->summary;
}

static void add_advice(const struct slack_message *message, struct slack_page *page)
{
	const struct build *build = message->build;
	bool failed = build->execution_id && build->status == EXECUTION_FAILED;

	if (build->status == EXECUTION_SUCCEEDED || build->status == EXECUTION_SUPERSEDED)
		return;
	page->advice =
		failed ? "Retry the stage in the console, evergold follows it; or build anew:"
		       : "To build it once more:";
	page->command = arena_printf(page->arena, "evergold retry %s%s%s", build->family,
	                             message->several_regions ? " --region " : "",
	                             message->several_regions ? build->region : "");
}

void slack_build_details(const struct slack_message *message, struct slack_page *page)
{
	const struct build *build = message->build;
	struct timeline timeline;

	if (!slack_has_details(build))
		return;
	if (timeline_read(build->timeline, page->arena, &timeline)) {
		add_steps(&timeline, page);
		add_tests(&timeline.tests, page);
	}
	add_moves(build, page);
	add_trouble(build, page);
	add_advice(message, page);
}
