/*
 * What events hint at: which builds are due because of one, and whose an execution is.
 */
#include "tests/flows/keeping.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define MINUTE 60000

static struct keeping on;

static bool save(const struct build *build)
{
	on.ledger->save(on.ledger, build, NULL, keeping_on_done, &on);
	return keeping_worked(&on);
}

/* One build with execution e-1 in this state, which is not due for a minute. */
static void begin(enum build_state state, enum execution_status status)
{
	struct build build;

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	build = on.builds[0];
	build.state = BUILD_STARTED;
	build.execution_id = "e-1";
	build.status = status;
	build.due_ms = keeping_now_ms(&on) + MINUTE;
	CHECK(save(&build));
	build.state = state;
	CHECK(save(&build));
}

static int due(void)
{
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	return (int)on.n_builds;
}

static void hurry(const char *execution_id, bool known)
{
	CHECK(keeping_hurry(&on, &(struct ledger_hint){ .execution_id = execution_id }));
	CHECK_INT(on.known, known);
}

static void check_hurried(enum build_state state, enum execution_status status, bool hurried)
{
	begin(state, status);
	hurry("e-1", true);
	CHECK_INT(due(), hurried);
	CHECK(!hurried || on.builds[0].hinted);
	CHECK(!hurried || on.builds[0].watched == (state == BUILD_FINISHED));
	keeping_end(&on);
}

TEST(what_runs_or_may_run_again_is_due)
{
	check_hurried(BUILD_STARTED, EXECUTION_IN_PROGRESS, true);
	check_hurried(BUILD_FINISHED, EXECUTION_FAILED, true);
	check_hurried(BUILD_FINISHED, EXECUTION_STOPPED, true);
	check_hurried(BUILD_FINISHED, EXECUTION_SUCCEEDED, false);
	check_hurried(BUILD_FINISHED, EXECUTION_SUPERSEDED, false);
	check_hurried(BUILD_FINISHED, EXECUTION_CANCELLED, false);
}

TEST(an_execution_that_no_row_has_is_not_known)
{
	begin(BUILD_STARTED, EXECUTION_IN_PROGRESS);
	hurry("e-2", false);
	hurry("", false);
	CHECK_INT(due(), 0);
	keeping_end(&on);
}

static void hint_pipeline(const char *pipeline, const char *region)
{
	CHECK(keeping_hurry(&on, &(struct ledger_hint){ .pipeline = pipeline, .region = region }));
}

/* Such an event does not tell of the end, so others may not be relied upon to come. */
TEST(of_a_pipeline_what_runs_is_due_but_not_hinted)
{
	struct build like = keeping_build("ami-1");

	begin(BUILD_STARTED, EXECUTION_IN_PROGRESS);
	hint_pipeline("another", like.pipeline_region);
	hint_pipeline(like.pipeline, "us-east-1");
	CHECK_INT(due(), 0);
	hint_pipeline(like.pipeline, like.pipeline_region);
	CHECK_INT(due(), 1);
	CHECK(!on.builds[0].hinted);
	keeping_end(&on);
	begin(BUILD_FINISHED, EXECUTION_FAILED);
	hint_pipeline(like.pipeline, like.pipeline_region);
	CHECK_INT(due(), 0);
	keeping_end(&on);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static void on_owner(void *ctx, enum ledger_owner owner, const struct err *err)
{
	*(int *)ctx = (int)owner;
	keeping_on_done(&on, err);
}

static int owner_of(const char *execution_id, const char *region)
{
	int owner = -1;

	on.ledger->owner(on.ledger,
	                 &(struct ledger_hint){
				 .execution_id = execution_id,
				 .pipeline = keeping_build("ami-1").pipeline,
				 .region = region,
			 },
	                 on_owner, &owner);
	CHECK(keeping_worked(&on));
	return owner;
}

TEST(an_execution_is_ours_by_its_row_and_unclear_while_one_is_started)
{
	const char *region = keeping_build("ami-1").pipeline_region;
	struct build build;

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(owner_of("e-1", region), OWNER_OTHERS);
	build = on.builds[0];
	build.admitted = true;
	CHECK(save(&build));
	CHECK_INT(owner_of("e-1", region), OWNER_UNCLEAR);
	CHECK_INT(owner_of("e-1", "us-east-1"), OWNER_OTHERS);
	build.state = BUILD_STARTED;
	build.execution_id = "e-1";
	CHECK(save(&build));
	CHECK_INT(owner_of("e-1", region), OWNER_US);
	CHECK_INT(owner_of("e-2", region), OWNER_OTHERS);
	keeping_end(&on);
}

int main(void)
{
	check_run(what_runs_or_may_run_again_is_due);
	check_run(an_execution_that_no_row_has_is_not_known);
	check_run(of_a_pipeline_what_runs_is_due_but_not_hinted);
	check_run(an_execution_is_ours_by_its_row_and_unclear_while_one_is_started);
	return check_done();
}
