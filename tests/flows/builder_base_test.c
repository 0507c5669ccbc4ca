/*
 * The builder's base parameter: when it is written, and to what it goes back.
 */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define SECOND 1000
#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define NAME   "/golden/base"
#define IMAGE  "ami-00000000000000001" /* of the first build */
#define GOOD   "ami-0000000000000900d"
#define OTHER  "ami-000000000000000d1"

static struct building on;
static struct world *world; /* where it happens */

static void begin(const char *status)
{
	building_begin(&on, 1);
	world = on.world;
	world->cloud->status = status;
}

static void end(void)
{
	building_end(&on);
}

static bool is(const char *condition)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM builds WHERE image_id = '" IMAGE "' AND %s", condition);
	return world_count(world, sql) == 1;
}

static void holds(const char *value)
{
	CHECK_TEXT(cloud_parameter(world->cloud, NAME), value);
}

/* Until it has been written and is being followed. */
static void run_until_written(void)
{
	building_run_until_asked(&on, PORT_GET);
	holds(IMAGE);
}

/* ---- it is written --------------------------------------------------------------------------- */

TEST(it_waits_for_the_start)
{
	begin("Succeeded");
	world_next(world, PORT_START, FATE_HELD);
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_PUT], 0);
	CHECK_INT(world->asked[PORT_PARAMETER], 0);
	world_release(world, 0, FATE_FINE);
	world_run(world, SECOND);
	holds(IMAGE);
	end();
}

TEST(what_it_held_is_remembered_before_it_is_written)
{
	begin("Succeeded");
	world_next(world, PORT_PUT, FATE_HELD);
	world_run(world, MINUTE);
	holds(BUILDING_EARLIER);
	CHECK(is("base_previous = '" BUILDING_EARLIER "' AND base_parameter = '" NAME "'"));
	world_release(world, 0, FATE_FINE);
	world_run(world, 5 * MINUTE);
	holds(IMAGE);
	CHECK(is("base_written AND base_previous = '" BUILDING_EARLIER "' AND trouble IS NULL"));
	end();
}

TEST(what_is_written_between_the_looks_is_remembered_instead)
{
	begin("Failed");
	building_run_until_asked(&on, PORT_PARAMETER);
	world_next(world, PORT_SAVE, FATE_HELD);
	world_run(world, MINUTE);
	(void)cloud_set_parameter(world->cloud, NAME, OTHER);
	world_release(world, 0, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK(is("base_previous = '" OTHER "'"));
	holds(OTHER);
	end();
}

TEST(one_that_is_refused_is_told_at_the_end)
{
	begin("Succeeded");
	world_next(world, PORT_PUT, FATE_REFUSED);
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND trouble LIKE '" NAME " was not written: %'"));
	holds(BUILDING_EARLIER);
	CHECK(building_was_put(&on, BUILDING_GOLDEN));
	end();
}

TEST(one_that_may_not_be_read_is_not_written)
{
	begin("Succeeded");
	world_next(world, PORT_PARAMETER, FATE_REFUSED);
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND trouble LIKE '" NAME " was not written: %'"));
	holds(BUILDING_EARLIER);
	end();
}

/* Keys have expired, say, and are there again. */
TEST(one_that_is_denied_for_a_minute_is_written)
{
	static const enum port ports[] = { PORT_PARAMETER, PORT_PUT };

	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		begin("Succeeded");
		for (int n = 0; n < 4; n++)
			world_next(world, ports[i], FATE_BROKEN);
		world_run(world, 10 * MINUTE);
		holds(IMAGE);
		CHECK(is("state = 'finished' AND trouble IS NULL"));
		end();
	}
}

TEST(a_way_back_that_is_denied_for_a_minute_is_gone)
{
	begin("Failed");
	run_until_written();
	for (int n = 0; n < 4; n++)
		world_next(world, PORT_PUT, FATE_BROKEN);
	world_run(world, 10 * MINUTE);
	holds(BUILDING_EARLIER);
	CHECK(is("state = 'finished' AND trouble IS NULL"));
	end();
}

TEST(one_that_cannot_be_written_is_given_up)
{
	begin("Succeeded");
	world->cloud->polls = 1000;
	world_always(world, PORT_PUT, FATE_TRANSIENT);
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_PUT], 6);
	CHECK(world->asked[PORT_GET] > 10);
	end();
}

