/*
 * Certificates come over https from Amazon's hosts alone, so nothing local can serve them. This
 * program is linked with an http of its own: it notes what is asked and answers when told to.
 */
#include "worker/aws/certificates.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "tests/flows/simulated_time.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL  "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"
#define SOON 1000

/* ---- http, as far as it goes ----------------------------------------------------------------- */

struct http_call {
	struct call call; /* first: what the module holds */
	char *url;
	http_done_fn *done;
	void *ctx;
};

static struct http_call *asked[LIMIT_CERTIFICATES + 8]; /* in order; NULL once it is over */
static size_t n_asked;
static struct http_request last;

static void end_call(struct http_call *call)
{
	for (size_t i = 0; i < n_asked; i++) {
		if (asked[i] == call)
			asked[i] = NULL;
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
	last = *request;
	asked[n_asked++ % ARRAY_LEN(asked)] = call;
	return &call->call;
}

static void answer(size_t which, int status, const char *body)
{
	struct http_call *call = asked[which];
	struct http_answer got = { .status = status, .body = span_of(body) };

	if (CHECK(call != NULL)) {
		call->done(call->ctx, &got, NULL);
		end_call(call);
	}
}

static void fail(size_t which, const char *why)
{
	struct http_call *call = asked[which];
	struct err err;

	err_set(&err, ERR_TRANSIENT, "%s", why);
	if (CHECK(call != NULL)) {
		call->done(call->ctx, NULL, &err);
		end_call(call);
	}
}

/* ---- The questions --------------------------------------------------------------------------- */

static struct simulation *simulation;
static struct certificates *certificates;

struct outcome {
	struct call *call;
	int done;
	char pem[64];
	struct err err;
	struct outcome *also_cancels;
	const char *also_asks;
	struct outcome *for_outcome;
};

static void ask(struct outcome *outcome, const char *url);

static void on_certificate(void *ctx, struct span pem, const struct err *err)
{
	struct outcome *outcome = ctx;

	outcome->call = NULL;
	outcome->done++;
	CHECK((pem.at != NULL) == (err == NULL));
	if (err)
		outcome->err = *err;
	if (outcome->also_cancels)
		call_cancel(outcome->also_cancels->call);
	if (outcome->also_asks)
		ask(outcome->for_outcome, outcome->also_asks);
	snprintf(outcome->pem, sizeof(outcome->pem), "%.*s", SPAN_ARG(pem));
}

static void ask(struct outcome *outcome, const char *url)
{
	*outcome = (struct outcome){ 0 };
	outcome->call = certificates_get(certificates, url, on_certificate, outcome);
	CHECK_INT(outcome->done, 0); /* never from inside get */
}

static const char *numbered(int number)
{
	static char url[128];

	snprintf(url, sizeof(url), "https://sns.eu-west-1.amazonaws.com/%d.pem", number);
	return url;
}

static bool is_pem(struct span pem)
{
	return pem.at[0] != '<';
}

static struct certificate_store *store; /* NULL: none */

static void begin(void)
{
	simulation = simulation_new();
	n_asked = 0;
	certificates = certificates_new(NULL, simulation_timers(simulation), store, is_pem);
}

static void end(void)
{
	certificates_free(certificates);
	for (size_t i = 0; i < n_asked && i < ARRAY_LEN(asked); i++)
		CHECK(asked[i] == NULL);
	CHECK_INT((int)simulation_waiting(simulation), 0);
	simulation_free(simulation);
}

/* ---- Fetched once ---------------------------------------------------------------------------- */

TEST(one_fetch_serves_all_who_wait)
{
	struct outcome first, second, later;

	begin();
	ask(&first, URL);
	ask(&second, URL);
	CHECK_INT((int)n_asked, 1);
	answer(0, 200, "pem");
	CHECK_TEXT(first.pem, "pem");
	CHECK_TEXT(second.pem, "pem");
	ask(&later, URL);
	simulation_advance(simulation, 0);
	CHECK_TEXT(later.pem, "pem");
	CHECK_INT((int)n_asked, 1);
	end();
}

TEST(a_fetch_is_bounded_and_direct)
{
	struct outcome outcome;

	begin();
	ask(&outcome, URL);
	CHECK_TEXT(last.method, "GET");
	CHECK(!last.allow_http);
	CHECK(last.no_proxy);
	CHECK(last.headers[0] == NULL);
	CHECK_INT(last.timeout_ms, 10000);
	CHECK_INT((int)last.max_answer, LIMIT_CERTIFICATE);
	answer(0, 200, "pem");
	end();
}

TEST(a_failure_is_no_verdict)
{
	struct outcome first, soon, later;

	begin();
	ask(&first, URL);
	fail(0, "unreachable");
	CHECK_TEXT(first.err.text, "unreachable");
	ask(&soon, URL);
	simulation_advance(simulation, 0);
	CHECK_TEXT(soon.err.text, "unreachable");
	CHECK_INT((int)n_asked, 1);
	simulation_advance(simulation, 10000);
	ask(&later, URL);
	CHECK_INT((int)n_asked, 2);
	answer(1, 200, "pem");
	CHECK_TEXT(later.pem, "pem");
	end();
}

/* A page of a proxy, or of a host under repair. */
TEST(what_is_no_certificate_is_asked_for_again)
{
	struct outcome first, soon, later, kept;

	begin();
	ask(&first, URL);
	answer(0, 200, "<html>soon</html>");
	CHECK_TEXT(first.pem, "<html>soon</html>");
	ask(&soon, URL);
	simulation_advance(simulation, 9999);
	CHECK_TEXT(soon.pem, "<html>soon</html>");
	CHECK_INT((int)n_asked, 1);
	simulation_advance(simulation, 1);
	ask(&later, URL);
	CHECK_INT((int)n_asked, 2);
	answer(1, 200, "pem");
	CHECK_TEXT(later.pem, "pem");
	simulation_advance(simulation, 10000);
	ask(&kept, URL);
	simulation_advance(simulation, 0);
	CHECK_TEXT(kept.pem, "pem");
	CHECK_INT((int)n_asked, 2);
	end();
}

TEST(a_failure_replaces_what_was_no_certificate)
{
	struct outcome first, later;

	begin();
	ask(&first, URL);
	answer(0, 200, "<html>soon</html>");
	simulation_advance(simulation, 10000);
	ask(&later, URL);
	answer(1, 503, "");
	CHECK_INT((int)later.err.kind, ERR_TRANSIENT);
	end();
}

TEST(only_a_full_answer_with_200_counts)
{
	struct outcome outcome;

	begin();
	ask(&outcome, numbered(1));
	answer(0, 404, "pem");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text,
	           "https://sns.eu-west-1.amazonaws.com/1.pem: status 404 with 3 bytes");
	ask(&outcome, numbered(2));
	answer(1, 200, "");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	ask(&outcome, numbered(3));
	answer(2, 301, "pem");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	end();
}

