/*
 * An execution followed to its real end: what is told of it, and when; retried in the console, with
 * and without events; and watched until a newer one is started.
 */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000
#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

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

static int64_t now_ms(void)
{
	return ports_now_ms(&world->ports);
}

static int64_t number(const char *what)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT %s FROM builds WHERE id = 1", what);
	return world_count(world, sql);
}

static bool is(const char *condition)
{
	return number(condition) != 0;
}

static int64_t notices(const char *kind)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM notices WHERE kind = '%s'", kind);
	return world_count(world, sql);
}

static int puts_of(const char *put)
{
	int n = 0;

	for (size_t i = 0; i < world->cloud->n_puts; i++)
		n += strcmp(world->cloud->puts[i], put) == 0;
	return n;
}

static void begin_ended(const char *status)
{
	begin(status);
	world_run(world, MINUTE);
	CHECK(is("state = 'finished'"));
}

/* ---- what is told of an end ------------------------------------------------------------------ */

static void check_end(const char *status, bool watched)
{
	char condition[64];

	begin_ended(status);
	snprintf(condition, sizeof(condition), "status = '%s'", status);
	CHECK(is(condition), "%s", status);
	CHECK(is("timeline LIKE '{\"stages\":[{\"stage\":\"Build\",\"action\":\"Packer\",%'"));
	CHECK(is("failed_stage IS NOT NULL") == (strcmp(status, "Failed") == 0), "%s", status);
	CHECK(is("watched") == watched, "%s", status);
	CHECK_INT(notices("finished"), 1);
	end();
}

TEST(every_end_is_told_as_what_it_is)
{
	check_end("Succeeded", false);
	check_end("Failed", true);
	check_end("Stopped", true);
	check_end("Superseded", false);
	check_end("Cancelled", false);
}

TEST(an_execution_that_failed_before_any_action_has_its_summary)
{
	begin("Failed");
	world->cloud->no_actions = true;
	world_run(world, MINUTE);
	CHECK(is("state = 'finished' AND status = 'Failed' AND failed_stage IS NULL"));
	CHECK(is("timeline IS NULL AND trouble IS NULL"));
	CHECK(is("finished_ms >= started_ms"));
	end();
}

TEST(tests_are_counted_however_it_ends)
{
	begin("Failed");
	world->cloud->tests = "12";
	world_run(world, MINUTE);
	CHECK(is("timeline LIKE '%\"tests\":{\"passed\":12,\"failed\":null,%'"));
	end();
}

/* As it stands in the row when AWS tells this much later than the start. */
static int64_t finished_after(int64_t ms)
{
	int64_t finished_ms;

	begin("Succeeded");
	world->cloud->polls = 100;
	world_run(world, MINUTE);
	world->cloud->ended_ms = number("started_ms") + ms;
	world->cloud->polls = 1;
	world_run(world, MINUTE);
	CHECK(is("state = 'finished'"));
	finished_ms = number("finished_ms - started_ms");
	end();
	return finished_ms;
}

TEST(it_ended_when_aws_says_so)
{
	CHECK_INT(finished_after(31207), 31207);
	CHECK_INT(finished_after(5 * MINUTE), 5 * MINUTE); /* its clock may be ahead a little */
}

TEST(nothing_ends_before_its_start_or_in_the_future)
{
	CHECK_INT(finished_after(-HOUR), 0);
	CHECK(finished_after(DAY) <= 2 * MINUTE);
}

