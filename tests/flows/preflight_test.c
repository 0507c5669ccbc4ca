/* Before each start: does the pipeline take what the build sends? */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <string.h>

#define MINUTE 60000
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define SENDS_BASE    "UPDATE builds SET variables = '{\"BASE\":\"ami-00000000000000001\"}';"
#define V2(variables) "{\"pipeline\":{\"pipelineType\":\"V2\",\"variables\":[" variables "]}}"
#define V1            "{\"pipeline\":{\"pipelineType\":\"V1\"}}"

static struct building on;
static struct world *world; /* where it happens */

/* One build that sends BASE; and what the SQL says. */
static void begin(const char *sql)
{
	building_begin(&on, 1);
	world = on.world;
	sql_run(world->path, SENDS_BASE);
	sql_run(world->path, sql);
}

static void end(void)
{
	building_end(&on);
}

static int64_t held(const char *detail)
{
	struct buf sql = buf_with_max(1024);
	int64_t n;

	buf_addf(&sql,
	         "SELECT count(*) FROM builds WHERE state = 'wanted' AND held = 'family_held' AND"
	         " hold_detail = '%s'",
	         detail);
	n = world_count(world, buf_text(&sql));
	buf_clear(&sql);
	return n;
}

static int64_t notices(const char *kind)
{
	struct buf sql = buf_with_max(1024);
	int64_t n;

	buf_addf(&sql, "SELECT count(*) FROM notices WHERE kind = '%s'", kind);
	n = world_count(world, buf_text(&sql));
	buf_clear(&sql);
	return n;
}

/* ---- What holds ------------------------------------------------------------------------------ */

/* The build is held with these words, told once, and goes on once the pipeline is repaired. */
static void check_held(const char *detail)
{
	world_run(world, DAY);
	CHECK_INT(held(detail), 1);
	CHECK_INT(notices("held"), 1);
	CHECK_INT(building_notices(&on), 1);
	CHECK_INT(world->asked[PORT_START] + world->asked[PORT_DESCRIBE], 0);
	CHECK(world->asked[PORT_PIPELINE] >= 20 && world->asked[PORT_PIPELINE] <= 60, "%d",
	      world->asked[PORT_PIPELINE]);
	world->cloud->pipeline = CLOUD_PIPELINE;
	world_always(world, PORT_PIPELINE, FATE_FINE);
	world_run(world, HOUR + 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_troubled(&on), 0);
	CHECK_INT(world->cloud->executions[0].starts, 1);
	CHECK_INT(notices("held"), 1);
	end();
}

TEST(a_variable_that_is_not_declared_holds)
{
	begin("");
	world->cloud->pipeline = V2("{\"name\":\"BASE_AMI\",\"defaultValue\":\"x\"}");
	check_held("pipeline golden-web in eu-west-1 does not declare BASE (did you mean"
	           " BASE_AMI?)");
}

TEST(a_v1_pipeline_holds_what_sends_variables)
{
	begin("");
	world->cloud->pipeline = V1;
	check_held("pipeline golden-web in eu-west-1 is of type V1, which ignores variables:"
	           " make it V2, or send none");
}

TEST(a_value_that_is_missing_holds)
{
	begin("");
	world->cloud->pipeline = V2("{\"name\":\"BASE\"},{\"name\":\"OWNER\"}");
	check_held("pipeline golden-web in eu-west-1 has no default for OWNER, which is not sent");
}

TEST(a_pipeline_that_is_not_there_holds)
{
	begin("");
	world_always_code(world, PORT_PIPELINE, "PipelineNotFoundException");
	check_held("pipeline golden-web in eu-west-1 does not exist");
}

/* Somebody has corrected the configuration, and the worker was started again. */
TEST(variables_are_those_of_the_configuration_until_it_is_admitted)
{
	begin("UPDATE builds SET variables = '{\"BSAE\":\"x\"}', held = 'family_held'");
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE"
	                             " variables = '{\"BASE\":\"ami-00000000000000001\"}'"),
	          1);
	CHECK(strstr(world_body(world, PORT_START), "\"BASE\"") != NULL);
	end();
	begin("UPDATE builds SET variables = '{\"BSAE\":\"x\"}', admitted = 1");
	building_run_until_asked(&on, PORT_START);
	CHECK(strstr(world_body(world, PORT_START), "\"BSAE\"") != NULL);
	end();
}

TEST(a_second_attempt_is_looked_at_too)
{
	begin("UPDATE builds SET attempt = 1");
	world->cloud->pipeline = V1;
	world_run(world, 5 * MINUTE);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE held = 'family_held'"), 1);
	CHECK_INT(world->asked[PORT_START], 0);
	end();
}

TEST(what_is_never_repaired_is_given_up_after_two_weeks)
{
	begin("");
	world->cloud->pipeline = V1;
	world_run(world, 13 * (int64_t)DAY);
	CHECK_INT(building_finished(&on), 0);
	world_run(world, 2 * (int64_t)DAY);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(notices("given_up"), 1);
	CHECK_INT(notices("held"), 1);
	end();
}

/* ---- What does not --------------------------------------------------------------------------- */

TEST(a_v1_pipeline_that_is_sent_nothing_reads_the_parameter)
{
	begin("UPDATE builds SET variables = '{}', pipeline = 'golden-v1'");
	world->cloud->pipeline = V1;
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK(!strstr(world_body(world, PORT_START), "variables"));
	CHECK(building_was_put(&on, BUILDING_BASE));
	end();
}

