#include "worker/flows/receiver.h"

#include "common/aws/retry.h"
#include "common/base/mem.h"
#include "worker/flows/batch.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define ROOM_MS         1000 /* between two looks whether the deletions have room */
#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  60000
#define LIMIT_CONFLICTS 5

struct receiver {
	const struct ports *ports;
	const struct queue *queue;
	const struct message_rules *rules;
	struct batch_keepers keepers; /* with this one as the holder */
	struct pacing *pacing;
	const struct receiver_listener *listener;
	struct recorder *recorder; /* or NULL */
	void (*came_back)(void *ctx, bool empty);
	void (*stopped)(void *ctx);
	void *ctx;
	struct call *pending;
	struct batch batch;
	int64_t asked_ms; /* steady, of the receive that is out */
	size_t told;      /* messages of this batch that people were told of, or need not be */
	int failures;     /* of the ledger, in a row */
	int conflicts;    /* of this batch with another writer */
	bool paused;      /* the pending call is a wait between two receives */
	bool holding;     /* it is a wait for the ledger, with the batch in hand */
	bool receiving;   /* it is a receive */
	bool stopping, hurried, ended;
};

static void receive(struct receiver *receiver);

static int64_t steady_ms(const struct receiver *receiver)
{
	return receiver->ports->timers->steady_ms(receiver->ports->timers);
}

/* ---- between two batches --------------------------------------------------------------------- */

static void on_paused(void *ctx)
{
	struct receiver *receiver = ctx;

	receiver->pending = NULL;
	receiver->paused = false;
	receive(receiver);
}

/* What of it is not being deleted is left alone. */
static void drop_batch(struct receiver *receiver)
{
	batch_clear(&receiver->batch);
	leases_leave(receiver->keepers.leases, receiver);
}

static void receive_after(struct receiver *receiver, int64_t delay_ms)
{
	bool now = receiver->stopping; /* there is no receive after a stop */

	drop_batch(receiver);
	receiver->paused = true;
	receiver->pending = ports_after(receiver->ports, now ? 0 : delay_ms, on_paused, receiver);
}

static void receive_next(struct receiver *receiver, bool empty)
{
	receive_after(receiver, 0);
	receiver->came_back(receiver->ctx, empty);
}

/* ---- receive --------------------------------------------------------------------------------- */

static void on_judged(void *ctx);

static bool read_answer(struct receiver *receiver, const struct aws_answer *answer,
                        const struct err *err, struct err *reterr)
{
	if (err) {
		*reterr = *err;
		return false;
	}
	return batch_read(&receiver->batch, answer->body, reterr);
}

static void receive_failed(struct receiver *receiver, struct span request_id, const struct err *err)
{
	int64_t delay_ms = pacing_failed(receiver->pacing, receiver->asked_ms, err);

	log_event(receiver->ports->log, LOG_ERROR, "receive_failed",
	          LOG_FIELDS(LOG_TEXT("error", err->text), LOG_SPAN("request_id", request_id),
	                     LOG_NUMBER("again_in_ms", delay_ms)));
	receive_after(receiver, 0);
}

static void keep(struct receiver *receiver)
{
	for (size_t i = 0; receiver->recorder && i < receiver->batch.n; i++)
		recorder_keep(receiver->recorder, &receiver->batch.messages[i].received);
}

static void on_received(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct receiver *receiver = ctx;
	struct err why = { ERR_NONE, "" };
	size_t received;

	receiver->pending = NULL;
	receiver->receiving = false;
	receiver->listener->answered(receiver->listener->ctx);
	if (!read_answer(receiver, answer, err, &why)) {
		receive_failed(receiver, answer ? answer->request_id : SPAN_NONE, &why);
		return;
	}
	receiver->failures = 0;
	receiver->conflicts = 0;
	receiver->told = 0;
	received = receiver->batch.n;
	batch_take(&receiver->batch, &receiver->keepers);
	keep(receiver);
	pacing_answered(receiver->pacing, receiver->asked_ms, receiver->batch.n);
	if (receiver->hurried)
		receive_after(receiver, 0);
	else if (receiver->batch.n)
		batch_judge(&receiver->batch, receiver->ports, receiver->rules,
		            &(struct batch_done){ on_judged, receiver });
	else
		receive_next(receiver, received == 0);
}

static void stopped(void *ctx)
{
	struct receiver *receiver = ctx;

	receiver->pending = NULL;
	receiver->ended = true;
	receiver->stopped(receiver->ctx);
}

static void on_turn(void *ctx)
{
	struct receiver *receiver = ctx;
	const struct queue *queue = receiver->queue;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	receiver->paused = false;
	receiver->receiving = true;
	receiver->asked_ms = steady_ms(receiver);
	sqs_receive_body(
		&(struct sqs_receive){
			.queue_url = span_of(queue->url),
			.max_messages = pacing_messages(receiver->pacing),
			.wait_s = pacing_wait_s(receiver->pacing),
			.visibility_timeout_s = queue->visibility_timeout_s,
		},
		&body);
	receiver->pending = queue_start(
		&(struct queue_request){
			.queue = queue,
			.operation = &aws_sqs_receive_message,
			.body = &body,
		},
		on_received, receiver);
	buf_clear(&body);
}

static void receive(struct receiver *receiver)
{
	if (receiver->stopping) {
		stopped(receiver);
	} else if (deletions_full(receiver->keepers.deletions)) {
		receive_after(receiver, ROOM_MS);
	} else {
		receiver->paused = true;
		receiver->pending = pacing_turn(receiver->pacing, on_turn, receiver);
	}
}

/* ---- recall, decide, record, delete ---------------------------------------------------------- */

static void recall(struct receiver *receiver);
static void settle(struct receiver *receiver);

