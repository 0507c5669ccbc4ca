#include "common/base/limits.h"
#include "worker/flows/step.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- the parameter --------------------------------------------------------------------------- */

/* Where the pipeline reads it, under the name that the build began with. */
static struct parameter base_parameter(const struct build_flow *flow)
{
	return (struct parameter){
		.ports = flow->ports,
		.build = &flow->build,
		.name = flow->build.base_parameter,
		.region = flow->build.pipeline_region,
	};
}

static void keep_state(struct build_flow *flow, const struct parameter_state *state)
{
	flow->base = *state;
	flow->base.value = arena_text(&flow->arena, span_of(state->value));
}

static bool holds(const struct build_flow *flow, const char *value)
{
	return strcmp(flow->base.value, value) == 0;
}

static void put(struct build_flow *flow, const char *value, parameter_written_fn *done)
{
	struct parameter parameter = base_parameter(flow);

	flow->pending = parameter_write(
		&(struct parameter_write){
			.parameter = &parameter,
			.over = &flow->base,
			.value = value,
		},
		done, flow);
}

static void look_again(struct build_flow *flow)
{
	step_look_again_in(flow, step_backoff_ms(flow, STEP_FOLLOW_BASE_MS, STEP_POLL_MAX_MS));
}

/* Keys that have expired, or rights that are missing, may be given back. */
static bool is_worth_another(const struct err *err)
{
	return err->kind == ERR_TRANSIENT || err->kind == ERR_BROKEN;
}

/* ---- written for the build ------------------------------------------------------------------- */

/* What has ended without success needs none, unless it runs again. */
bool build_wants_base(const struct build_flow *flow)
{
	enum execution_status status = flow->build.status;

	return flow->family && flow->family->base_parameter && !flow->build.base_written &&
	       (status == EXECUTION_SUCCEEDED || !execution_has_ended(status));
}

static void settled(struct build_flow *flow)
{
	flow->build.base_written = true; /* or never will be */
	flow->build.tries = 0;
	build_follow(flow);
}

static void give_up(struct build_flow *flow, const char *why)
{
	step_log(flow, LOG_ERROR, "parameter_failed", why);
	step_add_trouble(flow, arena_printf(&flow->arena, "%s was not written: %s",
	                                    flow->build.base_parameter, why));
	settled(flow);
}

static void base_failed(struct build_flow *flow, const struct err *err)
{
	if (!is_worth_another(err) || step_tried_briefly(flow)) {
		give_up(flow, err->text);
		return;
	}
	step_log(flow, LOG_WARNING, "parameter_failed", err->text);
	look_again(flow);
}

/* What EC2 checks has been written when reading shows it. */
static void on_written(void *ctx, int64_t version, const struct err *err)
{
	struct build_flow *flow = ctx;

	(void)version;
	flow->pending = NULL;
	if (err)
		base_failed(flow, err);
	else if (!flow->base.late)
		settled(flow);
	else if (step_tried_briefly(flow))
		give_up(flow, "EC2 did not let it in");
	else
		look_again(flow);
}

/* Durable before it is replaced. */
static void remember(struct build_flow *flow)
{
	flow->build.base_previous = flow->base.value;
	step_look_again_in(flow, 0);
}

static bool is_remembered(const struct build_flow *flow)
{
	return flow->build.base_previous && holds(flow, flow->build.base_previous);
}

static void on_read(void *ctx, const struct parameter_state *state, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		base_failed(flow, err);
		return;
	}
	keep_state(flow, state);
	if (holds(flow, flow->build.image_id)) {
		if (!flow->build.base_previous)
			flow->build.base_previous = flow->base.value;
		settled(flow);
	} else if (is_remembered(flow)) {
		put(flow, flow->build.image_id, on_written);
	} else {
		remember(flow);
	}
}

void build_write_base(struct build_flow *flow)
{
	struct parameter parameter;

	flow->build.base_parameter = flow->family->base_parameter;
	parameter = base_parameter(flow);
	flow->pending = parameter_read(&parameter, on_read, flow);
}

/* ---- returned after it ----------------------------------------------------------------------- */

/* It names another image now. */
static void gone_back(struct build_flow *flow)
{
	flow->build.base_written = false;
	step_finish(flow, NOTICE_FINISHED);
}

static void leave(struct build_flow *flow, const char *why)
{
	const struct build *build = &flow->build;

	step_log(flow, LOG_WARNING, "base_left", why);
	step_add_trouble(flow, arena_printf(&flow->arena, "%s still names %s: %s",
	                                    build->base_parameter, build->image_id, why));
	step_finish(flow, NOTICE_FINISHED);
}

static void return_failed(struct build_flow *flow, const struct err *err)
{
	bool again = is_worth_another(err) &&
	             !step_too_long(flow, flow->build.finished_ms, LIMIT_BASE_AGE_S);

	if (!again) {
		leave(flow, err->text);
		return;
	}
	step_log(flow, LOG_WARNING, "parameter_failed", err->text);
	look_again(flow);
}

static void on_returned(void *ctx, int64_t version, const struct err *err)
{
	static const struct err late = { ERR_TRANSIENT, "EC2 has not let the earlier one in" };
	struct build_flow *flow = ctx;

	(void)version;
	flow->pending = NULL;
	if (err || flow->base.late) {
		return_failed(flow, err ? err : &late);
		return;
	}
	step_log(flow, LOG_INFO, "base_returned", NULL);
	gone_back(flow);
}

static void on_good(void *ctx, const char *base, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (err) {
		step_end(flow, err);
	} else if (!base || !*base) {
		leave(flow, "no earlier one is known");
	} else if (holds(flow, base)) {
		step_finish(flow, NOTICE_FINISHED);
	} else {
		put(flow, arena_text(&flow->arena, span_of(base)), on_returned);
	}
}

/* What somebody else has put there is theirs. */
static void on_seen(void *ctx, const struct parameter_state *state, const struct err *err)
{
	struct build_flow *flow = ctx;
	struct ledger *ledger = flow->ports->ledger;

	flow->pending = NULL;
	if (err) {
		return_failed(flow, err);
		return;
	}
	keep_state(flow, state);
	if (holds(flow, flow->build.image_id))
		flow->pending = ledger->good_base(ledger, &flow->build, on_good, flow);
	else
		gone_back(flow);
}

void build_return_base(struct build_flow *flow)
{
	struct parameter parameter = base_parameter(flow);

	if (flow->build.base_parameter)
		flow->pending = parameter_read(&parameter, on_seen, flow);
	else
		step_finish(flow, NOTICE_FINISHED);
}
