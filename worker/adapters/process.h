/*
 * process: a program of the user's that is run for what it prints.
 *
 * No shell: argv[0] is looked up in PATH. Its standard input and its standard error are /dev/null,
 * for nobody knows what a helper says of its secrets; no other descriptor of ours gets to it. It
 * leads a process group of its own, and all of that group is killed at the deadline, when it prints
 * too much, and when the call is cancelled.
 */
#ifndef EVERGOLD_ADAPTERS_PROCESS_H
#define EVERGOLD_ADAPTERS_PROCESS_H

#include "common/base/err.h"
#include "common/base/span.h"
#include "worker/adapters/call.h"
#include "worker/adapters/loop.h"

struct process_request {
	const char *const *argv; /* NULL-ended; borrowed until the start returns */
	int timeout_ms;          /* from the start until it has ended */
	size_t max_output;       /* bytes of its standard output */
};

/*
 * output: all that it printed, once it has exited with 0; borrowed until done returns, then
 * overwritten. Its `at` is NULL with err: ERR_TRANSIENT for the deadline, else ERR_BROKEN. The
 * text names the program, not its arguments, and nothing that it printed.
 */
typedef void process_done_fn(void *ctx, struct span output, const struct err *err);

struct call *process_start(struct loop *loop, const struct process_request *request,
                           process_done_fn *done, void *ctx);

#endif