static void finish_batch(struct receiver *receiver)
{
	batch_tell(&receiver->batch, receiver->ports, receiver->listener);
	batch_delete(&receiver->batch, &receiver->keepers);
	pacing_settled(receiver->pacing, receiver->asked_ms);
	receive_next(receiver, false);
}

static void tell(struct receiver *receiver);

/* That people are told is not worth holding messages back for; it comes again with the message. */
static void on_told(void *ctx, const struct err *err)
{
	struct receiver *receiver = ctx;

	receiver->pending = NULL;
	if (err)
		log_event(receiver->ports->log, LOG_ERROR, "tell_failed",
		          LOG_FIELDS(LOG_TEXT("error", err->text)));
	else
		receiver->listener->notices_wait(receiver->listener->ctx);
	tell(receiver);
}

/* What was recorded has its remarks; of what is rejected there is no record. */
static void tell(struct receiver *receiver)
{
	struct ledger *ledger = receiver->ports->ledger;
	struct remark remark;

	if (batch_next_unreadable(&receiver->batch, &receiver->told, &remark))
		receiver->pending = ledger->tell(ledger, &remark, on_told, receiver);
	else
		finish_batch(receiver);
}

static void on_ledger_due(void *ctx)
{
	struct receiver *receiver = ctx;

	receiver->pending = NULL;
	receiver->holding = false;
	recall(receiver);
}

/*
 * Out of order, the ledger is waited for with the batch in hand: each receive more would use up one
 * of the lives that a message has before it is dead-lettered. At the end others may have better
 * luck with it. A batch that it does not take, though it works, is left to come again, so that one
 * message cannot block the queue; that is paced as a failed receive.
 */
static void ledger_failed(struct receiver *receiver, const char *event, const struct err *err)
{
	bool hold = err->kind == ERR_BROKEN;
	int64_t delay_ms = hold ? retry_backoff_ms(receiver->failures++, BACKOFF_BASE_MS,
	                                           BACKOFF_MAX_MS, ports_random(receiver->ports))
	                        : pacing_failed(receiver->pacing, receiver->asked_ms, err);

	log_event(receiver->ports->log, LOG_ERROR, event,
	          LOG_FIELDS(LOG_TEXT("error", err->text), LOG_NUMBER("again_in_ms", delay_ms)));
	if (hold && !receiver->stopping) {
		receiver->holding = true;
		receiver->pending = ports_after(receiver->ports, delay_ms, on_ledger_due, receiver);
	} else {
		receive_after(receiver, 0);
	}
}

static void on_recorded(void *ctx, const struct err *err)
{
	struct receiver *receiver = ctx;

	receiver->pending = NULL;
	if (!err)
		tell(receiver);
	else if (err->kind == ERR_TRANSIENT && receiver->conflicts++ < LIMIT_CONFLICTS)
		recall(receiver);
	else
		ledger_failed(receiver, "record_failed", err);
}

static void on_recalled(void *ctx, const struct err *err)
{
	struct receiver *receiver = ctx;
	struct ledger *ledger = receiver->ports->ledger;
	struct batch *batch = &receiver->batch;

	receiver->pending = NULL;
	if (err) {
		ledger_failed(receiver, "recall_failed", err);
		return;
	}
	if (batch_lose(batch, &receiver->keepers)) {
		settle(receiver);
		return;
	}
	batch_decide(batch, ports_now_ms(receiver->ports));
	receiver->pending = ledger->record(ledger, batch->entries, batch->n_entries, on_recorded,
	                                   receiver);
}

static void recall(struct receiver *receiver)
{
	struct ledger *ledger = receiver->ports->ledger;
	struct batch *batch = &receiver->batch;

	batch_collect(batch);
	receiver->pending = ledger->recall(ledger, batch->decisions, batch->n_decisions,
	                                   on_recalled, receiver);
}

static void settle(struct receiver *receiver)
{
	if (batch_has_decisions(&receiver->batch))
		recall(receiver);
	else
		tell(receiver);
}

static void on_judged(void *ctx)
{
	struct receiver *receiver = ctx;

	(void)batch_lose(&receiver->batch, &receiver->keepers);
	settle(receiver);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct receiver *receiver_new(const struct receiver_options *options)
{
	struct receiver *receiver = xcalloc(1, sizeof(*receiver));

	receiver->ports = options->queue->ports;
	receiver->queue = options->queue;
	receiver->rules = options->rules;
	receiver->keepers = (struct batch_keepers){ options->deletions, options->leases, receiver };
	receiver->pacing = options->pacing;
	receiver->listener = options->listener;
	receiver->recorder = options->recorder;
	receiver->came_back = options->came_back;
	receiver->stopped = options->stopped;
	receiver->ctx = options->ctx;
	receive_after(receiver, 0);
	return receiver;
}

void receiver_free(struct receiver *receiver)
{
	if (!receiver)
		return;
	call_cancel(receiver->pending);
	batch_clear(&receiver->batch);
	free(receiver);
}

bool receiver_has_batch(const struct receiver *receiver)
{
	return receiver->batch.n > 0;
}

void receiver_stop(struct receiver *receiver)
{
	receiver->stopping = true;
	if (!receiver->paused && !receiver->holding)
		return;
	call_cancel(receiver->pending);
	receiver->holding = false;
	receive_after(receiver, 0);
}

void receiver_hurry(struct receiver *receiver)
{
	receiver->stopping = receiver->hurried = true;
	if (!receiver->receiving)
		receiver_abort(receiver);
}

void receiver_abort(struct receiver *receiver)
{
	receiver->stopping = true;
	if (receiver->ended)
		return;
	call_cancel(receiver->pending);
	receiver->holding = receiver->receiving = false;
	receive_after(receiver, 0);
}
