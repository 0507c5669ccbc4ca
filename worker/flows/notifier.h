/*
 * notifier: sends the notices that wait in the ledger to Slack, one after the other.
 *
 * Slack being down, slow or rate-limited delays only this. A message is sent again until Slack has
 * taken it or it is LIMIT_NOTICE_AGE_S old; one that was taken although we did not hear so is
 * doubled, which Slack's API leaves no way to prevent. A refusal or a hold that is over is not told
 * any more.
 *
 * It goes to the channel of its family; to the general one when the family has none, is unknown, or
 * the notice is a remark about no family.
 *
 * Slack's token, or the URL of its webhook, is read before the first post and kept. When Slack says
 * that it is no good, it is read again: another one is tried at once, with the same notice; with
 * the same one, or when it cannot be read, all notices wait.
 */
#ifndef EVERGOLD_FLOWS_NOTIFIER_H
#define EVERGOLD_FLOWS_NOTIFIER_H

#include "worker/flows/ports.h"

struct notifier_options {
	const struct ports *ports;
	const struct config *config; /* with neither token nor webhook, notices are only logged */
	void (*idle)(void *ctx);     /* no notice waits; may be NULL */
	void (*quiet)(void *ctx);    /* after notifier_stop(): nothing is under way any more */
	void *ctx;
};

struct notifier;

void notifier_free(struct notifier *notifier); /* abandons what is under way */
struct notifier *notifier_new(const struct notifier_options *options) OWNED(notifier_free);

void notifier_wake(struct notifier *notifier); /* there may be a new notice */

void notifier_stop(struct notifier *notifier); /* finishes the one under way */
bool notifier_is_quiet(const struct notifier *notifier);

#endif
