/*
 * wire_queue: what SQS tells of a queue itself.
 *
 * Source: the SQS API reference, GetQueueAttributes; RedrivePolicy is JSON inside a string. Bodies
 * are appended to *out; members that we do not know are ignored.
 */
#ifndef EVERGOLD_AWS_WIRE_QUEUE_H
#define EVERGOLD_AWS_WIRE_QUEUE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

#include <stdint.h>

void sqs_attributes_body(struct span queue_url, struct buf *out);

/* Texts live in the arena; numbers that are not told are -1. */
struct sqs_attributes {
	const char *arn;
	const char *dead_letter_arn; /* NULL: no redrive policy, and max_receives is -1 */
	int64_t max_receives;
	int64_t waiting; /* messages, approximately */
	int64_t retention_s;
	const char *policy;  /* JSON; NULL: there is none */
	const char *kms_key; /* KmsMasterKeyId: id, ARN or alias; NULL: it needs none */
};

/* ERR_MALFORMED: not such an answer, or without the ARN; or the redrive policy is none. */
bool sqs_attributes_answer(struct span json, struct arena *arena,
                           struct sqs_attributes *ret_attributes, struct err *reterr) MUST_USE;

#endif
