/*
 * The builder and its flows, from a wanted row to a finished one with a notice, whatever
 * CodePipeline and the ledger answer on the way.
 */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

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

/* ---- from wanted to finished ----------------------------------------------------------------- */

TEST(a_build_starts_is_followed_and_moves_both_parameters)
{
	begin(1);
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	CHECK_INT(building_troubled(&on), 0);
	CHECK_INT(world->cloud->executions[0].starts, 1);
	CHECK_INT((int)world->cloud->n_puts, 2);
	CHECK(on.moved >= 2, "%d", on.moved); /* started, finished */
	CHECK(building_was_put(&on, BUILDING_BASE));
	CHECK(building_was_put(&on, BUILDING_GOLDEN));
	CHECK_INT(on.idle, 1);
	end();
}

/* An operator has asked for it, whatever the family wishes. */
TEST(a_second_attempt_does_not_soak)
{
	struct family patient;

	begin(1);
	patient = world->config->families[0];
	patient.soak_s = INT64_C(100) * 365 * 24 * 3600;
	world->config->families = &patient;
	world_run(world, 5 * MINUTE);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE held = 'soaking'"), 1);
	sql_run(world->path, "UPDATE builds SET attempt = 1, due_ms = 0");
	builder_wake(on.builder);
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	end();
}

static void check_end(const char *status)
{
	char sql[128];

	begin(1);
	world->cloud->status = status;
	world_run(world, 5 * MINUTE);
	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM builds WHERE state = 'finished' AND status = '%s'", status);
	CHECK_INT(world_count(world, sql), 1);
	CHECK_INT(building_notices(&on), 1);
	CHECK(!building_was_put(&on, BUILDING_GOLDEN));
	end();
}

TEST(every_other_end_leaves_the_golden_parameter_alone)
{
	check_end("Failed");
	check_end("Stopped");
	check_end("Superseded");
	check_end("Cancelled");
}

TEST(what_failed_is_written_down)
{
	begin(1);
	world->cloud->status = "Failed";
	world_run(world, 5 * MINUTE);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE failed_stage = 'Build' AND"
	                             " failed_action = 'Packer' AND error_message = 'exit 1'"),
	          1);
	end();
}

TEST(a_status_that_nobody_knows_yet_is_followed_on)
{
	begin(1);
	world->cloud->status = "Pondering";
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 0);
	world->cloud->status = "Succeeded";
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	end();
}

/* ---- starting -------------------------------------------------------------------------------- */

TEST(a_start_that_fails_is_asked_for_again_with_its_token)
{
	char token[DIGEST_SHA256_HEX];

	begin(1);
	world_next(world, PORT_START, FATE_TRANSIENT);
	building_run_until_asked(&on, PORT_START);
	snprintf(token, sizeof(token), "%s",
	         cloud_text(world_body(world, PORT_START), "clientRequestToken", 0));
	CHECK_INT(strlen(token), 64);
	building_run_until_asked(&on, PORT_START);
	CHECK_TEXT(cloud_text(world_body(world, PORT_START), "clientRequestToken", 0), token);
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

TEST(a_start_whose_answer_is_lost_is_the_same_execution)
{
	begin(1);
	world_next(world, PORT_START, FATE_LOST);
	world_next_text(world, PORT_START, "<html>not today</html>");
	world_run(world, 5 * MINUTE);
	CHECK_INT((int)world->cloud->n_executions, 1);
	CHECK_INT(world->cloud->executions[0].starts, 2);
	CHECK_INT(building_finished(&on), 1);
	end();
}

TEST(a_refused_start_is_told_once_and_tried_on)
{
	begin(1);
	world_always(world, PORT_START, FATE_REFUSED);
	world_run(world, 6 * HOUR);
	CHECK_INT(building_notices(&on), 1);
	CHECK_INT(building_finished(&on), 0);
	CHECK(world->asked[PORT_START] >= 8 && world->asked[PORT_START] <= 20, "%d",
	      world->asked[PORT_START]);
	CHECK_INT(world->asked[PORT_PUT], 0);
	world_always(world, PORT_START, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 0);
	CHECK_INT(building_notices(&on), 2);
	end();
}

static void check_given_up(enum fate fate)
{
	begin(1);
	world_always(world, PORT_START, fate);
	world_run(world, (int64_t)LIMIT_START_AGE_S * SECOND - HOUR);
	CHECK_INT(building_finished(&on), 0);
	CHECK(world->asked[PORT_START] >= 24 * 14, "%d", world->asked[PORT_START]);
	world_run(world, 3 * HOUR);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE kind = 'given_up'"), 1);
	end();
}

TEST(a_start_is_given_up_at_last)
{
	check_given_up(FATE_TRANSIENT);
	check_given_up(FATE_REFUSED);
}

/* Its pipeline, which the configuration names no more, would build from what its defaults say. */
TEST(a_build_whose_variables_are_damaged_is_never_started)
{
	begin(1);
	sql_run(world->path, "UPDATE builds SET variables = '{\"BASE\":', pipeline = 'old'");
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_START], 0);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM notices WHERE kind = 'given_up'"), 1);
	end();
}