TEST(one_that_ec2_checks_is_written_when_it_can_be_read)
{
	begin("Succeeded");
	world->cloud->polls = 1000;
	cloud_set_parameter(world->cloud, NAME, OTHER)->data_type = "aws:ec2:image";
	world->cloud->let_in = false;
	building_run_until_asked(&on, PORT_PUT);
	CHECK(strstr(world_body(world, PORT_PUT), "\"DataType\":\"aws:ec2:image\"") != NULL);
	world->cloud->let_in = true;
	run_until_written();
	CHECK_INT(world->asked[PORT_PUT], 1);
	end();
}

TEST(one_that_ec2_does_not_let_in_is_told)
{
	begin("Succeeded");
	cloud_set_parameter(world->cloud, NAME, OTHER)->data_type = "aws:ec2:image";
	world->cloud->let_in = false;
	world_run(world, HOUR);
	CHECK(is("trouble = '" NAME " was not written: EC2 did not let it in'"));
	end();
}

/* ---- it goes back ---------------------------------------------------------------------------- */

static void check_end(const char *status, const char *value)
{
	begin(status);
	run_until_written();
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND trouble IS NULL"));
	holds(value);
	end();
}

TEST(without_success_it_goes_back_to_what_it_held)
{
	check_end("Failed", BUILDING_EARLIER);
	check_end("Stopped", BUILDING_EARLIER);
	check_end("Superseded", BUILDING_EARLIER);
	check_end("Cancelled", BUILDING_EARLIER);
	check_end("Succeeded", IMAGE);
}

TEST(with_nothing_to_go_back_to_it_stays_and_that_is_said)
{
	begin("Failed");
	(void)cloud_set_parameter(world->cloud, NAME, NULL);
	world_run(world, 5 * MINUTE);
	holds(IMAGE);
	CHECK(is("base_previous = '' AND trouble = '" NAME " still names " IMAGE
	         ": no earlier one is known'"));
	end();
}

TEST(what_somebody_else_wrote_is_left_alone)
{
	begin("Failed");
	run_until_written();
	(void)cloud_set_parameter(world->cloud, NAME, OTHER);
	world_run(world, 5 * MINUTE);
	holds(OTHER);
	CHECK(is("state = 'finished' AND trouble IS NULL"));
	end();
}

/* A row of the same line, with its end in the minute of its id. */
static void add_past(int id, const char *image, const char *rest)
{
	char sql[1024];

	snprintf(
		sql, sizeof(sql),
		"INSERT INTO builds (id, state, family, pipeline_region, pipeline, region, "
		"image_id,"
		" attempt, token, publisher, release, image_name, variables, announced_ms,"
		" wanted_ms, started_ms, finished_ms, status, base_written, golden_written, due_ms,"
		" tries) SELECT %d, 'finished', family, pipeline_region, pipeline, region, '%s', 0,"
		" '%d', publisher, '2023.9.1.0', image_name, variables, 1, 1, 1, %d, 'Succeeded', "
		"1,"
		" 0, 0, 0 FROM builds WHERE image_id = '" IMAGE "'; UPDATE builds SET %s WHERE"
		" id = %d",
		id, image, id, id, rest, id);
	sql_run(world->path, sql);
}

/* The build has as its row whatever comes after those. */
static void begin_after_good(void)
{
	begin("Failed");
	sql_run(world->path, "UPDATE builds SET id = 10");
	add_past(1, GOOD, "id = 1");
}

static void check_goes_back_to(const char *value)
{
	run_until_written();
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND trouble IS NULL"));
	holds(value);
	end();
}

TEST(it_goes_back_to_the_last_base_that_was_good)
{
	begin_after_good();
	check_goes_back_to(GOOD);
}

/* It was run again in the console, after a newer one had succeeded. */
TEST(what_is_older_is_not_good_for_having_ended_later)
{
	begin_after_good();
	add_past(2, "ami-2", "id = 2");
	sql_run(world->path, "UPDATE builds SET finished_ms = 100 WHERE id = 1");
	check_goes_back_to("ami-2");
}

TEST(what_failed_stopped_or_is_of_others_was_not_good)
{
	begin_after_good();
	add_past(2, "ami-2", "status = 'Failed'");
	add_past(3, "ami-3", "status = 'Stopped'");
	add_past(4, "ami-4", "family = 'another'");
	add_past(5, "ami-5", "region = 'us-east-1'");
	check_goes_back_to(GOOD);
}

