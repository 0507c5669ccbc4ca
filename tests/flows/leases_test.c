/*
 * Messages that take long: extended while somebody has them in hand, lost when that fails, and
 * received again meanwhile.
 */
#include "tests/flows/receiving.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define HIDDEN 120000 /* the visibility timeout */

static const char not_in_flight[] =
	"{\"Failed\":[{\"Id\":\"0\",\"Code\":\"MessageNotInflight\",\"SenderFault\":true}]}";

static struct receiving on;
static struct world *world; /* where it happens */

/* Nothing that is announced can be judged before certificates are answered. */
static void begin(int receivers)
{
	receiving_begin(&on, receivers);
	world = on.world;
	world->policy.n_pinned = 0;
	world_always(world, PORT_CERTIFICATE, FATE_HELD);
	for (int i = 0; i < receivers; i++)
		receiving_add(&on);
}

static void end(void)
{
	receiving_end(&on);
}

static void answer_certificates(void)
{
	world_always(world, PORT_CERTIFICATE, FATE_FINE);
	while (world_waiting(world))
		world_release(world, 0, FATE_FINE);
	world_run(world, 1000);
}

static size_t hidden(void)
{
	return cloud_hidden(world->cloud, world_now_ms(world));
}

/* The first of this port's requests that wait by hand. */
static void answer_held(enum port port)
{
	size_t i = 0;

	while (world_waiting_port(world, i) != port)
		i++;
	world_release(world, i, FATE_FINE);
}

static void on_idle(void *ctx)
{
	++*(int *)ctx;
}

/* ---- extended -------------------------------------------------------------------------------- */

