#include "tests/flows/fetching.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define SOON 1000

/* ---- Fetched once ---------------------------------------------------------------------------- */

TEST(one_fetch_serves_all_who_wait)
{
	struct fetched first, second, later;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	fetching_ask(&second, FETCHING_URL);
	CHECK_INT((int)fetching.n_asked, 1);
	fetching_answer(0, 200, "pem");
	CHECK_TEXT(first.pem, "pem");
	CHECK_TEXT(second.pem, "pem");
	fetching_ask(&later, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(later.pem, "pem");
	CHECK_INT((int)fetching.n_asked, 1);
	fetching_end();
}

TEST(a_fetch_is_bounded_and_direct)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_ask(&outcome, FETCHING_URL);
	CHECK_TEXT(fetching.last.method, "GET");
	CHECK(!fetching.last.allow_http);
	CHECK(fetching.last.no_proxy);
	CHECK(fetching.last.headers[0] == NULL);
	CHECK_INT(fetching.last.timeout_ms, 10000);
	CHECK_INT((int)fetching.last.max_answer, LIMIT_CERTIFICATE);
	fetching_answer(0, 200, "pem");
	fetching_end();
}

TEST(a_failure_is_no_verdict)
{
	struct fetched first, soon, later;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	fetching_fail(0, "unreachable");
	CHECK_TEXT(first.err.text, "unreachable");
	fetching_ask(&soon, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(soon.err.text, "unreachable");
	CHECK_INT((int)fetching.n_asked, 1);
	simulation_advance(fetching.simulation, 10000);
	fetching_ask(&later, FETCHING_URL);
	CHECK_INT((int)fetching.n_asked, 2);
	fetching_answer(1, 200, "pem");
	CHECK_TEXT(later.pem, "pem");
	fetching_end();
}

/* A page of a proxy, or of a host under repair. */
TEST(what_is_no_certificate_is_asked_for_again)
{
	struct fetched first, soon, later, kept;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	fetching_answer(0, 200, "<html>soon</html>");
	CHECK_TEXT(first.pem, "<html>soon</html>");
	fetching_ask(&soon, FETCHING_URL);
	simulation_advance(fetching.simulation, 9999);
	CHECK_TEXT(soon.pem, "<html>soon</html>");
	CHECK_INT((int)fetching.n_asked, 1);
	simulation_advance(fetching.simulation, 1);
	fetching_ask(&later, FETCHING_URL);
	CHECK_INT((int)fetching.n_asked, 2);
	fetching_answer(1, 200, "pem");
	CHECK_TEXT(later.pem, "pem");
	simulation_advance(fetching.simulation, 10000);
	fetching_ask(&kept, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(kept.pem, "pem");
	CHECK_INT((int)fetching.n_asked, 2);
	fetching_end();
}

TEST(a_failure_replaces_what_was_no_certificate)
{
	struct fetched first, later;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	fetching_answer(0, 200, "<html>soon</html>");
	simulation_advance(fetching.simulation, 10000);
	fetching_ask(&later, FETCHING_URL);
	fetching_answer(1, 503, "");
	CHECK_INT((int)later.err.kind, ERR_TRANSIENT);
	fetching_end();
}

TEST(only_a_full_answer_with_200_counts)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_ask(&outcome, fetching_url(1));
	fetching_answer(0, 404, "pem");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text,
	           "https://sns.eu-west-1.amazonaws.com/1.pem: status 404 with 3 bytes");
	fetching_ask(&outcome, fetching_url(2));
	fetching_answer(1, 200, "");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	fetching_ask(&outcome, fetching_url(3));
	fetching_answer(2, 301, "pem");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	fetching_end();
}

/* ---- Cancelling ------------------------------------------------------------------------------ */

TEST(who_cancels_is_not_told)
{
	struct fetched first, second, third;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	fetching_ask(&second, FETCHING_URL);
	call_cancel(first.call);
	fetching_answer(0, 200, "pem");
	CHECK_INT(first.done, 0);
	CHECK_TEXT(second.pem, "pem");
	fetching_ask(&third, FETCHING_URL);
	call_cancel(third.call);
	simulation_advance(fetching.simulation, SOON);
	CHECK_INT(third.done, 0);
	fetching_end();
}

TEST(the_first_who_is_told_cancels_the_second)
{
	struct fetched first, second;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	fetching_ask(&second, FETCHING_URL);
	first.also_cancels = &second;
	fetching_answer(0, 200, "pem");
	CHECK_TEXT(first.pem, "pem");
	CHECK_INT(second.done, 0);
	fetching_end();
}

