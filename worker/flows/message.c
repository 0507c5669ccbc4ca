#include "worker/flows/message.h"

#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

static void settle(struct message *message, enum message_outcome outcome)
{
	message->outcome = outcome;
	message->done(message->ctx, message);
}

static bool is_event(struct message *message, struct span text)
{
	return event_parse(text, &message->event);
}

static void reject(struct message *message)
{
	notification_reject(&message->notification);
	settle(message, MESSAGE_REJECTED);
}

static void settle_decided(struct message *message)
{
	const struct decision *first = &message->notification.decisions.at[0];

	settle(message, reason_outcome(first->reason) == OUTCOME_REJECTED ? MESSAGE_REJECTED
	                                                                  : MESSAGE_DECIDED);
}

static void decide(struct message *message)
{
	notification_decide(&message->notification, message->rules->config);
	settle_decided(message);
}

/* Our clock may be wrong, but it is not earlier than when the queue got the message. */
static int64_t now_ms(const struct message *message)
{
	int64_t ours_ms = ports_now_ms(message->ports), sent_ms = message->received.sent_ms;

	return ours_ms > sent_ms ? ours_ms : sent_ms;
}

/* The verdict on the signature is there; what does it mean? */
static void judged(struct message *message)
{
	struct notification *notification = &message->notification;
	struct verdict *verdict = &notification->verdict;

	if (message->rules->judge_age && verdict->trust == TRUST_VERIFIED)
		gate_age(message->rules->policy, &notification->envelope, now_ms(message), verdict);
	if (verdict->trust == TRUST_VERIFIED)
		decide(message);
	else if (verdict->trust == TRUST_UNTRUSTED)
		reject(message);
	else
		settle(message, MESSAGE_UNJUDGED);
}

static void verify(struct message *message, struct span pem)
{
	struct verdict *verdict = &message->notification.verdict;
	struct certificate *certificate = certificate_parse(pem, &verdict->reason, &verdict->err);

	if (certificate)
		gate_verify(&message->notification.envelope, certificate, verdict);
	else
		verdict->trust = TRUST_UNTRUSTED;
	certificate_free(certificate);
	judged(message);
}

static void on_certificate(void *ctx, struct span pem, const struct err *err)
{
	struct message *message = ctx;
	struct verdict *verdict = &message->notification.verdict;

	message->pending = NULL;
	if (pem.at) {
		verify(message, pem);
		return;
	}
	verdict->err = *err;
	if (err->kind != ERR_BROKEN) {
		verdict->trust = TRUST_UNTRUSTED;
		verdict->reason = REASON_CERT_FETCH;
	}
	judged(message);
}

static void fetch_certificate(struct message *message)
{
	char *url = xspandup(message->notification.envelope.signing_cert_url);

	message->pending = message->ports->certificate(message->ports->world, url, on_certificate,
	                                               message);
	free(url);
}

/* Decides what could not be verified here, and says what the worker would say to it. */
static void decide_unchecked(struct message *message)
{
	struct notification *notification = &message->notification;
	struct verdict verdict = notification->verdict;
	bool open_for_worker = gate_url(message->rules->policy, &notification->envelope, &verdict);

	notification->verdict.trust = TRUST_UNCHECKED;
	notification_decide(notification, message->rules->config);
	if (!open_for_worker)
		notification_remark(notification, "the worker would reject it as %s",
		                    reason_word(verdict.reason));
	settle_decided(message);
}

/* The worker looks at the URL first, so what fails there is not verified offline either. */
static bool url_is_good(struct message *message)
{
	struct verdict verdict;

	if (gate_url(message->rules->policy, &message->notification.envelope, &verdict))
		return true;
	message->notification.verdict = verdict;
	return false;
}

static void judge_offline(struct message *message)
{
	struct notification *notification = &message->notification;
	struct verdict *verdict = &notification->verdict;

	if (!gate_pinned(message->rules->policy, &notification->envelope, verdict))
		decide_unchecked(message);
	else if (verdict->trust == TRUST_VERIFIED && !url_is_good(message))
		reject(message);
	else
		judged(message);
}

static void judge(struct message *message)
{
	struct notification *notification = &message->notification;

	if (message->rules->offline)
		judge_offline(message);
	else if (!gate_url(message->rules->policy, &notification->envelope, &notification->verdict))
		reject(message);
	else if (gate_pinned(message->rules->policy, &notification->envelope,
	                     &notification->verdict))
		judged(message);
	else
		fetch_certificate(message);
}

static void read_bare(struct message *message)
{
	if (is_event(message, message->received.body)) {
		settle(message, MESSAGE_EVENT);
		return;
	}
	notification_open_bare(&message->notification, message->rules->config, message->bare_topic,
	                       message->received.body);
	decide(message);
}

/* Is it a whole envelope, whether or not its topic is one that is listened to? */
static bool is_envelope(const struct message *message, bool open)
{
	return open || message->notification.verdict.reason == REASON_TOPIC_NOT_ALLOWED;
}

/* On the topics of the catalogue nobody publishes but those who announce there. */
static bool may_hold_event(const struct notification *notification)
{
	const struct publisher *publisher = notification->announcement.publisher;

	return !(publisher && catalogue_find(span_of(publisher->name)) == publisher) &&
	       event_is_likely(notification->envelope.message);
}

/*
 * Events come unsigned on the same queue, or in an envelope that nobody has to believe. No
 * announcement is read a second time because of them: what has a Type is no bare event, and what is
 * in an envelope is searched at most.
 */
static bool has_event(struct message *message, bool open)
{
	const struct notification *notification = &message->notification;

	if (is_envelope(message, open))
		return may_hold_event(notification) &&
		       is_event(message, notification->envelope.message);
	return notification->verdict.reason == REASON_FIELD_MISSING &&
	       !notification->envelope.type.at && is_event(message, message->received.body);
}

static void read_notification(struct message *message)
{
	struct notification *notification = &message->notification;
	bool open = notification_open(notification, message->rules->config, message->rules->policy,
	                              message->received.body, message->form);

	if (has_event(message, open)) {
		decisions_clear(&notification->decisions);
		settle(message, MESSAGE_EVENT);
	} else if (open) {
		judge(message);
	} else {
		settle(message, MESSAGE_REJECTED);
	}
}

static void read_message(void *ctx)
{
	struct message *message = ctx;
	bool events_only = message->rules->events_only;

	message->pending = NULL;
	if (events_only)
		settle(message,
		       is_event(message, message->received.body) ? MESSAGE_EVENT : MESSAGE_FOREIGN);
	else if (message->bare_topic.len)
		read_bare(message);
	else
		read_notification(message);
}

void message_start(struct message *message, const struct ports *ports,
                   const struct message_rules *rules, message_done_fn *done, void *ctx)
{
	*message = (struct message){
		.received = message->received,
		.form = message->form,
		.bare_topic = message->bare_topic,
		.ports = ports,
		.rules = rules,
		.done = done,
		.ctx = ctx,
	};
	message->pending = ports_after(ports, 0, read_message, message);
}

void message_clear(struct message *message)
{
	call_cancel(message->pending);
	message->pending = NULL;
	notification_clear(&message->notification);
	event_clear(&message->event);
}
