/*
 * Deletions of a queue that deletes late, in part or not at all, and hands out messages again
 * meanwhile.
 */
#include "tests/flows/receiving.h"
#include "tests/unit/check.h"

#define MINUTE 60000

static struct receiving on;
static struct world *world; /* where it happens */

static void begin(void)
{
	receiving_begin(&on, 1);
	world = on.world;
	receiving_add(&on);
}

static void end(void)
{
	receiving_end(&on);
}

static const char refused_first[] =
	"{\"Successful\":[{\"Id\":\"1\"}],"
	"\"Failed\":[{\"Id\":\"0\",\"Code\":\"InternalError\",\"SenderFault\":false}]}";

TEST(an_entry_that_is_not_deleted_goes_out_again_alone)
{
	begin();
	world_announce(world, 0);
	world_announce(world, 1);
	world_next_text(world, PORT_DELETE, refused_first);
	world_run(world, 100);
	CHECK_INT(world->asked[PORT_DELETE], 1);
	world_run(world, 3000);
	CHECK_INT(world->asked[PORT_DELETE], 2);
	CHECK_TEXT(cloud_text(world_body(world, PORT_DELETE), "ReceiptHandle", 0), "0.1");
	CHECK_TEXT(cloud_text(world_body(world, PORT_DELETE), "ReceiptHandle", 1), "");
	end();
}

TEST(an_entry_is_tried_so_often_and_then_comes_again)
{
	begin();
	world_announce(world, 0);
	world->always[PORT_DELETE] = (struct reply){
		.fate = FATE_TEXT,
		.text = "{\"Failed\":[{\"Id\":\"0\",\"Code\":\"InternalError\"}]}",
	};
	world_run(world, 100);
	world->cloud->messages[0].visible_ms = INT64_MAX;
	world_run(world, 5 * MINUTE);
	CHECK_INT(world->asked[PORT_DELETE], LIMIT_DELETE_TRIES);
	CHECK(deletions_idle(on.deletions));
	world_always(world, PORT_DELETE, FATE_FINE);
	world->cloud->messages[0].visible_ms = 0;
	world_run(world, 30000);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

TEST(an_entry_with_a_fault_of_ours_is_dropped)
{
	begin();
	world_announce(world, 0);
	world_next_text(world, PORT_DELETE,
	                "{\"Failed\":[{\"Id\":\"0\",\"Code\":\"ReceiptHandleIsInvalid\","
	                "\"SenderFault\":true}]}");
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_DELETE], 1);
	CHECK(deletions_idle(on.deletions));
	end();
}

TEST(entries_that_are_not_mentioned_are_not_deleted)
{
	begin();
	world_announce(world, 0);
	world_next_text(world, PORT_DELETE, "{}");
	world_next_text(world, PORT_DELETE, "<html></html>");
	world_run(world, 10000);
	CHECK_INT(world->asked[PORT_DELETE], 3);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

/* The world checks that a failing DeleteMessageBatch is asked for once a second. */
TEST(failing_deletions_are_paced_however_many_there_are)
{
	begin();
	world_always(world, PORT_DELETE, FATE_TRANSIENT);
	for (int i = 0; i < 60; i++) {
		world_announce(world, i % 12);
		world_run(world, 500);
	}
	CHECK_INT(cloud_left(world->cloud), 60);
	world_always(world, PORT_DELETE, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(a_deletion_whose_answer_is_lost_is_repeated)
{
	begin();
	world_announce(world, 0);
	world_next(world, PORT_DELETE, FATE_LOST);
	world_run(world, 10000);
	CHECK_INT(world->asked[PORT_DELETE], 2);
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

/* An older handle deletes nothing, so the newer one that comes meanwhile must be used. */
TEST(a_redelivery_renews_the_handle_of_a_deletion_that_waits)
{
	begin();
	world_announce(world, 0);
	world_next(world, PORT_DELETE, FATE_TRANSIENT);
	world_run(world, 100);
	world->cloud->messages[0].visible_ms = 0;
	world_run(world, 10000);
	CHECK_TEXT(cloud_text(world_body(world, PORT_DELETE), "ReceiptHandle", 0), "0.2");
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(world->asked[PORT_RECORD], 1);
	end();
}

TEST(a_redelivery_during_a_deletion_makes_it_go_out_again)
{
	begin();
	world_announce(world, 0);
	world_next(world, PORT_DELETE, FATE_HELD);
	world_run(world, 100);
	world->cloud->messages[0].visible_ms = 0;
	world_run(world, 1000);
	CHECK_INT(world->cloud->messages[0].receives, 2);
	world_release(world, 0, FATE_FINE);
	CHECK_INT(cloud_left(world->cloud), 1);
	world_run(world, 100);
	CHECK_TEXT(cloud_text(world_body(world, PORT_DELETE), "ReceiptHandle", 0), "0.2");
	CHECK_INT(cloud_left(world->cloud), 0);
	end();
}

TEST(when_too_much_waits_for_deletion_nothing_is_received)
{
	struct sqs_message message = { .receipt_handle = SPAN("h") };

	begin();
	world_always(world, PORT_DELETE, FATE_HELD);
	for (int i = 0; i < LIMIT_PENDING_DELETES; i++) {
		message.message_id = SPAN("m");
		deletions_add(on.deletions, &message, 1);
	}
	CHECK(deletions_full(on.deletions));
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_RECEIVE], 0);
	end();
}

int main(void)
{
	check_run(an_entry_that_is_not_deleted_goes_out_again_alone);
	check_run(an_entry_is_tried_so_often_and_then_comes_again);
	check_run(an_entry_with_a_fault_of_ours_is_dropped);
	check_run(entries_that_are_not_mentioned_are_not_deleted);
	check_run(failing_deletions_are_paced_however_many_there_are);
	check_run(a_deletion_whose_answer_is_lost_is_repeated);
	check_run(a_redelivery_renews_the_handle_of_a_deletion_that_waits);
	check_run(a_redelivery_during_a_deletion_makes_it_go_out_again);
	check_run(when_too_much_waits_for_deletion_nothing_is_received);
	return check_done();
}
