/*
 * notifier: sends the notices that wait in the ledger to Slack, one after the other.
 *
 * Slack being down, slow or rate-limited delays only this. A message is sent again until Slack has
 * taken it or it is LIMIT_NOTICE_AGE_S old; one that was taken although we did not hear so is
 * doubled, which Slack's API leaves no way to prevent.
 */
#ifndef EVERGOLD_FLOWS_NOTIFIER_H
#define EVERGOLD_FLOWS_NOTIFIER_H

#include "common/base/secret.h"
#include "worker/flows/ports.h"

struct notifier_options {
	const struct ports *ports;
	const struct config *config;
	struct secret token, webhook; /* handed over; neither set: notices are only logged */
	void (*idle)(void *ctx);      /* no notice waits; may be NULL */
	void (*quiet)(void *ctx);     /* after notifier_stop(): nothing is under way any more */
	void *ctx;
};

struct notifier;

void notifier_free(struct notifier *notifier); /* abandons what is under way */
struct notifier *notifier_new(const struct notifier_options *options) OWNED(notifier_free);

void notifier_wake(struct notifier *notifier); /* there may be a new notice */

void notifier_stop(struct notifier *notifier); /* finishes the one under way */
bool notifier_is_quiet(const struct notifier *notifier);

#endif
