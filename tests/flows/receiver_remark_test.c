/*
 * What people are told about announcements that lead to no build: once, and without standing in the
 * way of anything.
 */
#include "tests/flows/receiving.h"
#include "tests/unit/check.h"

#define ANNOUNCEMENTS "tests/cases/announcements/"
#define HIDDEN        120000 /* the visibility timeout */

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

static int64_t remarks(const char *where)
{
	struct buf sql = buf_with_max(1000);
	int64_t n;

	buf_addf(&sql, "SELECT count(*) FROM notices WHERE %s", where);
	n = world_count(world, buf_text(&sql));
	buf_clear(&sql);
	return n;
}

TEST(several_images_are_told_with_their_record)
{
	begin();
	world_announce_file(world, ANNOUNCEMENTS "several.json");
	world_announce_file(world, ANNOUNCEMENTS "several.json");
	world_run(world, 1000);
	CHECK_INT(cloud_left(world->cloud), 0);
	CHECK_INT(receiving_builds(&on), 0);
	CHECK_INT(world->asked[PORT_TELL], 0);
	CHECK_INT(remarks("kind = 'ambiguous' AND family = 'web'"), 1);
	CHECK_INT(remarks("key = 'ambiguous/web/eu-west-1/2023.9.20260813.0'"), 1);
	CHECK_INT(remarks("text LIKE '%ami-a000000000000000d%ami-b000000000000000d%'"), 1);
	end();
}

TEST(what_cannot_be_read_is_told_once_and_stays)
{
	begin();
	world_announce_file(world, ANNOUNCEMENTS "unreadable.json");
	world_announce(world, 0);
	world_run(world, 1000);
	CHECK_INT(remarks("kind = 'unreadable' AND family IS NULL AND text LIKE"
	                  " '%amazon-linux-2023%A new way <to say> it%v1%'"),
	          1);
	CHECK_INT(remarks("key = 'unreadable/amazon-linux-2023/"
	                  "5b8f6c1e-2a3d-5f47-9c0b-00000000000e'"),
	          1);
	world_run(world, 2 * HIDDEN);
	CHECK_INT(world->cloud->messages[0].receives, 3);
	CHECK_INT(world->asked[PORT_TELL], 3);
	CHECK_INT(remarks("kind = 'unreadable'"), 1);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(receiving_builds(&on), 1);
	end();
}

TEST(what_is_not_signed_is_not_told)
{
	begin();
	cloud_send(world->cloud, SPAN("{\"Type\": \"Notification\"}"));
	world_run(world, 1000);
	CHECK_INT(world->cloud->messages[0].receives, 1);
	CHECK_INT(world->asked[PORT_TELL], 0);
	end();
}

TEST(that_it_cannot_be_told_holds_nothing_up)
{
	begin();
	world_always(world, PORT_TELL, FATE_BROKEN);
	world_announce_file(world, ANNOUNCEMENTS "unreadable.json");
	world_announce(world, 0);
	world_run(world, 1000);
	CHECK_INT(cloud_left(world->cloud), 1);
	CHECK_INT(receiving_builds(&on), 1);
	world_always(world, PORT_TELL, FATE_FINE);
	world_run(world, HIDDEN);
	CHECK_INT(remarks("kind = 'unreadable'"), 1);
	end();
}

TEST(who_is_in_a_hurry_while_it_is_told_hands_back)
{
	begin();
	world_next(world, PORT_TELL, FATE_HELD);
	world_announce_file(world, ANNOUNCEMENTS "unreadable.json");
	world_run(world, 1000);
	CHECK_INT(world->asked[PORT_TELL], 1);
	receiver_hurry(on.receivers[0]);
	world_run(world, 1000);
	CHECK_INT(on.stopped, 1);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
	end();
}

int main(void)
{
	check_run(several_images_are_told_with_their_record);
	check_run(what_cannot_be_read_is_told_once_and_stays);
	check_run(what_is_not_signed_is_not_told);
	check_run(that_it_cannot_be_told_holds_nothing_up);
	check_run(who_is_in_a_hurry_while_it_is_told_hands_back);
	return check_done();
}
