/*
 * The notifier: what reaches Slack, in which order, how often, and what becomes of the rest.
 */
#include "tests/flows/notifying.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#define SECOND 1000
#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define DAY    (24 * (int64_t)HOUR)

static struct notifying on;
static struct world *world; /* where it happens */

static void open_world(size_t builds)
{
	notifying_open(&on, builds);
	world = on.world;
}

static void begin(size_t builds)
{
	notifying_begin(&on, builds);
	world = on.world;
}

static void end(void)
{
	notifying_end(&on);
}

static size_t posts(void)
{
	return notifying_posts(&on);
}

/* ---- order and pace -------------------------------------------------------------------------- */

TEST(notices_go_out_in_order_one_a_second)
{
	begin(5);
	world_run(world, 10 * SECOND);
	CHECK_INT(posts(), 5);
	for (size_t i = 1; i < posts(); i++)
		CHECK(world->cloud->slack.posts[i].at_ms - world->cloud->slack.posts[i - 1].at_ms >=
		      SECOND);
	CHECK(notifying_told_of(&on, 0, "ami-00000000000000001"));
	CHECK(notifying_told_of(&on, 4, "ami-00000000000000005"));
	CHECK_INT(notifying_waiting(&on), 0);
	CHECK_INT(on.idle, 1);
	end();
}

/* The ledger answers that nothing is due but behind that lane, and by then it is open. */
TEST(a_lane_that_opens_while_the_ledger_is_asked_is_not_forgotten)
{
	begin(2);
	world_run(world, SECOND / 2);
	CHECK_INT(posts(), 1);
	world_next(world, PORT_NEXT_NOTICE, FATE_HELD);
	outbox_wake(on.outbox);
	world_run(world, 2 * SECOND);
	world_release(world, 0, FATE_FINE);
	world_run(world, 2 * SECOND);
	CHECK_INT(posts(), 2);
	end();
}

TEST(of_one_build_the_later_notice_waits_for_the_earlier)
{
	begin(1);
	world_add_notice(world, 1, NOTICE_GIVEN_UP);
	world_next(world, PORT_SLACK, FATE_REFUSED);
	world_run(world, 5 * SECOND);
	CHECK_INT(world->asked[PORT_SLACK], 1);
	CHECK_INT(world_count(world, "SELECT tries FROM deliveries WHERE notice = 1"), 1);
	world_run(world, 5 * MINUTE);
	CHECK_INT(posts(), 2);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_new_notice_goes_out_when_it_is_told_of)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, HOUR);
	CHECK_INT(posts(), 0);
	world_add_notice(world, 1, NOTICE_STARTED);
	outbox_wake(on.outbox);
	world_run(world, SECOND);
	CHECK_INT(posts(), 1);
	end();
}

/* The look that was under way had found only one that is due much later. */
TEST(a_notice_that_comes_during_a_look_is_not_left_lying)
{
	open_world(2);
	world_add_notice(world, 1, NOTICE_STARTED);
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_REFUSED);
	world_run(world, 500);
	world_next(world, PORT_NEXT_NOTICE, FATE_HELD);
	world_run(world, SECOND);
	world_add_notice(world, 2, NOTICE_STARTED);
	outbox_wake(on.outbox);
	world_release(world, 0, FATE_FINE);
	world_run(world, 5 * SECOND);
	CHECK_INT(posts(), 1);
	CHECK(notifying_told_of(&on, 0, "ami-00000000000000002"));
	end();
}

/* ---- what Slack may answer ------------------------------------------------------------------- */

TEST(slack_is_left_alone_for_as_long_as_it_asks)
{
	begin(3);
	world_next_reply(
		world, PORT_SLACK,
		&(struct reply){
			.fate = FATE_TEXT, .status = 429, .text = "", .retry_after = "90" });
	world_run(world, 89 * SECOND);
	CHECK_INT(world->asked[PORT_SLACK], 1);
	world_run(world, 10 * SECOND);
	CHECK_INT(posts(), 3);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* However much waits for it. */
TEST(a_failing_slack_is_asked_less_and_less)
{
	begin(150);
	world_always(world, PORT_SLACK, FATE_TRANSIENT);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_SLACK] >= 12 && world->asked[PORT_SLACK] <= 60, "%d",
	      world->asked[PORT_SLACK]);
	world_always(world, PORT_SLACK, FATE_FINE);
	world_run(world, 9 * MINUTE);
	CHECK_INT(posts(), 150);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* A server may choke on one of them. */
