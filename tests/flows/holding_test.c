/* Builds that are held: why, until when, what wakes them, and how they end. */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define LINE   "UPDATE builds SET region = 'eu-west-1', image_name = '" CLOUD_IMAGE_NAME "';"
#define NEWER  "UPDATE builds SET release = '2023.10.20260901.0' WHERE id = 2;"

static struct building on;
static struct world *world; /* where it happens */

/* Rows 1..n, of one line where the SQL says LINE, and the second newer where it says NEWER. */
static void begin(size_t builds, const char *sql)
{
	building_begin(&on, builds);
	world = on.world;
	sql_run(world->path, sql);
}

static void end(void)
{
	building_end(&on);
}

static int64_t held(const char *reason)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM builds WHERE state = 'wanted' AND held = '%s'", reason);
	return world_count(world, sql);
}

static int64_t notices(const char *kind)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM notices WHERE kind = '%s'", kind);
	return world_count(world, sql);
}

/* ---- the image ------------------------------------------------------------------------------- */

TEST(an_image_that_comes_later_is_built_then)
{
	begin(1, "");
	world->cloud->image_state = NULL;
	world_run(world, 3 * HOUR);
	CHECK_INT(held("not_available_yet"), 1);
	CHECK(world->asked[PORT_DESCRIBE] >= 7 && world->asked[PORT_DESCRIBE] <= 12, "%d",
	      world->asked[PORT_DESCRIBE]);
	world->cloud->image_state = "pending";
	world_run(world, 2 * HOUR);
	CHECK_INT(world->asked[PORT_START], 0);
	world->cloud->image_state = "available";
	world_run(world, HOUR + 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(notices("held"), 0);
	CHECK_INT(building_troubled(&on), 0);
	end();
}

TEST(an_image_that_is_absent_for_a_day_is_told_once_and_given_up_after_two_weeks)
{
	begin(1, "");
	world->cloud->image_state = NULL;
	world_run(world, DAY - 2 * HOUR);
	CHECK_INT(notices("held"), 0);
	world_run(world, 4 * HOUR);
	CHECK_INT(notices("held"), 1);
	world_run(world, 12 * (int64_t)DAY);
	CHECK_INT(notices("held"), 1);
	CHECK_INT(building_finished(&on), 0);
	world_run(world, 2 * (int64_t)DAY);
	CHECK_INT(notices("given_up"), 1);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(world->asked[PORT_START], 0);
	end();
}

TEST(somebody_elses_image_is_given_up_and_never_started)
{
	begin(1, "");
	world->cloud->image_owner = "aws-marketplace";
	world_run(world, HOUR);
	CHECK_INT(world->asked[PORT_START], 0);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(notices("given_up"), 1);
	end();
}

TEST(what_ec2_does_not_tell_is_asked_again)
{
	begin(1, "");
	world_next(world, PORT_DESCRIBE, FATE_TRANSIENT);
	world_next_text(world, PORT_DESCRIBE, "<html>not today</html>");
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

TEST(a_refusal_of_ec2_is_told_once)
{
	begin(1, "");
	world_always(world, PORT_DESCRIBE, FATE_REFUSED);
	world_run(world, 6 * HOUR);
	CHECK_INT(notices("refused"), 1);
	CHECK_INT(world->asked[PORT_START], 0);
	world_always(world, PORT_DESCRIBE, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK_INT(building_finished(&on), 1);
	end();
}

/* ---- one line -------------------------------------------------------------------------------- */

TEST(of_two_that_wait_the_newer_is_started_and_the_other_superseded)
{
	begin(2, LINE NEWER);
	world_run(world, 5 * MINUTE);
	CHECK_INT((int)world->cloud->n_executions, 1);
	CHECK_INT(world_count(world, "SELECT id FROM builds WHERE state = 'finished'"), 2);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE id = 1 AND"
	                             " state = 'superseded' AND held = 'older_release' AND"
	                             " hold_detail = '2023.10.20260901.0 was started'"),
	          1);
	CHECK_INT(building_notices(&on), 1);
	CHECK_INT(on.idle, 1);
	end();
}

TEST(a_newer_one_waits_while_an_older_one_runs_and_is_woken_when_it_ends)
{
	begin(2, LINE NEWER "UPDATE builds SET due_ms = due_ms + 1000 WHERE id = 2;"
	                    "UPDATE builds SET held = 'quarantined' WHERE id = 2;");
	world->cloud->polls = 1000000;
	world_run(world, 10 * MINUTE);
	CHECK_INT(held("pipeline_busy"), 1);
	CHECK_INT((int)world->cloud->n_executions, 1);
	world->cloud->polls = 1;
	world_run(world, 2 * MINUTE); /* a poll, and no wait until somebody would ask by himself */
	CHECK_INT((int)world->cloud->n_executions, 2);
	end();
}

/* The older one has to go on when the newer one turns out not to be there. */
TEST(it_does_not_yield_for_ever_to_what_does_not_come)
{
	begin(2, LINE NEWER);
	world->cloud->polls = 1;
	world_next_text(world, PORT_DESCRIBE,
	                "<DescribeImagesResponse><imagesSet/></DescribeImagesResponse>");
	world_run(world, 10 * MINUTE);
	CHECK_INT(building_finished(&on), 2);
	CHECK_INT(world_count(world, "SELECT id FROM builds ORDER BY started_ms"), 1);
	end();
}

/* ---- failures -------------------------------------------------------------------------------- */

#define FAILED                                                                         \
	"UPDATE builds SET state = 'finished', status = 'Failed', execution_id = 'e'," \
	" finished_ms = 1787014800000 WHERE id = 1;"

static void begin_failing(void)
{
	building_begin_wishing(&on, 2, "    stop_after_failures: 1\n");
	world = on.world;
	sql_run(world->path, LINE NEWER FAILED);
}

TEST(a_family_that_fails_is_held_and_told_once)
{
	begin_failing();
	world_run(world, 6 * HOUR);
	CHECK_INT(held("failing"), 1);
	CHECK_INT(notices("held"), 1);
	CHECK_INT(world->asked[PORT_START], 0);
	CHECK(world->asked[PORT_EXECUTIONS] >= 20 && world->asked[PORT_EXECUTIONS] <= 30, "%d",
	      world->asked[PORT_EXECUTIONS]);
	end();
}

#define SUCCEEDED(time)                                                               \
	"{\"pipelineExecutionSummaries\":[{\"pipelineExecutionId\":\"x\",\"status\":" \
	"\"Succeeded\",\"startTime\":1787010000.5,\"lastUpdateTime\":" time "}]}"

TEST(a_success_by_hand_goes_on)
{
	begin_failing();
	world_next_text(world, PORT_EXECUTIONS, SUCCEEDED("1787014000.5"));
	world_run(world, MINUTE);
	CHECK_INT(held("failing"), 1);
	world_next_text(world, PORT_EXECUTIONS, SUCCEEDED("1787014900.5"));
	world_run(world, 20 * MINUTE);
	CHECK_INT(world_count(world, "SELECT id FROM builds WHERE status = 'Succeeded'"), 2);
	end();
}

TEST(a_pipeline_that_cannot_be_asked_stays_held)
{
	begin_failing();
	world_always(world, PORT_EXECUTIONS, FATE_REFUSED);
	world_run(world, HOUR);
	CHECK_INT(held("failing"), 1);
	CHECK_INT(world->asked[PORT_START], 0);
	end();
}

/* ---- crashes and configurations -------------------------------------------------------------- */

/* A newer release came while nobody knew whether this one was started. */
TEST(what_may_have_been_started_does_not_give_way)
{
	begin(2, LINE NEWER "UPDATE builds SET admitted = 1 WHERE id = 1;");
	world->cloud->polls = 1;
	world_run(world, 5 * MINUTE);
	CHECK_INT((int)world->cloud->n_executions, 2);
	CHECK_INT(building_finished(&on), 2);
	end();
}

TEST(a_refused_start_can_be_held_again)
{
	begin(1, "");
	world_next(world, PORT_START, FATE_REFUSED);
	building_run_until_asked(&on, PORT_START);
	world_run(world, 1000);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE admitted"), 0);
	world_next(world, PORT_START, FATE_LOST);
	building_run_until_asked(&on, PORT_START);
	world_run(world, 1000);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE admitted"), 1);
	end();
}

/* The first answer was lost: a refusal after that says nothing about the execution. */
TEST(what_may_run_is_asked_for_though_it_is_refused)
{
	begin(1, "");
	world_next(world, PORT_START, FATE_LOST);
	world_next(world, PORT_START, FATE_REFUSED);
	building_run_until_asked(&on, PORT_START);
	building_run_until_asked(&on, PORT_START);
	world_run(world, 1000);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE admitted AND doubted"), 1);
	building_run_until_asked(&on, PORT_START);
	world_run(world, 1000);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE state = 'started'"), 1);
	CHECK_INT((int)world->cloud->n_executions, 1);
	end();
}

TEST(a_family_that_was_dropped_waits_to_come_back)
{
	begin(1, "UPDATE builds SET family = 'gone'");
	world_run(world, 13 * (int64_t)DAY);
	CHECK_INT(held("family_held"), 1);
	CHECK_INT(world->asked[PORT_DESCRIBE] + world->asked[PORT_START], 0);
	world_run(world, 2 * (int64_t)DAY);
	CHECK_INT(notices("given_up"), 1);
	end();
}

/* ---- questions that are not answered --------------------------------------------------------- */

TEST(a_ledger_that_does_not_tell_is_asked_again)
{
	begin(1, "");
	world_next(world, PORT_LOOK_UP, FATE_BROKEN);
	world_next(world, PORT_LOOK_UP, FATE_TRANSIENT);
	world_run(world, 5 * MINUTE);
	CHECK(world->asked[PORT_LOOK_UP] >= 3);
	CHECK_INT(building_finished(&on), 1);
	end();
}

/* What is abandoned is not answered any more; the world sees to that. */
TEST(every_question_can_be_abandoned)
{
	begin(1, "");
	world_next(world, PORT_LOOK_UP, FATE_HELD);
	building_run_until_asked(&on, PORT_LOOK_UP);
	end();
	begin(1, "");
	world_next(world, PORT_DESCRIBE, FATE_HELD);
	building_run_until_asked(&on, PORT_DESCRIBE);
	end();
	begin_failing();
	world_next(world, PORT_EXECUTIONS, FATE_HELD);
	building_run_until_asked(&on, PORT_EXECUTIONS);
	end();
}

int main(void)
{
	check_run(an_image_that_comes_later_is_built_then);
	check_run(an_image_that_is_absent_for_a_day_is_told_once_and_given_up_after_two_weeks);
	check_run(somebody_elses_image_is_given_up_and_never_started);
	check_run(what_ec2_does_not_tell_is_asked_again);
	check_run(a_refusal_of_ec2_is_told_once);
	check_run(of_two_that_wait_the_newer_is_started_and_the_other_superseded);
	check_run(a_newer_one_waits_while_an_older_one_runs_and_is_woken_when_it_ends);
	check_run(it_does_not_yield_for_ever_to_what_does_not_come);
	check_run(a_family_that_fails_is_held_and_told_once);
	check_run(a_success_by_hand_goes_on);
	check_run(a_pipeline_that_cannot_be_asked_stays_held);
	check_run(what_may_have_been_started_does_not_give_way);
	check_run(a_refused_start_can_be_held_again);
	check_run(what_may_run_is_asked_for_though_it_is_refused);
	check_run(a_family_that_was_dropped_waits_to_come_back);
	check_run(a_ledger_that_does_not_tell_is_asked_again);
	check_run(every_question_can_be_abandoned);
	return check_done();
}
