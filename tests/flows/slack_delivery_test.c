/*
 * What becomes of messages on Slack: edits, threads, lost answers, and whatever else happens to
 * them on the way.
 */
#include "tests/flows/notifying.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define SECOND 1000
#define MINUTE 60000
#define HOUR   (60 * MINUTE)

static struct notifying on;
static struct world *world; /* where it happens */

static void open_world(size_t builds)
{
	notifying_open(&on, builds);
	world = on.world;
	sql_run(world->path, "INSERT INTO channels VALUES ('#web', 'CWEB')");
}

static void end(void)
{
	notifying_end(&on);
}

static void notice(int64_t build, enum notice_kind kind)
{
	world_add_notice(world, build, kind);
	if (on.outbox)
		outbox_wake(on.outbox);
}

static struct slack_shown *shown(size_t i)
{
	return &world->cloud->slack.posts[i];
}

/* One that has started, told. */
static void begin_told(void)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	notice(1, NOTICE_STARTED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 1);
}

static void refuse_next(const char *error)
{
	static char text[128];

	snprintf(text, sizeof(text), "{\"ok\":false,\"error\":\"%s\"}", error);
	world_next_text(world, PORT_SLACK, text);
}

/* The root that is the i-th message, with its one reply after it, tells of the end. */
static void check_ended(size_t i, size_t details)
{
	char root[32];

	snprintf(root, sizeof(root), "%zu.0", i + 1);
	CHECK(strstr(shown(i)->body, "\xe2\x9c\x85"), "%s", shown(i)->body);
	CHECK_TEXT(shown(details)->thread, root);
	CHECK_INT(notifying_waiting(&on), 0);
}

/* ---- one message a build --------------------------------------------------------------------- */

TEST(a_build_is_one_message_that_is_edited_and_a_reply)
{
	begin_told();
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_INT(shown(0)->edits, 1);
	check_ended(0, 1);
	CHECK(shown(1)->at_ms - shown(0)->edited_ms >= SECOND);
	end();
}

TEST(the_end_comes_first_when_nobody_could_be_told_of_the_start)
{
	open_world(1);
	notice(1, NOTICE_STARTED);
	notice(1, NOTICE_FINISHED);
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_INT(shown(0)->edits, 0);
	check_ended(0, 1);
	end();
}

