/*
 * How often, and for how many messages, receivers ask a queue that has nothing or fails.
 */
#include "worker/flows/pacing.h"

#include "tests/flows/receiving.h"
#include "tests/unit/check.h"

#include <string.h>

#define MINUTE 60000
#define HIDDEN 120000 /* the visibility timeout */

static struct receiving on;
static struct world *world; /* where it happens */

static void begin_with(int receivers)
{
	receiving_begin(&on, receivers);
	world = on.world;
	for (int i = 0; i < receivers; i++)
		receiving_add(&on);
}

static void begin(void)
{
	begin_with(1);
}

static void end(void)
{
	receiving_end(&on);
}

/* ---- a queue that has nothing ---------------------------------------------------------------- */

TEST(long_polls_follow_each_other)
{
	begin();
	world_run(world, 10 * MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= 29 && world->asked[PORT_RECEIVE] <= 31, "%d",
	      world->asked[PORT_RECEIVE]);
	end();
}

TEST(polls_that_end_early_do_not_spin)
{
	begin();
	world->always[PORT_RECEIVE] = (struct reply){ .fate = FATE_TEXT, .text = "{}" };
	world_run(world, MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= 55 && world->asked[PORT_RECEIVE] <= 61, "%d",
	      world->asked[PORT_RECEIVE]);
	end();
}

/* ---- a queue that fails ---------------------------------------------------------------------- */

