#include "common/base/limits.h"
#include "common/decide/timeline.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define LIMIT_PAGES 10

/* ---- its actions ----------------------------------------------------------------------------- */

static void list_page(struct build_flow *flow);

static void on_page(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct codepipeline_actions *actions = &flow->actions;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (err) {
		flow->listed(flow, err);
	} else if (!codepipeline_actions_answer(answer->body, &flow->arena, actions, &why)) {
		why.kind = ERR_TRANSIENT;
		flow->listed(flow, &why);
	} else if (actions->next_token && ++flow->pages < LIMIT_PAGES) {
		list_page(flow);
	} else {
		flow->listed(flow, NULL);
	}
}

static void list_page(struct build_flow *flow)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_actions_body(flow->build.pipeline, flow->build.execution_id,
	                          flow->actions.next_token, &body);
	step_ask(flow, &aws_codepipeline_list_action_executions, &body, on_page);
}

void step_list_actions(struct build_flow *flow, step_listed_fn *listed)
{
	flow->listed = listed;
	timeline_want_tests(&flow->actions);
	list_page(flow);
}

const char *step_timeline(struct build_flow *flow)
{
	struct timeline timeline;

	timeline_make(&flow->actions, &timeline);
	return timeline_write(&timeline, &flow->arena);
}

/* ---- what failed, what came out -------------------------------------------------------------- */

static void take_failure(struct build_flow *flow)
{
	const struct codepipeline_actions *actions = &flow->actions;

	if (flow->build.status != EXECUTION_FAILED)
		return;
	flow->build.failed_stage = actions->failed_stage;
	flow->build.failed_action = actions->failed_action;
	flow->build.error_code = actions->error_code;
	flow->build.error_message = actions->error_message;
	flow->build.error_url = actions->error_url;
}

/* When its last action ended, so that it does not matter when we looked. */
static void take_end(struct build_flow *flow)
{
	const struct codepipeline_actions *actions = &flow->actions;
	struct build *build = &flow->build;
	int64_t now_ms = ports_now_ms(flow->ports), end_ms = 0;

	for (size_t i = 0; i < actions->n; i++) {
		if (actions->at[i].updated_ms > end_ms)
			end_ms = actions->at[i].updated_ms;
	}
	if (!end_ms || end_ms > now_ms + INT64_C(1000) * LIMIT_CLOCK_AHEAD_S)
		return;
	build->finished_ms = end_ms > build->started_ms ? end_ms : build->started_ms;
}

/* However it ended: the golden parameters move, or the base one goes back. */
static void settle_parameters(struct build_flow *flow)
{
	if (flow->build.status == EXECUTION_SUCCEEDED)
		build_move_golden(flow);
	else
		build_return_base(flow);
}

/* What is only told is soon given up; what names the golden AMI is not. */
static void listing_failed(struct build_flow *flow, const struct err *err)
{
	if (!(build_wants_golden(flow) ? step_tried_for_golden(flow) : step_tried_briefly(flow))) {
		step_poll_failed(flow, err);
		return;
	}
	step_add_trouble(
		flow, arena_printf(&flow->arena, "its actions could not be listed: %s", err->text));
	flow->unlisted = true;
	settle_parameters(flow);
}

/* One API may know sooner than the other that an execution has ended. */
static bool some_run(const struct codepipeline_actions *actions)
{
	size_t i = 0;

	while (i < actions->n && actions->at[i].status != ACTION_IN_PROGRESS)
		i++;
	return i < actions->n;
}

static void on_listed(struct build_flow *flow, const struct err *err)
{
	if (err) {
		listing_failed(flow, err);
		return;
	}
	if (some_run(&flow->actions) && !step_tried_briefly(flow)) {
		step_look_again_in(flow,
		                   step_backoff_ms(flow, STEP_FOLLOW_BASE_MS, STEP_POLL_MAX_MS));
		return;
	}
	take_failure(flow);
	take_end(flow);
	flow->build.timeline = step_timeline(flow);
	settle_parameters(flow);
}

void build_ended(struct build_flow *flow)
{
	if (!flow->build.finished_ms) {
		flow->build.finished_ms = ports_now_ms(flow->ports);
		flow->build.tries = 0;
	}
	if (build_wants_golden(flow))
		build_want_outputs(flow);
	step_list_actions(flow, on_listed);
}