/* ---- following ------------------------------------------------------------------------------- */

TEST(polls_are_15_to_60_seconds_apart)
{
	int64_t before = 0;

	begin(1);
	world->cloud->polls = 1000000;
	building_run_until_asked(&on, PORT_GET);
	for (int i = 0; i < 100; i++) {
		before = world->asked_ms[PORT_GET];
		building_run_until_asked(&on, PORT_GET);
		CHECK(world->asked_ms[PORT_GET] - before >= 15 * SECOND &&
		              world->asked_ms[PORT_GET] - before <= 61 * SECOND,
		      "%d ms", (int)(world->asked_ms[PORT_GET] - before));
	}
	CHECK(world->asked_ms[PORT_GET] - before > 59 * SECOND);
	end();
}

TEST(polls_that_fail_back_off_and_go_on)
{
	begin(1);
	building_run_until_asked(&on, PORT_START);
	world_always(world, PORT_GET, FATE_TRANSIENT);
	world_run(world, 24 * HOUR);
	CHECK(world->asked[PORT_GET] > 1000);
	CHECK_INT(building_finished(&on), 0);
	world->always[PORT_GET] = (struct reply){ .fate = FATE_TEXT, .text = "{}" };
	world_run(world, HOUR);
	world_always(world, PORT_GET, FATE_FINE);
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK(building_was_put(&on, BUILDING_GOLDEN));
	end();
}

TEST(what_cannot_be_followed_ends_after_a_month)
{
	begin(1);
	building_run_until_asked(&on, PORT_START);
	world_always(world, PORT_GET, FATE_REFUSED);
	world_run(world, 31 * 24 * (int64_t)HOUR);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

/* ---- hints ----------------------------------------------------------------------------------- */

static void begin_followed(void)
{
	begin(1);
	world->cloud->polls = 1000000;
	building_run_until_asked(&on, PORT_GET);
	world_run(world, SECOND);
}

/* GetPipelineExecution was asked for again by now. */
static void check_asked_at_once(int before)
{
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_GET], before + 1);
}

TEST(a_hint_makes_it_poll_at_once)
{
	begin_followed();
	building_hint(&on, CLOUD_FIRST_ID);
	check_asked_at_once(1);
	end();
}

TEST(a_hint_about_somebody_elses_execution_changes_nothing)
{
	begin_followed();
	building_hint(&on, "another");
	check_asked_at_once(0);
	end();
}

TEST(a_hint_during_a_poll_makes_it_poll_again)
{
	begin_followed();
	world_next(world, PORT_GET, FATE_HELD);
	building_run_until_asked(&on, PORT_GET);
	building_hint(&on, CLOUD_FIRST_ID);
	world_release(world, 0, FATE_FINE);
	check_asked_at_once(2);
	end();
}

/* The row was written before the hint came, with the time of the next poll in it. */
TEST(a_hint_during_the_save_after_a_poll_makes_it_poll_again)
{
	begin_followed();
	world_next(world, PORT_SAVE, FATE_HELD);
	building_run_until_asked(&on, PORT_SAVE);
	world_run(world, 0);
	building_hint(&on, CLOUD_FIRST_ID);
	world_release(world, 0, FATE_FINE);
	check_asked_at_once(2);
	end();
}

/* ---- many, and a ledger that fails ----------------------------------------------------------- */

TEST(of_fifty_builds_none_starves)
{
	begin(50);
	world_run(world, 2 * MINUTE); /* a start every two seconds */
	CHECK_INT((int)world->cloud->n_executions, 50);
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 50);
	CHECK_INT(building_notices(&on), 50);
	CHECK_INT(world->asked[PORT_START], 50);
	CHECK_INT((int)world->cloud->n_puts, 100);
	end();
}

TEST(slow_answers_hold_up_only_their_builds)
{
	begin(40);
	for (int i = 0; i < 8; i++)
		world_next(world, PORT_GET, FATE_HELD);
	world_run(world, 10 * MINUTE);
	CHECK_INT(building_finished(&on), 32);
	while (world_waiting(world))
		world_release(world, 0, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK_INT(building_finished(&on), 40);
	end();
}

TEST(a_region_is_asked_for_one_start_at_a_time)
{
	begin(3);
	world_next(world, PORT_START, FATE_HELD);
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_START], 1);
	world_release(world, 0, FATE_FINE);
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_START], 1);
	world_run(world, 5 * SECOND);
	CHECK_INT(world->asked[PORT_START], 3);
	end();
}

