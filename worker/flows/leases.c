#include "worker/flows/leases.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  30000
#define GAIN_MS         1000 /* less is not worth a request */

struct lease {
	TAILQ_ENTRY(lease) in_all;
	char *message_id, *receipt_handle; /* owned */
	int receive_count;
	const void *holder;  /* NULL: it is left alone */
	int visibility_s;    /* that is asked for */
	int64_t received_ms; /* steady, as these: how long it may be extended counts from then, */
	int64_t ends_ms;     /* visible again, */
	int64_t due_ms;      /* to be extended */
};

struct leases {
	const struct ports *ports;
	const struct queue *queue;
	TAILQ_HEAD(, lease) all; /* oldest first */
	size_t n_left;
	struct call *request, *timer;
	struct lease *asked[LIMIT_BATCH]; /* in the request; NULL: gone or renewed meanwhile */
	size_t n_asked;
	int64_t asked_ms;   /* steady */
	int64_t allowed_ms; /* steady; nothing is extended before */
	int failures;       /* requests in a row that have not done all */
	bool handing_back;
	timer_done_fn *idle;
	void *idle_ctx;
};

struct leases *leases_new(const struct queue *queue)
{
	struct leases *leases = xcalloc(1, sizeof(*leases));

	leases->ports = queue->ports;
	leases->queue = queue;
	TAILQ_INIT(&leases->all);
	return leases;
}

/* The answer to the request is no news of it any more. */
static void forget_asked(struct leases *leases, const struct lease *lease)
{
	for (size_t i = 0; i < leases->n_asked; i++) {
		if (leases->asked[i] == lease)
			leases->asked[i] = NULL;
	}
}

static void drop(struct leases *leases, struct lease *lease)
{
	forget_asked(leases, lease);
	leases->n_left -= lease->holder == NULL;
	TAILQ_REMOVE(&leases->all, lease, in_all);
	free(lease->message_id);
	free(lease->receipt_handle);
	free(lease);
}

void leases_free(struct leases *leases)
{
	if (!leases)
		return;
	call_cancel(leases->request);
	call_cancel(leases->timer);
	while (!TAILQ_EMPTY(&leases->all))
		drop(leases, TAILQ_FIRST(&leases->all));
	free(leases);
}

static int64_t steady_ms(const struct leases *leases)
{
	return leases->ports->timers->steady_ms(leases->ports->timers);
}

static bool is_over(const struct leases *leases, const struct lease *lease)
{
	return lease->ends_ms <= steady_ms(leases);
}

static struct lease *find(const struct leases *leases, struct span message_id)
{
	struct lease *lease;

	TAILQ_FOREACH(lease, &leases->all, in_all)
	{
		if (span_is(message_id, lease->message_id))
			break;
	}
	return lease;
}

/* ---- requests -------------------------------------------------------------------------------- */

static void advance(struct leases *leases);

static void send_asked(struct leases *leases, aws_done_fn *done)
{
	struct sqs_entry entries[LIMIT_BATCH];
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	for (size_t i = 0; i < leases->n_asked; i++)
		entries[i] = (struct sqs_entry){ span_of(leases->asked[i]->receipt_handle),
			                         leases->asked[i]->visibility_s };
	sqs_visibility_batch_body(span_of(leases->queue->url), entries, leases->n_asked, &body);
	leases->asked_ms = steady_ms(leases);
	leases->request = queue_start(
		&(struct queue_request){
			.queue = leases->queue,
			.operation = &aws_sqs_change_message_visibility_batch,
			.body = &body,
		},
		done, leases);
	buf_clear(&body);
}

static void answered(struct leases *leases)
{
	leases->n_asked = 0;
	advance(leases);
	if (leases->handing_back && leases_idle(leases) && leases->idle)
		leases->idle(leases->idle_ctx);
}

/* ---- extended while in hand ------------------------------------------------------------------ */

static void hidden_since(struct lease *lease, int64_t since_ms)
{
	int64_t for_ms = INT64_C(1000) * lease->visibility_s;

	lease->ends_ms = since_ms + for_ms;
	lease->due_ms = since_ms + for_ms / 2;
}

