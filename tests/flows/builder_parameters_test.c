/*
 * The builder's parameters: when base and golden are put, and whatever Parameter Store answers.
 */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#define SECOND 1000
#define MINUTE 60000
#define HOUR   (60 * MINUTE)

static struct building on;
static struct world *world; /* where it happens */

static void begin(size_t builds)
{
	building_begin(&on, builds);
	world = on.world;
}

static void end(void)
{
	building_end(&on);
}

TEST(the_base_parameter_waits_for_the_start)
{
	begin(1);
	world_next(world, PORT_START, FATE_HELD);
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_PUT], 0);
	world_release(world, 0, FATE_FINE);
	world_run(world, SECOND);
	CHECK(building_was_put(&on, BUILDING_BASE));
	end();
}

TEST(a_base_parameter_that_is_refused_is_told_at_the_end)
{
	begin(1);
	world_next(world, PORT_PUT, FATE_REFUSED);
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 1);
	CHECK(!building_was_put(&on, BUILDING_BASE));
	CHECK(building_was_put(&on, BUILDING_GOLDEN));
	end();
}

TEST(a_base_parameter_that_cannot_be_written_is_given_up)
{
	begin(1);
	world->cloud->polls = 1000;
	world_always(world, PORT_PUT, FATE_TRANSIENT);
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_PUT], 6);
	CHECK(world->asked[PORT_GET] > 10);
	end();
}

TEST(a_golden_parameter_outlasts_an_outage)
{
	begin(1);
	building_run_until_asked(&on, PORT_GET);
	world_always(world, PORT_PUT, FATE_TRANSIENT);
	world_run(world, 20 * MINUTE);
	CHECK_INT(building_finished(&on), 0);
	world_always(world, PORT_PUT, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK(building_was_put(&on, BUILDING_GOLDEN));
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 0);
	end();
}

TEST(a_golden_parameter_does_not_move_backwards)
{
	begin(2);
	building_run_until_asked(&on, PORT_START);
	building_run_until_asked(&on, PORT_START);
	world_next(world, PORT_GET, FATE_HELD); /* of the one that was just started: */
	sql_run(world->path, "UPDATE builds SET region = 'eu-west-1';" /* the older one */
	                     "UPDATE builds SET release = '2023.10.20260901.0' WHERE id = 1");
	world_run(world, 10 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT((int)world->cloud->n_puts, 3); /* two base parameters, one golden */
	world_release(world, 0, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK_INT(building_finished(&on), 2);
	CHECK_INT((int)world->cloud->n_puts, 3);
	CHECK_INT(building_troubled(&on), 1);
	end();
}

TEST(a_golden_parameter_is_given_up_at_last)
{
	begin(1);
	building_run_until_asked(&on, PORT_GET);
	world_always(world, PORT_PUT, FATE_TRANSIENT);
	world_run(world, 48 * HOUR);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

static void check_output(const char *output)
{
	begin(1);
	world->cloud->output = output;
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 1);
	CHECK_INT((int)world->cloud->n_puts, 1);
	end();
}

TEST(only_an_image_id_becomes_golden)
{
	check_output(NULL);
	check_output("");
	check_output("ami-");
	check_output("see the log");
}

int main(void)
{
	check_run(the_base_parameter_waits_for_the_start);
	check_run(a_base_parameter_that_is_refused_is_told_at_the_end);
	check_run(a_base_parameter_that_cannot_be_written_is_given_up);
	check_run(a_golden_parameter_outlasts_an_outage);
	check_run(a_golden_parameter_does_not_move_backwards);
	check_run(a_golden_parameter_is_given_up_at_last);
	check_run(only_an_image_id_becomes_golden);
	return check_done();
}
