#include "common/base/mem.h"
#include "tests/flows/simulated_time.h"
#include "tests/unit/check.h"
#include "worker/aws/credential_sources.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

/* ---- A source that answers when the test says so --------------------------------------------- */

static struct source {
	struct credentials_provider provider; /* first: what is cached */
	struct call call;
	credentials_done_fn *done; /* NULL: it is not asked */
	void *ctx;
	int asked, expired, freed, cancelled;
} source;

static struct simulation *simulation;
static struct credentials_provider *cached;

static void cancel_source(struct call *call)
{
	(void)call;
	source.cancelled++;
	source.done = NULL;
}

static struct call *get_source(struct credentials_provider *provider, credentials_done_fn *done,
                               void *ctx)
{
	(void)provider;
	CHECK(source.done == NULL); /* one question at a time */
	source.asked++;
	source.done = done;
	source.ctx = ctx;
	source.call.cancel = cancel_source;
	return &source.call;
}

static void expire_source(struct credentials_provider *provider)
{
	(void)provider;
	source.expired++;
}

static void free_source(struct credentials_provider *provider)
{
	(void)provider;
	source.freed++;
}

static int64_t now_ms(void)
{
	struct timers *timers = simulation_timers(simulation);

	return timers->now_ms(timers);
}

/* life_ms: of the credentials, from now on; 0: they do not expire. */
static void answer(const char *key, int64_t life_ms)
{
	credentials_done_fn *done = source.done;
	struct credentials fresh = {
		.access_key_id = xstrdup(key),
		.secret_access_key = secret_of(SPAN("secret")),
		.session_token = secret_of(SPAN("token")),
		.source = xstrdup("test"),
		.expires_ms = life_ms ? now_ms() + life_ms : 0,
	};

	source.done = NULL;
	if (CHECK(done != NULL))
		done(source.ctx, &fresh, NULL);
	credentials_clear(&fresh);
}

static void refuse(void)
{
	credentials_done_fn *done = source.done;
	struct err err;

	err_set(&err, ERR_TRANSIENT, "nobody there");
	source.done = NULL;
	if (CHECK(done != NULL))
		done(source.ctx, NULL, &err);
}

/* ---- Those who ask --------------------------------------------------------------------------- */

struct asker {
	struct call *call;
	int done;
	char key[32];
	struct err err;
	struct asker *then; /* asks when this one is answered */
};

static void ask(struct asker *asker);

static void on_credentials(void *ctx, const struct credentials *credentials, const struct err *err)
{
	struct asker *asker = ctx;

	asker->call = NULL;
	asker->done++;
	CHECK((credentials == NULL) == (err != NULL));
	if (err)
		asker->err = *err;
	if (asker->then)
		ask(asker->then);
	if (credentials)
		snprintf(asker->key, sizeof(asker->key), "%s", credentials->access_key_id);
}

static void ask(struct asker *asker)
{
	struct asker *then = asker->then;

	*asker = (struct asker){ .then = then };
	asker->call = cached->get(cached, on_credentials, asker);
	CHECK_INT(asker->done, 0); /* never from inside get */
}

/* Asks, and checks that this key comes at once, without waiting for the source. */
static void check_at_once(const char *key)
{
	struct asker asker = { 0 };

	ask(&asker);
	simulation_advance(simulation, 0);
	CHECK_INT(asker.done, 1);
	CHECK_TEXT(asker.key, key);
}

static void begin(void)
{
	simulation_free(simulation);
	simulation = simulation_new();
	source = (struct source){ .provider = { get_source, expire_source, free_source } };
	cached = credentials_cached(&source.provider, simulation_timers(simulation), NULL);
}

static void begin_with(const char *key, int64_t life_ms)
{
	struct asker asker = { 0 };

	begin();
	ask(&asker);
	simulation_advance(simulation, 0);
	CHECK_INT(asker.done, 0);
	answer(key, life_ms);
	CHECK_INT(asker.done, 1);
	CHECK_TEXT(asker.key, key);
}

static void end(void)
{
	cached->free(cached);
	CHECK_INT(source.freed, 1);
	CHECK(source.done == NULL);
}

/* ---- One question for all -------------------------------------------------------------------- */

TEST(many_wait_for_one_answer)
{
	struct asker askers[20] = { { 0 } };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(askers); i++)
		ask(&askers[i]);
	call_cancel(askers[7].call);
	simulation_advance(simulation, 0);
	CHECK_INT(source.asked, 1);
	answer("one", HOUR_MS);
	for (size_t i = 0; i < ARRAY_LEN(askers); i++)
		CHECK_TEXT(askers[i].key, i == 7 ? "" : "one");
	CHECK_INT(askers[7].done, 0);
	check_at_once("one");
	CHECK_INT(source.asked, 1);
	end();
}

