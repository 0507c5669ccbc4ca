/*
 * The notifier and its secret: when it is read, and what happens when it is no good.
 */
#include "tests/flows/notifying.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REVOKED "{\"ok\":false,\"error\":\"token_revoked\"}"

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

/* ---- what it logs ---------------------------------------------------------------------------- */

static FILE *log_file;

static void begin_logged(size_t builds)
{
	begin(builds);
	log_file = tmpfile();
	world->log.fd = fileno(log_file);
}

static int logged(const char *event)
{
	static char text[65536];
	ssize_t n = pread(fileno(log_file), text, sizeof(text) - 1, 0);
	int found = 0;

	text[n > 0 ? n : 0] = '\0';
	CHECK(!strstr(text, "xoxb"), "%s", text);
	for (const char *at = strstr(text, event); at; at = strstr(at + 1, event))
		found++;
	return found;
}

static void end_logged(void)
{
	end();
	fclose(log_file);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void refuse_token(void)
{
	world->always[PORT_SLACK] = (struct reply){ .fate = FATE_TEXT, .text = REVOKED };
}

TEST(the_secret_is_read_before_the_first_post_and_kept)
{
	open_world(3);
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_SECRET], 0);
	for (int i = 1; i <= 3; i++)
		world_add_notice(world, i, NOTICE_STARTED);
	outbox_wake(on.outbox);
	world_run(world, 10 * SECOND);
	CHECK_INT(posts(), 3);
	CHECK_INT(world->asked[PORT_SECRET], 1);
	CHECK_TEXT(world_body(world, PORT_SECRET), "SLACK_TOKEN");
	end();
}

TEST(while_the_secret_cannot_be_read_notices_wait)
{
	begin_logged(3);
	world_always(world, PORT_SECRET, FATE_TRANSIENT);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_SECRET] >= 12 && world->asked[PORT_SECRET] <= 40, "%d",
	      world->asked[PORT_SECRET]);
	CHECK_INT(logged("slack_token_unreadable"), world->asked[PORT_SECRET]);
	CHECK_INT(world->asked[PORT_SLACK], 0);
	CHECK_INT(world_count(world, "SELECT count(*) FROM deliveries WHERE tries = 0"), 3);
	world_always(world, PORT_SECRET, FATE_FINE);
	world_run(world, 6 * MINUTE);
	CHECK_INT(posts(), 3);
	CHECK_INT(notifying_waiting(&on), 0);
	end_logged();
}

TEST(a_secret_that_was_rotated_is_tried_at_once)
{
	begin_logged(3);
	world_run(world, 500);
	CHECK_INT(posts(), 1);
	world->cloud->secret = "xoxb-2";
	world_next_text(world, PORT_SLACK, REVOKED);
	world_run(world, 10 * SECOND);
	CHECK_INT(posts(), 3);
	CHECK(notifying_told_of(&on, 1, "ami-00000000000000002"));
	CHECK(notifying_told_of(&on, 2, "ami-00000000000000003"));
	CHECK_INT(world->asked[PORT_SLACK], 4);
	CHECK_INT(world->asked[PORT_SECRET], 2);
	CHECK_TEXT(buf_text(&world->slack_token), "Authorization: Bearer xoxb-2");
	CHECK_INT(logged("slack_token_refused"), 1);
	CHECK_INT(logged("slack_token_changed"), 1);
	CHECK_INT(logged("notice_failed"), 0);
	end_logged();
}

/* Each time one post, one read, and a longer wait; and it is said once. */
TEST(a_secret_that_stays_refused_is_asked_for_less_and_less)
{
	int before;

	begin_logged(5);
	refuse_token();
	world_run(world, DAY);
	CHECK(world->asked[PORT_SLACK] >= 24 && world->asked[PORT_SLACK] <= 56, "%d",
	      world->asked[PORT_SLACK]);
	CHECK_INT(world->asked[PORT_SECRET], world->asked[PORT_SLACK] + 1);
	CHECK_INT(notifying_waiting(&on), 5);
	CHECK_INT(logged("slack_token_refused"), 1);
	CHECK_INT(logged("slack_token_changed"), 0);
	world_always(world, PORT_SLACK, FATE_FINE);
	world_run(world, HOUR + MINUTE);
	CHECK_INT(posts(), 5);
	world_add_notice(world, 1, NOTICE_GIVEN_UP);
	refuse_token();
	outbox_wake(on.outbox);
	before = world->asked[PORT_SLACK];
	world_run(world, 2 * MINUTE);
	CHECK(world->asked[PORT_SLACK] >= before + 2);
	CHECK_INT(logged("slack_token_refused"), 2);
	end_logged();
}

TEST(another_secret_that_is_refused_is_said_too)
{
	begin_logged(1);
	refuse_token();
	world_run(world, 10 * SECOND);
	world->cloud->secret = "xoxb-2";
	world_run(world, 5 * MINUTE);
	CHECK_INT(logged("slack_token_changed"), 1);
	CHECK_INT(logged("slack_token_refused"), 2);
	CHECK_INT(notifying_waiting(&on), 1);
	end_logged();
}