TEST(fifty_builds_leave_a_failing_pipeline_alone)
{
	begin(50);
	world_always(world, PORT_START, FATE_TRANSIENT);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_START] >= 50 * 10 && world->asked[PORT_START] <= 50 * 30, "%d",
	      world->asked[PORT_START]);
	world_always(world, PORT_START, FATE_FINE);
	world_run(world, 20 * MINUTE);
	CHECK_INT(building_finished(&on), 50);
	end();
}

TEST(a_ledger_that_cannot_write_is_left_alone_more_and_more)
{
	begin(1);
	world_always(world, PORT_SAVE, FATE_BROKEN);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_SAVE] >= 60 && world->asked[PORT_SAVE] <= 140, "%d",
	      world->asked[PORT_SAVE]);
	CHECK_INT(world->asked[PORT_START], 0);
	world_always(world, PORT_SAVE, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK_INT((int)world->cloud->n_executions, 1);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

TEST(a_ledger_that_cannot_read_is_left_alone_more_and_more)
{
	begin(1);
	world_always(world, PORT_DUE, FATE_BROKEN);
	world_run(world, HOUR);
	CHECK(world->asked[PORT_DUE] >= 60 && world->asked[PORT_DUE] <= 140, "%d",
	      world->asked[PORT_DUE]);
	world_always(world, PORT_DUE, FATE_FINE);
	world_run(world, 10 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	end();
}

/* A look that began before a step ended may show the row as it was: that would be done twice. */
TEST(a_row_that_moved_during_a_look_is_looked_at_again)
{
	begin(1);
	world->cloud->polls = 1;
	building_run_until_asked(&on, PORT_GET);
	world_next(world, PORT_DUE, FATE_HELD);
	builder_wake(on.builder);
	world_run(world, SECOND);
	CHECK_INT(building_finished(&on), 1);
	world_release(world, 0, FATE_FINE);
	world_run(world, MINUTE);
	CHECK_INT(world->asked[PORT_GET], 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

/* ---- stopping -------------------------------------------------------------------------------- */

TEST(a_stop_finishes_the_step_and_no_more)
{
	begin(20);
	building_run_until_asked(&on, PORT_START);
	CHECK(!builder_is_quiet(on.builder));
	builder_stop(on.builder);
	world_run(world, HOUR);
	CHECK(builder_is_quiet(on.builder));
	CHECK(on.quiet >= 1);
	CHECK_INT(world->asked[PORT_START], 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE state = 'started'"), 1);
	end();
}

TEST(an_idle_builder_is_quiet_at_once)
{
	begin(0);
	world_run(world, SECOND);
	CHECK_INT(on.idle, 1);
	builder_stop(on.builder);
	CHECK(builder_is_quiet(on.builder));
	builder_wake(on.builder);
	world_run(world, SECOND);
	CHECK_INT(world->asked[PORT_DUE], 1);
	end();
}

int main(void)
{
	check_run(a_build_starts_is_followed_and_moves_both_parameters);
	check_run(a_second_attempt_does_not_soak);
	check_run(every_other_end_leaves_the_golden_parameter_alone);
	check_run(what_failed_is_written_down);
	check_run(a_status_that_nobody_knows_yet_is_followed_on);
	check_run(a_start_that_fails_is_asked_for_again_with_its_token);
	check_run(a_start_whose_answer_is_lost_is_the_same_execution);
	check_run(a_refused_start_is_told_once_and_tried_on);
	check_run(a_start_is_given_up_at_last);
	check_run(a_build_whose_variables_are_damaged_is_never_started);
	check_run(polls_are_15_to_60_seconds_apart);
	check_run(polls_that_fail_back_off_and_go_on);
	check_run(what_cannot_be_followed_ends_after_a_month);
	check_run(a_hint_makes_it_poll_at_once);
	check_run(a_hint_about_somebody_elses_execution_changes_nothing);
	check_run(a_hint_during_a_poll_makes_it_poll_again);
	check_run(a_hint_during_the_save_after_a_poll_makes_it_poll_again);
	check_run(of_fifty_builds_none_starves);
	check_run(slow_answers_hold_up_only_their_builds);
	check_run(a_region_is_asked_for_one_start_at_a_time);
	check_run(fifty_builds_leave_a_failing_pipeline_alone);
	check_run(a_ledger_that_cannot_write_is_left_alone_more_and_more);
	check_run(a_ledger_that_cannot_read_is_left_alone_more_and_more);
	check_run(a_row_that_moved_during_a_look_is_looked_at_again);
	check_run(a_stop_finishes_the_step_and_no_more);
	check_run(an_idle_builder_is_quiet_at_once);
	return check_done();
}
