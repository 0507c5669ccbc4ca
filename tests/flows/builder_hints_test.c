/*
 * Hints that come too early, many at a time, or while the ledger is out of order.
 */
#include "tests/flows/building.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define SECOND 1000
#define MINUTE 60000

static struct building on;
static struct world *world; /* where it happens */

static void begin(size_t builds)
{
	building_begin(&on, builds);
	world = on.world;
	world->cloud->polls = 1000000;
}

static void end(void)
{
	building_end(&on);
}

static void begin_followed(size_t builds)
{
	begin(builds);
	world_run(world, (int64_t)builds * 3 * SECOND);
	world_run(world, 20 * MINUTE); /* polls are a minute apart */
	world->asked[PORT_GET] = world->asked[PORT_HURRY] = 0;
}

static const char *id_of(int execution)
{
	static char id[40];

	snprintf(id, sizeof(id), "%08x" CLOUD_ID_REST, (unsigned)execution);
	return id;
}

/* ---- too early ------------------------------------------------------------------------------- */

/* Long before its second poll, which is 15 s after the first. */
static void check_hinted(bool hinted)
{
	world_run(world, 3 * SECOND);
	CHECK_INT(world_count(world, "SELECT hinted FROM builds"), hinted);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE state = 'started'"), 1);
}

TEST(a_hint_before_the_start_is_answered_is_not_lost)
{
	begin(1);
	world_next(world, PORT_START, FATE_HELD);
	building_run_until_asked(&on, PORT_START);
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_HURRY], 1);
	world_release(world, 0, FATE_FINE);
	check_hinted(true);
	end();
}

TEST(a_hint_while_the_start_is_saved_is_not_lost)
{
	begin(1);
	building_run_until_asked(&on, PORT_START);
	world_next(world, PORT_SAVE, FATE_HELD);
	building_run_until_asked(&on, PORT_SAVE);
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	world_release(world, 0, FATE_FINE);
	check_hinted(true);
	end();
}

/* The ledger was asked before the row was there, and its answer comes after. */
TEST(a_hint_whose_answer_is_overtaken_by_the_save_is_not_lost)
{
	begin(1);
	world_next(world, PORT_START, FATE_HELD);
	building_run_until_asked(&on, PORT_START);
	world_next(world, PORT_HURRY, FATE_HELD);
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	world_release(world, 0, FATE_FINE);
	building_run_until_asked(&on, PORT_SAVE);
	world_run(world, SECOND);
	world_release(world, 0, FATE_FINE);
	check_hinted(true);
	end();
}

TEST(only_the_latest_of_many_unknown_executions_are_remembered)
{
	begin(1);
	world_next(world, PORT_START, FATE_HELD);
	building_run_until_asked(&on, PORT_START);
	building_hint(&on, CLOUD_FIRST_ID);
	for (int i = 0; i < LIMIT_UNKNOWN; i++) {
		building_hint(&on, id_of(1000 + i));
		world_run(world, SECOND);
	}
	world_release(world, 0, FATE_FINE);
	check_hinted(false);
	end();
}

/* ---- many ------------------------------------------------------------------------------------ */

TEST(of_many_hints_at_once_none_is_lost)
{
	begin_followed(12);
	for (int i = 0; i < 12; i++)
		building_hint(&on, id_of(i));
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_GET], 12);
	CHECK_INT(world->asked[PORT_HURRY], 12);
	end();
}

TEST(the_same_hint_does_not_wait_twice)
{
	begin_followed(1);
	for (int i = 0; i < 10; i++)
		building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	CHECK(world->asked[PORT_HURRY] == 2, "%d", world->asked[PORT_HURRY]);
	CHECK(world->asked[PORT_GET] >= 1 && world->asked[PORT_GET] <= 2);
	end();
}

TEST(more_than_can_wait_are_left_out_and_polled_for)
{
	begin_followed(1);
	for (int i = 0; i < LIMIT_HINTS; i++)
		building_hint(&on, id_of(1000 + i));
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	CHECK(world->asked[PORT_HURRY] <= LIMIT_HINTS);
	CHECK_INT(world->asked[PORT_GET], 0);
	world_run(world, MINUTE + SECOND);
	CHECK(world->asked[PORT_GET] >= 1);
	end();
}

TEST(a_hint_waits_for_a_ledger_that_is_out_of_order)
{
	begin_followed(1);
	world_next(world, PORT_HURRY, FATE_BROKEN);
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, 10 * SECOND);
	CHECK_INT(world->asked[PORT_GET], 1);
	CHECK_INT(world->asked[PORT_HURRY], 2);
	end();
}

TEST(a_stop_forgets_what_waits)
{
	begin_followed(1);
	world_next(world, PORT_HURRY, FATE_HELD);
	building_hint(&on, CLOUD_FIRST_ID);
	building_hint(&on, id_of(7));
	builder_stop(on.builder);
	building_hint(&on, id_of(8));
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_HURRY], 1);
	CHECK(builder_is_quiet(on.builder));
	end();
}

/* ---- what is no execution of ours ------------------------------------------------------------ */

static void hint_of_build(const char *pipeline)
{
	builder_hurry(on.builder, &(struct event){ .level = EVENT_BUILD,
	                                           .pipeline = span_of(pipeline),
	                                           .region = SPAN("eu-west-1") });
	world_run(world, SECOND);
}

TEST(an_event_of_codebuild_hints_at_its_pipeline)
{
	begin_followed(1);
	hint_of_build("another");
	CHECK_INT(world->asked[PORT_GET], 0);
	hint_of_build("golden-web");
	CHECK_INT(world->asked[PORT_GET], 1);
	CHECK_INT(world_count(world, "SELECT hinted FROM builds"), 0);
	end();
}

TEST(what_is_longer_than_any_name_is_no_hint)
{
	static char name[3000];

	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = 'x';
	begin_followed(1);
	building_hint(&on, name);
	hint_of_build(name);
	hint_of_build("");
	CHECK_INT(world->asked[PORT_HURRY], 0);
	end();
}

int main(void)
{
	check_run(a_hint_before_the_start_is_answered_is_not_lost);
	check_run(a_hint_while_the_start_is_saved_is_not_lost);
	check_run(a_hint_whose_answer_is_overtaken_by_the_save_is_not_lost);
	check_run(only_the_latest_of_many_unknown_executions_are_remembered);
	check_run(of_many_hints_at_once_none_is_lost);
	check_run(the_same_hint_does_not_wait_twice);
	check_run(more_than_can_wait_are_left_out_and_polled_for);
	check_run(a_hint_waits_for_a_ledger_that_is_out_of_order);
	check_run(a_stop_forgets_what_waits);
	check_run(an_event_of_codebuild_hints_at_its_pipeline);
	check_run(what_is_longer_than_any_name_is_no_hint);
	return check_done();
}
