/*
 * leases: what the queue has handed out to us, until it is deleted or handed back.
 *
 * A message that is received is hidden from others for its visibility timeout: a lease. Of messages
 * that somebody here has in hand it is extended before it ends, up to the 12 hours that SQS allows
 * (ChangeMessageVisibility). A lease that cannot be extended is lost, and the message somebody
 * else's. What is left alone, because it is rejected or could not be judged, stays hidden until its
 * lease ends, so that it does not come back at once; at the end all of it is handed back, by
 * visibility timeout 0.
 *
 * A message is known by its id: received again it has a newer receipt handle, which alone counts.
 */
#ifndef EVERGOLD_FLOWS_LEASES_H
#define EVERGOLD_FLOWS_LEASES_H

#include "common/aws/wire_sqs.h"
#include "worker/flows/queue.h"

struct leases;

void leases_free(struct leases *leases);                                 /* forgets what is left */
struct leases *leases_new(const struct queue *queue) OWNED(leases_free); /* borrowed */

/*
 * It has just been received (copied). False: somebody has it in hand already, who goes on with the
 * newer handle.
 */
bool leases_take(struct leases *leases, const struct sqs_message *message, const void *holder);

/* Does this holder still have it? */
bool leases_hold(const struct leases *leases, const struct sqs_message *message,
                 const void *holder);

/* The newest receipt handle of what is in hand; borrowed until the next call. */
struct span leases_handle(const struct leases *leases, const struct sqs_message *message);

/* It is being deleted: others see to it now. */
void leases_forget(struct leases *leases, const struct sqs_message *message);

/* What this holder still has is left alone. At most LIMIT_LEFT are known; the oldest give way. */
void leases_leave(struct leases *leases, const void *holder);

/* One more, that is hidden and nobody's. Copied. */
void leases_add_left(struct leases *leases, const struct sqs_message *message);

/* Nobody receives any more: hands back what is left alone; `idle` runs from the loop after it. */
void leases_hand_back(struct leases *leases);
void leases_on_idle(struct leases *leases, timer_done_fn *idle, void *ctx);
bool leases_idle(const struct leases *leases); /* nothing is left to be handed back */

#endif