/* For so long from now; 0: SQS allows no more. */
static int extension_s(const struct leases *leases, const struct lease *lease)
{
	int64_t now_ms = steady_ms(leases);
	int64_t most_s = LIMIT_LEASE_S - (now_ms - lease->received_ms) / 1000;
	int64_t wanted_s = leases->queue->visibility_timeout_s;
	int64_t s = wanted_s < most_s ? wanted_s : most_s;

	return now_ms + 1000 * s > lease->ends_ms + GAIN_MS ? (int)s : 0;
}

/* However many wait, a queue that extends nothing is asked less and less often. */
static void pace(struct leases *leases, bool failed)
{
	leases->failures = failed ? leases->failures + 1 : 0;
	leases->allowed_ms = failed ? steady_ms(leases) +
	                                      retry_backoff_ms(leases->failures - 1,
	                                                       BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                                                       ports_random(leases->ports))
	                            : 0;
}

static void settle_extension(struct leases *leases, struct lease *lease,
                             const struct sqs_batch_result *result, size_t i)
{
	if (result->done[i])
		hidden_since(lease, leases->asked_ms);
	else if (result->sender_fault[i])
		lease->ends_ms = steady_ms(leases);
}

static void on_extended(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct leases *leases = ctx;
	struct sqs_batch_result result = { .done = { false } };
	bool read, failed = false;
	struct err why;

	leases->request = NULL;
	read = !err && sqs_batch_answer(answer->body, leases->n_asked, &result, &why);
	for (size_t i = 0; i < leases->n_asked; i++) {
		failed |= !read || (!result.done[i] && !result.sender_fault[i]);
		if (leases->asked[i])
			settle_extension(leases, leases->asked[i], &result, i);
	}
	pace(leases, failed);
	answered(leases);
}

static void choose_due(struct leases *leases)
{
	struct lease *lease;

	TAILQ_FOREACH(lease, &leases->all, in_all)
	{
		if (!lease->holder || is_over(leases, lease) || lease->due_ms > steady_ms(leases) ||
		    leases->n_asked == LIMIT_BATCH)
			continue;
		lease->visibility_s = extension_s(leases, lease);
		if (lease->visibility_s)
			leases->asked[leases->n_asked++] = lease;
		else
			lease->due_ms = INT64_MAX;
	}
}

static void on_due(void *ctx)
{
	struct leases *leases = ctx;

	leases->timer = NULL;
	advance(leases);
}

static void wait_for_due(struct leases *leases)
{
	int64_t now_ms = steady_ms(leases), next_ms = INT64_MAX;
	struct lease *lease;

	TAILQ_FOREACH(lease, &leases->all, in_all)
	{
		if (lease->holder && !is_over(leases, lease) && lease->due_ms < next_ms)
			next_ms = lease->due_ms;
	}
	if (next_ms < leases->allowed_ms)
		next_ms = leases->allowed_ms;
	if (next_ms < INT64_MAX)
		leases->timer = ports_after(leases->ports, next_ms > now_ms ? next_ms - now_ms : 0,
		                            on_due, leases);
}

static void extend(struct leases *leases)
{
	if (leases->allowed_ms <= steady_ms(leases))
		choose_due(leases);
	if (leases->n_asked)
		send_asked(leases, on_extended);
	else
		wait_for_due(leases);
}

/* ---- handed back at the end ------------------------------------------------------------------ */

static void on_handed_back(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct leases *leases = ctx;

	(void)answer; /* what is not taken back is not ours any more */
	leases->request = NULL;
	if (err)
		log_event(leases->ports->log, LOG_WARNING, "hand_back_failed",
		          LOG_FIELDS(LOG_TEXT("error", err->text),
		                     LOG_NUMBER("messages", (int64_t)leases->n_asked)));
	for (size_t i = 0; i < leases->n_asked; i++) {
		if (leases->asked[i])
			drop(leases, leases->asked[i]);
	}
	answered(leases);
}

