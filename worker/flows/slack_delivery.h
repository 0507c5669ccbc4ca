/*
 * slack_delivery: one notice told through Slack's Web API.
 *
 * What is to be there (slack_parts.h) is compared with what the ledger knows to be there, and the
 * first thing that is missing is done: a message is posted, or edited when it says something else
 * by now. At most one message is sent in one delivery, since Slack takes one a second.
 *
 * chat.postMessage has no idempotency key. So it is written down before that a message is asked
 * for; when no answer was heard, Slack is asked for its history, and the message is posted again
 * unless it is there. A token that may not read history leaves the doubt: it is posted again.
 *
 * A message that cannot be edited, because it was deleted or is too old, is replaced by another
 * one, once; so is one whose edit is refused a second time, whatever for.
 */
#ifndef EVERGOLD_FLOWS_SLACK_DELIVERY_H
#define EVERGOLD_FLOWS_SLACK_DELIVERY_H

#include "worker/flows/sink.h"

/* What outlives a delivery; zeroed at first. */
struct slack_memory {
	bool unsaved;         /* Slack has the message below, but the ledger does not know */
	struct notice notice; /* whose it is; its ids alone */
	struct post post;
	struct arena arena; /* its texts */
	bool said_blind;    /* that history may not be read */
};

void slack_memory_clear(struct slack_memory *memory);

struct slack_task {
	const struct ports *ports;
	const struct config *config;
	struct slack_memory *memory;
	const char *channel; /* where a new root or a remark goes */
	const struct delivery *delivery;
};

/* Everything that is pointed to is borrowed until done, but for the task and its delivery. */
struct call *slack_deliver(const struct slack_task *task, sink_done_fn *done, void *ctx);

#endif
