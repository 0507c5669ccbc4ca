#include "common/aws/wire_codepipeline.h"
#include "common/base/limits.h"
#include "common/decide/variables.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define START_BASE_MS 5000
#define START_MAX_MS  300000

static void give_up_starting(struct build_flow *flow, const struct err *err)
{
	flow->build.trouble = arena_text(&flow->arena, span_of(err->text));
	step_finish(flow, NOTICE_GIVEN_UP);
}

/* A refusal needs a person, who is told once; it is tried again all the same. */
static void start_failed(struct build_flow *flow, const struct err *err)
{
	bool refused = err->kind != ERR_TRANSIENT;

	step_log(flow, refused ? LOG_ERROR : LOG_WARNING, "start_failed", err->text);
	if (step_too_long(flow, flow->build.wanted_ms, LIMIT_START_AGE_S)) {
		give_up_starting(flow, err);
		return;
	}
	if (refused && !flow->build.trouble)
		step_tell(flow, NOTICE_REFUSED);
	if (refused)
		flow->build.trouble = arena_text(&flow->arena, span_of(err->text));
	step_look_again_in(
		flow, refused ? step_backoff_ms(flow, STEP_REFUSED_BASE_MS, STEP_REFUSED_MAX_MS)
			      : step_backoff_ms(flow, START_BASE_MS, START_MAX_MS));
}

static void on_started(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct build *build = &flow->build;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (err) {
		start_failed(flow, err);
		return;
	}
	if (!codepipeline_start_answer(answer->body, &flow->arena, &build->execution_id, &why)) {
		why.kind = ERR_TRANSIENT; /* it may have started: the token makes asking safe */
		start_failed(flow, &why);
		return;
	}
	build->state = BUILD_STARTED;
	build->status = EXECUTION_IN_PROGRESS;
	build->started_ms = ports_now_ms(flow->ports);
	build->tries = 0;
	build->trouble = NULL;
	step_log(flow, LOG_INFO, "build_started", NULL);
	step_look_again_in(flow, build_wants_base(flow) ? 0 : STEP_POLL_FIRST_MS);
}

void build_wanted(struct build_flow *flow)
{
	struct variables variables;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	struct err err;

	if (!variables_read(flow->build.variables, &flow->arena, &variables, &err)) {
		give_up_starting(flow, &err);
		return;
	}
	codepipeline_start_body(
		&(struct codepipeline_start){
			.pipeline = flow->build.pipeline,
			.token = flow->build.token,
			.variables = variables.at,
			.n_variables = variables.n,
		},
		&body);
	step_ask(flow, &aws_codepipeline_start_pipeline_execution, &body, on_started);
}
