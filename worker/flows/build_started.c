#include "common/aws/wire_codepipeline.h"
#include "common/base/limits.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define LIMIT_FOLLOW_S (30 * 24 * 3600)

/*
 * A tenth of its age: short builds are noticed soon, long ones are not asked for often. Where
 * events come, polls are only there for those that are lost.
 */
static int64_t poll_interval_ms(const struct build_flow *flow)
{
	int64_t tenth_ms = (ports_now_ms(flow->ports) - flow->build.started_ms) / 10;
	int64_t max_ms = flow->build.hinted ? STEP_POLL_HINTED_MS : STEP_POLL_MAX_MS;

	if (tenth_ms < STEP_POLL_FIRST_MS)
		return STEP_POLL_FIRST_MS;
	return tenth_ms < max_ms ? tenth_ms : max_ms;
}

void step_poll_failed(struct build_flow *flow, const struct err *err)
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

static void on_polled(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct build *build = &flow->build;
	struct codepipeline_execution execution;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (!step_read_execution(flow, answer, err, &execution, &why)) {
		step_poll_failed(flow, &why);
		return;
	}
	build->status = execution.status;
	build->summary = execution.summary;
	if (execution_has_ended(execution.status)) {
		build_ended(flow);
		return;
	}
	build->tries = 0;
	step_look_again_in(flow, poll_interval_ms(flow));
}

void build_follow(struct build_flow *flow)
{
	step_ask_execution(flow, on_polled);
}

void build_started(struct build_flow *flow)
{
	if (build_wants_base(flow))
		build_write_base(flow);
	else
		build_follow(flow);
}