TEST(who_may_not_look_starts_all_the_same)
{
	begin("");
	world_always_code(world, PORT_PIPELINE, "AccessDeniedException");
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(notices("held") + notices("refused"), 0);
	end();
}

TEST(a_pipeline_that_is_gone_by_the_start_is_refused_and_then_held)
{
	begin("");
	world_always_code(world, PORT_START, "PipelineNotFoundException");
	building_run_until_asked(&on, PORT_START);
	world_always_code(world, PORT_PIPELINE, "PipelineNotFoundException");
	world_run(world, HOUR);
	CHECK_INT(notices("refused"), 1);
	CHECK_INT(world->asked[PORT_START], 1);
	CHECK_INT(held("pipeline golden-web in eu-west-1 does not exist"), 1);
	end();
}

/* ---- Before and after ------------------------------------------------------------------------ */

TEST(what_the_ledger_holds_costs_no_request)
{
	begin("INSERT INTO holds VALUES ('web', 'we move', 0)");
	world->cloud->pipeline = V1;
	world_run(world, HOUR);
	CHECK_INT(held("we move"), 1);
	CHECK_INT(world->asked[PORT_PIPELINE] + world->asked[PORT_DESCRIBE], 0);
	CHECK_INT(building_notices(&on), 0);
	end();
}

TEST(an_operator_s_words_go_before_those_about_the_pipeline)
{
	begin("");
	world->cloud->pipeline = V1;
	world_run(world, MINUTE / 2);
	CHECK_INT(notices("held"), 1);
	sql_run(world->path, "INSERT INTO holds VALUES ('web', 'we move', 0)");
	world_run(world, 10 * MINUTE);
	CHECK_INT(held("we move"), 1);
	sql_run(world->path, "DELETE FROM holds; UPDATE builds SET due_ms = 0");
	builder_wake(on.builder);
	world_run(world, MINUTE / 2);
	CHECK_INT(held("we move"), 0);
	CHECK_INT(notices("held"), 1);
	end();
}

TEST(what_codepipeline_does_not_tell_is_asked_again)
{
	begin("");
	world_next(world, PORT_PIPELINE, FATE_TRANSIENT);
	world_next_text(world, PORT_PIPELINE, "<html>not today</html>");
	world_run(world, 5 * MINUTE);
	CHECK_INT(building_finished(&on), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

/* A role that cannot be assumed, say; AWS's word is not about the pipeline. */
TEST(a_refusal_that_is_not_about_the_pipeline_is_told_once)
{
	begin("");
	world_always(world, PORT_PIPELINE, FATE_BROKEN);
	world_run(world, 6 * HOUR);
	CHECK_INT(notices("refused"), 1);
	CHECK_INT(world->asked[PORT_START], 0);
	world_always(world, PORT_PIPELINE, FATE_FINE);
	world_run(world, 2 * HOUR);
	CHECK_INT(building_finished(&on), 1);
	end();
}

TEST(a_fault_that_was_told_is_not_told_again_after_trouble)
{
	begin("");
	world->cloud->pipeline = V1;
	world_run(world, MINUTE / 2);
	world_next(world, PORT_PIPELINE, FATE_TRANSIENT);
	world_run(world, HOUR);
	CHECK_INT(notices("held"), 1);
	CHECK_INT(building_notices(&on), 1);
	end();
}

/* Whoever has repaired the first thinks that it goes on. */
TEST(another_fault_is_told_too)
{
	begin("");
	world->cloud->pipeline = V1;
	world_run(world, HOUR);
	CHECK_INT(notices("held"), 1);
	world->cloud->pipeline = V2("{\"name\":\"BASE\"},{\"name\":\"OWNER\"}");
	world_run(world, 2 * HOUR);
	CHECK_INT(notices("held"), 2);
	CHECK_INT(held("pipeline golden-web in eu-west-1 has no default for OWNER, which is not"
	               " sent"),
	          1);
	CHECK_INT(world_count(world, "SELECT count(*) FROM builds WHERE trouble = hold_detail"), 1);
	end();
}

TEST(the_question_can_be_abandoned)
{
	begin("");
	world_next(world, PORT_PIPELINE, FATE_HELD);
	building_run_until_asked(&on, PORT_PIPELINE);
	end();
}

int main(void)
{
	check_run(a_variable_that_is_not_declared_holds);
	check_run(a_v1_pipeline_holds_what_sends_variables);
	check_run(a_value_that_is_missing_holds);
	check_run(a_pipeline_that_is_not_there_holds);
	check_run(variables_are_those_of_the_configuration_until_it_is_admitted);
	check_run(a_second_attempt_is_looked_at_too);
	check_run(what_is_never_repaired_is_given_up_after_two_weeks);
	check_run(a_v1_pipeline_that_is_sent_nothing_reads_the_parameter);
	check_run(who_may_not_look_starts_all_the_same);
	check_run(a_pipeline_that_is_gone_by_the_start_is_refused_and_then_held);
	check_run(what_the_ledger_holds_costs_no_request);
	check_run(an_operator_s_words_go_before_those_about_the_pipeline);
	check_run(what_codepipeline_does_not_tell_is_asked_again);
	check_run(a_refusal_that_is_not_about_the_pipeline_is_told_once);
	check_run(a_fault_that_was_told_is_not_told_again_after_trouble);
	check_run(another_fault_is_told_too);
	check_run(the_question_can_be_abandoned);
	return check_done();
}