TEST(an_edit_that_would_change_nothing_is_not_sent)
{
	begin_told();
	notice(1, NOTICE_STARTED);
	notice(1, NOTICE_STARTED);
	world_run(world, 10 * SECOND);
	CHECK_INT(world->asked[PORT_SLACK], 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(what_runs_again_is_told_where_it_was)
{
	begin_told();
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	notice(1, NOTICE_STARTED);
	world_run(world, 10 * SECOND);
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_INT(shown(0)->edits, 3);
	check_ended(0, 1);
	end();
}

/* Nobody was told that it waits. */
TEST(what_gave_way_is_told_only_where_there_is_a_message)
{
	open_world(2);
	notifying_start(&on, SLACK_TOKEN);
	notice(1, NOTICE_HELD);
	world_run(world, 10 * SECOND);
	notice(1, NOTICE_SUPERSEDED);
	notice(2, NOTICE_SUPERSEDED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK_INT(shown(0)->edits, 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* ---- messages that are no more --------------------------------------------------------------- */

static void check_replaced(const char *error)
{
	begin_told();
	refuse_next(error);
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 3);
	CHECK(strcmp(shown(0)->post, shown(1)->post) != 0);
	check_ended(1, 2);
	end();
}

TEST(a_message_that_cannot_be_edited_is_replaced)
{
	check_replaced("message_not_found");
	check_replaced("cant_update_message");
	check_replaced("edit_window_closed");
}

/* Whatever Slack has against the edit, people have to hear of the end. */
static void check_replaced_when_refused_again(const char *error)
{
	begin_told();
	refuse_next(error);
	refuse_next(error);
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(notifying_posts(&on), 3);
	check_ended(1, 2);
	end();
}

TEST(an_edit_that_is_refused_again_is_given_up)
{
	check_replaced_when_refused_again("update_failed");
	check_replaced_when_refused_again("no_permission");
}

TEST(an_edit_that_is_refused_once_is_made_later)
{
	begin_told();
	refuse_next("update_failed");
	notice(1, NOTICE_FINISHED);
	world_run(world, 2 * MINUTE);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_INT(shown(0)->edits, 1);
	check_ended(0, 1);
	end();
}

TEST(a_root_is_not_edited_for_what_its_details_tell)
{
	begin_told();
	for (int i = 0; i < 2; i++) {
		world_add_notice(world, 1, NOTICE_FINISHED);
		sql_run(world->path, "UPDATE builds SET started_ms = 1, finished_ms = 2");
		if (i)
			sql_run(world->path, "UPDATE builds SET error_message = 'said later'");
		outbox_wake(on.outbox);
		world_run(world, 10 * SECOND);
	}
	CHECK_INT(shown(0)->edits, 1);
	CHECK_INT(shown(1)->edits, 1);
	CHECK(strstr(shown(1)->body, "said later"), "%s", shown(1)->body);
	end();
}

/* A reply is shown in its channel; what stands there already has no use for that. */
TEST(details_without_a_thread_stand_in_the_channel)
{
	begin_told();
	for (size_t i = 0; i < 2; i++) {
		shown(i)->gone = true;
		notice(1, i ? NOTICE_FINISHED : NOTICE_HELD);
		world_run(world, 10 * SECOND);
	}
	CHECK_INT(notifying_posts(&on), 3);
	CHECK_TEXT(shown(2)->thread, "");
	CHECK(!strstr(shown(2)->body, "reply_broadcast"), "%s", shown(2)->body);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(it_is_replaced_once_and_then_left_alone)
{
	begin_told();
	world->cloud->slack.posts[0].gone = true;
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 3);
	world->cloud->slack.posts[1].gone = true;
	notice(1, NOTICE_STARTED);
	world_run(world, 10 * SECOND);
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 3);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_thread_that_is_gone_takes_its_root_along)
{
	begin_told();
	notice(1, NOTICE_FINISHED);
	world_run(world, 300);
	CHECK_INT(shown(0)->edits, 1);
	world->cloud->slack.posts[0].gone = true;
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 3);
	check_ended(1, 2);
	end();
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void check_plain(const char *error)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	refuse_next(error);
	notice(1, NOTICE_STARTED);
	world_run(world, 500);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK(!strstr(shown(0)->body, "\"blocks\""), "%s", shown(0)->body);
	refuse_next(error);
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK(strstr(shown(0)->body, "\"blocks\":[]"), "%s", shown(0)->body);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK(strstr(shown(1)->body, "\"blocks\":[{"), "%s", shown(1)->body);
	check_ended(0, 1);
	end();
}

TEST(where_blocks_are_refused_the_text_is_sent_at_once)
{
	check_plain("invalid_blocks");
	check_plain("invalid_blocks_format");
	check_plain("msg_blocks_too_long");
	check_plain("msg_too_long");
}

TEST(what_is_refused_even_plain_waits)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	refuse_next("invalid_blocks");
	world_next_text(world, PORT_SLACK, "{\"ok\":false,\"error\":\"msg_too_long\"}");
	notice(1, NOTICE_STARTED);
	world_run(world, 10 * SECOND);
	CHECK_INT(world->asked[PORT_SLACK], 2);
	CHECK_INT(notifying_waiting(&on), 1);
	world_run(world, 2 * MINUTE);
	CHECK_INT(notifying_posts(&on), 1);
	end();
}

/* ---- channels -------------------------------------------------------------------------------- */

static void remark(const char *key, const char *family)
{
	world_remark(world, &(struct remark){
				    .kind = NOTICE_WITHDRAWN,
				    .key = key,
				    .family = family,
				    .text = key,
			    });
	outbox_wake(on.outbox);
}

static void check_holds_back_only_itself(const struct reply *reply, int64_t for_ms)
{
	open_world(2);
	notifying_start(&on, SLACK_TOKEN);
	world_next_reply(world, PORT_SLACK, reply);
	notice(1, NOTICE_STARTED);
	world_run(world, 500);
	notice(2, NOTICE_STARTED);
	remark("for all", NULL);
	world_run(world, for_ms - SECOND);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK(notifying_told_of(&on, 0, "for all"));
	world_run(world, 90 * SECOND);
	CHECK_INT(notifying_posts(&on), 3);
	CHECK(notifying_told_of(&on, 1, "ami-00000000000000001"));
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_channel_that_is_shut_holds_back_only_itself)
{
	check_holds_back_only_itself(
		&(struct reply){
			.fate = FATE_TEXT, .status = 429, .text = "", .retry_after = "90" },
		90 * SECOND);
	check_holds_back_only_itself(
		&(struct reply){ .fate = FATE_TEXT,
	                         .text = "{\"ok\":false,\"error\":\"not_in_channel\"}" },
		30 * SECOND);
}

TEST(two_channels_do_not_wait_for_each_other)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	notice(1, NOTICE_STARTED);
	remark("for all", NULL);
	world_run(world, 500);
	CHECK_INT(notifying_posts(&on), 2);
	end();
}

