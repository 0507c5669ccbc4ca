/*
 * container_uri: to whom a container's token may be sent.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider": the URI of
 * AWS_CONTAINER_CREDENTIALS_FULL_URI has https, or its host is a loopback address, localhost, or
 * the agent of ECS (169.254.170.2) or EKS (169.254.170.23, fd00:ec2::23).
 */
#ifndef EVERGOLD_AWS_CONTAINER_URI_H
#define EVERGOLD_AWS_CONTAINER_URI_H

#include "common/base/err.h"
#include "common/base/span.h"

#include <stdbool.h>

/* Kind ERR_MALFORMED; the text does not repeat the URI. */
bool container_uri_check(struct span uri, struct err *reterr) MUST_USE;

#endif
