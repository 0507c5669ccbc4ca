/*
 * message: one received message, from its body to a verdict and decisions.
 *
 * It reads, fetches the signing certificate if it must, verifies, and matches. It writes nothing:
 * the receiver records a whole batch at once. Nothing is fetched but the one certificate URL that
 * the gate has let pass.
 */
#ifndef EVERGOLD_FLOWS_MESSAGE_H
#define EVERGOLD_FLOWS_MESSAGE_H

#include "common/aws/event.h"
#include "common/aws/wire_sqs.h"
#include "common/decide/notification.h"
#include "worker/flows/ports.h"

enum message_outcome {
	MESSAGE_OPEN,     /* not settled yet */
	MESSAGE_DECIDED,  /* to be recorded, then deleted */
	MESSAGE_REJECTED, /* stays in the queue as evidence; the redrive policy carries it away */
	MESSAGE_UNJUDGED, /* stays, because we could not judge it: it comes again */
	MESSAGE_EVENT,    /* a hint about an execution; deleted */
	MESSAGE_FOREIGN,  /* where only events belong, and none: stays as what is rejected does */
	MESSAGE_LOST,     /* somebody else may have it by now: nothing comes of it here */
};

/* What does not change from message to message. Everything is borrowed. */
struct message_rules {
	const struct config *config;
	const struct gate_policy *policy;
	bool judge_age;   /* run does, replay does not: its output must not depend on the clock */
	bool offline;     /* fetch nothing: what cannot be verified is decided unchecked */
	bool events_only; /* of a queue of their own: nothing else is understood */
};

struct message;
typedef void message_done_fn(void *ctx, struct message *message);

struct message {
	struct sqs_message received; /* borrowed from the receiver's answer */
	enum envelope_form form;
	struct span bare_topic; /* the topic of a message without envelope; empty: it has one */
	enum message_outcome outcome;
	struct notification notification;
	struct event event; /* of MESSAGE_EVENT */
	const struct ports *ports;
	const struct message_rules *rules;
	message_done_fn *done;
	void *ctx;
	struct call *pending;
};

/*
 * The caller has set received, and form and bare_topic where they are not the usual ones.
 * done runs once, from the loop, when outcome is no longer open; or message_clear() comes first.
 */
void message_start(struct message *message, const struct ports *ports,
                   const struct message_rules *rules, message_done_fn *done, void *ctx);

/* Abandons it when it is still open, and frees what it holds. */
void message_clear(struct message *message);

#endif
