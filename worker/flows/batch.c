#include "worker/flows/batch.h"

#include "common/base/mem.h"
#include "common/say/remarks.h"
#include "worker/flows/decided.h"
#include "worker/flows/withdrawal.h"

#include <stdlib.h>

#include "common/base/banned.h"

static void forget_record(struct batch *batch)
{
	free(batch->decisions);
	free(batch->builds);
	free(batch->remarks);
	arena_clear(&batch->arena);
	batch->decisions = NULL;
	batch->builds = NULL;
	batch->remarks = NULL;
	batch->n_decisions = batch->n_entries = 0;
}

void batch_clear(struct batch *batch)
{
	batch_abandon(batch);
	forget_record(batch);
	reader_clear(&batch->reader);
	buf_clear(&batch->answer);
	batch->n = batch->n_open = 0;
}

bool batch_read(struct batch *batch, struct span answer, struct err *reterr)
{
	struct sqs_messages messages;

	batch->answer = buf_with_max(LIMIT_SQS_ANSWER);
	buf_add(&batch->answer, answer);
	if (!sqs_receive_answer(buf_span(&batch->answer), &batch->reader, &messages, reterr))
		return false;
	for (size_t i = 0; i < messages.n; i++)
		batch->messages[i] = (struct message){ .received = messages.at[i] };
	batch->n = messages.n;
	return true;
}

static bool is_known(const struct sqs_message *message, const struct batch_keepers *keepers)
{
	return deletions_saw(keepers->deletions, message) ||
	       !leases_take(keepers->leases, message, keepers->holder);
}

void batch_take(struct batch *batch, const struct batch_keepers *keepers)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->n; i++) {
		if (!is_known(&batch->messages[i].received, keepers))
			batch->messages[kept++] = batch->messages[i];
	}
	batch->n = kept;
}

bool batch_lose(struct batch *batch, const struct batch_keepers *keepers)
{
	bool lost = false;

	for (size_t i = 0; i < batch->n; i++) {
		struct message *message = &batch->messages[i];

		if (message->outcome == MESSAGE_LOST ||
		    leases_hold(keepers->leases, &message->received, keepers->holder))
			continue;
		message->outcome = MESSAGE_LOST;
		lost = true;
	}
	if (lost)
		forget_record(batch);
	return lost;
}

static void on_message(void *ctx, struct message *message)
{
	struct batch *batch = ctx;

	(void)message;
	if (--batch->n_open == 0)
		batch->judged.done(batch->judged.ctx);
}

void batch_judge(struct batch *batch, const struct ports *ports, const struct message_rules *rules,
                 const struct batch_done *done)
{
	batch->judged = *done;
	batch->n_open = batch->n;
	for (size_t i = 0; i < batch->n; i++)
		message_start(&batch->messages[i], ports, rules, on_message, batch);
}

void batch_abandon(struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		message_clear(&batch->messages[i]);
	batch->n_open = 0;
}

bool batch_has_decisions(const struct batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->messages[i].outcome == MESSAGE_DECIDED)
			return true;
	}
	return false;
}

static void collect_message(struct batch *batch, const struct message *message)
{
	const struct decisions *decisions = &message->notification.decisions;
	size_t n = batch->n_decisions;

	batch->entries[batch->n_entries++] = (struct ledger_entry){
		.announcement = &message->notification.announcement,
		.n_decisions = decisions->n,
	};
	batch->decisions = xreallocarray(batch->decisions, n + decisions->n,
	                                 sizeof(*batch->decisions));
	for (size_t i = 0; i < decisions->n; i++)
		batch->decisions[n + i] = decisions->at[i];
	batch->n_decisions += decisions->n;
}

void batch_collect(struct batch *batch)
{
	forget_record(batch);
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->messages[i].outcome == MESSAGE_DECIDED)
			collect_message(batch, &batch->messages[i]);
	}
}

static struct moment moment_of(const struct ledger_entry *entry, int64_t now_ms)
{
	int64_t announced_ms = entry->announcement->announced_ms;

	return (struct moment){ announced_ms, now_ms < 0 ? announced_ms : now_ms };
}