/* The old secret is not tried again before it could be read. */
TEST(a_refused_secret_that_cannot_be_read_waits)
{
	begin(2);
	world_run(world, 500);
	world_next_text(world, PORT_SLACK, REVOKED);
	world_always(world, PORT_SECRET, FATE_REFUSED);
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_SLACK], 2);
	world->cloud->secret = "xoxb-2";
	world_always(world, PORT_SECRET, FATE_FINE);
	world_run(world, 6 * MINUTE);
	CHECK_INT(posts(), 2);
	CHECK_TEXT(buf_text(&world->slack_token), "Authorization: Bearer xoxb-2");
	end();
}

TEST(a_webhook_that_is_removed_is_read_again)
{
	open_world(1);
	world_add_notice(world, 1, NOTICE_STARTED);
	notifying_start(&on, SLACK_WEBHOOK);
	world_next_reply(world, PORT_SLACK,
	                 &(struct reply){ .fate = FATE_TEXT, .status = 404, .text = "no_service" });
	world_next_text(world, PORT_SLACK, "ok");
	world_run(world, 500);
	world->cloud->secret = "https://hooks.slack.com/services/T/B/Y";
	world_run(world, 2 * SECOND);
	CHECK_TEXT(buf_text(&world->slack_url), "https://hooks.slack.com/services/T/B/Y");
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_webhook_that_is_no_url_is_read_again)
{
	open_world(1);
	world_add_notice(world, 1, NOTICE_STARTED);
	notifying_start(&on, SLACK_WEBHOOK);
	world->cloud->secret = "xoxb-1";
	world_next(world, PORT_SLACK, FATE_MALFORMED);
	world_next_text(world, PORT_SLACK, "ok");
	world_run(world, 500);
	world->cloud->secret = NOTIFYING_WEBHOOK;
	world_run(world, 2 * SECOND);
	CHECK_TEXT(buf_text(&world->slack_url), NOTIFYING_WEBHOOK);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(without_a_usable_secret_too_a_notice_is_given_up_when_it_is_old)
{
	begin(1);
	refuse_token();
	world_run(world, LIMIT_NOTICE_AGE_S * (int64_t)SECOND - HOUR);
	CHECK_INT(notifying_waiting(&on), 1);
	world_run(world, DAY);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* ---- stopping -------------------------------------------------------------------------------- */

/* Nothing is lost by not reading on. */
TEST(a_stop_while_the_secret_is_read_is_quiet)
{
	begin(1);
	world_next(world, PORT_SECRET, FATE_HELD);
	world_run(world, SECOND);
	outbox_stop(on.outbox);
	CHECK(outbox_is_quiet(on.outbox));
	CHECK_INT(world_waiting(world), 0);
	world_run(world, HOUR);
	CHECK_INT(posts(), 0);
	CHECK_INT(notifying_waiting(&on), 1);
	end();
}

TEST(a_stop_does_not_wait_for_another_secret)
{
	begin(1);
	world_next_reply(world, PORT_SLACK, &(struct reply){ .fate = FATE_HELD, .text = REVOKED });
	world_run(world, SECOND);
	outbox_stop(on.outbox);
	world_release(world, 0, FATE_TEXT);
	world_run(world, SECOND);
	CHECK(on.quiet > 0);
	CHECK(outbox_is_quiet(on.outbox));
	CHECK_INT(world->asked[PORT_SECRET], 1);
	CHECK_INT(notifying_waiting(&on), 1);
	end();
}

/* The worlds of these tests and AddressSanitizer see what is left behind. */
TEST(it_may_be_freed_while_it_deals_with_the_secret)
{
	begin(1);
	world_next(world, PORT_SECRET, FATE_HELD);
	world_run(world, SECOND);
	CHECK_INT(world_waiting(world), 1);
	end();

	begin(1);
	world_always(world, PORT_SECRET, FATE_BROKEN);
	world_run(world, SECOND);
	end();

	begin(1);
	world_run(world, 5); /* asked for, and not answered yet */
	refuse_token();
	world_run(world, 500);
	world_next(world, PORT_SECRET, FATE_HELD);
	world_run(world, SECOND);
	CHECK_INT(world_waiting(world), 1);
	end();

	begin(1);
	refuse_token();
	world_run(world, 5 * SECOND); /* it waits to try the same one again */
	CHECK_INT(world->asked[PORT_SECRET], 2);
	end();
}

int main(void)
{
	check_run(the_secret_is_read_before_the_first_post_and_kept);
	check_run(while_the_secret_cannot_be_read_notices_wait);
	check_run(a_secret_that_was_rotated_is_tried_at_once);
	check_run(a_secret_that_stays_refused_is_asked_for_less_and_less);
	check_run(another_secret_that_is_refused_is_said_too);
	check_run(a_refused_secret_that_cannot_be_read_waits);
	check_run(a_webhook_that_is_removed_is_read_again);
	check_run(a_webhook_that_is_no_url_is_read_again);
	check_run(without_a_usable_secret_too_a_notice_is_given_up_when_it_is_old);
	check_run(a_stop_while_the_secret_is_read_is_quiet);
	check_run(a_stop_does_not_wait_for_another_secret);
	check_run(it_may_be_freed_while_it_deals_with_the_secret);
	return check_done();
}
