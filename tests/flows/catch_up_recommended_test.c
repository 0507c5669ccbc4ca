/*
 * Catch-up where AWS recommends an image that is older than what was built: is its parameter late,
 * or was it moved back?
 */
#include "tests/flows/catching.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

static struct catching on;
static struct world *world; /* where it happens */

static void begin(void)
{
	catching_begin(&on);
	world = on.world;
}

static void end(void)
{
	catching_end(&on);
}

TEST(a_pointer_that_stays_behind_is_told_once)
{
	begin();
	catching_add_newest(&on);
	catching_drain(&on);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE image_id = '" NEWEST "'"),
	          1);
	world->cloud->recommended = OLD;
	world_run(world, DAY);
	CHECK(catching_logged(&on, "moved_back") > 2);
	CHECK_INT(catching_notices(&on, "withdrawn"), 0);
	world_run(world, DAY);
	CHECK_INT(catching_notices(&on, "withdrawn"), 1);
	CHECK(on.told > 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE key ="
	                             " 'moved-back/web/eu-west-1/" OLD "'"),
	          1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds"), 1);
	end();
}

#define VERSION "2023.10.20260815.0" /* of the newest */

/* The one build is of the newest release, and has succeeded. */
static void build_newest(void)
{
	sql_run(world->path, "UPDATE builds SET state = 'finished', status = 'Succeeded',"
	                     " execution_id = 'e-1', golden_ami = 'ami-g', image_id = '" NEWEST
	                     "', release = '" VERSION "';"
	                     "INSERT INTO lines VALUES ('web', 'eu-west-1', '" VERSION "')");
}

/* It is built, and is what AWS recommends. */
static void begin_recommended(void)
{
	begin();
	world->config->catch_up.adopt = false;
	catching_add_newest(&on);
	world->cloud->recommended = NEWEST;
	catching_drain(&on);
	build_newest();
	world_run(world, 6 * HOUR);
	CHECK_INT(catching_notices(&on, "withdrawn"), 0);
}

static int64_t withdrawn(void)
{
	return world_count(world, "SELECT count(*) FROM builds WHERE withdrawn_ms > 0");
}

static int64_t quarantines(void)
{
	return world_count(world, "SELECT count(*) FROM quarantines"
	                          " WHERE family = 'web' AND what = '" VERSION "'");
}

TEST(what_aws_recommends_no_longer_is_taken_back_once)
{
	begin_recommended();
	world->cloud->recommended = OLD;
	world_run(world, 7 * HOUR);
	CHECK_INT(withdrawn(), 1);
	CHECK_INT(quarantines(), 1);
	CHECK_INT(catching_notices(&on, "withdrawn"), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE text LIKE"
	                             " '%was recommended before%Made from it%ami-g%'"),
	          1);
	sql_run(world->path, "DELETE FROM quarantines");
	world_run(world, 2 * DAY);
	CHECK_INT(quarantines(), 0);
	CHECK_INT(catching_notices(&on, "withdrawn"), 1);
	end();
}

TEST(what_the_ledger_does_not_take_back_is_taken_back_later)
{
	begin_recommended();
	world->cloud->recommended = OLD;
	world_next(world, PORT_WITHDRAW, FATE_BROKEN);
	world_run(world, 7 * HOUR);
	CHECK_INT(catching_logged(&on, "catch_up_failed"), 1);
	CHECK_INT(withdrawn(), 1);
	CHECK_INT(catching_notices(&on, "withdrawn"), 1);
	end();
}

/* Its announcement came before its parameter moved. */
TEST(what_aws_recommends_not_yet_is_not_taken_back)
{
	begin();
	world->config->catch_up.adopt = false;
	world->cloud->recommended = OLD;
	catching_drain(&on);
	build_newest();
	world_run(world, 2 * DAY);
	CHECK_INT(withdrawn(), 0);
	CHECK_INT(quarantines(), 0);
	CHECK_INT(catching_notices(&on, "withdrawn"), 1);
	end();
}

TEST(a_remark_that_the_ledger_does_not_take_is_told_later)
{
	begin();
	catching_add_newest(&on);
	catching_drain(&on);
	world->cloud->recommended = OLD;
	world_next(world, PORT_TELL, FATE_BROKEN);
	world_next(world, PORT_TELL, FATE_BROKEN);
	world_run(world, 2 * DAY);
	CHECK_INT(catching_notices(&on, "withdrawn"), 1);
	CHECK_INT(catching_logged(&on, "ledger_failed"), 2);
	end();
}

int main(void)
{
	check_run(a_pointer_that_stays_behind_is_told_once);
	check_run(what_aws_recommends_no_longer_is_taken_back_once);
	check_run(what_the_ledger_does_not_take_back_is_taken_back_later);
	check_run(what_aws_recommends_not_yet_is_not_taken_back);
	check_run(a_remark_that_the_ledger_does_not_take_is_told_later);
	return check_done();
}
