#include "tests/flows/fetching.h"

#include "common/base/mem.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- http, as far as it goes ----------------------------------------------------------------- */

struct http_call {
	struct call call; /* first: what the module holds */
	char *url;
	http_done_fn *done;
	void *ctx;
};

struct fetching fetching;

static void end_call(struct http_call *call)
{
	for (size_t i = 0; i < fetching.n_asked; i++) {
		if (fetching.asked[i] == call)
			fetching.asked[i] = NULL;
	}
	free(call->url);
	free(call);
}

static void cancel_call(struct call *call)
{
	end_call((struct http_call *)call);
}

struct http *http_new(struct loop *loop, struct err *reterr)
{
	(void)loop;
	(void)reterr;
	return NULL;
}

void http_free(struct http *http)
{
	(void)http;
}

struct call *http_start(struct http *http, const struct http_request *request, http_done_fn *done,
                        void *ctx)
{
	struct http_call *call = xcalloc(1, sizeof(*call));

	(void)http;
	*call = (struct http_call){ { cancel_call }, xstrdup(request->url), done, ctx };
	fetching.last = *request;
	fetching.asked[fetching.n_asked++ % ARRAY_LEN(fetching.asked)] = call;
	return &call->call;
}

void fetching_answer(size_t which, int status, const char *body)
{
	struct http_call *call = fetching.asked[which];
	struct http_answer got = { .status = status, .body = span_of(body) };

	if (CHECK(call != NULL)) {
		call->done(call->ctx, &got, NULL);
		end_call(call);
	}
}

void fetching_fail(size_t which, const char *why)
{
	struct http_call *call = fetching.asked[which];
	struct err err;

	err_set(&err, ERR_TRANSIENT, "%s", why);
	if (CHECK(call != NULL)) {
		call->done(call->ctx, NULL, &err);
		end_call(call);
	}
}

/* ---- The questions --------------------------------------------------------------------------- */

static void on_certificate(void *ctx, struct span pem, const struct err *err)
{
	struct fetched *outcome = ctx;

	outcome->call = NULL;
	outcome->done++;
	CHECK((pem.at != NULL) == (err == NULL));
	if (err)
		outcome->err = *err;
	if (outcome->also_cancels)
		call_cancel(outcome->also_cancels->call);
	if (outcome->also_asks)
		fetching_ask(outcome->for_outcome, outcome->also_asks);
	snprintf(outcome->pem, sizeof(outcome->pem), "%.*s", SPAN_ARG(pem));
}

void fetching_ask(struct fetched *outcome, const char *url)
{
	*outcome = (struct fetched){ 0 };
	outcome->call = certificates_get(fetching.certificates, url, on_certificate, outcome);
	CHECK_INT(outcome->done, 0); /* never from inside get */
}

const char *fetching_url(int number)
{
	static char url[128];

	snprintf(url, sizeof(url), "https://sns.eu-west-1.amazonaws.com/%d.pem", number);
	return url;
}

static bool is_pem(struct span pem)
{
	return pem.at[0] != '<';
}

void fetching_begin(struct certificate_store *store)
{
	fetching.simulation = simulation_new();
	fetching.n_asked = 0;
	fetching.certificates = certificates_new(NULL, simulation_timers(fetching.simulation),
	                                         store, is_pem);
}

void fetching_end(void)
{
	certificates_free(fetching.certificates);
	for (size_t i = 0; i < fetching.n_asked && i < ARRAY_LEN(fetching.asked); i++)
		CHECK(fetching.asked[i] == NULL);
	CHECK_INT((int)simulation_waiting(fetching.simulation), 0);
	simulation_free(fetching.simulation);
}

void fetching_fill(int n)
{
	struct fetched outcome;

	for (int i = 0; i < n; i++) {
		if (i % 10 == 0)
			simulation_advance(fetching.simulation, 60000);
		fetching_ask(&outcome, fetching_url(i));
		fetching_answer((size_t)i, 200, "pem");
		CHECK_TEXT(outcome.pem, "pem");
	}
}