static void hand_back(struct leases *leases)
{
	struct lease *lease;

	TAILQ_FOREACH(lease, &leases->all, in_all)
	{
		if (lease->holder || is_over(leases, lease) || leases->n_asked == LIMIT_BATCH)
			continue;
		lease->visibility_s = 0;
		leases->asked[leases->n_asked++] = lease;
	}
	if (leases->n_asked)
		send_asked(leases, on_handed_back);
}

static void advance(struct leases *leases)
{
	if (leases->request)
		return;
	call_cancel(leases->timer);
	leases->timer = NULL;
	if (leases->handing_back)
		hand_back(leases);
	else
		extend(leases);
}

void leases_hand_back(struct leases *leases)
{
	leases->handing_back = true;
	advance(leases);
}

void leases_on_idle(struct leases *leases, timer_done_fn *idle, void *ctx)
{
	leases->idle = idle;
	leases->idle_ctx = ctx;
}

bool leases_idle(const struct leases *leases)
{
	return !leases->request;
}

/* ---- in hand, and out of it ------------------------------------------------------------------ */

/* A handle of an earlier receive may be heard of later. */
static void renew(struct leases *leases, struct lease *lease, const struct sqs_message *message)
{
	if (message->receive_count && message->receive_count < lease->receive_count)
		return;
	forget_asked(leases, lease);
	free(lease->receipt_handle);
	lease->receipt_handle = xspandup(message->receipt_handle);
	lease->receive_count = message->receive_count;
	lease->received_ms = steady_ms(leases);
	lease->visibility_s = leases->queue->visibility_timeout_s;
	hidden_since(lease, lease->received_ms);
}

static void add(struct leases *leases, const struct sqs_message *message, const void *holder)
{
	struct lease *lease = xcalloc(1, sizeof(*lease));

	lease->message_id = xspandup(message->message_id);
	lease->holder = holder;
	leases->n_left += holder == NULL;
	TAILQ_INSERT_TAIL(&leases->all, lease, in_all);
	renew(leases, lease, message);
}

bool leases_take(struct leases *leases, const struct sqs_message *message, const void *holder)
{
	struct lease *lease = find(leases, message->message_id);
	bool in_hand = lease && lease->holder && !is_over(leases, lease);

	if (in_hand) {
		renew(leases, lease, message);
		return false;
	}
	if (lease)
		drop(leases, lease);
	add(leases, message, holder);
	if (!leases->timer) /* it is due no later than this one */
		advance(leases);
	return true;
}

bool leases_hold(const struct leases *leases, const struct sqs_message *message, const void *holder)
{
	const struct lease *lease = find(leases, message->message_id);

	return lease && lease->holder == holder && !is_over(leases, lease);
}

struct span leases_handle(const struct leases *leases, const struct sqs_message *message)
{
	const struct lease *lease = find(leases, message->message_id);

	return lease ? span_of(lease->receipt_handle) : message->receipt_handle;
}

void leases_forget(struct leases *leases, const struct sqs_message *message)
{
	struct lease *lease = find(leases, message->message_id);

	if (lease)
		drop(leases, lease);
}

/* Of what is left alone: what is visible again, and what is too much. */
static void drop_some(struct leases *leases)
{
	struct lease *lease, *next;

	for (lease = TAILQ_FIRST(&leases->all); lease; lease = next) {
		next = TAILQ_NEXT(lease, in_all);
		if (!lease->holder && (is_over(leases, lease) || leases->n_left > LIMIT_LEFT))
			drop(leases, lease);
	}
}

void leases_leave(struct leases *leases, const void *holder)
{
	struct lease *lease;

	TAILQ_FOREACH(lease, &leases->all, in_all)
	{
		if (lease->holder == holder) {
			lease->holder = NULL;
			leases->n_left++;
		}
	}
	drop_some(leases);
	advance(leases);
}

void leases_add_left(struct leases *leases, const struct sqs_message *message)
{
	leases_forget(leases, message);
	add(leases, message, NULL);
	drop_some(leases);
	advance(leases);
}
