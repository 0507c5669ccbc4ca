#include "common/base/mem.h"
#include "worker/aws/credential_sources.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/base/banned.h"

#define MINUTE_MS    INT64_C(60000)
#define ADVISORY_MS  (15 * MINUTE_MS) /* before they expire */
#define MANDATORY_MS (10 * MINUTE_MS)
#define SPREAD_MS    (2 * MINUTE_MS) /* over which many workers renew */
#define STALE_MS     (2 * MINUTE_MS) /* what came expired is asked for again after this, */
#define STALE_MORE   (8 * MINUTE_MS) /* and up to that much more */
#define HOLD_MS      (MINUTE_MS / 2) /* likewise after a failure */
#define FORCED_MS    10000           /* refusals of credentials that are newer count for nothing */

struct waiter {
	struct call call; /* first: what the caller holds */
	struct cached *cached;
	struct call *turn;              /* the answer is there: it comes with the next turn */
	uint64_t round;                 /* else the fetch that it waits for, */
	TAILQ_ENTRY(waiter) in_waiting; /* and its place among those who do */
	credentials_done_fn *done;
	void *ctx;
};

struct cached {
	struct credentials_provider provider; /* first: what the client holds */
	struct credentials_provider *source;  /* owned */
	struct timers *timers;
	const struct log *log;
	struct credentials kept;           /* access_key_id is NULL: none yet */
	int64_t renew_ms, wait_ms, end_ms; /* of these, wall clock: see schedule() */
	int64_t hold_ms;   /* steady: the source failed, it is left alone until then */
	bool refused;      /* the service does not take them any more */
	bool forced;       /* that was so before, and they are from */
	int64_t forced_ms; /* this time on, steady */
	struct call *fetch;
	uint64_t round; /* fetches so far */
	TAILQ_HEAD(, waiter) waiting;
	size_t waiters;
};

/* ---- How good they are ----------------------------------------------------------------------- */

static int64_t now_ms(const struct cached *cached)
{
	return cached->timers->now_ms(cached->timers);
}

static int64_t steady_ms(const struct cached *cached)
{
	return cached->timers->steady_ms(cached->timers);
}

static int64_t random_ms(const struct cached *cached, int64_t below_ms)
{
	return (int64_t)(cached->timers->random(cached->timers) * (double)below_ms);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool is_usable(const struct cached *cached)
{
	return cached->kept.access_key_id && !cached->refused && now_ms(cached) < cached->end_ms;
}

static bool is_held(const struct cached *cached)
{
	return steady_ms(cached) < cached->hold_ms;
}

static bool is_due(const struct cached *cached)
{
	return !is_usable(cached) || (now_ms(cached) >= cached->renew_ms && !is_held(cached));
}

static bool must_wait(const struct cached *cached)
{
	return !is_usable(cached) || (now_ms(cached) >= cached->wait_ms && !is_held(cached));
}

/* A window is at most a part of their life, or those of a quarter of an hour were always due. */
static void schedule(struct cached *cached)
{
	int64_t expires_ms = cached->kept.expires_ms, life_ms = expires_ms - now_ms(cached);
	int64_t advisory_ms = least(ADVISORY_MS, life_ms / 4);

	cached->renew_ms = cached->wait_ms = cached->end_ms = INT64_MAX;
	if (!expires_ms)
		return;
	if (life_ms <= 0) {
		cached->renew_ms = now_ms(cached) + STALE_MS + random_ms(cached, STALE_MORE);
		return;
	}
	cached->renew_ms = expires_ms - advisory_ms +
	                   random_ms(cached, least(SPREAD_MS, advisory_ms / 4));
	cached->wait_ms = expires_ms - least(MANDATORY_MS, life_ms / 6);
	cached->end_ms = expires_ms;
}

/* ---- Answers --------------------------------------------------------------------------------- */

static void detach(struct waiter *waiter)
{
	struct cached *cached = waiter->cached;

	cached->waiters--;
	if (!waiter->turn)
		TAILQ_REMOVE(&cached->waiting, waiter, in_waiting);
}

static void cancel(struct call *call)
{
	struct waiter *waiter = (struct waiter *)call;

	detach(waiter);
	call_cancel(waiter->turn);
	free(waiter);
}

static void on_turn(void *ctx)
{
	struct waiter *waiter = ctx;

	waiter->cached->waiters--;
	waiter->done(waiter->ctx, &waiter->cached->kept, NULL);
	free(waiter);
}

/* err: why the fetch failed, or NULL. Who asks meanwhile is of a later round. */
static void answer_all(struct cached *cached, const struct err *err)
{
	uint64_t round = cached->round;
	bool usable = !err || is_usable(cached);
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&cached->waiting)) && waiter->round <= round) {
		detach(waiter);
		waiter->done(waiter->ctx, usable ? &cached->kept : NULL, usable ? NULL : err);
		free(waiter);
	}
}