TEST(a_message_is_edited_where_it_stands)
{
	begin_told();
	outbox_free(on.outbox);
	world_restart(world);
	sql_run(world->path, "UPDATE posts SET channel = '#old', channel_id = 'COLD'");
	snprintf(world->cloud->slack.posts[0].channel, 8, "COLD");
	notifying_start(&on, SLACK_TOKEN);
	notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_TEXT(shown(1)->channel, "COLD");
	check_ended(0, 1);
	end();
}

/* ---- lost answers ---------------------------------------------------------------------------- */

TEST(what_was_posted_although_nobody_heard_so_is_found)
{
	begin_told();
	world_next(world, PORT_SLACK, FATE_FINE);
	world_next(world, PORT_SLACK, FATE_LOST);
	notice(1, NOTICE_FINISHED);
	world_run(world, MINUTE);
	CHECK_INT(world->cloud->slack.reads, 1);
	CHECK_INT(notifying_posts(&on), 2);
	check_ended(0, 1);
	end();
}

TEST(what_is_not_found_is_posted_again)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_TRANSIENT);
	notice(1, NOTICE_STARTED);
	world_run(world, MINUTE);
	CHECK_INT(world->cloud->slack.reads, 1);
	CHECK_INT(notifying_posts(&on), 1);
	end();
}

/* By the time that it is found it has gone on. */
TEST(what_is_found_is_edited_when_it_says_less_than_there_is)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_LOST);
	notice(1, NOTICE_STARTED);
	world_run(world, 500);
	notice(1, NOTICE_FINISHED);
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_INT(shown(0)->edits, 1);
	check_ended(0, 1);
	end();
}

TEST(a_remark_whose_answer_was_lost_is_found_too)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_LOST);
	remark("once", "web");
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* A doubled message is better than none. Other channels, or scopes, may show theirs. */
TEST(who_may_not_read_history_posts_again)
{
	open_world(1);
	world->cloud->slack.blind = true;
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_LOST);
	notice(1, NOTICE_STARTED);
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 2);
	world->cloud->slack.blind = false;
	world_next(world, PORT_SLACK, FATE_LOST);
	remark("once", "web");
	world_run(world, MINUTE);
	CHECK_INT(notifying_posts(&on), 3);
	CHECK_INT(world->cloud->slack.reads, 2);
	end();
}

static void lose_a_message_to_a_malformed_history(int pages)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	world_next(world, PORT_SLACK, FATE_LOST);
	for (int i = 0; i < pages; i++)
		world_next(world, PORT_SLACK, FATE_MALFORMED);
	notice(1, NOTICE_STARTED);
	world_run(world, 60 * MINUTE);
}

