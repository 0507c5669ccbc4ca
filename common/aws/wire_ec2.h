/*
 * wire_ec2: Amazon EC2: which images there are.
 *
 * Source: the EC2 API reference, version 2016-11-15, DescribeImages. Bodies are appended to *out;
 * texts of answers are copied into the arena. Answers are XML; one that is none, or has an image
 * without id or state or with a time that is none, is ERR_MALFORMED; what we do not know is
 * ignored. An image's name is whatever its owner wrote.
 */
#ifndef EVERGOLD_AWS_WIRE_EC2_H
#define EVERGOLD_AWS_WIRE_EC2_H

#include "common/aws/error.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdint.h>

struct ec2_list {
	const char *const *at;
	size_t n;
};

struct ec2_filter {
	const char *name; /* "name", "architecture", ... */
	struct ec2_list values;
};

/* Borrowed. What is empty is not sent. Ask with owners: all public images are tens of megabytes. */
struct ec2_describe_images {
	struct ec2_list image_ids, owners; /* owners: account ids, "self", "amazon" */
	const struct ec2_filter *filters;
	size_t n_filters;
	bool include_deprecated;
	int max_results;        /* a page, 5..1000; 0 with image_ids, which exclude it */
	const char *next_token; /* of the page before, or NULL */
};

void ec2_describe_images_body(const struct ec2_describe_images *describe, struct buf *out);

/* What is absent is NULL, or 0 for a time. Times are ms since 1970. */
struct ec2_image {
	const char *id, *state; /* "available", "deregistered", ... */
	const char *name, *architecture;
	const char *owner_id, *owner_alias; /* "amazon", "aws-marketplace" */
	const char *root_device_type, *virtualization,
		*platform; /* platform: "windows" or absent */
	int64_t created_ms, deprecated_ms;
};

struct ec2_images {
	struct ec2_image *at; /* in the arena */
	size_t n;
	const char *next_token; /* NULL: this was the last page */
};

/* "InvalidAMIID.NotFound", ".Unavailable": it knows no such image, or does not show it yet. */
bool ec2_knows_no_image(const struct aws_error *error); /* NULL: no error, and so false */

bool ec2_describe_images_answer(struct span xml, struct arena *arena, struct ec2_images *ret_images,
                                struct err *reterr) MUST_USE;

#endif