/* ---- The fetch ------------------------------------------------------------------------------- */

static void keep(struct cached *cached, const struct credentials *fresh)
{
	credentials_clear(&cached->kept);
	cached->kept = credentials_copy(fresh);
	if (cached->refused) {
		cached->forced = true;
		cached->forced_ms = steady_ms(cached);
	}
	cached->refused = false;
	cached->hold_ms = steady_ms(cached);
	schedule(cached);
}

static void hold(struct cached *cached, const struct err *err)
{
	cached->hold_ms = steady_ms(cached) + HOLD_MS + random_ms(cached, HOLD_MS);
	if (cached->log)
		log_event(cached->log, LOG_WARNING, "credentials_not_renewed",
		          LOG_FIELDS(LOG_TEXT("source", cached->kept.source),
		                     LOG_TEXT("error", err->text)));
}

static void on_fetched(void *ctx, const struct credentials *fresh, const struct err *err)
{
	struct cached *cached = ctx;

	cached->fetch = NULL;
	if (fresh)
		keep(cached, fresh);
	else
		hold(cached, err);
	answer_all(cached, err);
}

static void fetch(struct cached *cached)
{
	cached->round++;
	cached->fetch = cached->source->get(cached->source, on_fetched, cached);
}

/* ---- The provider ---------------------------------------------------------------------------- */

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct cached *cached = (struct cached *)provider;
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));

	if (!cached->fetch && is_due(cached))
		fetch(cached);
	*waiter = (struct waiter){ .call = { cancel },
		                   .cached = cached,
		                   .round = cached->round,
		                   .done = done,
		                   .ctx = ctx };
	cached->waiters++;
	if (cached->fetch && must_wait(cached))
		TAILQ_INSERT_TAIL(&cached->waiting, waiter, in_waiting);
	else
		waiter->turn = cached->timers->after(cached->timers, 0, on_turn, waiter);
	return &waiter->call;
}

/* Many calls are refused at once when credentials expire: the first of them is enough. */
static void expired(struct credentials_provider *provider)
{
	struct cached *cached = (struct cached *)provider;

	if (cached->forced && steady_ms(cached) - cached->forced_ms < FORCED_MS)
		return;
	cached->refused = true;
	cached->source->expired(cached->source);
}

static void destroy(struct credentials_provider *provider)
{
	struct cached *cached = (struct cached *)provider;

	assert(cached->waiters == 0);
	call_cancel(cached->fetch);
	cached->source->free(cached->source);
	credentials_clear(&cached->kept);
	free(cached);
}

struct credentials_provider *credentials_cached(struct credentials_provider *source,
                                                struct timers *timers, const struct log *log)
{
	struct cached *cached = xcalloc(1, sizeof(*cached));

	cached->provider = (struct credentials_provider){ get, expired, destroy };
	cached->source = source;
	cached->timers = timers;
	cached->log = log;
	TAILQ_INIT(&cached->waiting);
	return &cached->provider;
}
