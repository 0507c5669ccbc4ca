/* Builds before a build in its line: who is watched, and how many failed in a row. */
#include "tests/flows/keeping.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define HOUR 3600000
#define ROWS 5

static struct keeping on;
static struct build rows[ROWS]; /* [i] is row i + 1, as it was recorded */
static struct arena arena;

static bool save(const struct build *build)
{
	on.ledger->save(on.ledger, build, NULL, keeping_on_done, &on);
	return keeping_worked(&on);
}

/* Of one line. */
static void begin(void)
{
	keeping_begin(&on);
	for (int i = 1; i <= ROWS; i++)
		CHECK(keeping_record_image(&on, arena_printf(&arena, "ami-%d", i)));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	for (int i = 0; i < ROWS; i++)
		rows[i] = build_copy(&on.builds[i], &arena);
}

static void end(void)
{
	keeping_end(&on);
	arena_clear(&arena);
}

static void change(int row, const char *set)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "UPDATE builds SET %s WHERE id = %d", set, row);
	sql_run(on.path, sql);
}

/* ---- failures -------------------------------------------------------------------------------- */

struct past {
	const char *rows[4]; /* each as "SET …", the oldest first */
	int failures;
};

#define SUCCEEDED "state = 'finished', status = 'Succeeded'"
#define FAILED    "state = 'finished', status = 'Failed'"
#define STOPPED   "state = 'finished', status = 'Stopped'"
#define CANCELLED "state = 'finished', status = 'Cancelled'"
#define OVERTAKEN "state = 'finished', status = 'Superseded'"
#define GIVEN_UP  "state = 'finished', status = 'Unknown'"
#define GAVE_WAY  "state = 'superseded'"
#define ADOPTED   "state = 'adopted'"
#define RUNS      "state = 'started', status = 'InProgress'"

static const struct past pasts[] = {
	{ { ADOPTED, SUCCEEDED, SUCCEEDED, SUCCEEDED }, 0 },
	{ { FAILED, SUCCEEDED, SUCCEEDED, FAILED }, 1 },
	{ { FAILED, FAILED, FAILED, FAILED }, 4 },
	{ { SUCCEEDED, FAILED, FAILED, SUCCEEDED }, 0 },
	{ { FAILED, STOPPED, CANCELLED, FAILED }, 2 },
	{ { FAILED, OVERTAKEN, GIVEN_UP, GAVE_WAY }, 1 },
	{ { SUCCEEDED, FAILED, RUNS, RUNS }, 1 },
	{ { FAILED, FAILED ", region = 'us-east-1'", FAILED ", family = 'db'", FAILED }, 2 },
};

TEST(failures_in_a_row_are_counted_when_a_build_ends)
{
	for (size_t i = 0; i < sizeof(pasts) / sizeof(*pasts); i++) {
		struct build *build = &rows[4];

		begin();
		for (int row = 0; row < 4; row++)
			change(row + 1, pasts[i].rows[row]);
		build->state = BUILD_STARTED;
		CHECK(save(build));
		CHECK_INT(keeping_count(&on, "SELECT failures FROM builds WHERE id = 5"), 0);
		build->state = BUILD_FINISHED;
		CHECK(save(build));
		CHECK_INT(keeping_count(&on, "SELECT failures FROM builds WHERE id = 5"),
		          pasts[i].failures);
		end();
	}
}

TEST(what_is_newer_does_not_count)
{
	struct build *build = &rows[0];

	begin();
	change(2, FAILED);
	build->state = BUILD_FINISHED;
	CHECK(save(build));
	CHECK_INT(keeping_count(&on, "SELECT failures FROM builds WHERE id = 1"), 0);
	end();
}