/* An answer without an end tells nothing of what is there. */
TEST(a_history_that_cannot_be_read_is_asked_again)
{
	lose_a_message_to_a_malformed_history(2);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

TEST(a_history_that_can_never_be_read_holds_no_message_back)
{
	lose_a_message_to_a_malformed_history(4);
	CHECK_INT(notifying_posts(&on), 2);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* No question is asked where the answer is known. */
TEST(what_was_refused_is_not_looked_for)
{
	open_world(1);
	notifying_start(&on, SLACK_TOKEN);
	world_next_reply(world, PORT_SLACK,
	                 &(struct reply){ .fate = FATE_TEXT, .status = 429, .text = "" });
	world_next_text(world, PORT_SLACK, "{\"ok\":false,\"error\":\"ratelimited\"}");
	world_next_text(world, PORT_SLACK, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	notice(1, NOTICE_STARTED);
	world_run(world, 5 * MINUTE);
	CHECK_INT(notifying_posts(&on), 1);
	CHECK_INT(world->cloud->slack.reads, 0);
	end();
}

/* ---- an outage ------------------------------------------------------------------------------- */

TEST(an_outage_of_an_hour_loses_nothing)
{
	open_world(5);
	notifying_start(&on, SLACK_TOKEN);
	world_always(world, PORT_SLACK, FATE_TRANSIENT);
	for (int i = 1; i <= 5; i++)
		notice(i, NOTICE_STARTED);
	world_run(world, HOUR / 2);
	for (int i = 1; i <= 5; i++)
		notice(i, NOTICE_FINISHED);
	world_run(world, HOUR / 2);
	CHECK_INT(notifying_posts(&on), 0);
	world_always(world, PORT_SLACK, FATE_FINE);
	world_run(world, 6 * MINUTE);
	CHECK_INT(notifying_posts(&on), 10);
	CHECK_INT(notifying_waiting(&on), 0);
	end();
}

/* ---- killed ---------------------------------------------------------------------------------- */

static void live(void)
{
	notifying_start(&on, SLACK_TOKEN);
	notice(1, NOTICE_STARTED);
	world_run(world, 10 * SECOND);
	if (!world->crashed)
		notice(1, NOTICE_FINISHED);
	world_run(world, 10 * SECOND);
}

/* True when it was killed; false when there was no such request. */
static bool die_at(int request, bool too_late)
{
	bool crashed;

	open_world(1);
	world->crash_at = request;
	world->crash_too_late = too_late;
	live();
	crashed = world->crashed;
	outbox_free(on.outbox);
	world_restart(world);
	live();
	CHECK_INT(notifying_posts(&on), 2);
	check_ended(0, 1);
	CHECK(world->cloud->slack.updates <= 5, "%d", world->cloud->slack.updates);
	end();
	return crashed;
}

TEST(killed_at_any_request_there_is_one_root_and_one_reply)
{
	int request = 1;

	while (die_at(request, false) && die_at(request, true))
		request++;
	CHECK(request > 20, "only %d requests", request);
}

int main(void)
{
	check_run(a_build_is_one_message_that_is_edited_and_a_reply);
	check_run(the_end_comes_first_when_nobody_could_be_told_of_the_start);
	check_run(an_edit_that_would_change_nothing_is_not_sent);
	check_run(what_runs_again_is_told_where_it_was);
	check_run(what_gave_way_is_told_only_where_there_is_a_message);
	check_run(a_message_that_cannot_be_edited_is_replaced);
	check_run(an_edit_that_is_refused_again_is_given_up);
	check_run(an_edit_that_is_refused_once_is_made_later);
	check_run(a_root_is_not_edited_for_what_its_details_tell);
	check_run(details_without_a_thread_stand_in_the_channel);
	check_run(it_is_replaced_once_and_then_left_alone);
	check_run(a_thread_that_is_gone_takes_its_root_along);
	check_run(where_blocks_are_refused_the_text_is_sent_at_once);
	check_run(what_is_refused_even_plain_waits);
	check_run(a_channel_that_is_shut_holds_back_only_itself);
	check_run(two_channels_do_not_wait_for_each_other);
	check_run(a_message_is_edited_where_it_stands);
	check_run(what_was_posted_although_nobody_heard_so_is_found);
	check_run(what_is_not_found_is_posted_again);
	check_run(what_is_found_is_edited_when_it_says_less_than_there_is);
	check_run(a_remark_whose_answer_was_lost_is_found_too);
	check_run(who_may_not_read_history_posts_again);
	check_run(a_history_that_cannot_be_read_is_asked_again);
	check_run(a_history_that_can_never_be_read_holds_no_message_back);
	check_run(what_was_refused_is_not_looked_for);
	check_run(an_outage_of_an_hour_loses_nothing);
	check_run(killed_at_any_request_there_is_one_root_and_one_reply);
	return check_done();
}
