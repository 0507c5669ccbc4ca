/*
 * outbox: all that people and programs are told: a notifier for each sink that is configured.
 *
 * Which sinks there are is written into the ledger before anything is delivered.
 */
#ifndef EVERGOLD_FLOWS_OUTBOX_H
#define EVERGOLD_FLOWS_OUTBOX_H

#include "worker/flows/ports.h"

struct outbox_options {
	const struct ports *ports;
	const struct config *config; /* without a sink, notices are only logged */
	void (*idle)(void *ctx);     /* no notice waits, for any sink; may be NULL */
	void (*quiet)(void *ctx);    /* after outbox_stop(): nothing may be under way any more */
	void *ctx;
};

struct outbox;

void outbox_free(struct outbox *outbox); /* abandons what is under way */
struct outbox *outbox_new(const struct outbox_options *options) OWNED(outbox_free);

void outbox_wake(struct outbox *outbox); /* there may be a new notice; it is not idle any more */
bool outbox_is_idle(const struct outbox *outbox);

void outbox_stop(struct outbox *outbox); /* finishes what is under way */
bool outbox_is_quiet(const struct outbox *outbox);

#endif
