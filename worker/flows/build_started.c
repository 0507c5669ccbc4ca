#include "common/aws/wire_codepipeline.h"
#include "common/aws/wire_ssm.h"
#include "common/base/limits.h"
#include "common/release/release.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

#define POLL_MAX_MS    60000
#define FOLLOW_BASE_MS 5000
#define DETAIL_TRIES   5 /* for what is only told, and for the base parameter */
#define LIMIT_FOLLOW_S (30 * 24 * 3600)
#define LIMIT_PAGES    10

bool build_wants_base(const struct build_flow *flow)
{
	return flow->family && flow->family->base_parameter && !flow->build.base_written;
}

/* ---- started: the base parameter ------------------------------------------------------------- */

static void poll(struct build_flow *flow);

struct parameter {
	const char *region, *name, *value;
};

static void put_parameter(struct build_flow *flow, struct parameter parameter, aws_done_fn *done)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ssm_put_body(parameter.name, parameter.value, true, &body);
	step_ask_in(flow, &aws_ssm_put_parameter, parameter.region, &body, done);
}

/* Where the pipeline reads it. */
static struct parameter base_parameter(const struct build_flow *flow)
{
	return (struct parameter){
		.region = flow->build.pipeline_region,
		.name = flow->family->base_parameter,
		.value = flow->build.image_id,
	};
}

/* Where the golden AMI is: an AMI id means nothing in another region than its base's. */
static struct parameter golden_parameter(const struct build_flow *flow)
{
	return (struct parameter){
		.region = flow->build.region,
		.name = flow->family->golden_parameter,
		.value = flow->build.golden_ami,
	};
}

static bool tried_briefly(const struct build_flow *flow)
{
	return flow->build.tries >= DETAIL_TRIES;
}

/* The golden parameter is what it is all for. */
static bool tried_for_golden(const struct build_flow *flow)
{
	return step_too_long(flow, flow->build.finished_ms, LIMIT_GOLDEN_AGE_S);
}

/* True when a parameter that could not be written is worth another step. */
static bool parameter_failed(struct build_flow *flow, const char *name, bool tried_enough,
                             const struct err *err)
{
	step_log(flow, LOG_ERROR, "parameter_failed", err->text);
	if (err->kind == ERR_TRANSIENT && !tried_enough)
		return true;
	flow->build.trouble = arena_printf(&flow->arena, "%s was not written: %s", name, err->text);
	return false;
}

/* A 200 may be the page of a proxy; only Parameter Store gives the value a version. */
static bool was_written(const struct aws_answer *answer, const struct err *err, struct err *reterr)
{
	int64_t version;

	if (err) {
		*reterr = *err;
		return false;
	}
	if (ssm_put_answer(answer->body, &version, reterr))
		return true;
	reterr->kind = ERR_TRANSIENT; /* writing it once more does no harm */
	return false;
}

static void on_base_written(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (!was_written(answer, err, &why) &&
	    parameter_failed(flow, flow->family->base_parameter, tried_briefly(flow), &why)) {
		step_look_again_in(flow, step_backoff_ms(flow, FOLLOW_BASE_MS, POLL_MAX_MS));
		return;
	}
	flow->build.base_written = true; /* or never will be */
	flow->build.tries = 0;
	poll(flow);
}

/* ---- started: follow ------------------------------------------------------------------------- */

/* A tenth of its age: short builds are noticed soon, long ones are not asked for often. */
static int64_t poll_interval_ms(const struct build_flow *flow)
{
	int64_t age_ms = ports_now_ms(flow->ports) - flow->build.started_ms;

	if (age_ms / 10 < STEP_POLL_FIRST_MS)
		return STEP_POLL_FIRST_MS;
	return age_ms / 10 < POLL_MAX_MS ? age_ms / 10 : POLL_MAX_MS;
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
	step_look_again_in(flow, step_backoff_ms(flow, FOLLOW_BASE_MS,
	                                         refused ? STEP_REFUSED_MAX_MS : POLL_MAX_MS));
}

static void list_actions(struct build_flow *flow);

static const char *wanted_output(const struct build_flow *flow)
{
	if (flow->build.status != EXECUTION_SUCCEEDED || !flow->family)
		return NULL;
	return flow->family->golden_output;
}

static void ended(struct build_flow *flow)
{
	flow->actions.output_name = wanted_output(flow);
	if (flow->build.status == EXECUTION_FAILED || flow->actions.output_name)
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

static void poll(struct build_flow *flow)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_get_body(flow->build.pipeline, flow->build.execution_id, &body);
	step_ask(flow, &aws_codepipeline_get_pipeline_execution, &body, on_polled);
}

/* ---- ended: what failed, what came out ------------------------------------------------------- */

static void move_golden(struct build_flow *flow);

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
	if (!(flow->actions.output_name ? tried_for_golden(flow) : tried_briefly(flow))) {
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
		move_golden(flow);
	}
}

static void list_actions(struct build_flow *flow)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_actions_body(flow->build.pipeline, flow->build.execution_id,
	                          flow->actions.next_token, &body);
	step_ask(flow, &aws_codepipeline_list_action_executions, &body, on_listed);
}

/* ---- succeeded: the golden parameter --------------------------------------------------------- */

static void on_golden_moved(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct err why = { ERR_NONE, "" };
	bool written = was_written(answer, err, &why);

	flow->pending = NULL;
	if (!written &&
	    parameter_failed(flow, flow->family->golden_parameter, tried_for_golden(flow), &why)) {
		step_look_again_in(flow, step_backoff_ms(flow, FOLLOW_BASE_MS, POLL_MAX_MS));
		return;
	}
	flow->build.golden_written = written;
	step_finish(flow, NOTICE_FINISHED);
}

/* Says what is wrong with the output variable, or takes it as the golden AMI. */
static bool take_golden_ami(struct build_flow *flow)
{
	const char *value = flow->actions.output_value, *name = flow->actions.output_name;

	if (value && image_id_is_valid(span_of(value))) {
		flow->build.golden_ami = value;
		return true;
	}
	flow->build.trouble =
		value ? arena_printf(&flow->arena, "%s is %.100s, which is no image id", name,
	                             value)
		      : arena_printf(&flow->arena, "no action has the output variable %s", name);
	return false;
}

/* A build that took long may end after one of a newer release has moved the parameter. */
static void on_newer(void *ctx, bool newer, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		listing_failed(flow, err);
	} else if (newer) {
		flow->build.trouble = arena_printf(&flow->arena, "%s names a newer golden AMI",
		                                   flow->family->golden_parameter);
		step_finish(flow, NOTICE_FINISHED);
	} else {
		put_parameter(flow, golden_parameter(flow), on_golden_moved);
	}
}

static void move_golden(struct build_flow *flow)
{
	const char *output = wanted_output(flow);
	struct ledger *ledger = flow->ports->ledger;

	if (output && take_golden_ami(flow) && flow->family->golden_parameter)
		flow->pending = ledger->newer_golden(ledger, &flow->build, on_newer, flow);
	else
		step_finish(flow, NOTICE_FINISHED);
}

void build_started(struct build_flow *flow)
{
	if (build_wants_base(flow))
		put_parameter(flow, base_parameter(flow), on_base_written);
	else
		poll(flow);
}