TEST(what_waits_for_a_certificate_stays_hidden)
{
	begin(2);
	world_announce(world, 0);
	for (int i = 0; i < 60; i++) {
		world_run(world, MINUTE);
		CHECK_INT(hidden(), 1);
	}
	CHECK(world->asked[PORT_VISIBILITY] >= 59 && world->asked[PORT_VISIBILITY] <= 61);
	CHECK_INT(world->cloud->messages[0].receives, 1);
	answer_certificates();
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(what_the_ledger_does_not_take_stays_hidden)
{
	begin(2);
	world->policy.n_pinned = 1;
	for (int i = 0; i < 12; i++)
		world_announce(world, i);
	world_always(world, PORT_RECORD, FATE_BROKEN);
	world_run(world, HOUR);
	for (int i = 0; i < 12; i++)
		CHECK_INT(world->cloud->messages[i].receives, 1);
	world_always(world, PORT_RECORD, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_announcements(&on), 12);
	end();
}

TEST(what_is_quick_is_not_extended)
{
	begin(1);
	world->policy.n_pinned = 1;
	for (int i = 0; i < 12; i++) {
		world_announce(world, i);
		world_run(world, MINUTE);
	}
	CHECK_INT(world->asked[PORT_VISIBILITY], 0);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(ten_are_extended_by_one_request)
{
	begin(3);
	for (int i = 0; i < 25; i++)
		world_announce(world, i % 12);
	world_run(world, HIDDEN / 2 + 2000);
	CHECK_INT(world->asked[PORT_VISIBILITY], 3);
	world_run(world, HIDDEN);
	CHECK_INT(hidden(), 25);
	end();
}

TEST(an_extension_that_fails_is_asked_for_again)
{
	begin(1);
	world_announce(world, 0);
	for (int i = 0; i < 3; i++)
		world_next(world, PORT_VISIBILITY, FATE_TRANSIENT);
	world_next_text(world, PORT_VISIBILITY, "<html>");
	world_run(world, 5 * MINUTE);
	CHECK_INT(hidden(), 1);
	CHECK_INT(world->cloud->messages[0].receives, 1);
	answer_certificates();
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

/* SQS allows 12 hours in all. */
TEST(after_twelve_hours_it_is_somebody_elses)
{
	begin(1);
	world_announce(world, 0);
	world_run(world, 12 * HOUR - MINUTE);
	CHECK_INT(hidden(), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(hidden(), 0);
	CHECK_INT(world->failed[PORT_VISIBILITY], 0);
	answer_certificates();
	CHECK_INT(world->cloud->messages[0].receives, 2);
	CHECK_INT(world->asked[PORT_RECORD], 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

/* ---- lost ------------------------------------------------------------------------------------ */

TEST(nothing_comes_of_what_is_lost)
{
	begin(1);
	world_announce(world, 0);
	world_announce(world, 1);
	world_next_text(world, PORT_VISIBILITY,
	                "{\"Successful\":[{\"Id\":\"1\"}],\"Failed\":[{\"Id\":\"0\","
	                "\"Code\":\"MessageNotInflight\",\"SenderFault\":true}]}");
	world_run(world, HIDDEN / 2 + 1000);
	answer_certificates();
	CHECK_INT(receiving_announcements(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 1);
	world_run(world, HIDDEN);
	CHECK_INT(receiving_announcements(&on), 2);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(what_is_lost_while_the_ledger_is_broken_is_not_recorded)
{
	begin(1);
	world->policy.n_pinned = 1;
	world_announce(world, 0);
	world_always(world, PORT_RECALL, FATE_BROKEN);
	world_next_text(world, PORT_VISIBILITY, not_in_flight);
	world_run(world, 3 * MINUTE);
	CHECK_INT(world->cloud->messages[0].receives, 1);
	world_always(world, PORT_RECALL, FATE_FINE);
	while (world->asked[PORT_RECEIVE] < 2)
		simulation_run_next(world->simulation);
	CHECK_INT(world->asked[PORT_RECORD], 0);
	world_run(world, MINUTE);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(what_cannot_be_extended_in_time_is_lost)
{
	begin(2);
	world_announce(world, 0);
	world_always(world, PORT_VISIBILITY, FATE_TRANSIENT);
	world_run(world, HIDDEN + 30000);
	CHECK_INT(world->cloud->messages[0].receives, 2);
	answer_certificates();
	CHECK_INT(world->asked[PORT_RECORD], 1);
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_TEXT(cloud_text(world_body(world, PORT_DELETE), "ReceiptHandle", 0), "0.2");
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

/* ---- received again -------------------------------------------------------------------------- */

TEST(what_another_receiver_gets_again_is_deleted_by_its_newest_handle)
{
	begin(2);
	world_announce(world, 0);
	world_run(world, 1000);
	world->cloud->messages[0].visible_ms = 0;
	world_run(world, 30000);
	CHECK_INT(world->cloud->messages[0].receives, 2);
	CHECK_INT(world->asked[PORT_CERTIFICATE], 1);
	answer_certificates();
	CHECK_INT(world->asked[PORT_RECORD], 1);
	CHECK_INT(world->asked[PORT_DELETE], 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(the_newest_handle_is_the_one_that_is_extended)
{
	begin(2);
	world_announce(world, 0);
	world_run(world, 1000);
	world->cloud->messages[0].visible_ms = 0;
	world_run(world, HIDDEN);
	CHECK_TEXT(cloud_text(world_body(world, PORT_VISIBILITY), "ReceiptHandle", 0), "0.2");
	CHECK_INT(hidden(), 1);
	end();
}

/* What is said of an older handle is no news of the newer one. */
TEST(a_refusal_of_an_older_handle_loses_nothing)
{
	begin(2);
	world_announce(world, 0);
	world_next(world, PORT_VISIBILITY, FATE_HELD);
	world_run(world, HIDDEN / 2 + 1000);
	CHECK_INT(world->asked[PORT_VISIBILITY], 1);
	world->cloud->messages[0].visible_ms = 0;
	world_run(world, 30000);
	CHECK_INT(world->cloud->messages[0].receives, 2);
	answer_held(PORT_VISIBILITY);
	answer_certificates();
	CHECK_INT(receiving_builds(&on), 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

#define RECEIVED(n)                                                           \
	"{\"MessageId\":\"m0\",\"ReceiptHandle\":\"0." n "\",\"Body\":\"x\"," \
	"\"Attributes\":{\"ApproximateReceiveCount\":\"" n "\"}}"

static void check_twice(const char *answer)
{
	begin(1);
	world->rules.events_only = true;
	world_next_text(world, PORT_RECEIVE, answer);
	world_run(world, 500);
	receiver_stop(on.receivers[0]);
	world_run(world, 2000);
	CHECK_INT(world->asked[PORT_VISIBILITY], 1);
	CHECK_TEXT(cloud_text(world_body(world, PORT_VISIBILITY), "ReceiptHandle", 0), "0.2");
	CHECK_TEXT(cloud_text(world_body(world, PORT_VISIBILITY), "ReceiptHandle", 1), "");
	end();
}

TEST(what_is_twice_in_one_answer_is_one_message)
{
	check_twice("{\"Messages\":[" RECEIVED("1") "," RECEIVED("2") "]}");
	check_twice("{\"Messages\":[" RECEIVED("2") "," RECEIVED("1") "]}");
}

/* ---- left alone ------------------------------------------------------------------------------ */

TEST(what_is_rejected_is_not_extended_and_is_handed_back_at_the_end)
{
	begin(1);
	cloud_send(world->cloud, SPAN("no envelope"));
	world_run(world, HIDDEN - 1000);
	CHECK_INT(world->asked[PORT_VISIBILITY], 0);
	CHECK_INT(world->cloud->messages[0].receives, 1);
	receiver_stop(on.receivers[0]);
	world_run(world, 500);
	if (!on.stopped)
		world_run(world, WORLD_WAIT_MS);
	CHECK_INT(world->asked[PORT_VISIBILITY], 1);
	CHECK_INT(hidden(), 0);
	end();
}

TEST(what_is_left_after_the_end_is_handed_back_too)
{
	begin(1);
	leases_hand_back(on.leases);
	leases_add_left(on.leases, &(struct sqs_message){ .message_id = SPAN("m0"),
	                                                  .receipt_handle = SPAN("0.1") });
	world_run(world, 1000);
	CHECK_INT(world->asked[PORT_VISIBILITY], 1);
	end();
}

TEST(it_is_idle_after_an_extension_when_nothing_is_to_be_handed_back)
{
	int idle = 0;

	begin(1);
	world_announce(world, 0);
	world_next(world, PORT_VISIBILITY, FATE_HELD);
	world_run(world, HIDDEN / 2 + 1000);
	world_always(world, PORT_CERTIFICATE, FATE_FINE);
	answer_held(PORT_CERTIFICATE);
	receiver_stop(on.receivers[0]);
	world_run(world, 1000);
	CHECK_INT(on.stopped, 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK(!leases_idle(on.leases));
	leases_on_idle(on.leases, on_idle, &idle);
	answer_held(PORT_VISIBILITY);
	CHECK(leases_idle(on.leases));
	CHECK_INT(idle, 1);
	end();
}

TEST(so_many_are_known_to_be_left_alone)
{
	char id[16];

	begin(1);
	for (int i = 0; i < LIMIT_LEFT + 5; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		leases_add_left(on.leases, &(struct sqs_message){ .message_id = span_of(id),
		                                                  .receipt_handle = span_of(id) });
	}
	leases_hand_back(on.leases);
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_VISIBILITY], LIMIT_LEFT / LIMIT_BATCH);
	CHECK(leases_idle(on.leases));
	end();
}

int main(void)
{
	check_run(what_waits_for_a_certificate_stays_hidden);
	check_run(what_the_ledger_does_not_take_stays_hidden);
	check_run(what_is_quick_is_not_extended);
	check_run(ten_are_extended_by_one_request);
	check_run(an_extension_that_fails_is_asked_for_again);
	check_run(after_twelve_hours_it_is_somebody_elses);
	check_run(nothing_comes_of_what_is_lost);
	check_run(what_is_lost_while_the_ledger_is_broken_is_not_recorded);
	check_run(what_cannot_be_extended_in_time_is_lost);
	check_run(what_another_receiver_gets_again_is_deleted_by_its_newest_handle);
	check_run(the_newest_handle_is_the_one_that_is_extended);
	check_run(a_refusal_of_an_older_handle_loses_nothing);
	check_run(what_is_twice_in_one_answer_is_one_message);
	check_run(what_is_rejected_is_not_extended_and_is_handed_back_at_the_end);
	check_run(what_is_left_after_the_end_is_handed_back_too);
	check_run(it_is_idle_after_an_extension_when_nothing_is_to_be_handed_back);
	check_run(so_many_are_known_to_be_left_alone);
	return check_done();
}
