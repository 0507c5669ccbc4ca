/*
 * past: the executions that a pipeline had, as CodePipeline lists them; it keeps twelve months.
 *
 * Only those that were started by the API, as ours are. Where variables are wanted each is asked
 * for by itself, one after the other. At most LIMIT_PAST are looked at, the newest.
 */
#ifndef EVERGOLD_FLOWS_PAST_H
#define EVERGOLD_FLOWS_PAST_H

#include "common/aws/wire_pipeline.h"
#include "common/decide/preflight.h"
#include "worker/flows/ports.h"

struct past_execution {
	const char *id;
	int64_t started_ms, updated_ms;
	struct codepipeline_execution told; /* its variables only where they were wanted */
	bool taken;                         /* whoever finds its build sets it */
};

/* Newest first. */
struct past {
	struct past_execution *at; /* owned by the arena */
	size_t n;
	bool more; /* there are older ones that were not looked at */
	bool gone; /* there is no such pipeline */
};

struct past_question {
	const struct ports *ports;
	const struct preflight_pipeline *pipeline;
	const char *family; /* in whose name */
	bool variables;
	struct arena *arena; /* takes what is found */
};

/* past: in the arena; NULL with err. */
typedef void past_done_fn(void *ctx, const struct past *past, const struct err *err);

struct call *past_start(const struct past_question *question, past_done_fn *done, void *ctx);

#endif
