#include "worker/flows/build.h"

#include "common/aws/retry.h"
#include "common/aws/wire_codepipeline.h"
#include "common/aws/wire_ssm.h"
#include "common/aws/wire_sts.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/decide/variables.h"
#include "common/release/release.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define POLL_FIRST_MS     15000
#define POLL_MAX_MS       60000
#define START_BASE_MS     5000
#define START_MAX_MS      300000
#define REFUSED_BASE_MS   60000
#define REFUSED_MAX_MS    3600000
#define FOLLOW_BASE_MS    5000
#define DETAIL_TRIES      5  /* for what is only told, and for the base parameter */
#define LIMIT_BRIEF_TRIES 20 /* a clock that jumps ahead gives nothing up before */
#define LIMIT_FOLLOW_S    (30 * 24 * 3600)
#define LIMIT_PAGES       10

struct build_flow {
	const struct ports *ports;
	const struct config *config;
	const struct family *family; /* NULL: the configuration has dropped it */
	struct build build;
	struct arena arena;
	struct call *pending;
	struct codepipeline_actions actions;
	int pages;
	enum notice_kind notice;
	bool has_notice, hurried;
	build_flow_done_fn *done;
	void *ctx;
};

/* ---- the end of a step ----------------------------------------------------------------------- */

static void release(struct build_flow *flow)
{
	arena_clear(&flow->arena);
	free(flow);
}

static void log_build(const struct build_flow *flow, enum log_level level, const char *event,
                      const char *error)
{
	const struct build *build = &flow->build;
	const char *status = build->status ? execution_status_word(build->status) : NULL;

	log_event(flow->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("message_id", build->message_id),
	                     LOG_TEXT("family", build->family), LOG_TEXT("region", build->region),
	                     LOG_TEXT("image_id", build->image_id), LOG_TEXT("build", build->token),
	                     LOG_TEXT("execution_id", build->execution_id),
	                     LOG_TEXT("pipeline", build->pipeline),
	                     LOG_TEXT("pipeline_region", build->pipeline_region),
	                     LOG_TEXT("status", status), LOG_TEXT("stage", build->failed_stage),
	                     LOG_TEXT("action", build->failed_action),
	                     LOG_TEXT("golden_ami", build->golden_ami), LOG_TEXT("error", error)));
}

static void on_saved(void *ctx, const struct err *err)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	flow->done(flow->ctx, flow, err);
	release(flow);
}

static void save(struct build_flow *flow)
{
	struct ledger *ledger = flow->ports->ledger;

	if (flow->hurried)
		flow->build.due_ms = ports_now_ms(flow->ports);
	flow->pending = ledger->save(ledger, &flow->build, flow->has_notice ? &flow->notice : NULL,
	                             on_saved, flow);
}

static void look_again_in(struct build_flow *flow, int64_t delay_ms)
{
	flow->build.due_ms = ports_now_ms(flow->ports) + delay_ms;
	save(flow);
}

static void tell(struct build_flow *flow, enum notice_kind kind)
{
	flow->has_notice = true;
	flow->notice = kind;
}

static void finish(struct build_flow *flow, enum notice_kind kind)
{
	struct build *build = &flow->build;
	bool fine = kind == NOTICE_FINISHED && build->status == EXECUTION_SUCCEEDED;

	build->state = BUILD_FINISHED;
	if (!build->finished_ms)
		build->finished_ms = ports_now_ms(flow->ports);
	build->tries = 0;
	tell(flow, kind);
	log_build(flow, fine ? LOG_INFO : LOG_WARNING, "build_finished",
	          build->trouble ? build->trouble : build->error_message);
	save(flow);
}

/* Has it gone on since then for longer than it may? */
static bool too_long(const struct build_flow *flow, int64_t since_ms, int64_t limit_s)
{
	return ports_now_ms(flow->ports) - since_ms > limit_s * 1000 &&
	       flow->build.tries >= LIMIT_BRIEF_TRIES;
}

static int64_t backoff_ms(struct build_flow *flow, int64_t base_ms, int64_t max_ms)
{
	return retry_backoff_ms(flow->build.tries++, base_ms, max_ms, ports_random(flow->ports));
}

/*
 * Sends and clears the body; where and what is in the request. All of a build happens in the
 * account of its pipeline, whatever the configuration says of its family by now.
 */
static void send(struct build_flow *flow, struct aws_request request, struct buf *body,
                 aws_done_fn *done)
{
	const struct ports *ports = flow->ports;
	char session_name[STS_SESSION_NAME_SIZE];
	const struct aws_role role = {
		.arn = flow->build.role_arn,
		.session_name = session_name,
		.region = flow->build.pipeline_region,
	};

	sts_session_name(span_of(flow->build.family), session_name);
	request.role = role.arn ? &role : NULL;
	request.body = buf_span(body);
	flow->pending = ports->aws(ports->world, &request, done, flow);
	buf_clear(body);
}

/* A question about the pipeline. */
static void ask(struct build_flow *flow, const struct aws_operation *operation, struct buf *body,
                aws_done_fn *done)
{
	send(flow,
	     (struct aws_request){ .operation = operation, .region = flow->build.pipeline_region },
	     body, done);
}

/* ---- wanted: start --------------------------------------------------------------------------- */

