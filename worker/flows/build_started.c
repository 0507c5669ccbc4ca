#include "common/aws/wire_codepipeline.h"
#include "common/base/limits.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define LIMIT_FOLLOW_S (30 * 24 * 3600)
#define LIMIT_PAGES    10

/* ---- started: follow ------------------------------------------------------------------------- */

/* A tenth of its age: short builds are noticed soon, long ones are not asked for often. */
static int64_t poll_interval_ms(const struct build_flow *flow)
{
	int64_t age_ms = ports_now_ms(flow->ports) - flow->build.started_ms;

	if (age_ms / 10 < STEP_POLL_FIRST_MS)
		return STEP_POLL_FIRST_MS;
	return age_ms / 10 < STEP_POLL_MAX_MS ? age_ms / 10 : STEP_POLL_MAX_MS;
}

static void poll_failed(struct build_flow *flow, const struct err *err)
{
	bool refused = err->kind != ERR_TRANSIENT;

	step_log(flow, LOG_WARNING, "poll_failed", err->text);
	if (step_too_long(flow, flow->build.started_ms, LIMIT_FOLLOW_S)) {
		flow->build.trouble = arena_printf(&flow->arena, "it could not be followed: %s",
		                                   err->text);
		step_finish(flow, NOTICE_FINISHED);
		return;
	}
	step_look_again_in(flow, step_backoff_ms(flow, STEP_FOLLOW_BASE_MS,
	                                         refused ? STEP_REFUSED_MAX_MS : STEP_POLL_MAX_MS));
}

static void list_actions(struct build_flow *flow);

static void ended(struct build_flow *flow)
{
	if (build_wants_golden(flow))
		build_want_outputs(flow);
	if (flow->build.status == EXECUTION_FAILED || build_wants_golden(flow))
		list_actions(flow);
	else
		step_finish(flow, NOTICE_FINISHED);
}

static void on_polled(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct codepipeline_execution execution;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (err) {
		poll_failed(flow, err);
		return;
	}
	if (!codepipeline_get_answer(answer->body, &flow->arena, &execution, &why)) {
		why.kind = ERR_TRANSIENT;
		poll_failed(flow, &why);
		return;
	}
	if (execution_has_ended(execution.status) && !flow->build.finished_ms) {
		flow->build.finished_ms = ports_now_ms(flow->ports);
		flow->build.tries = 0;
	}
	flow->build.status = execution.status;
	flow->build.summary = execution.summary;
	if (execution_has_ended(execution.status)) {
		ended(flow);
		return;
	}
	flow->build.tries = 0;
	step_look_again_in(flow, poll_interval_ms(flow));
}

void build_follow(struct build_flow *flow)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_get_body(flow->build.pipeline, flow->build.execution_id, &body);
	step_ask(flow, &aws_codepipeline_get_pipeline_execution, &body, on_polled);
}

/* ---- ended: what failed, what came out ------------------------------------------------------- */

static void take_failure(struct build_flow *flow)
{
	const struct codepipeline_actions *actions = &flow->actions;

	flow->build.failed_stage = actions->failed_stage;
	flow->build.failed_action = actions->failed_action;
	flow->build.error_code = actions->error_code;
	flow->build.error_message = actions->error_message;
	flow->build.error_url = actions->error_url;
}

/* What is only told is soon given up; what names the golden AMI is not. */
static void listing_failed(struct build_flow *flow, const struct err *err)
{
	if (!(build_wants_golden(flow) ? step_tried_for_golden(flow) : step_tried_briefly(flow))) {
		poll_failed(flow, err);
		return;
	}
	flow->build.trouble = arena_printf(&flow->arena, "its actions could not be listed: %s",
	                                   err->text);
	step_finish(flow, NOTICE_FINISHED);
}

static void on_listed(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct codepipeline_actions *actions = &flow->actions;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (err) {
		listing_failed(flow, err);
	} else if (!codepipeline_actions_answer(answer->body, &flow->arena, actions, &why)) {
		why.kind = ERR_TRANSIENT;
		listing_failed(flow, &why);
	} else if (actions->next_token && ++flow->pages < LIMIT_PAGES) {
		list_actions(flow);
	} else {
		take_failure(flow);
		build_settle_parameters(flow);
	}
}

static void list_actions(struct build_flow *flow)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_actions_body(flow->build.pipeline, flow->build.execution_id,
	                          flow->actions.next_token, &body);
	step_ask(flow, &aws_codepipeline_list_action_executions, &body, on_listed);
}

void build_started(struct build_flow *flow)
{
	if (build_wants_base(flow))
		build_write_base(flow);
	else
		build_follow(flow);
}
