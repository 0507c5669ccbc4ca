/*
 * endpoint: which URL a request of ours goes to.
 *
 * Partitions and their DNS suffixes follow botocore's partitions.json. Pure: the environment's
 * overrides (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE>) are arguments.
 */
#ifndef EVERGOLD_AWS_ENDPOINT_H
#define EVERGOLD_AWS_ENDPOINT_H

#include "common/aws/operation.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/span.h"

struct aws_partition {
	const char *name;       /* "aws" */
	const char *dns_suffix; /* "amazonaws.com" */
};

/* An unknown region belongs to the partition aws. Never NULL. */
const struct aws_partition *aws_partition_of(struct span region);

/* "eu-west-1" and its like: words of lower-case letters and digits, hyphens, a number at the end.
 */
bool aws_region_is_valid(struct span region);

/* Appends "https://sqs.eu-west-1.amazonaws.com". The region is valid. */
void aws_endpoint_url(enum aws_service service, struct span region, struct buf *out);

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
 * queue.amazonaws.com = us-east-1, a VPC endpoint); empty when it names none. Borrowed.
 */
struct span aws_queue_region(struct span queue_url);

#endif
