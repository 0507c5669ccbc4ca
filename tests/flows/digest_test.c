/*
 * The weekly digest: when it is told, over a change of the clocks, a restart, a downtime, and a
 * ledger that is out of order.
 */
#include "worker/flows/digest.h"

#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define HOUR (3600 * INT64_C(1000))
#define DAY  (24 * HOUR)

/* Monday, 2025-12-01, 00:00 UTC: 01:00 in Berlin. */
#define BEGINNING  SIMULATION_START_MS
#define SUMMER_DAY (DAY * (31 + 31 + 28 + 28)) /* Sunday, 2026-03-29 */
#define SUMMER_S   INT64_C(1774746000)         /* 01:00 UTC of that day */

static const struct zone_change changes[] = { { SUMMER_S, 7200 } };
static const struct zone berlin = { .first_offset_s = 3600, .n = 1, .changes = changes };
static const struct digest_setting monday_at_nine = { .text = "Mon 09:00 Europe/Berlin",
	                                              .at = { .day = 0, .at_min = 9 * 60 },
	                                              .zone = &berlin };

static struct world *world;
static struct digest *digest;
static int told;

static void on_told(void *ctx)
{
	(void)ctx;
	told++;
}

static void start(void)
{
	digest = digest_new(&(struct digest_options){
		.ports = &world->ports,
		.setting = &monday_at_nine,
		.told = on_told,
	});
}

static void stop(void)
{
	digest_free(digest);
	digest = NULL;
}

/* So far from the beginning. */
static void begin_at(int64_t ms)
{
	told = 0;
	world = world_new(&(struct world_options){ .folder = temporary_empty() });
	simulation_set_wall(world->simulation, BEGINNING + ms);
	start();
}

static void end(void)
{
	stop();
	world_free(world);
}

static int64_t remarks(const char *where)
{
	char query[200];

	snprintf(query, sizeof(query), "SELECT count(*) FROM notices WHERE kind = 'digest' AND %s",
	         where);
	return world_count(world, query);
}

TEST(it_is_told_when_its_moment_comes)
{
	begin_at(0);
	world_run(world, DAY);
	CHECK_INT(told, 1);
	world_run(world, 6 * DAY);
	CHECK_INT(told, 1);
	CHECK_INT(remarks("true"), 1);
	CHECK_INT(remarks("key = 'digest/2025-W49'"), 1);
	end();
}

/* 08:00 UTC is 09:00 before the clocks are put forward; the week after it is 07:00 UTC. */
TEST(it_keeps_to_the_clocks_when_they_are_put_forward)
{
	begin_at(SUMMER_DAY + DAY + 6 * HOUR);
	CHECK_INT(told, 0);
	world_run(world, HOUR - 1000);
	CHECK_INT(told, 0);
	world_run(world, 2000);
	CHECK_INT(told, 1);
	CHECK_INT(remarks("key = 'digest/2026-W14'"), 1);
	end();
}

TEST(it_keeps_to_the_clocks_before_they_are_put_forward)
{
	begin_at(SUMMER_DAY - 6 * DAY + 7 * HOUR + HOUR / 2);
	world_run(world, HOUR / 2 - 1000);
	CHECK_INT(told, 0);
	world_run(world, 2000);
	CHECK_INT(told, 1);
	CHECK_INT(remarks("key = 'digest/2026-W13'"), 1);
	end();
}

TEST(it_is_told_once_over_restarts)
{
	begin_at(8 * HOUR);
	world_run(world, HOUR);
	stop();
	world_restart(world);
	start();
	world_run(world, DAY);
	CHECK_INT(remarks("true"), 1);
	end();
}

TEST(after_a_downtime_it_is_told_late)
{
	begin_at(3 * DAY);
	world_run(world, HOUR);
	CHECK_INT(remarks("true"), 1);
	end();
}

TEST(after_a_long_downtime_the_next_one_is_told)
{
	begin_at(3 * DAY + 8 * HOUR);
	world_run(world, 3 * DAY);
	CHECK_INT(remarks("true"), 0);
	world_run(world, DAY + 8 * HOUR);
	CHECK_INT(remarks("key = 'digest/2025-W50'"), 1);
	end();
}

static void check_put_off(enum port port)
{
	begin_at(8 * HOUR);
	world_next(world, port, FATE_BROKEN);
	world_run(world, HOUR / 2);
	CHECK_INT(remarks("true"), 0);
	world_run(world, HOUR);
	CHECK_INT(remarks("true"), 1);
	end();
}

TEST(a_ledger_out_of_order_puts_it_off)
{
	check_put_off(PORT_HISTORY);
	check_put_off(PORT_OVERVIEW);
	check_put_off(PORT_TELL);
}

static void check_stop(enum port port)
{
	begin_at(8 * HOUR);
	world_next(world, port, FATE_HELD);
	world_run(world, HOUR);
	digest_stop(digest);
	world_run(world, DAY);
	CHECK_INT(told, 0);
	end();
}

TEST(it_can_be_stopped_at_any_time)
{
	check_stop(PORT_HISTORY);
	check_stop(PORT_OVERVIEW);
	check_stop(PORT_TELL);
}

TEST(it_tells_of_the_builds_of_its_week)
{
	begin_at(0);
	world_want_builds(world, 3);
	sql_run(world->path, "UPDATE builds SET state = 'finished', status = 'Succeeded',"
	                     " execution_id = 'e', announced_ms = wanted_ms,"
	                     " started_ms = wanted_ms, finished_ms = wanted_ms + 600000");
	world_run(world, 7 * DAY + 9 * HOUR);
	CHECK_INT(remarks("key = 'digest/2025-W49' AND text LIKE '%3 golden AMIs built%'"), 1);
	CHECK_INT(remarks("text LIKE '%on average 10m 00s%'"), 1);
	CHECK_INT(remarks("key = 'digest/2025-W50' AND text LIKE '%0 golden AMIs built%'"), 1);
	end();
}

int main(void)
{
	check_run(it_is_told_when_its_moment_comes);
	check_run(it_keeps_to_the_clocks_when_they_are_put_forward);
	check_run(it_keeps_to_the_clocks_before_they_are_put_forward);
	check_run(it_is_told_once_over_restarts);
	check_run(after_a_downtime_it_is_told_late);
	check_run(after_a_long_downtime_the_next_one_is_told);
	check_run(a_ledger_out_of_order_puts_it_off);
	check_run(it_can_be_stopped_at_any_time);
	check_run(it_tells_of_the_builds_of_its_week);
	return check_done();
}