TEST(a_failure_is_for_those_who_wait_and_not_for_later_ones)
{
	struct asker second = { 0 }, first = { .then = &second };

	begin();
	ask(&first);
	refuse();
	CHECK_INT(first.done, 1);
	CHECK_TEXT(first.err.text, "nobody there");
	CHECK_INT(second.done, 0);
	CHECK_INT(source.asked, 2);
	answer("one", HOUR_MS);
	CHECK_TEXT(second.key, "one");
	end();
}

TEST(the_last_to_leave_does_not_stop_the_fetch)
{
	struct asker asker = { 0 };

	begin();
	ask(&asker);
	call_cancel(asker.call);
	answer("one", HOUR_MS);
	check_at_once("one");
	ask(&asker);
	call_cancel(asker.call); /* while its answer is on the way */
	simulation_advance(simulation, 0);
	CHECK_INT(asker.done, 0);
	end();
}

TEST(a_fetch_ends_with_the_provider)
{
	struct asker asker = { 0 };

	begin();
	ask(&asker);
	call_cancel(asker.call);
	end();
	CHECK_INT(source.cancelled, 1);
}

/* ---- Windows --------------------------------------------------------------------------------- */

TEST(long_term_keys_are_kept)
{
	begin_with("one", 0);
	simulation_advance(simulation, 1000 * HOUR_MS);
	check_at_once("one");
	CHECK_INT(source.asked, 1);
	end();
}

TEST(they_are_renewed_in_the_background)
{
	begin_with("one", HOUR_MS);
	simulation_advance(simulation, 45 * MINUTE_MS - 1);
	check_at_once("one");
	CHECK_INT(source.asked, 1);
	simulation_advance(simulation, 2 * MINUTE_MS + 1); /* past the jitter */
	check_at_once("one");
	check_at_once("one");
	CHECK_INT(source.asked, 2);
	answer("two", HOUR_MS);
	check_at_once("two");
	CHECK_INT(source.asked, 2);
	end();
}

/* So much time before the end somebody who asks starts a renewal. */
static int64_t renewal_ahead_ms(void)
{
	struct asker asker = { 0 };
	int64_t ahead_ms = 15 * MINUTE_MS + 1;

	ask(&asker);
	simulation_advance(simulation, 0);
	answer("again", 12 * HOUR_MS);
	simulation_advance(simulation, 12 * HOUR_MS - ahead_ms);
	for (int asked = source.asked; source.asked == asked && ahead_ms > 0; ahead_ms -= 1000) {
		check_at_once("again");
		simulation_advance(simulation, 1000);
	}
	answer("again", MINUTE_MS);
	simulation_advance(simulation, MINUTE_MS);
	return ahead_ms;
}

TEST(not_all_renew_at_the_same_time)
{
	int64_t least_ms = HOUR_MS, most_ms = 0;

	begin();
	for (int i = 0; i < 20; i++) {
		int64_t ahead_ms = renewal_ahead_ms();

		least_ms = ahead_ms < least_ms ? ahead_ms : least_ms;
		most_ms = ahead_ms > most_ms ? ahead_ms : most_ms;
	}
	CHECK(most_ms <= 15 * MINUTE_MS && most_ms > 14 * MINUTE_MS, "%lld", (long long)most_ms);
	CHECK(least_ms >= 13 * MINUTE_MS - 1000 && least_ms < 14 * MINUTE_MS, "%lld",
	      (long long)least_ms);
	end();
}

TEST(from_ten_minutes_before_the_end_it_is_waited_for)
{
	struct asker asker = { 0 };

	begin_with("one", 12 * HOUR_MS);
	simulation_advance(simulation, 12 * HOUR_MS - 10 * MINUTE_MS - 1);
	check_at_once("one");
	simulation_advance(simulation, 1);
	ask(&asker);
	simulation_advance(simulation, 0);
	CHECK_INT(asker.done, 0);
	CHECK_INT(source.asked, 2);
	answer("two", HOUR_MS);
	CHECK_TEXT(asker.key, "two");
	end();
}

TEST(short_lives_have_short_windows)
{
	begin_with("one", 15 * MINUTE_MS);
	simulation_advance(simulation, 11 * MINUTE_MS);
	check_at_once("one");
	CHECK_INT(source.asked, 1);
	simulation_advance(simulation, 80000);
	check_at_once("one");
	CHECK_INT(source.asked, 2);
	answer("two", 15 * MINUTE_MS);
	end();
}

