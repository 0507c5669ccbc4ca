/*
 * receiver: one long poll after another, and what each brings.
 *
 *	receive -> every message judged -> recall -> decide -> record (one transaction) -> delete
 *
 * Delete last: what a batch should cause is durable before any of it leaves the queue. When the
 * ledger is out of order nothing is deleted and nothing more is received until it works again.
 */
#ifndef EVERGOLD_FLOWS_RECEIVER_H
#define EVERGOLD_FLOWS_RECEIVER_H

#include "worker/flows/deletions.h"
#include "worker/flows/message.h"
#include "worker/flows/pacing.h"
#include "worker/flows/recorder.h"

/* What a receiver tells those who wait for news. */
struct receiver_listener {
	void (*builds_wanted)(void *ctx); /* rows were written */
	void (*notices_wait)(void *ctx);  /* there may be something to tell people */
	void (*answered)(void *ctx);      /* a receive is over, whatever it brought */
	void (*event_came)(void *ctx, const struct event *event); /* borrowed */

	/* It was announced, but the image in the decision's region is still to be found. */
	void (*left_open)(void *ctx, const struct decision *decision);
	void *ctx;
};

struct receiver_options {
	const struct queue *queue; /* borrowed, like all of these */
	const struct message_rules *rules;
	struct deletions *deletions;
	struct leases *leases;
	struct pacing *pacing; /* of all receivers */
	const struct receiver_listener *listener;
	struct recorder *recorder; /* or NULL */

	/* A receive is over: it brought nothing, or what it brought is settled. */
	void (*came_back)(void *ctx, bool empty);
	void (*stopped)(void *ctx); /* after receiver_stop(): nothing is under way any more */
	void *ctx;
};

struct receiver;

void receiver_free(struct receiver *receiver);
struct receiver *receiver_new(const struct receiver_options *options) OWNED(receiver_free);

bool receiver_has_batch(const struct receiver *receiver); /* of messages, some not settled yet */

/*
 * Lets the long poll that is out end, handles what it brings, then calls stopped. What
 * waits for a ledger that is out of order is left alone at once.
 */
void receiver_stop(struct receiver *receiver);

/*
 * What is not recorded yet is left alone at once, and so is what the long poll that is out brings:
 * to abandon it would hide what the queue has taken for its answer.
 */
void receiver_hurry(struct receiver *receiver);

/* Ends at once, whatever is out. */
void receiver_abort(struct receiver *receiver);

#endif