static void apply_facts(struct batch *batch, const struct ledger_entry *entry, int64_t now_ms)
{
	struct moment moment = moment_of(entry, now_ms);
	const struct decision *end = batch->decisions + batch->n_decisions;

	for (size_t i = 0; i < entry->n_decisions; i++) {
		struct decision *decision = &entry->decisions[i];

		decide_known(decision, &moment);
		for (struct decision *later = decision + 1;
		     decision_builds(decision) && later < end; later++)
			decide_learn(decision, later);
	}
}

/* Appends to builds[*n] what the entry's decisions make. */
static void make_builds(struct batch *batch, struct ledger_entry *entry,
                        const struct release *release, size_t *n)
{
	entry->builds = &batch->builds[*n];
	for (size_t i = 0; i < entry->n_decisions; i++) {
		if (decision_builds(&entry->decisions[i]))
			decision_build(&entry->decisions[i], entry->announcement, release,
			               &batch->arena, &batch->builds[(*n)++]);
	}
	entry->n_builds = (size_t)(&batch->builds[*n] - entry->builds);
}

/* Likewise to remarks[*n] what people have to know of them. */
static void make_remarks(struct batch *batch, struct ledger_entry *entry, size_t *n)
{
	entry->remarks = &batch->remarks[*n];
	for (size_t i = 0; i < entry->n_decisions; i++) {
		const struct decision *decision = &entry->decisions[i];
		struct remark_words words;

		if (decision->reason != REASON_SEVERAL_IMAGES)
			continue;
		words = remark_ambiguous(entry->announcement, decision, &batch->arena);
		batch->remarks[(*n)++] = (struct remark){
			.kind = NOTICE_AMBIGUOUS,
			.key = words.key,
			.family = decision->family->name,
			.text = words.text,
		};
	}
	entry->n_remarks = (size_t)(&batch->remarks[*n] - entry->remarks);
}

void batch_decide(struct batch *batch, int64_t now_ms)
{
	size_t n_builds = 0, n_remarks = 0, at = 0;
	struct ledger_entry *entry = batch->entries;

	batch->builds = xcalloc(batch->n_decisions, sizeof(*batch->builds));
	batch->remarks = xcalloc(batch->n_decisions, sizeof(*batch->remarks));
	for (size_t i = 0; i < batch->n; i++) {
		const struct message *message = &batch->messages[i];

		if (message->outcome != MESSAGE_DECIDED)
			continue;
		entry->decisions = &batch->decisions[at];
		at += entry->n_decisions;
		apply_facts(batch, entry, now_ms);
		make_builds(batch, entry, &message->notification.release, &n_builds);
		make_remarks(batch, entry, &n_remarks);
		withdrawal_fill(entry++, &message->notification.release, &batch->arena);
	}
}

static void log_unsettled(const struct ports *ports, const struct message *message)
{
	const struct notification *notification = &message->notification;
	bool rejected = message->outcome == MESSAGE_REJECTED;
	const struct decision *decision = rejected ? &notification->decisions.at[0] : NULL;

	log_event(ports->log, rejected ? LOG_WARNING : LOG_ERROR,
	          rejected ? "rejected" : "not_judged",
	          LOG_FIELDS(LOG_SPAN("message_id", notification->announcement.message_id),
	                     LOG_SPAN("sqs_message_id", message->received.message_id),
	                     LOG_SPAN("topic", notification->announcement.topic),
	                     LOG_TEXT("reason", rejected ? reason_word(decision->reason) : NULL),
	                     LOG_TEXT("detail",
	                              rejected ? decision->detail : notification->verdict.err.text),
	                     LOG_NUMBER("receive_count", message->received.receive_count)));
}

static void log_hint(const struct ports *ports, const struct message *message)
{
	const struct event *event = &message->event;

	log_event(ports->log, LOG_DEBUG, "event",
	          LOG_FIELDS(LOG_SPAN("sqs_message_id", message->received.message_id),
	                     LOG_SPAN("source", event->source),
	                     LOG_SPAN("detail_type", event->detail_type),
	                     LOG_SPAN("pipeline", event->pipeline),
	                     LOG_SPAN("execution_id", event->execution_id),
	                     LOG_SPAN("state", event->state)));
}

