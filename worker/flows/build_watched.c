#include "common/base/limits.h"
#include "worker/flows/step.h"

#include <string.h>

#include "common/base/banned.h"

#define FIRST_MS 60000
#define MAX_MS   3600000

/* A tenth of the time since it ended: who repairs it does so soon, or much later. */
static int64_t interval_ms(const struct build_flow *flow)
{
	int64_t tenth_ms = (ports_now_ms(flow->ports) - flow->build.finished_ms) / 10;

	if (tenth_ms < FIRST_MS)
		return FIRST_MS;
	return tenth_ms < MAX_MS ? tenth_ms : MAX_MS;
}

static bool may_run_again(const struct build_flow *flow)
{
	const struct build *build = &flow->build;

	return (build->status == EXECUTION_FAILED || build->status == EXECUTION_STOPPED) &&
	       ports_now_ms(flow->ports) - build->finished_ms < INT64_C(1000) * LIMIT_WATCH_S;
}

void step_watch(struct build_flow *flow)
{
	flow->build.watched = may_run_again(flow);
	if (flow->build.watched)
		flow->build.due_ms = ports_now_ms(flow->ports) + interval_ms(flow);
}

static void watch_on(struct build_flow *flow)
{
	step_watch(flow);
	step_save(flow);
}

/* The row is as it was when it had just been started. */
static void forget_end(struct build *build)
{
	build->state = BUILD_STARTED;
	build->watched = false;
	build->finished_ms = 0;
	build->failed_stage = build->failed_action = NULL;
	build->error_code = build->error_message = build->error_url = NULL;
	build->timeline = NULL;
	build->trouble = NULL;
	build->tries = 0;
}

static void go_on(struct build_flow *flow)
{
	if (!execution_has_ended(flow->build.status))
		step_tell(flow, NOTICE_STARTED);
	step_log(flow, LOG_INFO, "build_runs_again", NULL);
	step_look_again_in(flow, 0);
}

/* It needs its base once more, unless that of another build has taken its place. */
static void on_facts(void *ctx, const struct facts *facts, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		step_end(flow, err);
		return;
	}
	flow->build.base_written = facts->busy || facts->overtaken;
	go_on(flow);
}

void build_run_again(struct build_flow *flow, const struct codepipeline_execution *execution)
{
	struct ledger *ledger = flow->ports->ledger;
	bool failed = execution_has_ended(execution->status) &&
	              execution->status != EXECUTION_SUCCEEDED;

	forget_end(&flow->build);
	flow->build.status = execution->status;
	flow->build.summary = execution->summary;
	if (failed)
		go_on(flow);
	else
		flow->pending = ledger->look_up(
			ledger, &(struct ledger_look){ .build = &flow->build }, on_facts, flow);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* It may have run again and ended alike between two looks. */
static void on_listed(struct build_flow *flow, const struct err *err)
{
	if (err || is_same(step_timeline(flow), flow->build.timeline))
		watch_on(flow);
	else
		build_run_again(flow, &(struct codepipeline_execution){
					      .status = flow->build.status,
					      .summary = flow->build.summary,
				      });
}

static void look_failed(struct build_flow *flow, const struct aws_answer *answer,
                        const struct err *err)
{
	step_log(flow, LOG_WARNING, "poll_failed", err->text);
	if (step_is_gone(answer)) {
		flow->build.watched = false;
		step_save(flow);
		return;
	}
	watch_on(flow);
}

static void on_looked(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct codepipeline_execution execution;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (!step_read_execution(flow, answer, err, &execution, &why))
		look_failed(flow, answer, &why);
	else if (execution.status != flow->build.status)
		build_run_again(flow, &execution);
	else
		step_list_actions(flow, on_listed);
}

void build_watched(struct build_flow *flow)
{
	step_ask_execution(flow, on_looked);
}
