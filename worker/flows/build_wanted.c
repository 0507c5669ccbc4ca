#include "common/aws/wire_codepipeline.h"
#include "common/base/limits.h"
#include "common/decide/variables.h"
#include "worker/flows/admission.h"
#include "worker/flows/step.h"

#include <string.h>

#include "common/base/banned.h"

#define START_BASE_MS  5000
#define START_MAX_MS   300000
#define LOOK_BASE_MS   60000 /* for an image that is not there yet */
#define LOOK_MAX_MS    3600000
#define LIMIT_ABSENT_S (24 * 3600) /* then people are told */

/* ---- held or not ----------------------------------------------------------------------------- */

/* Since when nothing holds it. */
static int64_t free_ms(const struct build *build)
{
	return build->held_ms ? build->held_ms : build->wanted_ms;
}

static void lift(struct build_flow *flow)
{
	struct build *build = &flow->build;

	if (build->held == REASON_MATCHED)
		return;
	build->held = REASON_MATCHED;
	build->held_ms = ports_now_ms(flow->ports);
	build->hold_detail = NULL;
	build->trouble = NULL;
	build->tries = 0;
}

static void give_up_starting(struct build_flow *flow, const struct err *err)
{
	flow->build.trouble = arena_text(&flow->arena, span_of(err->text));
	step_finish(flow, NOTICE_GIVEN_UP);
}

/* ---- start ----------------------------------------------------------------------------------- */

