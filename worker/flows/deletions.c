#include "worker/flows/deletions.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  30000

struct entry {
	char *message_id, *receipt_handle; /* owned */
	int receive_count;                 /* of that handle */
	int64_t due_ms;                    /* steady */
	int tries;
	bool renewed; /* has a newer handle than the one in the request that is under way */
};

struct deletions {
	const struct ports *ports;
	const struct queue *queue;
	struct leases *leases;
	struct entry at[LIMIT_PENDING_DELETES + LIMIT_RECEIVERS * LIMIT_BATCH];
	size_t n;
	struct call *request, *timer;
	size_t batch[LIMIT_BATCH]; /* indexes of the entries in the request */
	size_t n_batch;
	int64_t allowed_ms; /* steady; nothing is sent before */
	int failures;       /* requests in a row that deleted nothing */
	timer_done_fn *idle;
	void *idle_ctx;
};

struct deletions *deletions_new(const struct queue *queue, struct leases *leases)
{
	struct deletions *deletions = xcalloc(1, sizeof(*deletions));

	deletions->ports = queue->ports;
	deletions->queue = queue;
	deletions->leases = leases;
	return deletions;
}

static void drop(struct entry *entry)
{
	free(entry->message_id);
	free(entry->receipt_handle);
	*entry = (struct entry){ 0 };
}

void deletions_free(struct deletions *deletions)
{
	if (!deletions)
		return;
	call_cancel(deletions->request);
	call_cancel(deletions->timer);
	for (size_t i = 0; i < deletions->n; i++)
		drop(&deletions->at[i]);
	free(deletions);
}

bool deletions_full(const struct deletions *deletions)
{
	return deletions->n >= LIMIT_PENDING_DELETES;
}

bool deletions_idle(const struct deletions *deletions)
{
	return deletions->n == 0;
}

static int64_t steady_ms(const struct deletions *deletions)
{
	return deletions->ports->timers->steady_ms(deletions->ports->timers);
}

static void choose(struct deletions *deletions)
{
	int64_t now = steady_ms(deletions);

	deletions->n_batch = 0;
	if (deletions->allowed_ms > now)
		return;
	for (size_t i = 0; i < deletions->n && deletions->n_batch < LIMIT_BATCH; i++) {
		if (deletions->at[i].due_ms > now)
			continue;
		deletions->at[i].renewed = false;
		deletions->batch[deletions->n_batch++] = i;
	}
}

/* Drops what has no message id any more, keeping the order. */
static void close_gaps(struct deletions *deletions)
{
	size_t kept = 0;

	for (size_t i = 0; i < deletions->n; i++) {
		if (deletions->at[i].message_id)
			deletions->at[kept++] = deletions->at[i];
	}
	deletions->n = kept;
}

static void leave(struct deletions *deletions, struct entry *entry)
{
	leases_add_left(deletions->leases, &(struct sqs_message){
						   .message_id = span_of(entry->message_id),
						   .receipt_handle = span_of(entry->receipt_handle),
						   .receive_count = entry->receive_count,
					   });
	drop(entry);
}

static void give_up(const struct deletions *deletions, const struct entry *entry, const char *why)
{
	log_event(
		deletions->ports->log, LOG_WARNING, "delete_given_up",
		LOG_FIELDS(LOG_TEXT("sqs_message_id", entry->message_id), LOG_TEXT("error", why)));
}

static void try_again(struct deletions *deletions, struct entry *entry, const char *why)
{
	const struct ports *ports = deletions->ports;

	if (++entry->tries >= LIMIT_DELETE_TRIES) {
		give_up(deletions, entry, why);
		leave(deletions, entry);
		return;
	}
	entry->due_ms = steady_ms(deletions) + retry_backoff_ms(entry->tries - 1, BACKOFF_BASE_MS,
	                                                        BACKOFF_MAX_MS,
	                                                        ports_random(ports));
}

static void advance(struct deletions *deletions);

static void on_due(void *ctx)
{
	struct deletions *deletions = ctx;

	deletions->timer = NULL;
	advance(deletions);
}

static void on_deleted(void *ctx, const struct aws_answer *answer, const struct err *err);

static void send_batch(struct deletions *deletions)
{
	struct sqs_entry entries[LIMIT_BATCH];
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	for (size_t i = 0; i < deletions->n_batch; i++)
		entries[i] = (struct sqs_entry){
			.receipt_handle = span_of(
				deletions->at[deletions->batch[i]].receipt_handle),
		};
	sqs_delete_batch_body(span_of(deletions->queue->url), entries, deletions->n_batch, &body);
	deletions->request = queue_start(
		&(struct queue_request){
			.queue = deletions->queue,
			.operation = &aws_sqs_delete_message_batch,
			.body = &body,
		},
		on_deleted, deletions);
	buf_clear(&body);
}

