#include "worker/flows/admission.h"

#include "common/aws/wire_ec2.h"
#include "common/aws/wire_pipeline.h"
#include "common/base/mem.h"
#include "common/decide/fit.h"
#include "common/decide/preflight.h"
#include "common/decide/version.h"
#include "worker/flows/build_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct asking {
	struct call call; /* first: what the caller holds */
	struct admission_question question;
	const struct family *family; /* NULL: the configuration has dropped it; nothing is asked */
	struct facts facts;
	struct call *pending;
	admission_done_fn *done;
	void *ctx;
};

/* ---- the end --------------------------------------------------------------------------------- */

static void cancel(struct call *call)
{
	struct asking *asking = (struct asking *)call;

	call_cancel(asking->pending);
	free(asking);
}

static void answer(struct asking *asking, enum admission admission, const struct hold *hold)
{
	asking->done(asking->ctx, admission, hold, NULL);
	free(asking);
}

/* Somebody could not be asked, or was not understood. */
static void fail(struct asking *asking, enum admission admission, const struct err *err)
{
	asking->done(asking->ctx, admission, NULL, err);
	free(asking);
}

/* In an error of AWS's own, whose code begins so. */
static bool says(const struct aws_answer *reply, struct span code)
{
	return reply && reply->error && span_starts(span_of(reply->error->code), code);
}

/* ---- EC2: is it there, and is it the one? ---------------------------------------------------- */

static void judge_image(struct asking *asking, const struct ec2_image *image)
{
	struct hold hold = { .reason = REASON_NOT_AVAILABLE_YET };
	const struct fit_question question = {
		.build = asking->question.build,
		.publisher = asking->family->publisher,
		.image = image,
	};

	switch (fit_judge(&question, hold.detail)) {
	case FIT_YES:
		answer(asking, ADMISSION_YES, &hold);
		break;
	case FIT_NOT_YET:
		answer(asking, ADMISSION_HELD, &hold);
		break;
	case FIT_NEVER:
		answer(asking, ADMISSION_NEVER, &hold);
		break;
	}
}

static void on_described(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = ctx;
	struct ec2_images images = { .n = 0 };
	struct arena arena = { 0 };
	struct err why = { ERR_NONE, "" };
	bool unknown = err && answer && ec2_knows_no_image(answer->error);

	asking->pending = NULL;
	if (err && !unknown) {
		fail(asking, ADMISSION_UNKNOWN, err);
		return;
	}
	if (!unknown && !ec2_describe_images_answer(answer->body, &arena, &images, &why)) {
		why.kind = ERR_TRANSIENT;
		fail(asking, ADMISSION_UNKNOWN, &why);
	} else {
		judge_image(asking, images.n ? &images.at[0] : NULL);
	}
	arena_clear(&arena);
}

static void describe(struct asking *asking)
{
	const struct build *build = asking->question.build;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	ec2_describe_images_body(
		&(struct ec2_describe_images){
			.image_ids = { &build->image_id, 1 },
			.include_deprecated = true,
		},
		&body);
	asking->pending = build_request_start(
		&(struct build_request){
			.ports = asking->question.ports,
			.build = build,
			.operation = &aws_ec2_describe_images,
			.region = build->region,
			.body = &body,
		},
		on_described, asking);
}

/* ---- CodePipeline: does it take what the build sends? ---------------------------------------- */

/* declaration: NULL: there is no such pipeline. */
static void judge_pipeline(struct asking *asking, const struct pipeline_declaration *declaration)
{
	const struct build *build = asking->question.build;
	struct hold hold = { .reason = REASON_FAMILY_HELD, .urgent = true };
	struct variables sent;
	struct arena arena = { 0 };

	if (!variables_read(build->variables, &arena, &sent, NULL))
		sent.n = 0; /* the start will say so */
	if (preflight_may_start(&(struct preflight_start){ build, &sent, declaration },
	                        hold.detail))
		describe(asking);
	else
		answer(asking, ADMISSION_HELD, &hold);
	arena_clear(&arena);
}

static void warn(const struct asking *asking, const struct err *err)
{
	const struct build *build = asking->question.build;

	log_event(asking->question.ports->log, LOG_WARNING, "preflight_denied",
	          LOG_FIELDS(LOG_TEXT("family", build->family), LOG_TEXT("region", build->region),
	                     LOG_TEXT("build", build->token), LOG_TEXT("pipeline", build->pipeline),
	                     LOG_TEXT("pipeline_region", build->pipeline_region),
	                     LOG_TEXT("error", err->text)));
}

static void read_pipeline(struct asking *asking, struct span json)
{
	struct pipeline_declaration declaration;
	struct arena arena = { 0 };
	struct err why = { ERR_NONE, "" };

	if (pipeline_get_answer(json, &arena, &declaration, &why)) {
		judge_pipeline(asking, &declaration);
	} else {
		why.kind = ERR_TRANSIENT;
		fail(asking, ADMISSION_UNSEEN, &why);
	}
	arena_clear(&arena);
}

static void on_pipeline(void *ctx, const struct aws_answer *reply, const struct err *err)
{
	struct asking *asking = ctx;

	asking->pending = NULL;
	if (says(reply, SPAN("PipelineNotFound"))) {
		judge_pipeline(asking, NULL);
	} else if (says(reply, SPAN("AccessDenied"))) {
		warn(asking, err);
		describe(asking);
	} else if (err) {
		fail(asking, ADMISSION_UNSEEN, err);
	} else {
		read_pipeline(asking, reply->body);
	}
}