/* ---- Cancelling ------------------------------------------------------------------------------ */

TEST(who_cancels_is_not_told)
{
	struct outcome first, second, third;

	begin();
	ask(&first, URL);
	ask(&second, URL);
	call_cancel(first.call);
	answer(0, 200, "pem");
	CHECK_INT(first.done, 0);
	CHECK_TEXT(second.pem, "pem");
	ask(&third, URL);
	call_cancel(third.call);
	simulation_advance(simulation, SOON);
	CHECK_INT(third.done, 0);
	end();
}

TEST(the_first_who_is_told_cancels_the_second)
{
	struct outcome first, second;

	begin();
	ask(&first, URL);
	ask(&second, URL);
	first.also_cancels = &second;
	answer(0, 200, "pem");
	CHECK_TEXT(first.pem, "pem");
	CHECK_INT(second.done, 0);
	end();
}

TEST(an_abandoned_fetch_is_still_kept)
{
	struct outcome outcome;

	begin();
	ask(&outcome, URL);
	call_cancel(outcome.call);
	answer(0, 200, "pem");
	ask(&outcome, URL);
	simulation_advance(simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	end();
}

TEST(a_fetch_ends_with_its_owner)
{
	struct outcome outcome;

	begin();
	ask(&outcome, URL);
	call_cancel(outcome.call);
	end();
}

TEST(who_is_told_may_ask_for_more)
{
	struct outcome first, again, other;

	begin();
	ask(&first, URL);
	first.also_asks = URL;
	first.for_outcome = &again;
	answer(0, 200, "pem");
	CHECK_TEXT(first.pem, "pem");
	again.also_asks = numbered(1);
	again.for_outcome = &other;
	simulation_advance(simulation, 0);
	CHECK_TEXT(again.pem, "pem");
	answer(1, 200, "other");
	CHECK_TEXT(other.pem, "other");
	end();
}

/* ---- Limits ---------------------------------------------------------------------------------- */

/* As many as have a place, a budget of ten a minute. */
static void fill(int n)
{
	struct outcome outcome;

	for (int i = 0; i < n; i++) {
		if (i % 10 == 0)
			simulation_advance(simulation, 60000);
		ask(&outcome, numbered(i));
		answer((size_t)i, 200, "pem");
		CHECK_TEXT(outcome.pem, "pem");
	}
}

TEST(new_names_have_a_budget_and_known_ones_do_not_need_it)
{
	struct outcome outcome;

	begin();
	fill(10);
	ask(&outcome, numbered(10));
	CHECK_INT((int)n_asked, 10);
	simulation_advance(simulation, 0);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	ask(&outcome, numbered(3));
	simulation_advance(simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	simulation_advance(simulation, 60000);
	ask(&outcome, numbered(10));
	answer(10, 200, "pem");
	CHECK_TEXT(outcome.pem, "pem");
	end();
}

TEST(the_longest_unused_goes_first)
{
	struct outcome outcome;

	begin();
	fill(LIMIT_CERTIFICATES);
	ask(&outcome, numbered(0));
	simulation_advance(simulation, 60000);
	ask(&outcome, URL);
	answer(LIMIT_CERTIFICATES, 200, "pem");
	ask(&outcome, numbered(0)); /* just used: still there */
	simulation_advance(simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	ask(&outcome, numbered(1)); /* gone: asked for again */
	CHECK_INT((int)n_asked, LIMIT_CERTIFICATES + 2);
	answer(LIMIT_CERTIFICATES + 1, 200, "again");
	CHECK_TEXT(outcome.pem, "again");
	end();
}

TEST(failures_go_before_what_is_in_use)
{
	struct outcome outcome;

	begin();
	fill(LIMIT_CERTIFICATES - 1);
	simulation_advance(simulation, 60000);
	for (size_t i = 0; i < 3; i++) {
		ask(&outcome, numbered(100 + (int)i));
		answer(LIMIT_CERTIFICATES - 1 + i, 404, "");
	}
	for (int i = 0; i < LIMIT_CERTIFICATES - 1; i++) {
		ask(&outcome, numbered(i));
		simulation_advance(simulation, 0);
		CHECK_TEXT(outcome.pem, "pem");
	}
	end();
}

TEST(what_is_waited_for_keeps_its_place)
{
	struct outcome waiting[LIMIT_CERTIFICATES], outcome;

	begin();
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		if (i % 10 == 0)
			simulation_advance(simulation, 60000);
		ask(&waiting[i], numbered((int)i));
	}
	ask(&outcome, URL);
	simulation_advance(simulation, 0);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		answer(i, 200, "pem");
		CHECK_TEXT(waiting[i].pem, "pem");
	}
	end();
}

TEST(waiters_have_a_maximum)
{
	struct outcome waiting[LIMIT_CERTIFICATE_WAITERS], outcome;

	begin();
	for (size_t i = 0; i < LIMIT_CERTIFICATE_WAITERS; i++)
		ask(&waiting[i], URL);
	ask(&outcome, URL);
	simulation_advance(simulation, 0);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	answer(0, 200, "pem");
	for (size_t i = 0; i < LIMIT_CERTIFICATE_WAITERS; i++)
		CHECK_TEXT(waiting[i].pem, "pem");
	ask(&outcome, URL);
	simulation_advance(simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	end();
}

/* ---- Kept in files --------------------------------------------------------------------------- */

static void begin_stored(void)
{
	struct err err;

	store = certificate_store_open(temporary_folder(), &err);
	CHECK(store, "%s", err.text);
	begin();
}

static void end_stored(void)
{
	end();
	certificate_store_close(store);
	store = NULL;
}

/* Asks for one and gives the turn in which it is answered when it needs no fetch. */
static struct outcome asked_for(const char *url)
{
	static struct outcome outcome;

	ask(&outcome, url);
	simulation_advance(simulation, 0);
	return outcome;
}

TEST(what_was_stored_is_not_asked_for_again)
{
	struct outcome outcome;

	temporary_empty();
	begin_stored();
	ask(&outcome, URL);
	answer(0, 200, "pem");
	end_stored();

	begin_stored();
	CHECK_TEXT(asked_for(URL).pem, "pem");
	CHECK_INT((int)n_asked, 0);
	end_stored();
}

TEST(only_certificates_are_stored)
{
	struct outcome page, missing;

	temporary_empty();
	begin_stored();
	ask(&page, URL);
	answer(0, 200, "<html>");
	ask(&missing, numbered(1));
	answer(1, 404, "pem");
	CHECK_INT(temporary_files(), 0);
	end_stored();
}

static void spoil_file(void)
{
	struct buf path = buf_with_max(1000);
	FILE *file;

	buf_addf(&path, "%s/sns.eu-west-1.amazonaws.com_SimpleNotificationService-0.pem",
	         temporary_folder());
	file = fopen(buf_text(&path), "r+");
	if (CHECK(file != NULL)) {
		fputs("<", file);
		fclose(file);
	}
	buf_clear(&path);
}

TEST(a_file_that_was_spoiled_is_fetched_again)
{
	struct outcome outcome;

	temporary_empty();
	begin_stored();
	ask(&outcome, URL);
	answer(0, 200, "pem");
	end_stored();
	spoil_file();

	begin_stored();
	ask(&outcome, URL);
	answer(0, 200, "pem again");
	end_stored();
	begin_stored();
	CHECK_TEXT(asked_for(URL).pem, "pem again");
	end_stored();
}

TEST(what_is_stored_needs_no_budget)
{
	struct outcome outcome;

	temporary_empty();
	begin_stored();
	ask(&outcome, URL);
	answer(0, 200, "pem");
	end_stored();

	begin_stored();
	fill(10);
	CHECK_INT((int)asked_for(numbered(11)).err.kind, ERR_BROKEN);
	CHECK_TEXT(asked_for(URL).pem, "pem");
	end_stored();
}

TEST(only_a_plain_url_is_a_name_for_a_file)
{
	static const char *const never[] = {
		"http://sns.test/a.pem",  "https://sns.test/",         "https:///a.pem",
		"https://../a.pem",       "https://sns.test/../a.pem", "https://sns.test/a b",
		"https://SNS.test/a.pem", "https://sns.test",
	};
	struct buf pem = buf_with_max(100);
	struct err err;

	temporary_empty();
	begin_stored();
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		CHECK(!certificate_store_keep(store, never[i], SPAN("pem"), &err), "%s", never[i]);
		CHECK_INT(err.kind, ERR_MALFORMED);
		CHECK(!certificate_store_read(store, never[i], &pem), "%s", never[i]);
	}
	CHECK_INT(temporary_files(), 0);
	end_stored();
	buf_clear(&pem);
}

int main(void)
{
	check_run(one_fetch_serves_all_who_wait);
	check_run(a_fetch_is_bounded_and_direct);
	check_run(a_failure_is_no_verdict);
	check_run(what_is_no_certificate_is_asked_for_again);
	check_run(a_failure_replaces_what_was_no_certificate);
	check_run(only_a_full_answer_with_200_counts);
	check_run(who_cancels_is_not_told);
	check_run(the_first_who_is_told_cancels_the_second);
	check_run(an_abandoned_fetch_is_still_kept);
	check_run(a_fetch_ends_with_its_owner);
	check_run(who_is_told_may_ask_for_more);
	check_run(new_names_have_a_budget_and_known_ones_do_not_need_it);
	check_run(the_longest_unused_goes_first);
	check_run(failures_go_before_what_is_in_use);
	check_run(what_is_waited_for_keeps_its_place);
	check_run(waiters_have_a_maximum);
	check_run(what_was_stored_is_not_asked_for_again);
	check_run(only_certificates_are_stored);
	check_run(a_file_that_was_spoiled_is_fetched_again);
	check_run(what_is_stored_needs_no_budget);
	check_run(only_a_plain_url_is_a_name_for_a_file);
	return check_done();
}
