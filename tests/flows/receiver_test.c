/*
 * Receivers over a queue, certificates and a ledger that misbehave: what is recorded, and what is
 * deleted. How often the queue is asked is told in pacing_test.c.
 */
#include "tests/flows/receiving.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MINUTE 60000
#define HIDDEN 120000 /* the visibility timeout */
#define EVENT                                                                                 \
	"{\"source\":\"aws.codepipeline\",\"detail-type\":\"CodePipeline Pipeline Execution " \
	"State Change\",\"detail\":{\"execution-id\":\"e-1\"}}"

static struct receiving on;
static struct world *world; /* where it happens */
static FILE *log_file;      /* after begin_logging() */

static void begin_with(int receivers)
{
	receiving_begin(&on, receivers);
	world = on.world;
}

static void begin(void)
{
	begin_with(1);
	receiving_add(&on);
}

static void begin_logging(void)
{
	begin();
	log_file = tmpfile();
	world->log.fd = fileno(log_file);
}

static bool logged(const char *words)
{
	static char text[65536];
	ssize_t n = pread(fileno(log_file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strstr(text, words) != NULL;
}

static void end(void)
{
	receiving_end(&on);
	if (log_file)
		fclose(log_file);
	log_file = NULL;
}

static void send(const char *body)
{
	cloud_send(world->cloud, span_of(body));
}

/* ---- one batch after another ----------------------------------------------------------------- */

TEST(a_batch_is_one_record_and_one_deletion)
{
	begin();
	for (int i = 0; i < 10; i++)
		world_announce(world, i);
	world_run(world, 1000);
	CHECK_INT(world->asked[PORT_RECORD], 1);
	CHECK_INT(world->asked[PORT_DELETE], 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_announcements(&on), 10);
	CHECK_INT(receiving_builds(&on), 10);
	CHECK_INT(on.wanted, 1);
	end();
}

TEST(an_older_release_that_comes_later_starts_nothing)
{
	begin();
	world_announce(world, 5);
	world_run(world, 1000);
	world_announce(world, 4);
	world_run(world, 30000);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(world_count(world, "SELECT count(*) FROM decisions WHERE outcome = 'older'"), 1);
	end();
}

TEST(more_than_a_batch_takes_two)
{
	begin();
	for (int i = 0; i < 12; i++)
		world_announce(world, i);
	world_run(world, 1000);
	CHECK_INT(world->asked[PORT_RECORD], 2);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 12);
	end();
}

TEST(a_receive_whose_answer_is_lost_loses_nothing)
{
	begin();
	world_announce(world, 0);
	world_next(world, PORT_RECEIVE, FATE_LOST);
	world_run(world, 1000);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 1);
	world_run(world, HIDDEN + 30000);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

/* ---- what is not deleted --------------------------------------------------------------------- */

TEST(a_rejected_message_stays_and_the_others_go)
{
	begin();
	send("no envelope");
	world_announce(world, 0);
	world_run(world, 1000);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(receiving_announcements(&on), 1);
	world_run(world, 3 * HIDDEN);
	CHECK_INT(world->cloud->messages[0].receives, 4);
	CHECK_INT(world->asked[PORT_DELETE], 1);
	end();
}

TEST(an_event_is_a_hint_and_goes)
{
	begin_logging();
	send(EVENT);
	world_run(world, 1000);
	CHECK_INT(on.events, 1);
	CHECK_TEXT(on.execution, "e-1");
	CHECK(logged("aws.codepipeline") && !logged("rejected"));
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(world->asked[PORT_RECORD], 0);
	CHECK_INT(on.wanted, 0);
	end();
}

TEST(what_only_looks_like_an_event_stays)
{
	begin();
	send("{\"source\":\"mine\",\"detail-type\":\"x\",\"detail\":{\"execution-id\":\"e-1\"}}");
	send("{\"Type\":\"Notification\",\"source\":\"aws.codepipeline\",\"detail-type\":\"x\","
	     "\"detail\":{\"execution-id\":\"e-1\"}}");
	world_run(world, 1000);
	CHECK_INT(cloud_left(world->cloud), 2);
	CHECK_INT(on.events, 0);
	end();
}

/* It is not earlier than when SQS got the message. */
TEST(a_clock_that_is_slow_rejects_nothing)
{
	begin();
	world->cloud->sent_ms = world->ports.timers->now_ms(world->ports.timers);
	simulation_set_wall(world->simulation, world->cloud->sent_ms - 48 * 60 * MINUTE);
	world_announce(world, 0);
	world_run(world, 1000);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

TEST(a_message_from_the_future_is_rejected)
{
	int64_t now_ms;

	begin_logging();
	now_ms = world->ports.timers->now_ms(world->ports.timers);
	world->cloud->sent_ms = now_ms - 48 * 60 * MINUTE;
	simulation_set_wall(world->simulation, now_ms - 24 * 60 * MINUTE);
	world_announce(world, 0);
	world_run(world, 1000);
	CHECK(logged("in_future"));
	CHECK_INT(cloud_left(world->cloud), 1);
	end();
}

TEST(a_message_that_is_for_nobody_is_recorded_and_goes)
{
	begin();
	world_announce(world, 0);
	world->config->n_families = 0;
	world_run(world, 1000);
	world->config->n_families = 1;
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_announcements(&on), 1);
	CHECK_INT(receiving_builds(&on), 0);
	end();
}

/* ---- certificates ---------------------------------------------------------------------------- */

TEST(a_slow_certificate_holds_up_its_batch_only)
{
	begin_with(2);
	world->policy.n_pinned = 0;
	receiving_add(&on);
	receiving_add(&on);
	world_announce(world, 0);
	world_next(world, PORT_CERTIFICATE, FATE_HELD);
	world_run(world, 1000);
	CHECK_TEXT(world_body(world, PORT_CERTIFICATE),
	           "https://sns.us-east-1.amazonaws.com/"
	           "SimpleNotificationService-3298e88d055d40e8b016b6b0e274cfb9.pem");
	world_announce(world, 1);
	world_run(world, 30000);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

TEST(a_certificate_that_cannot_be_fetched_deletes_nothing)
{
	begin();
	world->policy.n_pinned = 0;
	world_announce(world, 0);
	world_next(world, PORT_CERTIFICATE, FATE_TRANSIENT);
	world_run(world, 1000);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(receiving_announcements(&on), 0);
	world_run(world, HIDDEN + 30000);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

/* What was never asked for is no reason to reject. */
TEST(a_certificate_that_we_did_not_fetch_is_no_verdict)
{
	begin_logging();
	world->policy.n_pinned = 0;
	world_announce(world, 0);
	world_next(world, PORT_CERTIFICATE, FATE_BROKEN);
	world_run(world, 1000);
	CHECK(logged("not_judged") && !logged("rejected"));
	CHECK_INT(cloud_left(world->cloud), 1);
	world_next(world, PORT_CERTIFICATE, FATE_TRANSIENT);
	world_run(world, HIDDEN + 30000);
	CHECK(logged("rejected") && logged("cert_fetch"));
	world_run(world, HIDDEN + 30000);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

TEST(a_certificate_that_is_none_deletes_nothing)
{
	begin();
	world->policy.n_pinned = 0;
	world_announce(world, 0);
	world_next_text(world, PORT_CERTIFICATE, "<html>no</html>");
	world_run(world, 1000);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(world->asked[PORT_RECORD], 0);
	end();
}

/* ---- a ledger that fails --------------------------------------------------------------------- */

/* Until it works again nothing more is received: each receive would use up a life of a message. */
static void check_waits_for_ledger(enum port port)
{
	begin();
	for (int i = 0; i < 12; i++)
		world_announce(world, i);
	world_always(world, port, FATE_BROKEN);
	world_run(world, 60 * MINUTE);
	CHECK_INT(cloud_left(world->cloud), 12);
	CHECK_INT(world->asked[PORT_DELETE], 0);
	CHECK_INT(world->asked[PORT_RECEIVE], 1);
	CHECK(world->asked[port] >= 60 && world->asked[port] <= 140, "%d", world->asked[port]);
	world_always(world, port, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 12);
	end();
}

TEST(while_the_ledger_is_broken_nothing_is_received)
{
	check_waits_for_ledger(PORT_RECALL);
	check_waits_for_ledger(PORT_RECORD);
}

TEST(a_record_that_happened_although_it_seemed_not_is_not_doubled)
{
	begin();
	world_announce(world, 0);
	world_next(world, PORT_RECORD, FATE_LOST);
	world_run(world, HIDDEN + 30000);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(conflicts_of_one_batch_do_not_count_for_the_next)
{
	begin();
	for (int i = 0; i < 8; i++) {
		world_next(world, PORT_RECORD, FATE_TRANSIENT);
		world_announce(world, i);
		world_run(world, 25000);
		CHECK_INT(cloud_left(world->cloud), 0);
		CHECK_INT(world->cloud->messages[i].receives, 1);
	}
	end();
}

TEST(what_conflicts_again_and_again_does_not_block_the_queue)
{
	begin();
	world_announce(world, 0);
	world_always(world, PORT_RECORD, FATE_TRANSIENT);
	world_run(world, 20000);
	CHECK_INT(world->asked[PORT_RECORD], 6);
	CHECK(world->asked[PORT_RECEIVE] > 1);
	world_always(world, PORT_RECORD, FATE_FINE);
	world_announce(world, 1);
	world_run(world, 20000);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 1);
	end();
}

/* ---- the same announcement more than once ---------------------------------------------------- */

TEST(duplicates_in_one_batch_start_one_build)
{
	begin();
	for (int i = 0; i < 3; i++)
		world_announce(world, 0);
	world_run(world, 1000);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(receiving_announcements(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(a_duplicate_in_a_later_batch_starts_nothing)
{
	begin();
	world_announce(world, 0);
	world_run(world, 1000);
	world_announce(world, 0);
	world_run(world, 30000);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(on.wanted, 1);
	end();
}

/* The first receive that is out brings this announcement. */
static void bring(int number)
{
	size_t i = 0;

	world_run(world, 0);
	while (i < world_waiting(world) && world_waiting_port(world, i) != PORT_RECEIVE)
		i++;
	if (!CHECK(i < world_waiting(world)))
		return;
	world_announce(world, number);
	world_release(world, i, FATE_FINE);
}

static void release_all_but_receives(void)
{
	size_t i = 0;

	while (i < world_waiting(world)) {
		if (world_waiting_port(world, i) == PORT_RECEIVE) {
			i++;
			continue;
		}
		world_release(world, i, FATE_FINE);
		world_run(world, 0);
	}
}

/* Both have recalled before either records: the second hears of a conflict and recalls again. */
TEST(two_receivers_at_once_start_one_build)
{
	begin_with(2);
	world->by_hand = true;
	receiving_add(&on);
	receiving_add(&on);
	bring(0);
	bring(0);
	world_run(world, 0);
	release_all_but_receives();
	CHECK_INT(world->asked[PORT_RECALL], 3);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(on.wanted, 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

/* Both have asked the ledger before either has written: the newer one is written first. */
TEST(two_receivers_at_once_do_not_start_the_older_release)
{
	begin_with(2);
	world->by_hand = true;
	receiving_add(&on);
	receiving_add(&on);
	bring(5);
	bring(4);
	world_run(world, 0);
	release_all_but_receives();
	CHECK_INT(world->asked[PORT_RECALL], 3);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM decisions WHERE outcome = 'older'"), 1);
	end();
}

/* ---- stopping -------------------------------------------------------------------------------- */

TEST(a_stop_lets_the_long_poll_end)
{
	begin();
	world_run(world, WORLD_FIRST_MS + 1000);
	receiver_stop(on.receivers[0]);
	world_run(world, 5000);
	CHECK_INT(on.stopped, 0);
	world_announce(world, 0);
	world_run(world, 20000);
	CHECK_INT(on.stopped, 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(world->asked[PORT_RECEIVE], 2);
	end();
}

TEST(a_stop_between_two_receives_ends_at_once)
{
	begin();
	world_always(world, PORT_RECEIVE, FATE_TRANSIENT);
	world_run(world, 100);
	receiver_stop(on.receivers[0]);
	world_run(world, 0);
	CHECK_INT(on.stopped, 1);
	end();
}

TEST(a_receive_that_fails_after_the_stop_is_the_last)
{
	begin();
	for (int i = 0; i < 6; i++)
		world_next(world, PORT_RECEIVE, FATE_TRANSIENT);
	world_next(world, PORT_RECEIVE, FATE_TRANSIENT);
	while (world->asked[PORT_RECEIVE] < 7)
		simulation_run_next(world->simulation);
	receiver_stop(on.receivers[0]);
	world_run(world, 100);
	CHECK_INT(on.stopped, 1);
	end();
}

TEST(who_stops_hands_back_what_the_ledger_does_not_take)
{
	begin();
	world_announce(world, 0);
	world_next(world, PORT_RECALL, FATE_HELD);
	world_run(world, 1000);
	receiver_stop(on.receivers[0]);
	world_release(world, 0, FATE_BROKEN);
	world_run(world, 100);
	CHECK_INT(on.stopped, 1);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
	end();
}

TEST(who_is_in_a_hurry_hands_back)
{
	begin();
	world->policy.n_pinned = 0;
	world_announce(world, 0);
	world_announce(world, 1);
	world_always(world, PORT_CERTIFICATE, FATE_HELD);
	world_run(world, 1000);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 2);
	receiver_hurry(on.receivers[0]);
	world_run(world, 100);
	CHECK_INT(on.stopped, 1);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
	end();
}

TEST(who_is_in_a_hurry_hands_back_what_the_ledger_does_not_take)
{
	begin();
	world_announce(world, 0);
	world_always(world, PORT_RECORD, FATE_BROKEN);
	world_run(world, 30000);
	receiver_stop(on.receivers[0]);
	world_run(world, 1000);
	receiver_hurry(on.receivers[0]);
	world_run(world, 1000);
	CHECK_INT(on.stopped, 1);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
	end();
}

/* The queue has taken a message for the answer by then, or takes it later. */
TEST(who_is_in_a_hurry_hands_back_what_the_long_poll_brings)
{
	for (int under_way = 0; under_way < 2; under_way++) {
		begin();
		world_next(world, PORT_RECEIVE, FATE_HELD);
		if (under_way)
			world_announce(world, 0);
		world_run(world, 100);
		receiver_hurry(on.receivers[0]);
		if (!under_way)
			world_announce(world, 0);
		world_release(world, 0, FATE_FINE);
		world_run(world, 1000);
		CHECK_INT(on.stopped, 1);
		CHECK_INT(world->cloud->messages[0].receives, 1);
		CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
		end();
	}
}

TEST(who_aborts_does_not_wait_for_the_long_poll)
{
	begin();
	world_run(world, WORLD_FIRST_MS + 1000);
	receiver_hurry(on.receivers[0]);
	world_run(world, 1000);
	CHECK_INT(on.stopped, 0);
	receiver_abort(on.receivers[0]);
	world_run(world, 0);
	CHECK_INT(on.stopped, 1);
	end();
}

int main(void)
{
	check_run(a_batch_is_one_record_and_one_deletion);
	check_run(an_older_release_that_comes_later_starts_nothing);
	check_run(more_than_a_batch_takes_two);
	check_run(a_receive_whose_answer_is_lost_loses_nothing);
	check_run(a_rejected_message_stays_and_the_others_go);
	check_run(an_event_is_a_hint_and_goes);
	check_run(what_only_looks_like_an_event_stays);
	check_run(a_clock_that_is_slow_rejects_nothing);
	check_run(a_message_from_the_future_is_rejected);
	check_run(a_message_that_is_for_nobody_is_recorded_and_goes);
	check_run(a_slow_certificate_holds_up_its_batch_only);
	check_run(a_certificate_that_cannot_be_fetched_deletes_nothing);
	check_run(a_certificate_that_we_did_not_fetch_is_no_verdict);
	check_run(a_certificate_that_is_none_deletes_nothing);
	check_run(while_the_ledger_is_broken_nothing_is_received);
	check_run(a_record_that_happened_although_it_seemed_not_is_not_doubled);
	check_run(conflicts_of_one_batch_do_not_count_for_the_next);
	check_run(what_conflicts_again_and_again_does_not_block_the_queue);
	check_run(duplicates_in_one_batch_start_one_build);
	check_run(a_duplicate_in_a_later_batch_starts_nothing);
	check_run(two_receivers_at_once_start_one_build);
	check_run(two_receivers_at_once_do_not_start_the_older_release);
	check_run(a_stop_lets_the_long_poll_end);
	check_run(a_stop_between_two_receives_ends_at_once);
	check_run(a_receive_that_fails_after_the_stop_is_the_last);
	check_run(who_stops_hands_back_what_the_ledger_does_not_take);
	check_run(who_is_in_a_hurry_hands_back);
	check_run(who_is_in_a_hurry_hands_back_what_the_ledger_does_not_take);
	check_run(who_is_in_a_hurry_hands_back_what_the_long_poll_brings);
	check_run(who_aborts_does_not_wait_for_the_long_poll);
	return check_done();
}
