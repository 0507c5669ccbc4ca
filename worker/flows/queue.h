/*
 * queue: requests to the one SQS queue that the worker reads.
 */
#ifndef EVERGOLD_FLOWS_QUEUE_H
#define EVERGOLD_FLOWS_QUEUE_H

#include "common/decide/config.h"
#include "worker/flows/ports.h"

struct queue_request {
	const struct ports *ports;
	const struct config *config;
	const struct aws_operation *operation;
	const struct buf *body; /* copied */
};

/* Goes to the origin of the queue's URL, unless an endpoint override is in force. */
struct call *queue_start(const struct queue_request *request, aws_done_fn *done, void *ctx);

#endif