static int64_t until_next(const struct deletions *deletions)
{
	int64_t next = INT64_MAX, now = steady_ms(deletions);

	for (size_t i = 0; i < deletions->n; i++) {
		if (deletions->at[i].due_ms < next)
			next = deletions->at[i].due_ms;
	}
	if (next < deletions->allowed_ms)
		next = deletions->allowed_ms;
	return next > now ? next - now : 0;
}

static void advance(struct deletions *deletions)
{
	if (deletions->request)
		return;
	call_cancel(deletions->timer);
	deletions->timer = NULL;
	close_gaps(deletions);
	choose(deletions);
	if (deletions->n_batch)
		send_batch(deletions);
	else if (deletions->n)
		deletions->timer = ports_after(deletions->ports, until_next(deletions), on_due,
		                               deletions);
	else if (deletions->idle)
		deletions->idle(deletions->idle_ctx);
}

/*
 * Deleting by an old handle succeeds without an effect, so a renewed entry goes out again. A handle
 * that is refused is stale: the message comes again with a new one.
 */
static void settle_entry(struct deletions *deletions, struct entry *entry,
                         const struct sqs_batch_result *result, size_t i)
{
	if (entry->renewed) {
		entry->due_ms = steady_ms(deletions);
	} else if (result->done[i]) {
		drop(entry);
	} else if (result->sender_fault[i]) {
		give_up(deletions, entry, result->code[i]);
		drop(entry);
	} else {
		try_again(deletions, entry, result->code[i]);
	}
}

/* However many entries wait, a queue that deletes nothing is asked less and less often. */
static void pace(struct deletions *deletions, bool deleted)
{
	deletions->failures = deleted ? 0 : deletions->failures + 1;
	if (!deleted)
		deletions->allowed_ms = steady_ms(deletions) +
		                        retry_backoff_ms(deletions->failures - 1, BACKOFF_BASE_MS,
		                                         BACKOFF_MAX_MS,
		                                         ports_random(deletions->ports));
}

static void on_deleted(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct deletions *deletions = ctx;
	struct sqs_batch_result result;
	struct err why = { ERR_NONE, "" };
	bool read, deleted = false;

	deletions->request = NULL;
	read = !err && sqs_batch_answer(answer->body, deletions->n_batch, &result, &why);
	for (size_t i = 0; i < deletions->n_batch; i++) {
		struct entry *entry = &deletions->at[deletions->batch[i]];

		deleted |= read && result.done[i];
		if (read)
			settle_entry(deletions, entry, &result, i);
		else
			try_again(deletions, entry, err ? err->text : why.text);
	}
	pace(deletions, deleted);
	advance(deletions);
}

void deletions_add(struct deletions *deletions, const struct sqs_message *messages, size_t n)
{
	int64_t now = steady_ms(deletions);

	for (size_t i = 0; i < n && deletions->n < ARRAY_LEN(deletions->at); i++)
		deletions->at[deletions->n++] = (struct entry){
			.message_id = xspandup(messages[i].message_id),
			.receipt_handle = xspandup(messages[i].receipt_handle),
			.receive_count = messages[i].receive_count,
			.due_ms = now,
		};
	advance(deletions);
}

/* A handle of an earlier receive may be heard of later. */
static void renew(struct entry *entry, const struct sqs_message *message)
{
	if (message->receive_count && message->receive_count < entry->receive_count)
		return;
	free(entry->receipt_handle);
	entry->receipt_handle = xspandup(message->receipt_handle);
	entry->receive_count = message->receive_count;
	entry->renewed = true;
}

bool deletions_saw(struct deletions *deletions, const struct sqs_message *message)
{
	for (size_t i = 0; i < deletions->n; i++) {
		struct entry *entry = &deletions->at[i];

		if (!entry->message_id || !span_is(message->message_id, entry->message_id))
			continue;
		renew(entry, message);
		return true;
	}
	return false;
}

void deletions_leave(struct deletions *deletions)
{
	call_cancel(deletions->request);
	call_cancel(deletions->timer);
	deletions->request = deletions->timer = NULL;
	for (size_t i = 0; i < deletions->n; i++) {
		if (deletions->at[i].message_id)
			leave(deletions, &deletions->at[i]);
	}
	deletions->n = 0;
}

void deletions_on_idle(struct deletions *deletions, timer_done_fn *idle, void *ctx)
{
	deletions->idle = idle;
	deletions->idle_ctx = ctx;
}