/* A refusal needs a person, who is told once; it is tried again all the same. */
static void start_failed(struct build_flow *flow, const struct err *err)
{
	bool refused = err->kind != ERR_TRANSIENT;

	step_log(flow, refused ? LOG_ERROR : LOG_WARNING, "start_failed", err->text);
	if (step_too_long(flow, free_ms(&flow->build), LIMIT_START_AGE_S)) {
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

/*
 * What surely was not started is free to be held, or to give way. But when an answer was lost, its
 * execution may run, whatever is refused after that: then it is asked for until it is known.
 */
static void doubt(struct build *build, const struct aws_answer *answer, const struct err *err)
{
	build->doubted |= err->kind == ERR_TRANSIENT || (answer && answer->in_doubt);
	if (!build->doubted && (err->kind == ERR_REFUSED || err->kind == ERR_BROKEN))
		build->admitted = false;
}

static void on_started(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct build *build = &flow->build;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (err) {
		doubt(build, answer, err);
		start_failed(flow, err);
		return;
	}
	if (!codepipeline_start_answer(answer->body, &flow->arena, &build->execution_id, &why)) {
		why.kind = ERR_TRANSIENT; /* it may have started: the token makes asking safe */
		doubt(build, NULL, &why);
		start_failed(flow, &why);
		return;
	}
	build->state = BUILD_STARTED;
	build->admitted = build->doubted = false;
	build->status = EXECUTION_IN_PROGRESS;
	build->started_ms = ports_now_ms(flow->ports);
	build->tries = 0;
	build->trouble = NULL;
	step_tell(flow, NOTICE_STARTED);
	step_log(flow, LOG_INFO, "build_started", NULL);
	step_look_again_in(flow, build_wants_base(flow) ? 0 : STEP_POLL_FIRST_MS);
}

static void start(struct build_flow *flow)
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
	flow->asked = true;
	step_ask(flow, &aws_codepipeline_start_pipeline_execution, &body, on_started);
}

/* ---- may it be started? ---------------------------------------------------------------------- */

static bool absent_for_long(const struct build_flow *flow)
{
	return flow->build.held == REASON_NOT_AVAILABLE_YET &&
	       ports_now_ms(flow->ports) - flow->build.held_ms > INT64_C(1000) * LIMIT_ABSENT_S;
}

/* Which `trouble` remembers. Of its pipeline there may be something else to repair by now. */
static bool was_told(const struct build *build)
{
	return build->trouble && (build->held != REASON_FAMILY_HELD ||
	                          strcmp(build->trouble, build->hold_detail) == 0);
}

static void tell_of_hold(struct build_flow *flow, const struct hold *hold)
{
	struct build *build = &flow->build;

	if (was_told(build) || !(hold->urgent || absent_for_long(flow)))
		return;
	build->trouble = build->hold_detail;
	step_tell(flow, NOTICE_HELD);
}

static void never(struct build_flow *flow, const struct hold *hold)
{
	struct err err;

	err_set(&err, ERR_UNTRUSTED, "%s", hold->detail);
	give_up_starting(flow, &err);
}

/* A family is held by an operator, or by what is wrong with its pipeline: the words tell. */
static bool is_news(const struct build *build, const struct hold *hold)
{
	if (build->held != hold->reason)
		return true;
	return hold->reason == REASON_FAMILY_HELD &&
	       !span_is(span_of(build->hold_detail), hold->detail);
}

static void hold(struct build_flow *flow, const struct hold *hold)
{
	struct build *build = &flow->build;
	bool news = is_news(build, hold);

	build->hold_detail = arena_text(&flow->arena, span_of(hold->detail));
	if (news) {
		build->held = hold->reason;
		build->held_ms = ports_now_ms(flow->ports);
		build->tries = 0;
		step_log(flow, LOG_INFO, "build_held", NULL);
	}
	if (!hold->until_ms && step_too_long(flow, build->held_ms, LIMIT_START_AGE_S)) {
		never(flow, hold);
		return;
	}
	tell_of_hold(flow, hold);
	if (hold->until_ms)
		step_look_again_in(flow, hold->until_ms - ports_now_ms(flow->ports));
	else
		step_look_again_in(flow, step_backoff_ms(flow, LOOK_BASE_MS, LOOK_MAX_MS));
}

static void give_way(struct build_flow *flow, const struct hold *hold)
{
	struct build *build = &flow->build;

	build->state = BUILD_SUPERSEDED;
	build->held = hold->reason;
	build->hold_detail = arena_text(&flow->arena, span_of(hold->detail));
	build->finished_ms = ports_now_ms(flow->ports);
	step_tell(flow, NOTICE_SUPERSEDED);
	step_log(flow, LOG_INFO, "build_superseded", NULL);
	step_save(flow);
}

/* Before CodePipeline is asked: after a crash nobody could say whether it was. */
static void admit(struct build_flow *flow)
{
	lift(flow);
	flow->build.admitted = true;
	step_look_again_in(flow, 0);
}

/* CodePipeline did not tell. What people were told of its pipeline may be so still. */
static void unseen(struct build_flow *flow, const struct err *err)
{
	if (!flow->build.trouble)
		lift(flow);
	start_failed(flow, err);
}

/* EC2 did not tell. An image that was not there has been absent all the same. */
static void unknown(struct build_flow *flow, const struct err *err)
{
	if (flow->build.held != REASON_NOT_AVAILABLE_YET)
		lift(flow);
	start_failed(flow, err);
}

static void on_admission(void *ctx, enum admission admission, const struct hold *why,
                         const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	switch (admission) {
	case ADMISSION_YES:
		admit(flow);
		break;
	case ADMISSION_HELD:
		hold(flow, why);
		break;
	case ADMISSION_OVERTAKEN:
		give_way(flow, why);
		break;
	case ADMISSION_NEVER:
		never(flow, why);
		break;
	case ADMISSION_UNSEEN:
		unseen(flow, err);
		break;
	case ADMISSION_UNKNOWN:
		unknown(flow, err);
		break;
	case ADMISSION_NO_LEDGER:
		step_end(flow, err);
		break;
	}
}

static bool is_its_pipeline(const struct build *build, const struct pipeline *pipeline)
{
	const char *region = pipeline->region ? pipeline->region : build->region;

	return span_is(span_of(build->pipeline), pipeline->name) &&
	       span_is(span_of(build->pipeline_region), region);
}

/* What is wrong with them may be corrected in the configuration, and not in the pipeline. */
static void renew_variables(struct build_flow *flow)
{
	struct build *build = &flow->build;

	if (flow->family && is_its_pipeline(build, &flow->family->pipeline))
		build->variables = variables_of_build(&flow->family->pipeline, build, &flow->arena);
}

void build_wanted(struct build_flow *flow)
{
	if (flow->build.admitted) {
		start(flow);
		return;
	}
	renew_variables(flow);
	flow->pending = admission_ask(
		&(struct admission_question){
			.ports = flow->ports,
			.config = flow->config,
			.build = &flow->build,
		},
		on_admission, flow);
}
