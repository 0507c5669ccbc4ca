/*
 * deletions: messages that are done with, until the queue has let go of them.
 *
 * What one call adds goes out in one DeleteMessageBatch. An entry that the queue does not delete is
 * tried again by itself, with the newest receipt handle: an older one "succeeds" and deletes
 * nothing. After LIMIT_DELETE_TRIES it is given up; the message comes again, is found to be a
 * duplicate, and is deleted then. A queue that deletes nothing is asked once a second at most.
 */
#ifndef EVERGOLD_FLOWS_DELETIONS_H
#define EVERGOLD_FLOWS_DELETIONS_H

#include "common/aws/wire_sqs.h"
#include "worker/flows/leases.h"

struct deletions;

void deletions_free(struct deletions *deletions); /* forgets what is left */

/* Borrowed. What is not deleted at last is left to the leases. */
struct deletions *deletions_new(const struct queue *queue, struct leases *leases)
	OWNED(deletions_free);

/* Copied. At most LIMIT_BATCH at a time. */
void deletions_add(struct deletions *deletions, const struct sqs_message *messages, size_t n);

/* Is this received message one that is being deleted? Then its newer handle is used from now on. */
bool deletions_saw(struct deletions *deletions, const struct sqs_message *message);

bool deletions_full(const struct deletions *deletions); /* receive nothing until it is not */

/* Gives up all of it. */
void deletions_leave(struct deletions *deletions);

/* Calls `idle` from the loop whenever nothing is left to delete; NULL ends that. */
void deletions_on_idle(struct deletions *deletions, timer_done_fn *idle, void *ctx);
bool deletions_idle(const struct deletions *deletions);

#endif