/* Once: it is received again until the redrive policy carries it away. */
static void log_foreign(const struct ports *ports, const struct message *message)
{
	log_event(ports->log, message->received.receive_count > 1 ? LOG_DEBUG : LOG_WARNING,
	          "no_event",
	          LOG_FIELDS(LOG_SPAN("sqs_message_id", message->received.message_id),
	                     LOG_NUMBER("receive_count", message->received.receive_count)));
}

static void tell_message(const struct message *message, const struct ports *ports,
                         const struct receiver_listener *listener)
{
	switch (message->outcome) {
	case MESSAGE_EVENT:
		log_hint(ports, message);
		listener->event_came(listener->ctx, &message->event);
		break;
	case MESSAGE_FOREIGN:
		log_foreign(ports, message);
		break;
	case MESSAGE_REJECTED:
	case MESSAGE_UNJUDGED:
		log_unsettled(ports, message);
		break;
	case MESSAGE_LOST:
		log_event(ports->log, LOG_WARNING, "lease_lost",
		          LOG_FIELDS(LOG_SPAN("sqs_message_id", message->received.message_id)));
		break;
	case MESSAGE_DECIDED:
	case MESSAGE_OPEN:
		break;
	}
}

static bool has_notices(const struct ledger_entry *entry)
{
	return entry->n_remarks || entry->n_withdrawals;
}

/* The release is known, but not the image: catch-up is to ask for it. */
static bool is_left_open(const struct decision *decision)
{
	return decision->family && !decision->image &&
	       (decision->reason == REASON_NOT_AVAILABLE_YET ||
	        decision->reason == REASON_NO_IMAGE_IN_REGION);
}

static void tell_entry(const struct ledger_entry *entry, const struct ports *ports,
                       const struct receiver_listener *listener)
{
	for (size_t i = 0; i < entry->n_decisions; i++) {
		const struct decision *decision = &entry->decisions[i];

		decided_log(ports->log, &(struct decided){ .level = LOG_INFO,
		                                           .announcement = entry->announcement,
		                                           .decision = decision });
		if (is_left_open(decision))
			listener->left_open(listener->ctx, decision);
	}
}

void batch_tell(const struct batch *batch, const struct ports *ports,
                const struct receiver_listener *listener)
{
	size_t n_builds = 0;
	bool notices = false;

	for (size_t i = 0; i < batch->n; i++)
		tell_message(&batch->messages[i], ports, listener);
	for (size_t i = 0; i < batch->n_entries; i++) {
		tell_entry(&batch->entries[i], ports, listener);
		n_builds += batch->entries[i].n_builds;
		notices |= has_notices(&batch->entries[i]);
	}
	if (n_builds)
		listener->builds_wanted(listener->ctx);
	if (notices)
		listener->notices_wait(listener->ctx);
}

static bool is_unreadable(const struct message *message)
{
	const struct notification *notification = &message->notification;

	return message->outcome == MESSAGE_REJECTED &&
	       notification->verdict.trust == TRUST_VERIFIED &&
	       notification->decisions.at[0].reason == REASON_PAYLOAD;
}

bool batch_next_unreadable(struct batch *batch, size_t *at, struct remark *ret_remark)
{
	struct remark_words words;

	while (*at < batch->n && !is_unreadable(&batch->messages[*at]))
		++*at;
	if (*at == batch->n)
		return false;
	words = remark_unreadable(&batch->messages[(*at)++].notification, &batch->arena);
	*ret_remark = (struct remark){
		.kind = NOTICE_UNREADABLE,
		.key = words.key,
		.text = words.text,
	};
	return true;
}

static size_t done_messages(const struct batch *batch, struct leases *leases,
                            struct sqs_message done[LIMIT_BATCH])
{
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		const struct message *message = &batch->messages[i];

		if (message->outcome != MESSAGE_DECIDED && message->outcome != MESSAGE_EVENT)
			continue;
		done[n] = message->received;
		done[n++].receipt_handle = leases_handle(leases, &message->received);
	}
	return n;
}

void batch_delete(const struct batch *batch, const struct batch_keepers *keepers)
{
	struct sqs_message done[LIMIT_BATCH];
	size_t n = done_messages(batch, keepers->leases, done);

	if (n)
		deletions_add(keepers->deletions, done, n);
	for (size_t i = 0; i < n; i++)
		leases_forget(keepers->leases, &done[i]);
}
