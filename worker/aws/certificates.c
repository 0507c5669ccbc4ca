#include "worker/aws/certificates.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/base/banned.h"

#define FETCH_MS     10000
#define FAILED_MS    10000 /* for so long a failure is the answer */
#define NOVEL_URLS   10    /* in NOVEL_MS */
#define NOVEL_MS     60000
#define STATUS_FOUND 200

/* USELESS: found, but no certificate: given as it is to those who ask before another fetch. */
enum state { FETCHING, FOUND, USELESS, FAILED };

struct certificate {
	struct certificates *all;
	char *url; /* owned; NULL: this place is free */
	enum state state;
	struct call *fetch;           /* while FETCHING */
	struct buf pem;               /* when FOUND or USELESS */
	struct err err;               /* when FAILED */
	int64_t failed_ms;            /* when it became USELESS or FAILED */
	uint64_t used;                /* the number of the last question for it */
	size_t waiters;               /* it cannot go while there are any */
	TAILQ_HEAD(, waiter) waiting; /* those of them who wait for the fetch */
};

struct waiter {
	struct call call; /* first: what the caller holds */
	struct certificates *all;
	struct certificate *certificate; /* NULL: refused */
	struct call *turn;               /* the answer is there: it comes with the next turn */
	TAILQ_ENTRY(waiter) in_waiting;  /* linked unless `turn` */
	certificate_done_fn *done;
	void *ctx;
};

struct certificates {
	struct http *http;
	struct timers *timers;
	struct certificate_store *store; /* NULL: none */
	certificate_usable_fn *usable;
	struct certificate at[LIMIT_CERTIFICATES];
	uint64_t questions;
	size_t waiters;
	int novel_left;
	int64_t novel_from_ms; /* beginning of the minute that novel_left is for */
};

/* ---- Answers --------------------------------------------------------------------------------- */

static void detach(struct waiter *waiter)
{
	waiter->all->waiters--;
	if (waiter->certificate)
		waiter->certificate->waiters--;
	if (waiter->certificate && !waiter->turn)
		TAILQ_REMOVE(&waiter->certificate->waiting, waiter, in_waiting);
}

static void cancel(struct call *call)
{
	struct waiter *waiter = (struct waiter *)call;

	detach(waiter);
	call_cancel(waiter->turn);
	free(waiter);
}

/* The certificate keeps its place until done has returned, whatever done asks for. */
static void answer(struct waiter *waiter)
{
	static const struct err refused = {
		ERR_BROKEN,
		"not fetched: too many certificates are asked for at once; try again in a minute",
	};
	struct certificate *certificate = waiter->certificate;

	if (!certificate)
		waiter->done(waiter->ctx, SPAN_NONE, &refused);
	else if (certificate->pem.len)
		waiter->done(waiter->ctx, buf_span(&certificate->pem), NULL);
	else
		waiter->done(waiter->ctx, SPAN_NONE, &certificate->err);
}

static void on_turn(void *ctx)
{
	struct waiter *waiter = ctx;

	answer(waiter);
	detach(waiter);
	free(waiter);
}

/* Nobody is added to the list meanwhile, for the state is no longer FETCHING. */
static void answer_all(struct certificate *certificate)
{
	struct waiter *waiter;

	certificate->waiters++;
	while ((waiter = TAILQ_FIRST(&certificate->waiting))) {
		detach(waiter);
		answer(waiter);
		free(waiter);
	}
	certificate->waiters--;
}

/* ---- The fetch ------------------------------------------------------------------------------- */

static void fail(struct certificate *certificate, const struct err *err)
{
	struct timers *timers = certificate->all->timers;

	buf_clear(&certificate->pem);
	certificate->state = FAILED;
	certificate->failed_ms = timers->steady_ms(timers);
	certificate->err = *err;
}

static void keep(struct certificate *certificate, struct span pem)
{
	struct timers *timers = certificate->all->timers;

	buf_clear(&certificate->pem);
	certificate->pem = buf_with_max(LIMIT_CERTIFICATE);
	buf_add(&certificate->pem, pem);
	certificate->state = certificate->all->usable(pem) ? FOUND : USELESS;
	certificate->failed_ms = timers->steady_ms(timers);
}

/* What cannot be stored is fetched again after a restart, and nothing else. */
static void store(const struct certificate *certificate)
{
	struct certificate_store *files = certificate->all->store;

	if (files && certificate->state == FOUND)
		certificate_store_keep(files, certificate->url, buf_span(&certificate->pem), NULL);
}

static void on_fetched(void *ctx, const struct http_answer *http, const struct err *err)
{
	struct certificate *certificate = ctx;
	struct err useless;

	certificate->fetch = NULL;
	if (http && http->status == STATUS_FOUND && http->body.len) {
		keep(certificate, http->body);
		store(certificate);
	} else if (http) {
		err_set(&useless, ERR_TRANSIENT, "%s: status %d with %zu bytes", certificate->url,
		        http->status, http->body.len);
		fail(certificate, &useless);
	} else {
		fail(certificate, err);
	}
	answer_all(certificate);
}

