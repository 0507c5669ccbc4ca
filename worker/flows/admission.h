/*
 * admission: may this wanted build be started now?
 *
 * The ledger is asked what is around it (common/decide/hold.h); when its family keeps failing, also
 * AWS, whether somebody has made the pipeline succeed since. Then CodePipeline is asked what the
 * pipeline takes: one that is not there, or would run without what the build sends, holds it until
 * it is repaired (common/decide/preflight.h). At last EC2 is asked whether the image is there, in
 * its region, and is the one that was announced (common/decide/fit.h). A build of a family that the
 * configuration has dropped waits for it to come back.
 *
 * Who may not look at the pipeline, goes on: AWS's own word against GetPipeline is a warning in the
 * log. A second attempt, which an operator has asked for, waits for none of its family's wishes:
 * soak, window, failures.
 */
#ifndef EVERGOLD_FLOWS_ADMISSION_H
#define EVERGOLD_FLOWS_ADMISSION_H

#include "worker/flows/ports.h"

enum admission {
	ADMISSION_YES,
	ADMISSION_HELD,      /* by hold: asked again at hold->until_ms, 0: when the caller likes */
	ADMISSION_OVERTAKEN, /* a newer release was started: never, and hold->detail names it */
	ADMISSION_NEVER,     /* it is another image than the one announced: hold->detail says how */
	ADMISSION_UNSEEN,    /* CodePipeline did not tell: err; its fault may still be there */
	ADMISSION_UNKNOWN,   /* EC2 did not tell: err */
	ADMISSION_NO_LEDGER, /* the ledger did not tell: err */
};

/* hold: borrowed until done returns; NULL with err. */
typedef void admission_done_fn(void *ctx, enum admission admission, const struct hold *hold,
                               const struct err *err);

struct admission_question {
	const struct ports *ports;
	const struct config *config;
	const struct build *build; /* borrowed until the end */
};

struct call *admission_ask(const struct admission_question *question, admission_done_fn *done,
                           void *ctx);

#endif
