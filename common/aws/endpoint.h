/*
 * endpoint: which URL a request of ours goes to.
 *
 * Partitions and their DNS suffixes follow botocore's partitions.json, and what is an exception its
 * endpoint rules; tests/differential compares them. Overrides are in endpoint_settings.h.
 */
#ifndef EVERGOLD_AWS_ENDPOINT_H
#define EVERGOLD_AWS_ENDPOINT_H

#include "common/aws/operation.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/span.h"

struct aws_partition {
	const char *name;              /* "aws" */
	const char *dns_suffix;        /* "amazonaws.com" */
	const char *dual_stack_suffix; /* "api.aws" */
};

/* An unknown region belongs to the partition aws. Never NULL. */
const struct aws_partition *aws_partition_of(struct span region);

/* "eu-west-1" and its like: words of lower-case letters and digits, hyphens, a number at the end.
 */
bool aws_region_is_valid(struct span region);

/* Which of a service's endpoints in its region. */
struct aws_endpoint_variant {
	bool fips;       /* with cryptography that FIPS 140 validated */
	bool dual_stack; /* IPv6, too */
	bool global_sts; /* sts.amazonaws.com for the regions that were there before 2019 */
};

/* Appends "https://sqs.eu-west-1.amazonaws.com". The region is valid. */
void aws_endpoint_url(enum aws_service service, struct span region,
                      struct aws_endpoint_variant variant, struct buf *out);

/* What requests to it are signed for: the region, but for the global endpoint. Borrowed. */
struct span aws_endpoint_signing_region(enum aws_service service, struct span region,
                                        struct aws_endpoint_variant variant);

/*
 * An override must be an absolute http or https URL without user, query or fragment, and with the
 * path "/" or none. Kind ERR_MALFORMED; the text does not repeat the URL, which may hold a
 * password. *ret_origin is the part before the path, borrowed from the URL.
 */
bool aws_endpoint_check(struct span url, struct span *ret_origin, struct err *reterr) MUST_USE;

/* "Host" as it is signed: host, and the port unless it is the scheme's own. Borrowed. */
struct span aws_endpoint_host(struct span origin);

/*
 * The signing region that a queue URL names (sqs.<region>.<suffix>, <region>.queue.<suffix>,
 * queue.amazonaws.com = us-east-1, FIPS and VPC endpoints); empty when it names none. Borrowed.
 */
struct span aws_queue_region(struct span queue_url);

/* It names its region's public endpoint, so that any variant of that reaches the queue, too. */
bool aws_queue_is_public(struct span queue_url);

#endif