TEST(an_abandoned_fetch_is_still_kept)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_ask(&outcome, FETCHING_URL);
	call_cancel(outcome.call);
	fetching_answer(0, 200, "pem");
	fetching_ask(&outcome, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	fetching_end();
}

TEST(a_fetch_ends_with_its_owner)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_ask(&outcome, FETCHING_URL);
	call_cancel(outcome.call);
	fetching_end();
}

TEST(who_is_told_may_ask_for_more)
{
	struct fetched first, again, other;

	fetching_begin(NULL);
	fetching_ask(&first, FETCHING_URL);
	first.also_asks = FETCHING_URL;
	first.for_outcome = &again;
	fetching_answer(0, 200, "pem");
	CHECK_TEXT(first.pem, "pem");
	again.also_asks = fetching_url(1);
	again.for_outcome = &other;
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(again.pem, "pem");
	fetching_answer(1, 200, "other");
	CHECK_TEXT(other.pem, "other");
	fetching_end();
}

/* ---- Limits ---------------------------------------------------------------------------------- */

TEST(new_names_have_a_budget_and_known_ones_do_not_need_it)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_fill(10);
	fetching_ask(&outcome, fetching_url(10));
	CHECK_INT((int)fetching.n_asked, 10);
	simulation_advance(fetching.simulation, 0);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	fetching_ask(&outcome, fetching_url(3));
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	simulation_advance(fetching.simulation, 60000);
	fetching_ask(&outcome, fetching_url(10));
	fetching_answer(10, 200, "pem");
	CHECK_TEXT(outcome.pem, "pem");
	fetching_end();
}

TEST(the_longest_unused_goes_first)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_fill(LIMIT_CERTIFICATES);
	fetching_ask(&outcome, fetching_url(0));
	simulation_advance(fetching.simulation, 60000);
	fetching_ask(&outcome, FETCHING_URL);
	fetching_answer(LIMIT_CERTIFICATES, 200, "pem");
	fetching_ask(&outcome, fetching_url(0)); /* just used: still there */
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	fetching_ask(&outcome, fetching_url(1)); /* gone: asked for again */
	CHECK_INT((int)fetching.n_asked, LIMIT_CERTIFICATES + 2);
	fetching_answer(LIMIT_CERTIFICATES + 1, 200, "again");
	CHECK_TEXT(outcome.pem, "again");
	fetching_end();
}

TEST(failures_go_before_what_is_in_use)
{
	struct fetched outcome;

	fetching_begin(NULL);
	fetching_fill(LIMIT_CERTIFICATES - 1);
	simulation_advance(fetching.simulation, 60000);
	for (size_t i = 0; i < 3; i++) {
		fetching_ask(&outcome, fetching_url(100 + (int)i));
		fetching_answer(LIMIT_CERTIFICATES - 1 + i, 404, "");
	}
	for (int i = 0; i < LIMIT_CERTIFICATES - 1; i++) {
		fetching_ask(&outcome, fetching_url(i));
		simulation_advance(fetching.simulation, 0);
		CHECK_TEXT(outcome.pem, "pem");
	}
	fetching_end();
}

TEST(what_is_waited_for_keeps_its_place)
{
	struct fetched waiting[LIMIT_CERTIFICATES], outcome;

	fetching_begin(NULL);
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		if (i % 10 == 0)
			simulation_advance(fetching.simulation, 60000);
		fetching_ask(&waiting[i], fetching_url((int)i));
	}
	fetching_ask(&outcome, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		fetching_answer(i, 200, "pem");
		CHECK_TEXT(waiting[i].pem, "pem");
	}
	fetching_end();
}

TEST(waiters_have_a_maximum)
{
	struct fetched waiting[LIMIT_CERTIFICATE_WAITERS], outcome;

	fetching_begin(NULL);
	for (size_t i = 0; i < LIMIT_CERTIFICATE_WAITERS; i++)
		fetching_ask(&waiting[i], FETCHING_URL);
	fetching_ask(&outcome, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	fetching_answer(0, 200, "pem");
	for (size_t i = 0; i < LIMIT_CERTIFICATE_WAITERS; i++)
		CHECK_TEXT(waiting[i].pem, "pem");
	fetching_ask(&outcome, FETCHING_URL);
	simulation_advance(fetching.simulation, 0);
	CHECK_TEXT(outcome.pem, "pem");
	fetching_end();
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
	return check_done();
}
