#include "common/aws/wire_codepipeline.h"
#include "common/base/limits.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define LIMIT_FOLLOW_S (30 * 24 * 3600)
#define LIMIT_GONE_S   (15 * 60) /* one that was just started may not be known everywhere */
#define GONE_TRIES     9
#define UNFOLLOWED     "it cannot be followed now: "

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

static void give_up(struct build_flow *flow, const struct err *err)
{
	flow->build.trouble = arena_printf(&flow->arena, "it could not be followed: %s", err->text);
	step_finish(flow, NOTICE_FINISHED);
}

void step_poll_failed(struct build_flow *flow, const struct err *err)
{
	bool refused = err->kind != ERR_TRANSIENT;

	step_log(flow, LOG_WARNING, "poll_failed", err->text);
	if (step_too_long(flow, flow->build.started_ms, LIMIT_FOLLOW_S)) {
		give_up(flow, err);
		return;
	}
	step_look_again_in(flow, step_backoff_ms(flow, STEP_FOLLOW_BASE_MS,
	                                         refused ? STEP_REFUSED_MAX_MS : STEP_POLL_MAX_MS));
}

/* Whoever deleted the pipeline need not keep its line from building for a month. */
static bool is_gone_for_good(const struct build_flow *flow, const struct aws_answer *answer)
{
	int64_t age_ms = ports_now_ms(flow->ports) - flow->build.started_ms;

	return step_is_gone(answer) && flow->build.tries >= GONE_TRIES &&
	       age_ms > INT64_C(1000) * LIMIT_GONE_S;
}

static void poll_failed(struct build_flow *flow, const struct aws_answer *answer,
                        const struct err *err)
{
	if (is_gone_for_good(flow, answer)) {
		give_up(flow, err);
		return;
	}
	if (!step_is_gone(answer) && err->kind != ERR_TRANSIENT)
		step_tell_refusal(flow, UNFOLLOWED, err->text);
	step_poll_failed(flow, err);
}

/* Before what its end had asked for was done, somebody has set it going again. */
static bool runs_again(const struct build *build, const struct codepipeline_execution *execution)
{
	return build->finished_ms && execution->status != build->status;
}

static void on_polled(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct build *build = &flow->build;
	struct codepipeline_execution execution;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (!step_read_execution(flow, answer, err, &execution, &why)) {
		poll_failed(flow, answer, &why);
		return;
	}
	if (runs_again(build, &execution)) {
		build_run_again(flow, &execution);
		return;
	}
	step_forget_refusal(flow, UNFOLLOWED);
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
