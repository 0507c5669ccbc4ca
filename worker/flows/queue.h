/*
 * queue: requests to an SQS queue that the worker reads.
 */
#ifndef EVERGOLD_FLOWS_QUEUE_H
#define EVERGOLD_FLOWS_QUEUE_H

#include "common/base/buf.h"
#include "common/decide/config.h"
#include "worker/flows/ports.h"

struct queue {
	const struct ports *ports;
	const char *url, *region; /* borrowed */
	int visibility_timeout_s;
};

/* The two that a configuration may name. */
struct queue queue_of_announcements(const struct ports *ports, const struct config *config);
struct queue queue_of_events(const struct ports *ports, const struct config *config);

struct queue_request {
	const struct queue *queue; /* need not outlive the call that starts it */
	const struct aws_operation *operation;
	const struct buf *body; /* copied */
};

/* Goes to the origin of the queue's URL, unless an endpoint override is in force. */
struct call *queue_start(const struct queue_request *request, aws_done_fn *done, void *ctx);

#endif
