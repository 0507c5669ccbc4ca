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
#include "common/base/limits.h"

#include <stdint.h>

/* Seconds since 1970 UTC, as times are in answers, in ms; 0: absent, or no time at all. */
int64_t codepipeline_time_ms(double seconds);

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
	const char *summary;        /* statusSummary; NULL when absent, like the next two */
	const char *trigger;        /* trigger.triggerType: "StartPipelineExecution", ... */
	const char *trigger_detail; /* trigger.triggerDetail: the ARN of who did it, ... */
	const struct codepipeline_variable *variables; /* as they were resolved; in the arena */
	size_t n_variables; /* none of a V1 pipeline; at most LIMIT_VARIABLES */
};

bool codepipeline_get_answer(struct span json, struct arena *arena,
                             struct codepipeline_execution *ret_execution, struct err *reterr)
	MUST_USE;

/* next_token: of the page before, or NULL. */
void codepipeline_actions_body(const char *pipeline, const char *execution_id,
                               const char *next_token, struct buf *out);

/* As AWS names them; what it adds later, or leaves out, reads as UNKNOWN. */
enum action_status {
	ACTION_UNKNOWN,
	ACTION_SUCCEEDED,
	ACTION_ABANDONED,
	ACTION_IN_PROGRESS,
	ACTION_FAILED,
};

const char *action_status_word(enum action_status status); /* "InProgress", ... */
enum action_status action_status_of(struct span word);

struct codepipeline_action {
	const char *stage, *name; /* "" when absent */
	enum action_status status;
	int64_t started_ms, updated_ms; /* 0 when absent */
};

struct codepipeline_output {
	const char *name;  /* of the output variable; borrowed */
	bool of_failed;    /* also of an action that has not succeeded */
	const char *value; /* of the action that started last and has it; NULL: none has it */
};

/*
 * What the pages of ListActionExecutions (newest first) tell about an execution. Only the last
 * attempt at each action counts: what failed and succeeded when it was tried again has not failed.
 */
struct codepipeline_actions {
	struct codepipeline_output outputs[LIMIT_OUTPUTS]; /* those that are wanted */
	size_t n_outputs;
	struct codepipeline_action at[LIMIT_ACTIONS]; /* the newest first */
	size_t n;
	const char *failed_stage; /* of the newest that failed; NULL when none did */
	const char *failed_action;
	const char *error_code;    /* errorDetails.code; NULL when absent, like the next two */
	const char *error_message; /* errorDetails.message, else externalExecutionSummary */
	const char *error_url;     /* externalExecutionUrl */
	const char *next_token;    /* NULL: this was the last page */
};

/* Before the first page: an output variable that is looked for, in what succeeded or in all. */
void codepipeline_want_output(struct codepipeline_actions *actions, const char *name);
void codepipeline_want_any_output(struct codepipeline_actions *actions, const char *name);

/* Its value; NULL: it was not wanted, or there is none. */
const char *codepipeline_output(const struct codepipeline_actions *actions, const char *name);

/* Adds one page to *actions; earlier pages win. After an error *actions is as it was. */
bool codepipeline_actions_answer(struct span json, struct arena *arena,
                                 struct codepipeline_actions *actions, struct err *reterr) MUST_USE;

#endif