static void get_pipeline(struct asking *asking)
{
	const struct build *build = asking->question.build;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	pipeline_get_body(build->pipeline, &body);
	asking->pending = build_request_start(
		&(struct build_request){
			.ports = asking->question.ports,
			.build = build,
			.operation = &aws_codepipeline_get_pipeline,
			.region = build->pipeline_region,
			.body = &body,
		},
		on_pipeline, asking);
}

/* ---- what holds it --------------------------------------------------------------------------- */

/* What is built once more an operator has asked for, whatever the family wishes. */
static const struct family *wishing(const struct asking *asking)
{
	return asking->question.build->attempt == 0 ? asking->family : NULL;
}

/* It may come back; until then nobody says how long its builds soak, or when they may run. */
static struct hold dropped(void)
{
	return (struct hold){
		.reason = REASON_FAMILY_HELD,
		.detail = "the configuration has no such family any more",
	};
}

static struct hold judge(const struct asking *asking)
{
	const struct build *build = asking->question.build;

	if (!asking->family)
		return dropped();
	return hold_judge(&(struct hold_question){
		.family = wishing(asking),
		.facts = &asking->facts,
		.release = build->release,
		.announced_ms = build->announced_ms < build->wanted_ms ? build->announced_ms
	                                                               : build->wanted_ms,
		.now_ms = ports_now_ms(asking->question.ports),
	});
}

/* The pipeline works again: does anything else hold it? */
static void forget_failures(struct asking *asking)
{
	struct hold hold;

	asking->facts.failures = 0;
	hold = judge(asking);
	if (hold.reason == REASON_MATCHED)
		get_pipeline(asking);
	else
		answer(asking, ADMISSION_HELD, &hold);
}

/* ---- CodePipeline: has somebody mended it? --------------------------------------------------- */

/* A failed stage that is tried again belongs to the execution that failed. */
static bool succeeded_since(const struct pipeline_executions *executions, int64_t ms)
{
	for (size_t i = 0; i < executions->n; i++) {
		if (executions->at[i].status == EXECUTION_SUCCEEDED &&
		    executions->at[i].updated_ms > ms)
			return true;
	}
	return false;
}

static void on_executions(void *ctx, const struct aws_answer *reply, const struct err *err)
{
	struct asking *asking = ctx;
	struct pipeline_executions *executions = xcalloc(1, sizeof(*executions));
	struct arena arena = { 0 };
	struct hold hold = hold_failing(&asking->facts, ports_now_ms(asking->question.ports));
	bool mended = !err && pipeline_executions_answer(reply->body, &arena, executions, NULL) &&
	              succeeded_since(executions, asking->facts.failed_ms);

	asking->pending = NULL;
	if (mended)
		forget_failures(asking);
	else
		answer(asking, ADMISSION_HELD, &hold);
	arena_clear(&arena);
	free(executions);
}

static void list_executions(struct asking *asking)
{
	const struct build *build = asking->question.build;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	pipeline_executions_body(build->pipeline, NULL, &body);
	asking->pending = build_request_start(
		&(struct build_request){
			.ports = asking->question.ports,
			.build = build,
			.operation = &aws_codepipeline_list_pipeline_executions,
			.region = build->pipeline_region,
			.body = &body,
		},
		on_executions, asking);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

static bool is_overtaken(const struct asking *asking)
{
	const char *newest = asking->facts.newest;

	return newest[0] &&
	       version_compare(span_of(newest), span_of(asking->question.build->release)) > 0;
}

static struct hold overtaken(const struct facts *facts)
{
	struct hold hold = { .reason = REASON_OLDER_RELEASE };

	snprintf(hold.detail, sizeof(hold.detail), "%s was started", facts->newest);
	return hold;
}

static void on_facts(void *ctx, const struct facts *facts, const struct err *err)
{
	struct asking *asking = ctx;
	struct hold hold;

	asking->pending = NULL;
	if (err) {
		fail(asking, ADMISSION_NO_LEDGER, err);
		return;
	}
	asking->facts = *facts;
	hold = is_overtaken(asking) ? overtaken(facts) : judge(asking);
	if (hold.reason == REASON_OLDER_RELEASE)
		answer(asking, ADMISSION_OVERTAKEN, &hold);
	else if (hold.reason == REASON_FAILING)
		list_executions(asking);
	else if (hold.reason != REASON_MATCHED)
		answer(asking, ADMISSION_HELD, &hold);
	else
		get_pipeline(asking);
}

struct call *admission_ask(const struct admission_question *question, admission_done_fn *done,
                           void *ctx)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));
	struct ledger *ledger = question->ports->ledger;

	*asking = (struct asking){
		.call = { cancel },
		.question = *question,
		.family = config_family(question->config, question->build->family),
		.done = done,
		.ctx = ctx,
	};
	asking->pending = ledger->look_up(
		ledger,
		&(struct ledger_look){
			.build = question->build,
			.ripe_ms = hold_ripe_ms(asking->family, ports_now_ms(question->ports)),
		},
		on_facts, asking);
	return &asking->call;
}
