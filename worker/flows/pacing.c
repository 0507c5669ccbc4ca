#include "worker/flows/pacing.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/base/banned.h"

#define WAIT_FIRST_S    1
#define WAIT_S          20
#define EARLY_MS        1000 /* a long poll that ends sooner and brings nothing */
#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  60000

struct turn {
	struct call call; /* first: what the receiver holds */
	struct pacing *pacing;
	TAILQ_ENTRY(turn) in_waiting;
	timer_done_fn *done;
	void *ctx;
};

struct pacing {
	const struct ports *ports;
	TAILQ_HEAD(, turn) waiting;
	struct call *timer;  /* until the next of them may ask */
	bool single;         /* one at a time, */
	bool asking;         /* and it is asking */
	int64_t single_ms;   /* steady: since then */
	int64_t earliest_ms; /* steady: nobody asks before */
	int failures;        /* in a row */
	size_t one_by_one;   /* so many messages */
	bool emptied;        /* a question has brought none */
};

static int64_t steady_ms(const struct pacing *pacing)
{
	return pacing->ports->timers->steady_ms(pacing->ports->timers);
}

/* ---- turns ----------------------------------------------------------------------------------- */

static void schedule(struct pacing *pacing);

static void give_turn(struct pacing *pacing)
{
	struct turn *turn = TAILQ_FIRST(&pacing->waiting);
	timer_done_fn *done = turn->done;
	void *ctx = turn->ctx;

	TAILQ_REMOVE(&pacing->waiting, turn, in_waiting);
	free(turn);
	pacing->asking = true;
	done(ctx);
}

static void on_time(void *ctx)
{
	struct pacing *pacing = ctx;

	pacing->timer = NULL;
	do
		give_turn(pacing);
	while (!pacing->single && !TAILQ_EMPTY(&pacing->waiting));
	schedule(pacing);
}

static void schedule(struct pacing *pacing)
{
	int64_t delay_ms = pacing->earliest_ms - steady_ms(pacing);

	call_cancel(pacing->timer);
	pacing->timer = NULL;
	if (TAILQ_EMPTY(&pacing->waiting) || (pacing->single && pacing->asking))
		return;
	pacing->timer = ports_after(pacing->ports, delay_ms > 0 ? delay_ms : 0, on_time, pacing);
}

static void cancel(struct call *call)
{
	struct turn *turn = (struct turn *)call;
	struct pacing *pacing = turn->pacing;

	TAILQ_REMOVE(&pacing->waiting, turn, in_waiting);
	free(turn);
	schedule(pacing);
}

struct call *pacing_turn(struct pacing *pacing, timer_done_fn *done, void *ctx)
{
	struct turn *turn = xcalloc(1, sizeof(*turn));

	*turn = (struct turn){ .call = { cancel }, .pacing = pacing, .done = done, .ctx = ctx };
	TAILQ_INSERT_TAIL(&pacing->waiting, turn, in_waiting);
	if (!pacing->timer)
		schedule(pacing);
	return &turn->call;
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void ask_singly(struct pacing *pacing, int64_t earliest_ms)
{
	pacing->single = true;
	pacing->asking = false;
	pacing->single_ms = steady_ms(pacing);
	pacing->earliest_ms = earliest_ms;
	schedule(pacing);
}

static void set_free(struct pacing *pacing)
{
	pacing->single = false;
	pacing->earliest_ms = 0;
	schedule(pacing);
}

/* Was it asked before the one that is asking alone, by one of many? */
static bool is_late(const struct pacing *pacing, int64_t asked_ms)
{
	return pacing->single && asked_ms <= pacing->single_ms;
}

void pacing_answered(struct pacing *pacing, int64_t asked_ms, size_t n)
{
	bool early = n == 0 && steady_ms(pacing) < asked_ms + EARLY_MS;

	pacing->emptied |= n == 0;
	pacing->one_by_one -= n < pacing->one_by_one ? n : pacing->one_by_one;
	if (n > 0 && pacing->failures > 0) /* to be seen: they may be what fails */
		return;
	if (early && is_late(pacing, asked_ms))
		return;
	pacing->failures = 0;
	if (early)
		ask_singly(pacing, asked_ms + EARLY_MS);
	else
		set_free(pacing);
}

void pacing_settled(struct pacing *pacing, int64_t asked_ms)
{
	if (pacing->failures == 0 || is_late(pacing, asked_ms))
		return;
	pacing->failures = 0;
	set_free(pacing);
}

int64_t pacing_failed(struct pacing *pacing, int64_t asked_ms, const struct err *err)
{
	int64_t now_ms = steady_ms(pacing);
	int64_t delay_ms = retry_backoff_ms(pacing->failures, BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                                    ports_random(pacing->ports));

	if (err->kind == ERR_MALFORMED)
		pacing->one_by_one = LIMIT_BATCH;
	if (!is_late(pacing, asked_ms)) {
		pacing->failures++;
		ask_singly(pacing, now_ms + delay_ms);
	}
	return pacing->earliest_ms > now_ms ? pacing->earliest_ms - now_ms : 0;
}

int pacing_messages(const struct pacing *pacing)
{
	return pacing->one_by_one ? 1 : LIMIT_BATCH;
}

int pacing_wait_s(const struct pacing *pacing)
{
	return pacing->emptied ? WAIT_S : WAIT_FIRST_S;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct pacing *pacing_new(const struct ports *ports)
{
	struct pacing *pacing = xcalloc(1, sizeof(*pacing));

	pacing->ports = ports;
	TAILQ_INIT(&pacing->waiting);
	pacing->single = true;
	pacing->single_ms = -1; /* nobody has asked before */
	return pacing;
}

void pacing_free(struct pacing *pacing)
{
	if (!pacing)
		return;
	assert(TAILQ_EMPTY(&pacing->waiting));
	call_cancel(pacing->timer);
	free(pacing);
}
