/*
 * worker: receivers, builder and outbox together, and their orderly end.
 *
 * What an operator writes into the ledger is noticed when a receive has been answered.
 *
 * worker_stop() stops receiving; long polls that are out may end by themselves, what they bring is
 * finished, and deletions are flushed. When told to hurry, what is not recorded is handed back to
 * the queue, and what long polls bring, too; after HURRY_MS they are not waited for any more.
 * Builds and notices under way finish their step; the ledger knows the rest. Everything is over
 * within LIMIT_STOP_MS.
 */
#ifndef EVERGOLD_FLOWS_WORKER_H
#define EVERGOLD_FLOWS_WORKER_H

#include "worker/flows/builder.h"
#include "worker/flows/message.h"
#include "worker/flows/outbox.h"

struct worker_options {
	const struct ports *ports;
	const struct config *config;
	const struct message_rules
		*rules;             /* NULL: receive nothing, end when all is built and told */
	struct archive *archive;    /* keeps what is received; or NULL */
	void (*stopped)(void *ctx); /* once, from the loop */
	void *ctx;
};

struct worker;

void worker_free(struct worker *worker);
struct worker *worker_new(const struct worker_options *options) OWNED(worker_free);

void worker_stop(struct worker *worker);
void worker_hurry(struct worker *worker);

#endif
