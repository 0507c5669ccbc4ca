/*
 * notification: one received message on its way from bytes to decisions.
 *
 *	notification_open()    the gate's cheap part: envelope, topic, forms
 *	gate_pinned(), ...     the caller finds out whether it is trusted: notification->verdict
 *	notification_decide()  the announcement inside, matched with every family
 *
 * The flow of the worker and the replay of saved messages both go this way.
 */
#ifndef EVERGOLD_DECIDE_NOTIFICATION_H
#define EVERGOLD_DECIDE_NOTIFICATION_H

#include "common/decide/decide.h"
#include "common/sns/gate.h"

struct notification {
	struct envelope envelope;
	struct verdict verdict;
	struct announcement announcement;
	struct release release;
	struct decisions decisions; /* empty until rejected or decided */
};

void notification_clear(struct notification *notification);

/* The body is borrowed until notification_clear(). False: rejected, the decision says why. */
bool notification_open(struct notification *notification, const struct config *config,
                       const struct gate_policy *policy, struct span body, enum envelope_form form)
	MUST_USE;

/* A bare message without envelope, from a topic that the caller names. Its trust is unchecked. */
void notification_open_bare(struct notification *notification, const struct config *config,
                            struct span topic, struct span message);

/* Makes the one decision that says what the verdict says. */
void notification_reject(struct notification *notification);

/* Reads the release and matches; an unreadable one is rejected as `payload`. */
void notification_decide(struct notification *notification, const struct config *config);

/* Puts a remark into every decision that has no detail yet. */
void notification_remark(struct notification *notification, const char *format, ...)
	PRINTF_LIKE(2, 3);

#endif