static void fetch(struct certificate *certificate)
{
	certificate->state = FETCHING;
	certificate->fetch = http_start(certificate->all->http,
	                                &(struct http_request){ .method = "GET",
	                                                        .url = certificate->url,
	                                                        .timeout_ms = FETCH_MS,
	                                                        .max_answer = LIMIT_CERTIFICATE,
	                                                        .no_proxy = true },
	                                on_fetched, certificate);
}

/* ---- The places ------------------------------------------------------------------------------ */

static void clear(struct certificate *certificate)
{
	call_cancel(certificate->fetch);
	free(certificate->url);
	buf_clear(&certificate->pem);
	*certificate = (struct certificate){ 0 };
}

static struct certificate *find(struct certificates *all, const char *url)
{
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		if (all->at[i].url && strcmp(all->at[i].url, url) == 0)
			return &all->at[i];
	}
	return NULL;
}

static bool failed(const struct certificate *certificate)
{
	return certificate->state == FAILED || certificate->state == USELESS;
}

/* Free places first, then failures, then what was used before the others. */
static uint64_t worth(const struct certificate *certificate)
{
	if (!certificate->url)
		return 0;
	return failed(certificate) ? 1 : 1 + certificate->used;
}

/* NULL: every place is being waited for. */
static struct certificate *cheapest_place(struct certificates *all)
{
	struct certificate *cheapest = NULL;

	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		struct certificate *place = &all->at[i];

		if (place->waiters || place->fetch)
			continue;
		if (!cheapest || worth(place) < worth(cheapest))
			cheapest = place;
	}
	return cheapest;
}

static bool take_novel(struct certificates *all)
{
	int64_t now_ms = all->timers->steady_ms(all->timers);

	if (now_ms - all->novel_from_ms >= NOVEL_MS) {
		all->novel_from_ms = now_ms;
		all->novel_left = NOVEL_URLS;
	}
	return all->novel_left > 0 && all->novel_left--;
}

/* A file that has become something else is as good as none. */
static bool is_stored(struct certificates *all, const char *url, struct buf *ret_pem)
{
	return all->store && certificate_store_read(all->store, url, ret_pem) && ret_pem->len &&
	       all->usable(buf_span(ret_pem));
}

static void occupy(struct certificate *place, struct certificates *all, const char *url)
{
	clear(place);
	place->all = all;
	place->url = xstrdup(url);
	TAILQ_INIT(&place->waiting);
}

static struct certificate *begin(struct certificates *all, const char *url)
{
	struct certificate *place = cheapest_place(all);
	struct buf pem = buf_with_max(LIMIT_CERTIFICATE + 1);

	if (place && is_stored(all, url, &pem)) {
		occupy(place, all, url);
		keep(place, buf_span(&pem));
	} else if (place && take_novel(all)) {
		occupy(place, all, url);
		fetch(place);
	} else {
		place = NULL;
	}
	buf_clear(&pem);
	return place;
}

/* ---- The question ---------------------------------------------------------------------------- */

static bool is_worth_another(const struct certificate *certificate)
{
	struct timers *timers = certificate->all->timers;

	return failed(certificate) &&
	       timers->steady_ms(timers) - certificate->failed_ms >= FAILED_MS;
}

static struct certificate *look_up(struct certificates *all, const char *url)
{
	struct certificate *certificate = find(all, url);

	if (all->waiters > LIMIT_CERTIFICATE_WAITERS)
		return NULL;
	if (!certificate)
		return begin(all, url);
	if (is_worth_another(certificate))
		fetch(certificate);
	return certificate;
}

static void join(struct waiter *waiter, struct certificate *certificate)
{
	struct timers *timers = waiter->all->timers;

	waiter->certificate = certificate;
	if (certificate) {
		certificate->waiters++;
		certificate->used = ++waiter->all->questions;
	}
	if (certificate && certificate->state == FETCHING)
		TAILQ_INSERT_TAIL(&certificate->waiting, waiter, in_waiting);
	else
		waiter->turn = timers->after(timers, 0, on_turn, waiter);
}

struct call *certificates_get(struct certificates *certificates, const char *url,
                              certificate_done_fn *done, void *ctx)
{
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));

	waiter->call.cancel = cancel;
	waiter->all = certificates;
	waiter->done = done;
	waiter->ctx = ctx;
	certificates->waiters++;
	join(waiter, look_up(certificates, url));
	return &waiter->call;
}

/* ---- All of them ----------------------------------------------------------------------------- */

struct certificates *certificates_new(struct http *http, struct timers *timers,
                                      struct certificate_store *store,
                                      certificate_usable_fn *usable)
{
	struct certificates *certificates = xcalloc(1, sizeof(*certificates));

	certificates->http = http;
	certificates->timers = timers;
	certificates->store = store;
	certificates->usable = usable;
	certificates->novel_left = NOVEL_URLS;
	certificates->novel_from_ms = timers->steady_ms(timers);
	return certificates;
}

void certificates_free(struct certificates *certificates)
{
	if (!certificates)
		return;
	assert(certificates->waiters == 0);
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++)
		clear(&certificates->at[i]);
	free(certificates);
}