static void check_backs_off(const struct reply *reply)
{
	begin();
	world->always[PORT_RECEIVE] = *reply;
	world_run(world, 15000);
	CHECK(world->asked[PORT_RECEIVE] >= 3 && world->asked[PORT_RECEIVE] <= 10, "%d",
	      world->asked[PORT_RECEIVE]);
	world_run(world, 60 * MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= 60 && world->asked[PORT_RECEIVE] <= 135, "%d",
	      world->asked[PORT_RECEIVE]);
	world_always(world, PORT_RECEIVE, FATE_FINE);
	world_announce(world, 0);
	world_run(world, MINUTE + 1000);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(failing_receives_back_off_and_recover)
{
	check_backs_off(&(struct reply){ .fate = FATE_TRANSIENT });
	check_backs_off(&(struct reply){ .fate = FATE_REFUSED });
	check_backs_off(&(struct reply){ .fate = FATE_BROKEN });
}

TEST(garbage_backs_off_as_failures_do)
{
	check_backs_off(&(struct reply){ .fate = FATE_TEXT, .text = "<html>Welcome</html>" });
	check_backs_off(&(struct reply){ .fate = FATE_TEXT, .text = "" });
	check_backs_off(&(struct reply){ .fate = FATE_TEXT, .text = "{\"Messages\":[{}]}" });
}

TEST(eleven_messages_are_garbage)
{
	struct buf text = buf_with_max(4096);

	buf_add_text(&text, "{\"Messages\":[");
	for (int i = 0; i < 11; i++)
		buf_addf(&text, "%s{\"MessageId\":\"m%d\",\"ReceiptHandle\":\"h\",\"Body\":\"\"}",
		         i ? "," : "", i);
	buf_add_text(&text, "]}");
	check_backs_off(&(struct reply){ .fate = FATE_TEXT, .text = buf_text(&text) });
	buf_clear(&text);
}

/* ---- many receivers, and a queue that fails -------------------------------------------------- */

/* From the first second on as one would. */
static void check_all_ask_as_one(const struct reply *reply, int least, int most)
{
	begin_with(LIMIT_RECEIVERS);
	world->always[PORT_RECEIVE] = *reply;
	world_run(world, 900);
	CHECK_INT(world->asked[PORT_RECEIVE], 1);
	world_run(world, 60 * MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= least && world->asked[PORT_RECEIVE] <= most, "%d",
	      world->asked[PORT_RECEIVE]);
	world_always(world, PORT_RECEIVE, FATE_FINE);
	for (int i = 0; i < 12; i++)
		world_announce(world, i);
	world_run(world, MINUTE + 1000);
	CHECK_INT(cloud_left(world->cloud), 0);
	world->asked[PORT_RECEIVE] = 0;
	world_run(world, MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= 2 * LIMIT_RECEIVERS, "%d", world->asked[PORT_RECEIVE]);
	end();
}

TEST(all_receivers_back_off_as_one_and_recover)
{
	check_all_ask_as_one(&(struct reply){ .fate = FATE_TRANSIENT }, 60, 135);
	check_all_ask_as_one(&(struct reply){ .fate = FATE_TEXT, .text = "<html>" }, 60, 135);
}

TEST(all_receivers_share_the_pace_of_polls_that_end_early)
{
	check_all_ask_as_one(&(struct reply){ .fate = FATE_TEXT, .text = "{}" }, 3500, 3601);
}

/* However many had asked when the queue failed, it has failed once. */
TEST(failures_of_polls_that_were_out_count_once)
{
	begin_with(LIMIT_RECEIVERS);
	world_run(world, 100);
	world_always(world, PORT_RECEIVE, FATE_TRANSIENT);
	world_run(world, WORLD_FIRST_MS + 2100);
	CHECK_INT(world->asked[PORT_RECEIVE], 1 + LIMIT_RECEIVERS + 1);
	end();
}

/* One is enough for a queue that has nothing; the first message sets the others free. */
TEST(the_first_poll_goes_out_alone_and_at_once)
{
	begin_with(LIMIT_RECEIVERS);
	world_run(world, WORLD_FIRST_MS / 2);
	CHECK_INT(world->asked[PORT_RECEIVE], 1);
	world_announce(world, 0);
	world_run(world, WORLD_FIRST_MS);
	CHECK_INT(world->asked[PORT_RECEIVE], LIMIT_RECEIVERS + 1);
	end();
}

/* What the ledger does not take comes again and again; the queue is asked as after failures. */
TEST(all_receivers_share_the_pace_of_a_ledger_that_takes_nothing)
{
	begin_with(LIMIT_RECEIVERS);
	on.queue.visibility_timeout_s = 1;
	world_run(world, WORLD_FIRST_MS + 1000);
	world_always(world, PORT_RECALL, FATE_TRANSIENT);
	for (int i = 0; i < CLOUD_MESSAGES; i++)
		world_announce(world, i % 12);
	world_run(world, 1000);
	world->asked[PORT_RECEIVE] = 0;
	world_run(world, 60 * MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= 60 && world->asked[PORT_RECEIVE] <= 135, "%d",
	      world->asked[PORT_RECEIVE]);
	world_always(world, PORT_RECALL, FATE_FINE);
	world_run(world, MINUTE + 1000);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

/* Somebody waits to hear that the queue is empty; after that nobody does. */
TEST(only_the_first_polls_are_short)
{
	begin_with(1);
	world_announce(world, 0);
	world_run(world, 100);
	CHECK_INT(world->asked[PORT_RECEIVE], 2);
	CHECK(strstr(world_body(world, PORT_RECEIVE), "\"WaitTimeSeconds\":1,"));
	world_run(world, WORLD_FIRST_MS);
	CHECK_INT(world->asked[PORT_RECEIVE], 3);
	CHECK(strstr(world_body(world, PORT_RECEIVE), "\"WaitTimeSeconds\":20,"));
	world_announce(world, 1);
	world_run(world, MINUTE);
	CHECK(strstr(world_body(world, PORT_RECEIVE), "\"WaitTimeSeconds\":20,"));
	end();
}

/* Those that asked before the failure may answer long after it. */
TEST(one_lost_poll_does_not_hold_up_the_others_for_long)
{
	begin_with(LIMIT_RECEIVERS);
	world_run(world, 100);
	world_next(world, PORT_RECEIVE, FATE_TRANSIENT);
	world_run(world, WORLD_WAIT_MS + 21000);
	world->asked[PORT_RECEIVE] = 0;
	world_run(world, MINUTE);
	CHECK(world->asked[PORT_RECEIVE] >= 3 * LIMIT_RECEIVERS - 2, "%d",
	      world->asked[PORT_RECEIVE]);
	end();
}

TEST(a_stop_while_waiting_for_a_turn_ends_at_once)
{
	begin_with(LIMIT_RECEIVERS);
	world_always(world, PORT_RECEIVE, FATE_TRANSIENT);
	world_run(world, 100);
	for (int i = 0; i < LIMIT_RECEIVERS; i++)
		receiver_stop(on.receivers[i]);
	world_run(world, 0);
	CHECK_INT(on.stopped, LIMIT_RECEIVERS);
	end();
}

/* ---- an answer that cannot be read ----------------------------------------------------------- */

/* It hides its messages, which come again, one by one. */
TEST(after_an_unreadable_answer_messages_come_one_by_one)
{
	begin();
	for (int i = 0; i < 12; i++)
		world_announce(world, i);
	world_next(world, PORT_RECEIVE, FATE_MALFORMED);
	world_run(world, 100);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), LIMIT_BATCH);
	world_run(world, HIDDEN - 1000);
	CHECK(strstr(world_body(world, PORT_RECEIVE), "\"MaxNumberOfMessages\":1,") != NULL);
	CHECK_INT(cloud_left(world->cloud), LIMIT_BATCH);
	world->asked[PORT_RECEIVE] = 0;
	world_run(world, 2000);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK(world->asked[PORT_RECEIVE] >= LIMIT_BATCH - 1);
	CHECK(strstr(world_body(world, PORT_RECEIVE), "\"MaxNumberOfMessages\":10") != NULL);
	end();
}

int main(void)
{
	check_run(long_polls_follow_each_other);
	check_run(polls_that_end_early_do_not_spin);
	check_run(failing_receives_back_off_and_recover);
	check_run(garbage_backs_off_as_failures_do);
	check_run(eleven_messages_are_garbage);
	check_run(all_receivers_back_off_as_one_and_recover);
	check_run(all_receivers_share_the_pace_of_polls_that_end_early);
	check_run(failures_of_polls_that_were_out_count_once);
	check_run(the_first_poll_goes_out_alone_and_at_once);
	check_run(only_the_first_polls_are_short);
	check_run(all_receivers_share_the_pace_of_a_ledger_that_takes_nothing);
	check_run(one_lost_poll_does_not_hold_up_the_others_for_long);
	check_run(a_stop_while_waiting_for_a_turn_ends_at_once);
	check_run(after_an_unreadable_answer_messages_come_one_by_one);
	return check_done();
}
