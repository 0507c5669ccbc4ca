/*
 * intake: one queue and all that empties it: receivers, the pace they share, leases and deletions.
 * When it has answered for the first time, it is asked how it is set up (redrive.h).
 */
#ifndef EVERGOLD_FLOWS_INTAKE_H
#define EVERGOLD_FLOWS_INTAKE_H

#include "worker/flows/receiver.h"

struct intake_options {
	struct queue queue;
	const struct message_rules *rules; /* borrowed, like the next two */
	const struct receiver_listener *listener;
	struct recorder *recorder; /* or NULL */
	size_t receivers;          /* at most LIMIT_RECEIVERS */

	void (*drained)(void *ctx); /* it held nothing more, and what it held is decided; or NULL */
	void (*quiet)(void *ctx);   /* after intake_stop(): it may be over now */
	void *ctx;
};

struct intake;

void intake_free(struct intake *intake);
struct intake *intake_new(const struct intake_options *options) OWNED(intake_free);

/*
 * As receiver.h says of each receiver. When the last of them has stopped, what was left alone is
 * handed back, and deletions are waited for; in a hurry what is not deleted is handed back, too.
 * NULL is over from the beginning.
 */
void intake_stop(struct intake *intake);
void intake_hurry(struct intake *intake);
void intake_abort(struct intake *intake); /* after intake_hurry(): no long poll is waited for */

/* Is nothing received any more, and everything deleted or handed back? */
bool intake_is_over(const struct intake *intake);

#endif
