#include "worker/flows/step.h"

#include "common/aws/error.h"
#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "worker/flows/build_request.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define BRIEF_TRIES       5
#define TRIES_BEFORE_LATE 20 /* a clock that jumps ahead gives nothing up before */

void step_log(const struct build_flow *flow, enum log_level level, const char *event,
              const char *error)
{
	const struct build *build = &flow->build;
	const char *status = build->status ? execution_status_word(build->status) : NULL;
	const char *reason = build->held != REASON_MATCHED ? reason_word(build->held) : NULL;

	log_event(flow->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("message_id", build->message_id),
	                     LOG_TEXT("family", build->family), LOG_TEXT("region", build->region),
	                     LOG_TEXT("image_id", build->image_id), LOG_TEXT("build", build->token),
	                     LOG_TEXT("execution_id", build->execution_id),
	                     LOG_TEXT("pipeline", build->pipeline),
	                     LOG_TEXT("pipeline_region", build->pipeline_region),
	                     LOG_TEXT("status", status), LOG_TEXT("stage", build->failed_stage),
	                     LOG_TEXT("action", build->failed_action),
	                     LOG_TEXT("golden_ami", build->golden_ami), LOG_TEXT("reason", reason),
	                     LOG_TEXT("detail", reason ? build->hold_detail : NULL),
	                     LOG_TEXT("error", error)));
}

void step_end(struct build_flow *flow, const struct err *err)
{
	flow->pending = NULL;
	flow->done(flow->ctx, flow, err);
	arena_clear(&flow->arena);
	free(flow);
}

static void on_saved(void *ctx, const struct err *err)
{
	step_end(ctx, err);
}

void step_save(struct build_flow *flow)
{
	struct ledger *ledger = flow->ports->ledger;

	flow->pending = ledger->save(ledger, &flow->build, flow->has_notice ? &flow->notice : NULL,
	                             on_saved, flow);
}

void step_look_again_in(struct build_flow *flow, int64_t delay_ms)
{
	flow->build.due_ms = ports_now_ms(flow->ports) + delay_ms;
	step_save(flow);
}

void step_tell(struct build_flow *flow, enum notice_kind kind)
{
	flow->has_notice = true;
	flow->notice = kind;
}

/* A step that is taken again finds the same once more. */
void step_add_trouble(struct build_flow *flow, const char *trouble)
{
	const char *before = flow->build.trouble;

	if (!before)
		flow->build.trouble = trouble;
	else if (!strstr(before, trouble))
		flow->build.trouble = arena_printf(&flow->arena, "%s; %s", before, trouble);
}

void step_tell_refusal(struct build_flow *flow, const char *what, const char *why)
{
	if (flow->build.trouble)
		return;
	flow->build.trouble = arena_printf(&flow->arena, "%s%s", what, why);
	step_tell(flow, NOTICE_STARTED);
}

void step_forget_refusal(struct build_flow *flow, const char *what)
{
	struct build *build = &flow->build;

	if (build->trouble && span_starts(span_of(build->trouble), span_of(what)))
		build->trouble = NULL;
}

void step_finish(struct build_flow *flow, enum notice_kind kind)
{
	struct build *build = &flow->build;
	bool fine = kind == NOTICE_FINISHED && !build->trouble && build->status != EXECUTION_FAILED;

	build->state = BUILD_FINISHED;
	if (!build->finished_ms)
		build->finished_ms = ports_now_ms(flow->ports);
	build->tries = 0;
	step_watch(flow);
	step_tell(flow, kind);
	step_log(flow, fine ? LOG_INFO : LOG_WARNING, "build_finished",
	         build->trouble ? build->trouble : build->error_message);
	step_save(flow);
}

bool step_too_long(const struct build_flow *flow, int64_t since_ms, int64_t limit_s)
{
	return ports_now_ms(flow->ports) - since_ms > limit_s * 1000 &&
	       flow->build.tries >= TRIES_BEFORE_LATE;
}

bool step_tried_briefly(const struct build_flow *flow)
{
	return flow->build.tries >= BRIEF_TRIES;
}

bool step_tried_for_golden(const struct build_flow *flow)
{
	return step_too_long(flow, flow->build.finished_ms, LIMIT_GOLDEN_AGE_S);
}

int64_t step_backoff_ms(struct build_flow *flow, int64_t base_ms, int64_t max_ms)
{
	return retry_backoff_ms(flow->build.tries++, base_ms, max_ms, ports_random(flow->ports));
}

void step_ask_in(struct build_flow *flow, const struct aws_operation *operation, const char *region,
                 struct buf *body, aws_done_fn *done)
{
	flow->pending = build_request_start(
		&(struct build_request){
			.ports = flow->ports,
			.build = &flow->build,
			.operation = operation,
			.region = region,
			.body = body,
		},
		done, flow);
}

void step_ask(struct build_flow *flow, const struct aws_operation *operation, struct buf *body,
              aws_done_fn *done)
{
	step_ask_in(flow, operation, flow->build.pipeline_region, body, done);
}

void step_ask_execution(struct build_flow *flow, aws_done_fn *done)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	codepipeline_get_body(flow->build.pipeline, flow->build.execution_id, &body);
	step_ask(flow, &aws_codepipeline_get_pipeline_execution, &body, done);
}

/* "PipelineExecutionNotFoundException", "PipelineNotFoundException". */
bool step_is_gone(const struct aws_answer *answer)
{
	return answer && answer->error &&
	       span_ends(span_of(answer->error->code), SPAN("NotFoundException"));
}

bool step_read_execution(struct build_flow *flow, const struct aws_answer *answer,
                         const struct err *err, struct codepipeline_execution *ret_execution,
                         struct err *reterr)
{
	if (err) {
		*reterr = *err;
		return false;
	}
	if (codepipeline_get_answer(answer->body, &flow->arena, ret_execution, reterr))
		return true;
	reterr->kind = ERR_TRANSIENT;
	return false;
}
