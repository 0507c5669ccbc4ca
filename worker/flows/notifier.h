/*
 * notifier: delivers what waits in the ledger to one sink, one notice after the other.
 *
 * A sink that is down, slow or rate-limited delays only this. A notice is delivered again until the
 * sink has taken it or it is LIMIT_NOTICE_AGE_S old; of one build the earlier comes first. A lane
 * that is shut holds back only what goes through it.
 *
 * The secrets of a sink are read before the first delivery and kept. When they are no good, they
 * are read again: others are tried at once, with the same notice; with the same ones, or when they
 * cannot be read, all notices wait.
 */
#ifndef EVERGOLD_FLOWS_NOTIFIER_H
#define EVERGOLD_FLOWS_NOTIFIER_H

#include "worker/flows/sink.h"

struct notifier_options {
	const struct ports *ports;
	const struct config *config;
	struct sink *sink;        /* borrowed; one that the ledger keeps */
	void (*idle)(void *ctx);  /* no notice waits */
	void (*quiet)(void *ctx); /* after notifier_stop(): nothing is under way any more */
	void *ctx;
};

struct notifier;

void notifier_free(struct notifier *notifier); /* abandons what is under way */
struct notifier *notifier_new(const struct notifier_options *options) OWNED(notifier_free);

void notifier_wake(struct notifier *notifier);          /* there may be a new notice */
bool notifier_is_idle(const struct notifier *notifier); /* nothing waited when it looked last */

void notifier_stop(struct notifier *notifier); /* finishes the one under way */
bool notifier_is_quiet(const struct notifier *notifier);

#endif
