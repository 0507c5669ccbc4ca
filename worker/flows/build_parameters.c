#include "common/aws/wire_ssm.h"
#include "common/base/limits.h"
#include "common/release/release.h"
#include "worker/flows/step.h"

#include "common/base/banned.h"

/* ---- a parameter ----------------------------------------------------------------------------- */

struct parameter {
	const char *region, *name, *value;
};

static void put_parameter(struct build_flow *flow, struct parameter parameter, aws_done_fn *done)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ssm_put_body(parameter.name, parameter.value, true, &body);
	step_ask_in(flow, &aws_ssm_put_parameter, parameter.region, &body, done);
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

/* ---- the base parameter ---------------------------------------------------------------------- */

bool build_wants_base(const struct build_flow *flow)
{
	return flow->family && flow->family->base_parameter && !flow->build.base_written;
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

static void on_base_written(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct err why = { ERR_NONE, "" };

	flow->pending = NULL;
	if (!was_written(answer, err, &why) &&
	    parameter_failed(flow, flow->family->base_parameter, step_tried_briefly(flow), &why)) {
		step_look_again_in(flow,
		                   step_backoff_ms(flow, STEP_FOLLOW_BASE_MS, STEP_POLL_MAX_MS));
		return;
	}
	flow->build.base_written = true; /* or never will be */
	flow->build.tries = 0;
	build_follow(flow);
}

void build_write_base(struct build_flow *flow)
{
	put_parameter(flow, base_parameter(flow), on_base_written);
}

/* ---- the golden parameter -------------------------------------------------------------------- */

bool build_wants_golden(const struct build_flow *flow)
{
	return flow->build.status == EXECUTION_SUCCEEDED && flow->family &&
	       flow->family->golden_output;
}

void build_want_outputs(struct build_flow *flow)
{
	codepipeline_want_output(&flow->actions, flow->family->golden_output);
}

/* Where the golden AMI is: an AMI id means nothing in another region than its base's. */
static struct parameter golden_parameter(const struct build_flow *flow)
{
	return (struct parameter){
		.region = flow->build.region,
		.name = flow->family->golden_parameters->name,
		.value = flow->build.golden_ami,
	};
}

static void on_golden_moved(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct err why = { ERR_NONE, "" };
	bool written = was_written(answer, err, &why);

	flow->pending = NULL;
	if (!written && parameter_failed(flow, flow->family->golden_parameters->name,
	                                 step_tried_for_golden(flow), &why)) {
		step_look_again_in(flow,
		                   step_backoff_ms(flow, STEP_FOLLOW_BASE_MS, STEP_POLL_MAX_MS));
		return;
	}
	flow->build.golden_written = written;
	step_finish(flow, NOTICE_FINISHED);
}

/* Says what is wrong with the output variable, or takes it as the golden AMI. */
static bool take_golden_ami(struct build_flow *flow)
{
	const char *name = flow->family->golden_output;
	const char *value = codepipeline_output(&flow->actions, name);

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

static void newer_unknown(struct build_flow *flow, const struct err *err)
{
	step_log(flow, LOG_WARNING, "poll_failed", err->text);
	step_look_again_in(flow, step_backoff_ms(flow, STEP_FOLLOW_BASE_MS, STEP_POLL_MAX_MS));
}

/* A build that took long may end after one of a newer release has moved the parameter. */
static void on_newer(void *ctx, bool newer, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		newer_unknown(flow, err);
	} else if (newer) {
		flow->build.trouble = arena_printf(&flow->arena, "%s names a newer golden AMI",
		                                   flow->family->golden_parameters->name);
		step_finish(flow, NOTICE_FINISHED);
	} else {
		put_parameter(flow, golden_parameter(flow), on_golden_moved);
	}
}

void build_settle_parameters(struct build_flow *flow)
{
	struct ledger *ledger = flow->ports->ledger;

	if (build_wants_golden(flow) && take_golden_ami(flow) && flow->family->n_golden_parameters)
		flow->pending = ledger->newer_golden(ledger, &flow->build, on_newer, flow);
	else
		step_finish(flow, NOTICE_FINISHED);
}
