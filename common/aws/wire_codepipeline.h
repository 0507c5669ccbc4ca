/*
 * wire_codepipeline: AWS CodePipeline: start an execution, ask how it is, find what failed.
 *
 * Source: the CodePipeline API reference. Bodies are appended to *out; texts of answers are copied
 * into the arena. An answer that is no JSON, or lacks what is needed, is ERR_MALFORMED; members
 * that we do not know are ignored, and null counts as absent.
 */
#ifndef EVERGOLD_AWS_WIRE_CODEPIPELINE_H
#define EVERGOLD_AWS_WIRE_CODEPIPELINE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdint.h>

/* Borrowed. The limits are the API's, checked with the configuration and not here. */
struct codepipeline_variable {
	const char *name;  /* 1..128 of [A-Za-z0-9@_-] */
	const char *value; /* 1..1000 characters */
};

struct codepipeline_start {
	const char *pipeline;
	const char *token; /* clientRequestToken */
	const struct codepipeline_variable *variables;
	size_t n_variables;
};

void codepipeline_start_body(const struct codepipeline_start *start, struct buf *out);

/* The execution's id is a UUID, or the answer is malformed. */
bool codepipeline_start_answer(struct span json, struct arena *arena, const char **ret_execution_id,
                               struct err *reterr) MUST_USE;

/* As AWS names them; whatever it adds later reads as UNKNOWN and is asked about again. */
enum execution_status {
	EXECUTION_UNKNOWN,
	EXECUTION_IN_PROGRESS,
	EXECUTION_STOPPING,
	EXECUTION_SUCCEEDED,
	EXECUTION_FAILED,
	EXECUTION_STOPPED,
	EXECUTION_SUPERSEDED,
	EXECUTION_CANCELLED,
};

const char *execution_status_word(enum execution_status status); /* "InProgress", ... */
enum execution_status execution_status_of(struct span word);
bool execution_has_ended(enum execution_status status);

void codepipeline_get_body(const char *pipeline, const char *execution_id, struct buf *out);

struct codepipeline_execution {
	enum execution_status status;
	const char *summary; /* statusSummary; NULL when absent */
};

bool codepipeline_get_answer(struct span json, struct arena *arena,
                             struct codepipeline_execution *ret_execution, struct err *reterr)
	MUST_USE;

/* next_token: of the page before, or NULL. */
void codepipeline_actions_body(const char *pipeline, const char *execution_id,
                               const char *next_token, struct buf *out);

/* What a page of ListActionExecutions (newest first) tells about an execution that has ended. */
struct codepipeline_actions {
	const char *output_name;  /* in: the output variable that is looked for, or NULL */
	const char *output_value; /* of the newest Succeeded action that has it; NULL */
	const char *failed_stage; /* the newest Failed action; NULL when none failed */
	const char *failed_action;
	const char *error_code;    /* errorDetails.code; NULL when absent, like the next two */
	const char *error_message; /* errorDetails.message, else externalExecutionSummary */
	const char *error_url;     /* externalExecutionUrl */
	const char *next_token;    /* NULL: this was the last page */
};

/* Adds one page to *actions; earlier pages win. After an error *actions is as it was. */
bool codepipeline_actions_answer(struct span json, struct arena *arena,
                                 struct codepipeline_actions *actions, struct err *reterr) MUST_USE;

#endif
