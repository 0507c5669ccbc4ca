/*
 * recovery: the builds of every line, found again from what AWS knows: for a ledger that was lost.
 *
 *	past of each pipeline -> of each line: base parameter, images, outputs, golden parameters
 *
 * One question after the other, and nothing is changed anywhere. An execution that names an image
 * of a family is a build of it; the image that a base parameter names, and of which there is no
 * execution, was there before (an adopted row). Of the newest build that succeeded it is found out
 * whether the golden parameters have its AMI. What cannot be known is said. When CodePipeline, EC2
 * or, for a while only, Parameter Store does not tell, nothing is found at all: a build that is
 * missing might be started again.
 */
#ifndef EVERGOLD_FLOWS_RECOVERY_H
#define EVERGOLD_FLOWS_RECOVERY_H

#include "common/base/arena.h"
#include "common/decide/golden.h"
#include "worker/flows/ports.h"

struct recovered {
	struct build build; /* started, finished or adopted; its golden moves as they ended */
	const char *source; /* "its variables", "/golden/base", … */
};

/* Texts are in its arena and the configuration. */
struct recovery {
	struct recovered *at; /* owned; by the time of their start */
	size_t n;
	const char **unknown; /* owned: what could not be known */
	size_t n_unknown;
	struct arena arena;
};

void recovery_clear(struct recovery *recovery);
void recovery_add(struct recovery *recovery, const struct recovered *recovered);
void recovery_say_unknown(struct recovery *recovery, const char *text);

struct recovery_question {
	const struct ports *ports;
	const struct config *config;
	struct recovery *recovery; /* filled */
};

/* err: NULL, or why not. */
typedef void recovery_done_fn(void *ctx, const struct err *err);

struct call *recovery_start(const struct recovery_question *question, recovery_done_fn *done,
                            void *ctx);

#endif
