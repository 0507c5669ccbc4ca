/*
 * build_flow: moves one row of the ledger one step on.
 *
 *	wanted:  may it start (admission.h)? yes: it is admitted; no: look again later
 *	         a newer release was started                           -> superseded
 *	         admitted: StartPipelineExecution with its token       -> started
 *	started: write the base parameter, once
 *	         GetPipelineExecution; while it runs, look again later
 *	         ended: ListActionExecutions for what failed or came out,
 *	         move the golden parameters when it succeeded, else
 *	         take the base one back                                 -> finished, with a notice
 *	         CodePipeline knows it no more                          -> finished, with a notice
 *	watched: it has failed or was stopped, but a stage may be retried in the console:
 *	         GetPipelineExecution, ListActionExecutions, less and less often
 *	         it runs, or has ended anew                             -> started
 *
 * Every effect may happen twice without harm: a crash anywhere is healed by doing the step again.
 */
#ifndef EVERGOLD_FLOWS_BUILD_H
#define EVERGOLD_FLOWS_BUILD_H

#include "worker/flows/ports.h"

struct build_flow;

/* err: the row's new state could not be written; NULL: it is durable. The flow is gone after it. */
typedef void build_flow_done_fn(void *ctx, struct build_flow *flow, const struct err *err);

struct build_flow_options {
	const struct ports *ports;
	const struct config *config;
	const struct build *build; /* copied */
	build_flow_done_fn *done;
	void *ctx;
};

struct build_flow *build_flow_start(const struct build_flow_options *options);
void build_flow_cancel(struct build_flow *flow); /* done will not run */

const struct build *build_flow_row(const struct build_flow *flow); /* borrowed */

/* Was CodePipeline asked to start it in this step? */
bool build_flow_asked(const struct build_flow *flow);

#endif