static void give_up_starting(struct build_flow *flow, const struct err *err)
{
	flow->build.trouble = arena_text(&flow->arena, span_of(err->text));
	finish(flow, NOTICE_GIVEN_UP);
}

/* A refusal needs a person, who is told once; it is tried again all the same. */
static void start_failed(struct build_flow *flow, const struct err *err)
{
	bool refused = err->kind != ERR_TRANSIENT;

	log_build(flow, refused ? LOG_ERROR : LOG_WARNING, "start_failed", err->text);
	if (too_long(flow, flow->build.wanted_ms, LIMIT_START_AGE_S)) {
		give_up_starting(flow, err);
		return;
	}
	if (refused && !flow->build.trouble)
		tell(flow, NOTICE_REFUSED);
	if (refused)
		flow->build.trouble = arena_text(&flow->arena, span_of(err->text));
	look_again_in(flow, refused ? backoff_ms(flow, REFUSED_BASE_MS, REFUSED_MAX_MS)
	                            : backoff_ms(flow, START_BASE_MS, START_MAX_MS));
}

static bool wants_base_parameter(const struct build_flow *flow)
{
	return flow->family && flow->family->base_parameter && !flow->build.base_written;
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
		why.kind =
			ERR_TRANSIENT; /* it may have started: the token makes asking again safe */
		start_failed(flow, &why);
		return;
	}
	build->state = BUILD_STARTED;
	build->status = EXECUTION_IN_PROGRESS;
	build->started_ms = ports_now_ms(flow->ports);
	build->tries = 0;
	build->trouble = NULL;
	log_build(flow, LOG_INFO, "build_started", NULL);
	look_again_in(flow, wants_base_parameter(flow) ? 0 : POLL_FIRST_MS);
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
	ask(flow, &aws_codepipeline_start_pipeline_execution, &body, on_started);
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
	send(flow,
	     (struct aws_request){
		     .operation = &aws_ssm_put_parameter,
		     .region = parameter.region,
	     },
	     &body, done);
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
	return too_long(flow, flow->build.finished_ms, LIMIT_GOLDEN_AGE_S);
}

/* True when a parameter that could not be written is worth another step. */
static bool parameter_failed(struct build_flow *flow, const char *name, bool tried_enough,
                             const struct err *err)
{
	log_build(flow, LOG_ERROR, "parameter_failed", err->text);
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
		look_again_in(flow, backoff_ms(flow, FOLLOW_BASE_MS, POLL_MAX_MS));
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

	if (age_ms / 10 < POLL_FIRST_MS)
		return POLL_FIRST_MS;
	return age_ms / 10 < POLL_MAX_MS ? age_ms / 10 : POLL_MAX_MS;
}

static void poll_failed(struct build_flow *flow, const struct err *err)
{
	bool refused = err->kind != ERR_TRANSIENT;

	log_build(flow, LOG_WARNING, "poll_failed", err->text);
	if (too_long(flow, flow->build.started_ms, LIMIT_FOLLOW_S)) {
		flow->build.trouble = arena_printf(&flow->arena, "it could not be followed: %s",
		                                   err->text);
		finish(flow, NOTICE_FINISHED);
		return;
	}
	look_again_in(flow,
	              backoff_ms(flow, FOLLOW_BASE_MS, refused ? REFUSED_MAX_MS : POLL_MAX_MS));
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
		finish(flow, NOTICE_FINISHED);
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
	look_again_in(flow, poll_interval_ms(flow));
}

static void poll(struct build_flow *flow)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_get_body(flow->build.pipeline, flow->build.execution_id, &body);
	ask(flow, &aws_codepipeline_get_pipeline_execution, &body, on_polled);
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
	finish(flow, NOTICE_FINISHED);
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
	ask(flow, &aws_codepipeline_list_action_executions, &body, on_listed);
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
		look_again_in(flow, backoff_ms(flow, FOLLOW_BASE_MS, POLL_MAX_MS));
		return;
	}
	flow->build.golden_written = written;
	finish(flow, NOTICE_FINISHED);
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
		finish(flow, NOTICE_FINISHED);
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
		finish(flow, NOTICE_FINISHED);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void begin(void *ctx)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (flow->build.state == BUILD_WANTED)
		start(flow);
	else if (wants_base_parameter(flow))
		put_parameter(flow, base_parameter(flow), on_base_written);
	else
		poll(flow);
}

struct build_flow *build_flow_start(const struct build_flow_options *options)
{
	struct build_flow *flow = xcalloc(1, sizeof(*flow));

	flow->ports = options->ports;
	flow->config = options->config;
	flow->build = build_copy(options->build, &flow->arena);
	flow->family = config_family(options->config, flow->build.family);
	flow->done = options->done;
	flow->ctx = options->ctx;
	flow->pending = ports_after(flow->ports, 0, begin, flow);
	return flow;
}

void build_flow_cancel(struct build_flow *flow)
{
	call_cancel(flow->pending);
	release(flow);
}

const struct build *build_flow_row(const struct build_flow *flow)
{
	return &flow->build;
}

bool build_flow_follows(const struct build_flow *flow, struct span execution_id)
{
	return flow->build.execution_id && span_is(execution_id, flow->build.execution_id);
}

void build_flow_hurry(struct build_flow *flow)
{
	flow->hurried = true;
}