TEST(what_was_taken_back_is_not_good_any_more)
{
	begin_after_good();
	add_past(2, "ami-2", "withdrawn_ms = 1");
	check_goes_back_to(GOOD);
}

TEST(what_is_in_quarantine_is_not_good)
{
	begin_after_good();
	add_past(2, "ami-2", "release = '2023.9.2.0'");
	add_past(3, "ami-3", "release = '2023.9.3.0'");
	sql_run(world->path, "INSERT INTO quarantines VALUES ('web', '2023.9.2.0', '', 1);"
	                     "INSERT INTO quarantines VALUES ('', 'ami-3', '', 1)");
	check_goes_back_to(GOOD);
}

TEST(what_others_have_in_quarantine_is_good)
{
	begin_after_good();
	sql_run(world->path, "INSERT INTO quarantines VALUES ('another', '2023.9.1.0', '', 1)");
	check_goes_back_to(GOOD);
}

TEST(a_base_that_was_good_once_stays)
{
	begin("Failed");
	sql_run(world->path, "UPDATE builds SET id = 10, attempt = 1");
	add_past(1, IMAGE, "token = 'other'");
	run_until_written();
	world_run(world, 5 * MINUTE);
	holds(IMAGE);
	CHECK_INT(building_troubled(&on), 0);
	end();
}

/* Where the way back was cut off, the next failure does not lead to the one before. */
TEST(it_never_goes_back_to_what_failed)
{
	begin("Failed");
	sql_run(world->path, "UPDATE builds SET id = 10");
	add_past(1, "ami-1", "status = 'Failed', base_previous = '" OTHER "'");
	add_past(2, "ami-2", "status = 'Failed', base_previous = 'ami-1'");
	(void)cloud_set_parameter(world->cloud, NAME, "ami-2");
	check_goes_back_to(OTHER);
}

TEST(a_way_back_that_fails_is_tried_again)
{
	begin("Failed");
	run_until_written();
	world_next(world, PORT_PARAMETER, FATE_TRANSIENT);
	world_next(world, PORT_PUT, FATE_LOST);
	world_run(world, 5 * MINUTE);
	holds(BUILDING_EARLIER);
	CHECK(is("state = 'finished' AND trouble IS NULL"));
	CHECK_INT(building_notices(&on), 1);
	end();
}

static void check_stays(enum port port, enum fate fate)
{
	begin("Failed");
	run_until_written();
	world_always(world, port, fate);
	world_run(world, HOUR);
	holds(IMAGE);
	CHECK(is("state = 'finished' AND trouble LIKE '" NAME " still names " IMAGE ": %'"));
	end();
}

TEST(a_way_back_that_there_is_not_is_told)
{
	check_stays(PORT_PARAMETER, FATE_REFUSED);
	check_stays(PORT_PUT, FATE_REFUSED);
	check_stays(PORT_PARAMETER, FATE_TRANSIENT);
	check_stays(PORT_PUT, FATE_TRANSIENT);
}

TEST(a_ledger_that_fails_meanwhile_is_asked_again)
{
	begin("Failed");
	run_until_written();
	world_next(world, PORT_GOOD_BASE, FATE_TRANSIENT);
	world_run(world, 5 * MINUTE);
	holds(BUILDING_EARLIER);
	CHECK(is("state = 'finished' AND trouble IS NULL"));
	end();
}

TEST(what_runs_again_has_its_base_again)
{
	begin("Failed");
	run_until_written();
	world_run(world, MINUTE);
	holds(BUILDING_EARLIER);
	cloud_run_again(world->cloud, 20, "Failed");
	world_run(world, 3 * MINUTE);
	holds(IMAGE);
	world_run(world, HOUR);
	holds(BUILDING_EARLIER);
	end();
}

/* Somebody retries a stage of it after this build of a newer release. */
static void run_again_after(const char *newer)
{
	begin("Failed");
	run_until_written();
	world_run(world, MINUTE);
	holds(BUILDING_EARLIER);
	add_past(2, OTHER, newer);
	sql_run(world->path, "INSERT INTO lines SELECT family, region, '2023.10.20260901.0'"
	                     " FROM builds WHERE id = 1");
	cloud_run_again(world->cloud, 20, "Failed");
	world_run(world, 3 * MINUTE);
	CHECK(is("state = 'started'"));
}