TEST(a_notice_that_always_fails_holds_up_no_other)
{
	begin(3);
	world_next(world, PORT_SLACK, FATE_TRANSIENT);
	world_run(world, 5 * SECOND);
	CHECK(posts() >= 1, "%zu", posts());
	CHECK(notifying_told_of(&on, 0, "ami-00000000000000002"));
	end();
}

TEST(a_refused_notice_holds_up_no_other)
{
	begin(3);
	world_next_text(world, PORT_SLACK, "{\"ok\":false,\"error\":\"invalid_arguments\"}");
	world_run(world, 10 * SECOND);
	CHECK_INT(posts(), 2);
	CHECK_INT(notifying_waiting(&on), 1);
	world_run(world, MINUTE);
	CHECK_INT(posts(), 3);
	CHECK(notifying_told_of(&on, 2, "ami-00000000000000001"));
	end();
}

TEST(garbage_is_no_success)
{
	begin(1);
	world_next_text(world, PORT_SLACK, "<html>captive portal</html>");
	world_run(world, SECOND);
	CHECK_INT(notifying_waiting(&on), 1);
	world_run(world, MINUTE);
	CHECK_INT(posts(), 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_notice_is_given_up_when_it_is_old)
{
	begin(1);
	world_always(world, PORT_SLACK, FATE_REFUSED);
	world_run(world, LIMIT_NOTICE_AGE_S * (int64_t)SECOND - HOUR);
	CHECK_INT(notifying_waiting(&on), 1);
	world_run(world, DAY);
	CHECK_INT(notifying_waiting(&on), 0);
	CHECK_INT(posts(), 0);
	end();
}

/* What it said before is old, but that it has ended is not. */
TEST(what_is_new_is_not_given_up_with_what_is_old)
{
	begin(1);
	world_always(world, PORT_SLACK, FATE_REFUSED);
	world_run(world, LIMIT_NOTICE_AGE_S * (int64_t)SECOND - HOUR);
	world_add_notice(world, 1, NOTICE_FINISHED);
	outbox_wake(on.outbox);
	world_run(world, DAY);
	CHECK_INT(notifying_waiting(&on), 2);
	world_always(world, PORT_SLACK, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK_INT(notifying_waiting(&on), 0);
	CHECK_INT(posts(), 2);
	end();
}

/* ---- where it goes --------------------------------------------------------------------------- */

TEST(without_slack_notices_are_done_with)
{
	open_world(3);
	for (int i = 1; i <= 3; i++)
		world_add_notice(world, i, NOTICE_STARTED);
	notifying_start(&on, SLACK_NONE);
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_SECRET], 0);
	CHECK_INT(world->asked[PORT_SLACK], 0);
	CHECK_INT(notifying_waiting(&on), 0);
	CHECK_INT(on.idle, 1);
	end();
}

/* Slack was away while the build was refused; by now it has started. */
TEST(a_refusal_that_is_no_longer_true_is_not_told)
{
	open_world(1);
	world_add_notice(world, 1, NOTICE_REFUSED);
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_TRANSIENT);
	world_run(world, 500);
	CHECK_INT(world->asked[PORT_SLACK], 1);
	sql_run(world->path, "UPDATE builds SET trouble = NULL");
	world_run(world, MINUTE);
	CHECK_INT(posts(), 0);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_hold_that_is_over_is_not_told)
{
	open_world(2);
	world_add_notice(world, 1, NOTICE_HELD);
	world_add_notice(world, 2, NOTICE_HELD);
	sql_run(world->path, "UPDATE builds SET held = 'matched', trouble = NULL WHERE id = 1");
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, MINUTE);
	CHECK_INT(posts(), 1);
	CHECK(notifying_told_of(&on, 0, "ami-00000000000000002"));
	CHECK(notifying_told_of(&on, 0, "they keep failing"));
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_token_goes_into_a_header_and_a_channel_into_the_body)
{
	begin(1);
	world_run(world, SECOND);
	CHECK_TEXT(buf_text(&world->slack_url), "https://slack.com/api/chat.postMessage");
	CHECK_TEXT(buf_text(&world->slack_token), "Authorization: Bearer xoxb-1");
	CHECK_TEXT(cloud_text(world_body(world, PORT_SLACK), "channel", 0), "#web");
	end();
}

