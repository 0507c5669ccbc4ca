#include "worker/flows/past.h"

#include "common/base/mem.h"
#include "worker/flows/build_request.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct asking {
	struct call call; /* first: what the caller holds */
	struct past_question question;
	struct build build; /* as far as requests need one */
	struct past past;
	const char *next_token;
	size_t asked; /* of the executions: those whose variables are there */
	struct call *pending;
	past_done_fn *done;
	void *ctx;
};

/* ---- the end --------------------------------------------------------------------------------- */

static void cancel(struct call *call)
{
	struct asking *asking = (struct asking *)call;

	call_cancel(asking->pending);
	free(asking);
}

static void end(struct asking *asking, const struct err *err)
{
	asking->done(asking->ctx, err ? NULL : &asking->past, err);
	free(asking);
}

static void ask(struct asking *asking, const struct aws_operation *operation, struct buf *body,
                aws_done_fn *done)
{
	asking->pending = build_request_start(
		&(struct build_request){
			.ports = asking->question.ports,
			.build = &asking->build,
			.operation = operation,
			.region = asking->build.pipeline_region,
			.body = body,
		},
		done, asking);
}

/* ---- what they were given -------------------------------------------------------------------- */

static void ask_next(struct asking *asking);

static void on_execution(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = ctx;
	struct past_execution *execution = &asking->past.at[asking->asked];
	struct err why;

	asking->pending = NULL;
	if (err) {
		end(asking, err);
	} else if (!codepipeline_get_answer(answer->body, asking->question.arena, &execution->told,
	                                    &why)) {
		end(asking, &why);
	} else {
		asking->asked++;
		ask_next(asking);
	}
}

static void ask_next(struct asking *asking)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (!asking->question.variables || asking->asked == asking->past.n) {
		end(asking, NULL);
		return;
	}
	codepipeline_get_body(asking->build.pipeline, asking->past.at[asking->asked].id, &body);
	ask(asking, &aws_codepipeline_get_pipeline_execution, &body, on_execution);
}

/* ---- which there were ------------------------------------------------------------------------ */

static void ask_page(struct asking *asking);

static bool is_start(const struct pipeline_execution *execution)
{
	return execution->trigger_type &&
	       strcmp(execution->trigger_type, "StartPipelineExecution") == 0;
}

static void keep(struct asking *asking, const struct pipeline_execution *execution)
{
	struct past *past = &asking->past;

	if (past->n == LIMIT_PAST)
		past->more = true;
	else
		past->at[past->n++] = (struct past_execution){
			.id = execution->id,
			.started_ms = execution->started_ms,
			.updated_ms = execution->updated_ms,
			.told = { .status = execution->status, .summary = execution->summary },
		};
}

static void take(struct asking *asking, const struct pipeline_executions *page)
{
	for (size_t i = 0; i < page->n; i++) {
		if (is_start(&page->at[i]))
			keep(asking, &page->at[i]);
	}
	asking->next_token = page->next_token;
	if (page->next_token && !asking->past.more)
		ask_page(asking);
	else
		ask_next(asking);
}

static bool is_gone(const struct aws_answer *answer)
{
	return answer && answer->error &&
	       strcmp(answer->error->code, "PipelineNotFoundException") == 0;
}

static void on_page(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = ctx;
	struct pipeline_executions *page;
	struct err why;

	asking->pending = NULL;
	asking->past.gone = err && is_gone(answer);
	if (err) {
		end(asking, asking->past.gone ? NULL : err);
		return;
	}
	page = xcalloc(1, sizeof(*page));
	if (pipeline_executions_answer(answer->body, asking->question.arena, page, &why))
		take(asking, page);
	else
		end(asking, &why);
	free(page);
}

static void ask_page(struct asking *asking)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	pipeline_executions_body(asking->build.pipeline, asking->next_token, &body);
	ask(asking, &aws_codepipeline_list_pipeline_executions, &body, on_page);
}

struct call *past_start(const struct past_question *question, past_done_fn *done, void *ctx)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));

	*asking = (struct asking){
		.call = { cancel },
		.question = *question,
		.build = {
			.family = question->family,
			.pipeline = question->pipeline->name,
			.pipeline_region = question->pipeline->region,
			.role_arn = question->pipeline->role_arn,
		},
		.past.at = arena_alloc(question->arena, LIMIT_PAST, sizeof(struct past_execution)),
		.done = done,
		.ctx = ctx,
	};
	ask_page(asking);
	return &asking->call;
}