TEST(actions_that_cannot_be_listed_are_given_up_and_found_later)
{
	begin("Failed");
	world_always(world, PORT_LIST, FATE_TRANSIENT);
	world_run(world, 10 * MINUTE);
	CHECK(is("state = 'finished' AND timeline IS NULL AND trouble IS NOT NULL AND watched"));
	world_always(world, PORT_LIST, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK(is("state = 'finished' AND failed_stage = 'Build' AND trouble IS NULL AND watched"));
	CHECK_INT(notices("finished"), 2);
	end();
}

#define STILL_RUNNING                                                           \
	"{\"actionExecutionDetails\":[{\"stageName\":\"Build\",\"actionName\":" \
	"\"Packer\",\"status\":\"InProgress\"}]}"

/* An event makes it ask so soon that one API may know of the end, and another not yet. */
TEST(actions_that_are_told_late_are_waited_for)
{
	begin("Succeeded");
	world_next_text(world, PORT_LIST, STILL_RUNNING);
	world_next_text(world, PORT_LIST, STILL_RUNNING);
	world_run(world, 5 * MINUTE);
	CHECK(is("state = 'finished' AND golden_written AND trouble IS NULL"));
	CHECK_INT(world->asked[PORT_LIST], 3);
	CHECK_INT(notices("finished"), 1);
	end();
}

TEST(actions_that_are_never_told_to_have_ended_are_not_waited_for_long)
{
	begin("Failed");
	for (int i = 0; i < 6; i++)
		world_next_text(world, PORT_LIST, STILL_RUNNING);
	while (world->asked[PORT_LIST] < 6)
		building_run_until_asked(&on, PORT_LIST);
	world_run(world, SECOND);
	CHECK(is("state = 'finished' AND status = 'Failed' AND watched"));
	end();
}

/* A permission is missing, and the line waits for it. */
TEST(who_may_not_ask_how_it_goes_is_told_once)
{
	begin("Succeeded");
	world_always(world, PORT_GET, FATE_REFUSED);
	world_run(world, 6 * HOUR);
	CHECK(is("state = 'started' AND trouble LIKE 'it cannot be followed now: %'"));
	CHECK_INT(notices("started"), 2);
	world_always(world, PORT_GET, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK(is("state = 'finished' AND status = 'Succeeded' AND trouble IS NULL"));
	end();
}

/* ---- polls ----------------------------------------------------------------------------------- */

TEST(where_events_come_polls_are_rare)
{
	int64_t before_ms;

	begin("Succeeded");
	world->cloud->polls = 1000000;
	building_run_until_asked(&on, PORT_GET);
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	CHECK(is("hinted"));
	before_ms = world->asked_ms[PORT_GET];
	building_run_until_asked(&on, PORT_GET);
	CHECK(world->asked_ms[PORT_GET] - before_ms <= 16 * SECOND);
	world_run(world, 2 * HOUR);
	building_run_until_asked(&on, PORT_GET);
	before_ms = world->asked_ms[PORT_GET];
	building_run_until_asked(&on, PORT_GET);
	CHECK_INT((world->asked_ms[PORT_GET] - before_ms) / SECOND, 300);
	end();
}

/* ---- run again ------------------------------------------------------------------------------- */

TEST(a_retry_in_the_console_is_found_without_events)
{
	int64_t started;

	begin_ended("Failed");
	started = notices("started");
	CHECK_INT(puts_of(BUILDING_BASE), 1);
	cloud_run_again(world->cloud, 10, "Succeeded");
	world_run(world, 2 * MINUTE);
	CHECK(is("state = 'started' AND status = 'InProgress' AND finished_ms = 0"));
	CHECK(is("failed_stage IS NULL AND error_message IS NULL AND timeline IS NULL"));
	CHECK(is("NOT watched"));
	CHECK_INT(notices("started"), started + 1);
	CHECK_INT(puts_of(BUILDING_BASE), 2);
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	world_run(world, 15 * MINUTE);
	CHECK(is("state = 'finished' AND status = 'Succeeded' AND NOT watched"));
	CHECK(is("golden_ami IS NOT NULL"));
	CHECK_INT(puts_of(BUILDING_GOLDEN), 1);
	CHECK_INT(notices("finished"), 2);
	CHECK_INT(world->asked[PORT_START], 1);
	end();
}

TEST(a_retry_in_the_console_is_found_at_once_with_an_event)
{
	begin_ended("Stopped");
	cloud_run_again(world->cloud, 10, "Succeeded");
	building_hint(&on, CLOUD_FIRST_ID);
	world_run(world, SECOND);
	CHECK(is("state = 'started' AND hinted"));
	end();
}

TEST(what_fails_once_more_is_watched_once_more)
{
	begin_ended("Failed");
	for (int i = 2; i < 5; i++) {
		cloud_run_again(world->cloud, 3, "Failed");
		world_run(world, 10 * MINUTE);
		CHECK(is("state = 'finished' AND status = 'Failed' AND watched"));
		CHECK(is("failed_stage = 'Build'"));
		CHECK_INT(notices("finished"), i);
	}
	end();
}

TEST(a_success_between_two_looks_is_taken_as_such)
{
	begin_ended("Failed");
	cloud_run_again(world->cloud, 1, "Succeeded");
	world_run(world, 3 * MINUTE);
	CHECK(is("state = 'finished' AND status = 'Succeeded'"));
	CHECK_INT(puts_of(BUILDING_BASE), 2);
	CHECK_INT(puts_of(BUILDING_GOLDEN), 1);
	end();
}

TEST(a_failure_between_two_looks_is_taken_as_such)
{
	begin_ended("Failed");
	world->cloud->ended_ms = now_ms();
	cloud_run_again(world->cloud, 1, "Failed");
	world_run(world, 3 * MINUTE);
	CHECK(is("state = 'finished' AND status = 'Failed' AND watched"));
	CHECK_INT(number("finished_ms"), world->cloud->ended_ms);
	CHECK_INT(notices("finished"), 2);
	CHECK_INT(puts_of(BUILDING_BASE), 1);
	end();
}

/* It is run again while its base waits for an outage to go back. */
static void run_again_before_settled(int polls)
{
	begin("Failed");
	building_run_until_asked(&on, PORT_LIST);
	world_always(world, PORT_PARAMETER, FATE_TRANSIENT);
	world_run(world, MINUTE);
	CHECK(is("state = 'started' AND status = 'Failed' AND failed_stage IS NOT NULL"));
	cloud_run_again(world->cloud, polls, "Succeeded");
	world_always(world, PORT_PARAMETER, FATE_FINE);
	world_run(world, 2 * MINUTE);
}

TEST(what_runs_again_before_it_is_settled_has_not_failed)
{
	run_again_before_settled(10);
	CHECK(is("state = 'started' AND status = 'InProgress' AND finished_ms = 0"));
	CHECK(is("failed_stage IS NULL AND error_message IS NULL AND timeline IS NULL"));
	world_run(world, 15 * MINUTE);
	CHECK(is("state = 'finished' AND status = 'Succeeded' AND failed_stage IS NULL"));
	CHECK_INT(notices("finished"), 1);
	end();
}

TEST(what_has_succeeded_before_it_is_settled_has_not_failed)
{
	run_again_before_settled(1);
	CHECK(is("state = 'finished' AND status = 'Succeeded' AND failed_stage IS NULL"));
	CHECK(is("error_message IS NULL AND golden_ami IS NOT NULL"));
	end();
}

/* ---- gone ------------------------------------------------------------------------------------ */

/* The pipeline was deleted, and its executions with it. */
TEST(an_execution_that_is_gone_is_given_up_before_long)
{
	begin("Succeeded");
	world->cloud->polls = 1000000;
	building_run_until_asked(&on, PORT_GET);
	world_always_code(world, PORT_GET, "PipelineExecutionNotFoundException");
	world_run(world, 10 * MINUTE);
	CHECK(is("state = 'started'")); /* it may only be missing in this answer */
	world_run(world, 2 * HOUR);
	CHECK(is("state = 'finished' AND NOT watched"));
	CHECK(is("trouble LIKE 'it could not be followed: %'"));
	CHECK_INT(notices("finished"), 1);
	end();
}

TEST(an_execution_that_is_back_is_followed)
{
	begin("Succeeded");
	world->cloud->polls = 1000000;
	building_run_until_asked(&on, PORT_GET);
	world_always_code(world, PORT_GET, "PipelineExecutionNotFoundException");
	world_run(world, 10 * MINUTE);
	world_always(world, PORT_GET, FATE_FINE);
	world->cloud->polls = 1;
	world_run(world, HOUR);
	CHECK(is("state = 'finished' AND status = 'Succeeded' AND trouble IS NULL"));
	end();
}

/* ---- watched --------------------------------------------------------------------------------- */

TEST(a_look_that_finds_nothing_new_changes_nothing)
{
	int64_t finished_ms;

	begin_ended("Failed");
	finished_ms = number("finished_ms");
	world_run(world, DAY);
	CHECK(is("state = 'finished' AND watched AND tries = 0"));
	CHECK_INT(number("finished_ms"), finished_ms);
	CHECK_INT(notices("finished"), 1);
	CHECK_INT((int)world->cloud->n_puts, 2);
	end();
}

TEST(looks_become_rare_and_end_after_two_weeks)
{
	int before;

	begin_ended("Failed");
	before = world->asked[PORT_GET];
	world_run(world, HOUR);
	CHECK(world->asked[PORT_GET] - before >= 20, "%d", world->asked[PORT_GET] - before);
	world_run(world, DAY);
	before = world->asked[PORT_GET];
	world_run(world, DAY);
	CHECK_INT(world->asked[PORT_GET] - before, 24);
	world_run(world, 12 * (int64_t)DAY);
	CHECK(is("NOT watched"));
	before = world->asked[PORT_GET];
	world_run(world, 7 * (int64_t)DAY);
	CHECK_INT(world->asked[PORT_GET], before);
	end();
}

TEST(looks_that_fail_go_on)
{
	begin_ended("Failed");
	world_always(world, PORT_GET, FATE_REFUSED);
	world_run(world, 10 * MINUTE);
	world_always(world, PORT_GET, FATE_FINE);
	world_always(world, PORT_LIST, FATE_TRANSIENT);
	world_run(world, 10 * MINUTE);
	world_always(world, PORT_LIST, FATE_FINE);
	CHECK(is("state = 'finished' AND watched"));
	cloud_run_again(world->cloud, 1, "Succeeded");
	world_run(world, 10 * MINUTE);
	CHECK(is("state = 'finished' AND status = 'Succeeded'"));
	end();
}

/* `evergold run --once` need not wait for what people may do. */
TEST(what_is_only_watched_keeps_nobody_busy)
{
	begin_ended("Failed");
	CHECK(on.idle >= 1);
	end();
}

/* What runs again is in the way of others, as it was before. */
TEST(what_runs_again_keeps_its_lane_busy)
{
	building_begin(&on, 2);
	world = on.world;
	world->cloud->status = "Failed";
	world->cloud->image_gone = "ami-00000000000000002";
	sql_run(world->path, "UPDATE builds SET region = 'eu-west-1',"
	                     " image_name = '" CLOUD_IMAGE_NAME "';"
	                     "UPDATE builds SET held = 'not_available_yet', held_ms = 1,"
	                     " release = '2023.10.20260901.0' WHERE id = 2");
	world_run(world, MINUTE);
	CHECK(is("state = 'finished' AND watched"));
	cloud_run_again(world->cloud, 60, "Failed");
	world->cloud->image_gone = NULL;
	world_run(world, 20 * MINUTE);
	CHECK(is("state = 'started'"));
	CHECK_INT(world->asked[PORT_START], 1);
	CHECK_INT(world_count(world, "SELECT held = 'pipeline_busy' FROM builds WHERE id = 2"), 1);
	world_run(world, 2 * HOUR);
	CHECK_INT(world->asked[PORT_START], 2);
	CHECK(is("state = 'finished' AND NOT watched"));
	CHECK_INT(world_count(world, "SELECT failures FROM builds WHERE id = 2"), 1);
	end();
}

/* ---- killed at every request ----------------------------------------------------------------- */

/* True when it was killed; false when there was no such request. */
static bool die_at(int request, bool too_late)
{
	bool crashed;

	begin_ended("Failed");
	cloud_run_again(world->cloud, 4, "Succeeded");
	world->crash_at = world->steps + request;
	world->crash_too_late = too_late;
	world_run(world, 10 * MINUTE);
	crashed = world->crashed;
	building_restart(&on);
	world_run(world, 10 * MINUTE);
	CHECK(is("state = 'finished' AND status = 'Succeeded' AND NOT watched"));
	CHECK(is("golden_written"));
	CHECK_INT(notices("finished"), 2);
	CHECK_INT(world->asked[PORT_START], 1);
	CHECK(puts_of(BUILDING_BASE) >= 2 && puts_of(BUILDING_BASE) <= 3);
	end();
	return crashed;
}

TEST(killed_at_any_request_it_is_followed_on)
{
	int request = 1;

	while (die_at(request, false) && die_at(request, true))
		request++;
	CHECK(request > 15, "only %d requests", request);
}

int main(void)
{
	check_run(every_end_is_told_as_what_it_is);
	check_run(an_execution_that_failed_before_any_action_has_its_summary);
	check_run(tests_are_counted_however_it_ends);
	check_run(it_ended_when_aws_says_so);
	check_run(nothing_ends_before_its_start_or_in_the_future);
	check_run(actions_that_cannot_be_listed_are_given_up_and_found_later);
	check_run(actions_that_are_told_late_are_waited_for);
	check_run(actions_that_are_never_told_to_have_ended_are_not_waited_for_long);
	check_run(who_may_not_ask_how_it_goes_is_told_once);
	check_run(where_events_come_polls_are_rare);
	check_run(a_retry_in_the_console_is_found_without_events);
	check_run(a_retry_in_the_console_is_found_at_once_with_an_event);
	check_run(what_fails_once_more_is_watched_once_more);
	check_run(a_success_between_two_looks_is_taken_as_such);
	check_run(a_failure_between_two_looks_is_taken_as_such);
	check_run(what_runs_again_before_it_is_settled_has_not_failed);
	check_run(what_has_succeeded_before_it_is_settled_has_not_failed);
	check_run(an_execution_that_is_gone_is_given_up_before_long);
	check_run(an_execution_that_is_back_is_followed);
	check_run(a_look_that_finds_nothing_new_changes_nothing);
	check_run(looks_become_rare_and_end_after_two_weeks);
	check_run(looks_that_fail_go_on);
	check_run(what_is_only_watched_keeps_nobody_busy);
	check_run(what_runs_again_keeps_its_lane_busy);
	check_run(killed_at_any_request_it_is_followed_on);
	return check_done();
}