TEST(what_runs_again_after_a_newer_one_has_failed_has_its_base_again)
{
	run_again_after("status = 'Failed'");
	holds(IMAGE);
	world_run(world, HOUR);
	holds(BUILDING_EARLIER);
	end();
}

TEST(what_runs_again_leaves_the_base_of_a_newer_one_alone)
{
	run_again_after("status = 'Succeeded'");
	holds(BUILDING_EARLIER);
	end();
	run_again_after("state = 'started', due_ms = (SELECT max(due_ms) FROM builds) + 3600000");
	holds(BUILDING_EARLIER);
	end();
}

/* What has gone wrong before is told beside it. */
TEST(each_trouble_is_told)
{
	begin("Succeeded");
	world_always(world, PORT_PUT, FATE_REFUSED);
	world->cloud->output = "no-image";
	building_run_until_asked(&on, PORT_LIST);
	world_run(world, 5 * MINUTE);
	CHECK(is("trouble LIKE '" NAME " was not written: %; %'"));
	end();
	begin("Failed");
	world_always(world, PORT_PUT, FATE_REFUSED);
	world_always(world, PORT_LIST, FATE_REFUSED);
	world_run(world, 10 * MINUTE);
	CHECK(is("trouble LIKE '" NAME " was not written: %; its actions could not be listed: %'"));
	end();
}

/* ---- killed at every request ----------------------------------------------------------------- */

/* True when it was killed; false when there was no such request. */
static bool die_at(int request, bool too_late)
{
	bool crashed;

	begin("Failed");
	building_run_until_asked(&on, PORT_START);
	world->crash_at = world->steps + request;
	world->crash_too_late = too_late;
	world_run(world, 2 * MINUTE);
	crashed = world->crashed;
	building_restart(&on);
	world_run(world, 10 * MINUTE);
	CHECK(is("state = 'finished' AND base_previous = '" BUILDING_EARLIER "'"));
	CHECK(is("trouble IS NULL"));
	holds(BUILDING_EARLIER);
	CHECK_INT((int)world->cloud->n_puts, 2);
	end();
	return crashed;
}

TEST(killed_at_any_request_it_goes_back)
{
	int request = 1;

	while (die_at(request, false) && die_at(request, true))
		request++;
	CHECK(request > 12, "only %d requests", request);
}

int main(void)
{
	check_run(it_waits_for_the_start);
	check_run(what_it_held_is_remembered_before_it_is_written);
	check_run(what_is_written_between_the_looks_is_remembered_instead);
	check_run(one_that_is_refused_is_told_at_the_end);
	check_run(one_that_may_not_be_read_is_not_written);
	check_run(one_that_is_denied_for_a_minute_is_written);
	check_run(a_way_back_that_is_denied_for_a_minute_is_gone);
	check_run(one_that_cannot_be_written_is_given_up);
	check_run(one_that_ec2_checks_is_written_when_it_can_be_read);
	check_run(one_that_ec2_does_not_let_in_is_told);
	check_run(without_success_it_goes_back_to_what_it_held);
	check_run(with_nothing_to_go_back_to_it_stays_and_that_is_said);
	check_run(what_somebody_else_wrote_is_left_alone);
	check_run(it_goes_back_to_the_last_base_that_was_good);
	check_run(what_is_older_is_not_good_for_having_ended_later);
	check_run(what_failed_stopped_or_is_of_others_was_not_good);
	check_run(what_was_taken_back_is_not_good_any_more);
	check_run(what_is_in_quarantine_is_not_good);
	check_run(what_others_have_in_quarantine_is_good);
	check_run(a_base_that_was_good_once_stays);
	check_run(it_never_goes_back_to_what_failed);
	check_run(a_way_back_that_fails_is_tried_again);
	check_run(a_way_back_that_there_is_not_is_told);
	check_run(a_ledger_that_fails_meanwhile_is_asked_again);
	check_run(what_runs_again_has_its_base_again);
	check_run(what_runs_again_after_a_newer_one_has_failed_has_its_base_again);
	check_run(what_runs_again_leaves_the_base_of_a_newer_one_alone);
	check_run(each_trouble_is_told);
	check_run(killed_at_any_request_it_goes_back);
	return check_done();
}
