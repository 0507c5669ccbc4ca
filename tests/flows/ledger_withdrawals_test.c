/*
 * Images that were taken back, in the SQLite ledger: what is quarantined, marked and told.
 */
#include "tests/flows/keeping.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#define SUCCEED "UPDATE builds SET state = 'finished', status = 'Succeeded', golden_ami = 'ami-g'"

static const struct withdrawal of_release = {
	.family = "web",
	.what = "2023.9.20260801.0",
	.reason = "withdrawn by AWS on 2026-08-18",
	.text = "AWS has withdrawn it.",
	.key = "withdrawn/it/web",
};

static struct keeping on;

static void begin(const char *what_happened)
{
	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	sql_run(on.path, what_happened);
}

static bool record(const struct withdrawal *withdrawal)
{
	struct announcement announcement = { .message_id = SPAN("w"), .topic = SPAN("topic") };
	struct ledger_entry entry = {
		.announcement = &announcement,
		.withdrawals = withdrawal,
		.n_withdrawals = 1,
	};

	on.ledger->record(on.ledger, &entry, 1, keeping_on_done, &on);
	return keeping_worked(&on);
}

static int64_t marked(void)
{
	return keeping_count(&on, "SELECT count(*) FROM builds WHERE withdrawn_ms > 0");
}

static int64_t told(void)
{
	return keeping_count(&on, "SELECT count(*) FROM notices WHERE kind = 'withdrawn'");
}

static int64_t quarantined(void)
{
	return keeping_count(&on, "SELECT count(*) FROM quarantines WHERE family = 'web'"
	                          " AND reason = 'withdrawn by AWS on 2026-08-18'");
}

TEST(a_golden_ami_is_marked_and_told_once)
{
	begin(SUCCEED);
	CHECK(record(&of_release));
	CHECK(record(&of_release));
	CHECK_INT(marked(), 1);
	CHECK_INT(told(), 1);
	CHECK_INT(quarantined(), 1);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM notices WHERE family = 'web'"
	                             " AND text LIKE '%has withdrawn it.%ami-g in eu-west-1%'"),
	          1);
	keeping_end(&on);
}

TEST(an_image_counts_like_its_release)
{
	struct withdrawal of_image = of_release;

	of_image.what = "ami-1";
	begin(SUCCEED);
	CHECK(record(&of_image));
	CHECK_INT(marked(), 1);
	CHECK_INT(told(), 1);
	CHECK_INT(keeping_count(&on, "SELECT what = 'ami-1' FROM quarantines"), 1);
	keeping_end(&on);
}

TEST(a_build_that_is_running_is_told)
{
	begin("UPDATE builds SET state = 'started', status = 'InProgress'");
	CHECK(record(&of_release));
	CHECK_INT(marked(), 1);
	CHECK_INT(keeping_count(&on, "SELECT text LIKE '%still running%' FROM notices"), 1);
	keeping_end(&on);
}

static void check_untold(const char *what_happened)
{
	begin(what_happened);
	CHECK(record(&of_release));
	CHECK_INT(marked(), 0);
	CHECK_INT(told(), 0);
	CHECK_INT(quarantined(), 1);
	keeping_end(&on);
}

TEST(what_was_never_made_is_quarantined_only)
{
	check_untold("UPDATE builds SET state = 'wanted'");
	check_untold("UPDATE builds SET state = 'finished', status = 'Failed'");
	check_untold(SUCCEED ", release = '2023.9.20260901.0'");
	check_untold(SUCCEED ", family = 'other'");
}

TEST(what_an_operator_said_before_stays)
{
	begin("INSERT INTO quarantines VALUES ('web', '2023.9.20260801.0', 'by hand', 1)");
	CHECK(record(&of_release));
	CHECK_INT(keeping_count(&on, "SELECT reason = 'by hand' FROM quarantines"), 1);
	keeping_end(&on);
}

TEST(of_many_builds_the_newest_are_named)
{
	begin(SUCCEED);
	for (int i = 0; i < LIMIT_NAMED_BUILDS + 4; i++)
		sql_run(on.path, "INSERT INTO builds (state, status, family, pipeline_region,"
		                 " pipeline, region, image_id, attempt, token, publisher, release,"
		                 " image_name, variables, announced_ms, wanted_ms, started_ms,"
		                 " finished_ms, base_written, golden_written, due_ms, tries)"
		                 " SELECT state, status, family, pipeline_region, pipeline, region,"
		                 " image_id, max(attempt) + 1, hex(randomblob(32)), publisher,"
		                 " release, image_name, variables, 0, 0, 0, 0, 0, 0, 0, 0"
		                 " FROM builds");
	CHECK(record(&of_release));
	CHECK_INT(marked(), LIMIT_NAMED_BUILDS + 5);
	CHECK_INT(keeping_count(&on, "SELECT text LIKE '%… and 5 more' FROM notices"), 1);
	keeping_end(&on);
}

/* A row that a build's flow read before is saved without taking the mark back. */
TEST(the_mark_outlives_what_others_save)
{
	begin("UPDATE builds SET state = 'started', due_ms = 0");
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK(record(&of_release));
	on.builds[0].state = BUILD_FINISHED;
	on.ledger->save(on.ledger, &on.builds[0], NULL, keeping_on_done, &on);
	CHECK(keeping_worked(&on));
	CHECK_INT(marked(), 1);
	keeping_end(&on);
}

int main(void)
{
	check_run(a_golden_ami_is_marked_and_told_once);
	check_run(an_image_counts_like_its_release);
	check_run(a_build_that_is_running_is_told);
	check_run(what_was_never_made_is_quarantined_only);
	check_run(what_an_operator_said_before_stays);
	check_run(of_many_builds_the_newest_are_named);
	check_run(the_mark_outlives_what_others_save);
	return check_done();
}
