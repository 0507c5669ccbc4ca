/*
 * build_request: what AWS is asked about a build, in the name of its pipeline's account, or of
 * another in which it has something to do.
 */
#ifndef EVERGOLD_FLOWS_BUILD_REQUEST_H
#define EVERGOLD_FLOWS_BUILD_REQUEST_H

#include "common/base/buf.h"
#include "worker/flows/ports.h"

struct build_request {
	const struct ports *ports;
	const struct build *build; /* its role is assumed, whatever the configuration says by now */
	const char *role_arn;      /* another than the build's; NULL: that one */
	const struct aws_operation *operation;
	const char *region;
	struct buf *body; /* cleared */
};

struct call *build_request_start(const struct build_request *request, aws_done_fn *done, void *ctx);

#endif
