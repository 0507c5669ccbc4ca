/*
 * The notifier and remarks, which are about no build: where they go, in which order, how often.
 */
#include "tests/flows/notifying.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#define SECOND 1000
#define MINUTE 60000

static struct notifying on;
static struct world *world; /* where it happens */

static void open_world(void)
{
	notifying_open(&on, 1);
	world = on.world;
}

static void end(void)
{
	notifying_end(&on);
}

static void remark(const char *key, const char *family)
{
	world_remark(world, &(struct remark){
				    .kind = NOTICE_WITHDRAWN,
				    .key = key,
				    .family = family,
				    .text = key,
			    });
}

static void check_channel(size_t post, const char *channel)
{
	if (CHECK(post < notifying_posts(&on)))
		CHECK_TEXT(cloud_text(world->cloud->slack.posts[post].body, "channel", 0), channel);
}

TEST(a_remark_goes_to_its_family_or_to_all)
{
	open_world();
	remark("one", "web");
	remark("two", NULL);
	remark("three", "gone-from-the-configuration");
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 3);
	check_channel(0, "#web");
	check_channel(1, "#golden");
	check_channel(2, "#golden");
	CHECK(notifying_told_of(&on, 0, "Amazon Linux 2023"));
	CHECK(!notifying_told_of(&on, 2, "Amazon Linux 2023"));
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(remarks_and_notices_go_out_in_their_order)
{
	open_world();
	remark("first", "web");
	world_add_notice(world, 1, NOTICE_STARTED);
	remark("last", "web");
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 3);
	CHECK(notifying_told_of(&on, 0, "first"));
	CHECK(notifying_told_of(&on, 1, "ami-00000000000000001"));
	CHECK(notifying_told_of(&on, 2, "last"));
	end();
}

TEST(a_remark_that_slack_does_not_take_is_sent_again)
{
	open_world();
	remark("refused", "web");
	remark("taken", "web");
	notifying_start(&on, SLACK_TOKEN);
	world_next_text(world, PORT_SLACK, "{\"ok\":false,\"error\":\"invalid_arguments\"}");
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK(notifying_told_of(&on, 0, "taken"));
	world_run(world, 5 * MINUTE);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK(notifying_told_of(&on, 1, "refused"));
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_key_is_told_once_over_restarts)
{
	open_world();
	remark("once", "web");
	remark("once", NULL);
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, MINUTE);
	outbox_free(on.outbox);
	world_restart(world);
	remark("once", "web");
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices"), 1);
	end();
}

TEST(a_webhook_takes_remarks_too)
{
	open_world();
	remark("for all", NULL);
	notifying_start(&on, SLACK_WEBHOOK);
	world_next_text(world, PORT_SLACK, "ok");
	world_run(world, SECOND);
	CHECK_TEXT(buf_text(&world->slack_url), NOTIFYING_WEBHOOK);
	CHECK_TEXT(cloud_text(world_body(world, PORT_SLACK), "channel", 0), "");
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(without_slack_remarks_are_done_with)
{
	open_world();
	remark("unheard", NULL);
	notifying_start(&on, SLACK_NONE);
	world_run(world, SECOND);
	CHECK_INT(notifying_waiting(&on), 0);
	CHECK_INT(world->asked[PORT_SLACK], 0);
	end();
}

int main(void)
{
	check_run(a_remark_goes_to_its_family_or_to_all);
	check_run(remarks_and_notices_go_out_in_their_order);
	check_run(a_remark_that_slack_does_not_take_is_sent_again);
	check_run(a_key_is_told_once_over_restarts);
	check_run(a_webhook_takes_remarks_too);
	check_run(without_slack_remarks_are_done_with);
	return check_done();
}
