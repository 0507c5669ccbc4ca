/*
 * imds: what an EC2 instance can be told about itself.
 *
 * Source: Amazon EC2 User Guide, "Use the Instance Metadata Service". Version 2 alone: whoever
 * makes the worker send a GET somewhere must not get at its keys. A session lasts 6 hours and is
 * renewed a bit earlier; one that is refused is begun anew, once for each question. Never through a
 * proxy.
 */
#ifndef EVERGOLD_AWS_IMDS_H
#define EVERGOLD_AWS_IMDS_H

#include "common/aws/credential_plan.h"
#include "worker/adapters/http.h"
#include "worker/adapters/timers.h"

#define IMDS_ROLES  "/latest/meta-data/iam/security-credentials/" /* and below it, their keys */
#define IMDS_REGION "/latest/meta-data/placement/region"

struct imds;

void imds_free(struct imds *imds); /* all questions must be answered or cancelled */

/* Everything is borrowed. Of the step: imds_endpoint, imds_timeout_ms, imds_attempts. */
struct imds *imds_new(struct http *http, struct timers *timers, const struct credential_step *step)
	OWNED(imds_free);

/*
 * The text is borrowed until done returns; on failure err is set: ERR_TRANSIENT after the last
 * attempt, ERR_REFUSED when there is nothing at that path, else ERR_BROKEN.
 */
typedef void imds_done_fn(void *ctx, struct span text, const struct err *err);

struct call *imds_get(struct imds *imds, const char *path, imds_done_fn *done, void *ctx);

#endif
