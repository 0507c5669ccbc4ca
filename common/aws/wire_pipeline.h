/*
 * wire_pipeline: AWS CodePipeline: what a pipeline is made to take, and which executions it had.
 *
 * Starting and following one execution is wire_codepipeline. Source: the CodePipeline API
 * reference, GetPipeline and ListPipelineExecutions. Bodies are appended to *out; texts of answers
 * are copied into the arena. An answer that is no JSON, or lacks what is needed, is ERR_MALFORMED;
 * members that we do not know are ignored, and null counts as absent.
 */
#ifndef EVERGOLD_AWS_WIRE_PIPELINE_H
#define EVERGOLD_AWS_WIRE_PIPELINE_H

#include "common/aws/wire_codepipeline.h"
#include "common/base/limits.h"

void pipeline_get_body(const char *pipeline, struct buf *out);

enum pipeline_mode { PIPELINE_SUPERSEDED, PIPELINE_QUEUED, PIPELINE_PARALLEL, PIPELINE_OTHER };

struct pipeline_variable {
	const char *name;
	bool has_default; /* without one, an execution fails that gives it no value */
};

struct pipeline_declaration {
	bool takes_variables;    /* pipelineType V2; V1 ignores what it is given */
	enum pipeline_mode mode; /* absent: SUPERSEDED, as it was before there were modes */
	struct pipeline_variable variables[LIMIT_VARIABLES]; /* declared */
	size_t n_variables;
};

/* More than LIMIT_VARIABLES, which AWS does not allow, is ERR_MALFORMED. */
bool pipeline_get_answer(struct span json, struct arena *arena,
                         struct pipeline_declaration *ret_pipeline, struct err *reterr) MUST_USE;

/* next_token: of the page before, or NULL. */
void pipeline_executions_body(const char *pipeline, const char *next_token, struct buf *out);

struct pipeline_execution {
	const char *id;
	enum execution_status status;
	const char *summary;        /* statusSummary; NULL when absent, like the next two */
	const char *trigger_type;   /* "StartPipelineExecution", "Webhook", ... */
	const char *trigger_detail; /* of an API start: the ARN of who started */
	int64_t started_ms;         /* ms since 1970; 0 when absent, like the next */
	int64_t updated_ms;         /* when its status changed last, also by a stage tried again */
};

/* Newest first. */
struct pipeline_executions {
	struct pipeline_execution at[LIMIT_EXECUTIONS];
	size_t n;
	const char *next_token; /* NULL: this was the last page */
};

bool pipeline_executions_answer(struct span json, struct arena *arena,
                                struct pipeline_executions *ret_executions, struct err *reterr)
	MUST_USE;

#endif