/* By then both would say the same. */
TEST(a_webhook_tells_once_what_became_of_a_build_while_it_was_away)
{
	open_world(1);
	notifying_start(&on, SLACK_WEBHOOK);
	world_always(world, PORT_SLACK, FATE_TRANSIENT);
	world_add_notice(world, 1, NOTICE_STARTED);
	outbox_wake(on.outbox);
	world_run(world, MINUTE);
	world_add_notice(world, 1, NOTICE_FINISHED);
	world_always(world, PORT_SLACK, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK_INT(posts(), 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_webhook_is_its_url_and_nothing_else)
{
	open_world(1);
	world_add_notice(world, 1, NOTICE_STARTED);
	notifying_start(&on, SLACK_WEBHOOK);
	world_next_text(world, PORT_SLACK, "ok");
	world_run(world, SECOND);
	CHECK_TEXT(buf_text(&world->slack_url), NOTIFYING_WEBHOOK);
	CHECK_TEXT(buf_text(&world->slack_token), "");
	CHECK_TEXT(cloud_text(world_body(world, PORT_SLACK), "channel", 0), "");
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* ---- a ledger that fails --------------------------------------------------------------------- */

TEST(a_ledger_that_cannot_be_read_is_left_alone_more_and_more)
{
	begin(1);
	world_always(world, PORT_NEXT_NOTICE, FATE_BROKEN);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_NEXT_NOTICE] <= 40, "%d", world->asked[PORT_NEXT_NOTICE]);
	world_always(world, PORT_NEXT_NOTICE, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK_INT(posts(), 1);
	end();
}

TEST(what_was_sent_but_not_written_down_is_not_sent_again)
{
	begin(1);
	world_always(world, PORT_SAVE_NOTICE, FATE_BROKEN);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_SAVE_NOTICE] <= 40, "%d", world->asked[PORT_SAVE_NOTICE]);
	world_always(world, PORT_SAVE_NOTICE, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK_INT(posts(), 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* ---- stopping -------------------------------------------------------------------------------- */

TEST(a_stop_finishes_the_notice_under_way)
{
	begin(3);
	world_next(world, PORT_SLACK, FATE_HELD);
	world_run(world, SECOND);
	outbox_stop(on.outbox);
	CHECK(!outbox_is_quiet(on.outbox));
	world_run(world, SECOND);
	CHECK_INT(on.quiet, 0);
	world_release(world, 0, FATE_FINE);
	world_run(world, SECOND);
	CHECK(on.quiet > 0);
	CHECK(outbox_is_quiet(on.outbox));
	CHECK_INT(notifying_waiting(&on), 2);
	end();
}

TEST(a_stop_between_two_notices_is_quiet)
{
	begin(2);
	world_run(world, 500);
	CHECK_INT(posts(), 1);
	outbox_stop(on.outbox);
	CHECK(outbox_is_quiet(on.outbox));
	world_run(world, HOUR);
	CHECK_INT(posts(), 1);
	end();
}

static void check_stop_with_failing(enum port port)
{
	begin(1);
	world_next(world, port, FATE_HELD);
	world_run(world, SECOND);
	outbox_stop(on.outbox);
	world_release(world, 0, FATE_BROKEN);
	CHECK(on.quiet > 0);
	CHECK(outbox_is_quiet(on.outbox));
	end();
}

TEST(a_stop_does_not_wait_for_a_ledger_that_fails)
{
	check_stop_with_failing(PORT_NEXT_NOTICE);
	check_stop_with_failing(PORT_SAVE_NOTICE);
}

int main(void)
{
	check_run(notices_go_out_in_order_one_a_second);
	check_run(a_lane_that_opens_while_the_ledger_is_asked_is_not_forgotten);
	check_run(of_one_build_the_later_notice_waits_for_the_earlier);
	check_run(a_new_notice_goes_out_when_it_is_told_of);
	check_run(a_notice_that_comes_during_a_look_is_not_left_lying);
	check_run(slack_is_left_alone_for_as_long_as_it_asks);
	check_run(a_failing_slack_is_asked_less_and_less);
	check_run(a_notice_that_always_fails_holds_up_no_other);
	check_run(a_refused_notice_holds_up_no_other);
	check_run(garbage_is_no_success);
	check_run(a_notice_is_given_up_when_it_is_old);
	check_run(what_is_new_is_not_given_up_with_what_is_old);
	check_run(without_slack_notices_are_done_with);
	check_run(a_refusal_that_is_no_longer_true_is_not_told);
	check_run(a_hold_that_is_over_is_not_told);
	check_run(a_token_goes_into_a_header_and_a_channel_into_the_body);
	check_run(a_webhook_tells_once_what_became_of_a_build_while_it_was_away);
	check_run(a_webhook_is_its_url_and_nothing_else);
	check_run(a_ledger_that_cannot_be_read_is_left_alone_more_and_more);
	check_run(what_was_sent_but_not_written_down_is_not_sent_again);
	check_run(a_stop_finishes_the_notice_under_way);
	check_run(a_stop_between_two_notices_is_quiet);
	check_run(a_stop_does_not_wait_for_a_ledger_that_fails);
	return check_done();
}