/* ---- Static stability ------------------------------------------------------------------------ */

TEST(a_failed_renewal_is_tolerated_and_tried_again_later)
{
	begin_with("one", HOUR_MS);
	simulation_advance(simulation, 48 * MINUTE_MS);
	check_at_once("one");
	refuse();
	check_at_once("one");
	CHECK_INT(source.asked, 2);
	simulation_advance(simulation, 30000 - 1); /* not before */
	check_at_once("one");
	CHECK_INT(source.asked, 2);
	simulation_advance(simulation, 30000 + 1);
	check_at_once("one");
	CHECK_INT(source.asked, 3);
	answer("two", HOUR_MS);
	check_at_once("two");
	end();
}

TEST(an_error_is_told_only_when_they_have_expired)
{
	struct asker asker = { 0 };

	begin_with("one", HOUR_MS);
	simulation_advance(simulation, 55 * MINUTE_MS);
	ask(&asker);
	refuse();
	CHECK_TEXT(asker.key, "one");
	check_at_once("one"); /* the source is left alone */
	CHECK_INT(source.asked, 2);
	simulation_advance(simulation, 5 * MINUTE_MS);
	ask(&asker);
	CHECK_INT(source.asked, 3);
	refuse();
	CHECK_INT(asker.done, 1);
	CHECK_INT((int)asker.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(asker.err.text, "nobody there");
	ask(&asker);
	answer("two", HOUR_MS); /* it recovers by itself */
	CHECK_TEXT(asker.key, "two");
	end();
}

TEST(what_comes_expired_is_used_and_asked_for_again)
{
	begin_with("one", -HOUR_MS);
	check_at_once("one");
	simulation_advance(simulation, 2 * MINUTE_MS - 1);
	check_at_once("one");
	CHECK_INT(source.asked, 1);
	simulation_advance(simulation, 8 * MINUTE_MS + 1);
	check_at_once("one");
	CHECK_INT(source.asked, 2);
	refuse();
	simulation_advance(simulation, HOUR_MS);
	check_at_once("one");
	CHECK_INT(source.asked, 3);
	answer("two", HOUR_MS);
	check_at_once("two");
	end();
}

/* ---- Refused by the service ------------------------------------------------------------------ */

TEST(a_refusal_forces_one_renewal)
{
	struct asker asker = { 0 };

	begin_with("one", HOUR_MS);
	for (int i = 0; i < 3; i++)
		cached->expired(cached);
	ask(&asker);
	simulation_advance(simulation, 0);
	CHECK_INT(asker.done, 0);
	answer("two", HOUR_MS);
	CHECK_TEXT(asker.key, "two");
	cached->expired(cached); /* one that was sent before with the old ones */
	check_at_once("two");
	CHECK_INT(source.asked, 2);
	simulation_advance(simulation, 10000);
	cached->expired(cached);
	ask(&asker);
	CHECK_INT(source.asked, 3);
	answer("three", HOUR_MS);
	CHECK_TEXT(asker.key, "three");
	end();
}

TEST(what_was_refused_is_not_given_out_again)
{
	struct asker asker = { 0 };

	begin_with("one", HOUR_MS);
	cached->expired(cached);
	CHECK_INT(source.expired, 1);
	ask(&asker);
	refuse();
	CHECK_INT(asker.done, 1);
	CHECK_TEXT(asker.err.text, "nobody there");
	ask(&asker);
	answer("two", HOUR_MS);
	CHECK_TEXT(asker.key, "two");
	end();
}

int main(void)
{
	check_run(many_wait_for_one_answer);
	check_run(a_failure_is_for_those_who_wait_and_not_for_later_ones);
	check_run(the_last_to_leave_does_not_stop_the_fetch);
	check_run(a_fetch_ends_with_the_provider);
	check_run(long_term_keys_are_kept);
	check_run(they_are_renewed_in_the_background);
	check_run(not_all_renew_at_the_same_time);
	check_run(from_ten_minutes_before_the_end_it_is_waited_for);
	check_run(short_lives_have_short_windows);
	check_run(a_failed_renewal_is_tolerated_and_tried_again_later);
	check_run(an_error_is_told_only_when_they_have_expired);
	check_run(what_comes_expired_is_used_and_asked_for_again);
	check_run(a_refusal_forces_one_renewal);
	check_run(what_was_refused_is_not_given_out_again);
	simulation_free(simulation);
	return check_done();
}