/* It may be saved again, as one that is watched; what was told stays true. */
TEST(failures_stay_as_they_were_when_it_ended)
{
	struct build *build = &rows[1];

	begin();
	change(1, FAILED);
	build->state = BUILD_FINISHED;
	CHECK(save(build));
	change(1, SUCCEEDED);
	CHECK(save(build));
	CHECK_INT(keeping_count(&on, "SELECT failures FROM builds WHERE id = 2"), 1);
	build->state = BUILD_STARTED;
	CHECK(save(build));
	build->state = BUILD_FINISHED;
	CHECK(save(build));
	CHECK_INT(keeping_count(&on, "SELECT failures FROM builds WHERE id = 2"), 0);
	end();
}

/* ---- watched --------------------------------------------------------------------------------- */

static bool is_watched(int row)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT watched FROM builds WHERE id = %d", row);
	return keeping_count(&on, sql) != 0;
}

/* In an hour; nothing else is ever due. */
static void begin_watched(struct build *build)
{
	begin();
	sql_run(on.path, "UPDATE builds SET state = 'adopted' WHERE id > 1");
	build->state = BUILD_FINISHED;
	build->watched = true;
	build->execution_id = "e-1";
	build->due_ms = keeping_now_ms(&on) + HOUR;
	CHECK(save(build));
}

TEST(what_is_watched_is_due_and_nothing_unfinished)
{
	struct build *build = &rows[0];

	begin_watched(build);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT((int)on.n_builds, 0);
	CHECK(!on.unfinished);
	CHECK_INT(on.next_due_ms, build->due_ms);
	CHECK(keeping_look(&on, build->due_ms));
	CHECK_INT((int)on.n_builds, 1);
	CHECK(on.builds[0].watched);
	build->watched = false;
	CHECK(save(build));
	CHECK(keeping_look(&on, build->due_ms));
	CHECK_INT((int)on.n_builds, 0);
	CHECK_INT(on.next_due_ms, -1);
	end();
}

TEST(a_hint_makes_what_is_watched_due)
{
	struct build *build = &rows[0];

	begin_watched(build);
	CHECK(keeping_hurry(&on, &(struct ledger_hint){ .execution_id = "e-1" }));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT((int)on.n_builds, 1);
	CHECK(on.builds[0].hinted);
	end();
}

TEST(a_newer_build_that_is_started_ends_the_watch)
{
	struct build *newer = &rows[2];

	begin();
	change(1, FAILED ", watched = 1, execution_id = 'e-1'");
	change(2, FAILED ", watched = 1, execution_id = 'e-2', region = 'us-east-1'");
	newer->tries = 1;
	CHECK(save(newer));
	CHECK(is_watched(1));
	newer->state = BUILD_STARTED;
	newer->execution_id = "e-3";
	CHECK(save(newer));
	CHECK(!is_watched(1));
	CHECK(is_watched(2)); /* of another line */
	end();
}

/* It was looked at, or still ran, while the newer one was started. */
TEST(what_a_newer_build_has_overtaken_is_not_watched)
{
	struct build *older = &rows[0];

	begin();
	change(2, RUNS ", execution_id = 'e-2'");
	older->state = BUILD_FINISHED;
	older->status = EXECUTION_FAILED;
	older->execution_id = "e-1";
	older->watched = true;
	CHECK(save(older));
	CHECK(!is_watched(1));
	end();
}

TEST(an_older_build_that_runs_again_leaves_the_newer_one_watched)
{
	struct build *older = &rows[0];

	begin();
	change(2, FAILED ", watched = 1, execution_id = 'e-2'");
	older->state = BUILD_STARTED;
	older->execution_id = "e-1";
	CHECK(save(older));
	CHECK(is_watched(2));
	end();
}

int main(void)
{
	check_run(failures_in_a_row_are_counted_when_a_build_ends);
	check_run(what_is_newer_does_not_count);
	check_run(failures_stay_as_they_were_when_it_ended);
	check_run(what_is_watched_is_due_and_nothing_unfinished);
	check_run(a_hint_makes_what_is_watched_due);
	check_run(a_newer_build_that_is_started_ends_the_watch);
	check_run(what_a_newer_build_has_overtaken_is_not_watched);
	check_run(an_older_build_that_runs_again_leaves_the_newer_one_watched);
	return check_done();
}
