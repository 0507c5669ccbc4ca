/*
 * The operator's hand on the SQLite ledger, beside a worker that has it open, and what is seen.
 */
#include "common/base/limits.h"
#include "tests/flows/keeping.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define OLDER "2023.9.20260801.0" /* of keeping_build() */
#define NEWER "2023.10.20260901.0"

static struct keeping on;            /* as the worker has it */
static struct ledger_sqlite *second; /* as the operator does */
static struct ledger *hand;

static void begin(void)
{
	keeping_begin(&on);
	second = ledger_sqlite_open(on.path, LEDGER_OPERATE, simulation_timers(on.simulation),
	                            &on.failure);
	CHECK(second, "%s", on.failure.text);
	hand = ledger_sqlite_ledger(second);
}

static void end(void)
{
	ledger_sqlite_free(second);
	keeping_end(&on);
}

/* A row of its own, whose state the test sets. */
static void add(const struct build *build, const char *set)
{
	char sql[400];

	CHECK(keeping_record(&on, span_of(build->image_id), build, 1), "%s", on.failure.text);
	snprintf(sql, sizeof(sql), "UPDATE builds SET %s WHERE id = (SELECT max(id) FROM builds)",
	         set);
	sql_run(on.path, sql);
}

static void add_image(const char *image_id, const char *release, const char *set)
{
	struct build build = keeping_build(image_id);

	build.release = release;
	add(&build, set);
}

#define SUCCEEDED "state = 'finished', status = 'Succeeded', execution_id = 'e', finished_ms = 5"
#define FAILED    "state = 'finished', status = 'Failed', execution_id = 'e', finished_ms = 6"
#define WAITING   "held = 'soaking', held_ms = 1, due_ms = due_ms + 3600000"

static int64_t due_now(void)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM builds WHERE state = 'wanted' AND due_ms <= %lld",
	         (long long)keeping_now_ms(&on));
	return keeping_count(&on, sql);
}

/* ---- operations, waited for ------------------------------------------------------------------ */

static bool answer;

static void on_answer(void *ctx, bool yes, const struct err *err)
{
	answer = yes;
	keeping_on_done(ctx, err);
}

static bool hold(const char *family, const char *reason)
{
	const struct family_hold wish = { .family = family, .reason = reason };

	hand->hold(hand, &wish, keeping_on_done, &on);
	return keeping_worked(&on);
}

static bool released(const char *family)
{
	hand->release(hand, family, on_answer, &on);
	return keeping_worked(&on) && answer;
}

static struct quarantine of(const char *family, const char *what)
{
	return (struct quarantine){ .family = family, .what = what, .reason = "it panics" };
}

static bool quarantine(const char *family, const char *what)
{
	const struct quarantine wish = of(family, what);

	hand->quarantine(hand, &wish, keeping_on_done, &on);
	return keeping_worked(&on);
}

static bool lifted(const char *family, const char *what)
{
	const struct quarantine wish = of(family, what);

	hand->lift(hand, &wish, on_answer, &on);
	return keeping_worked(&on) && answer;
}

static struct build again;

static void on_build(void *ctx, const struct build *build, const struct err *err)
{
	struct keeping *keeping = ctx;

	if (build)
		again = build_copy(build, &keeping->arena);
	keeping_on_done(ctx, err);
}

static bool retry(void)
{
	hand->retry(hand, "web", "eu-west-1", on_build, &on);
	return keeping_worked(&on);
}

static struct facts facts;

static void on_facts(void *ctx, const struct facts *found, const struct err *err)
{
	if (found)
		facts = *found;
	keeping_on_done(ctx, err);
}

/* What the worker finds when it looks at the image. */
static const struct facts *look_up(const char *image_id)
{
	const struct build build = keeping_build(image_id);

	on.ledger->look_up(on.ledger, &(struct ledger_look){ .build = &build }, on_facts, &on);
	CHECK(keeping_worked(&on));
	return &facts;
}

static bool changed(void)
{
	on.ledger->changed(on.ledger, on_answer, &on);
	return keeping_worked(&on) && answer;
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(without_a_ledger_it_says_how_to_get_one)
{
	keeping_begin_empty(&on);
	CHECK(!keeping_open(&on, LEDGER_OPERATE));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(strstr(on.failure.text, "no ledger at "), "%s", on.failure.text);
	CHECK(strstr(on.failure.text, "has `evergold run` been started?"), "%s", on.failure.text);
	keeping_end(&on);
}

static bool opens(void)
{
	struct ledger_sqlite *opened = ledger_sqlite_open(
		on.path, LEDGER_OPERATE, simulation_timers(on.simulation), &on.failure);

	if (!opened)
		return false;
	ledger_sqlite_free(opened);
	return true;
}

TEST(another_schema_is_left_to_the_worker_that_runs)
{
	keeping_begin(&on);
	sql_run(on.path, "PRAGMA user_version = 1");
	CHECK(!opens());
	CHECK(strstr(on.failure.text, "its schema is of an older evergold"), "%s", on.failure.text);
	CHECK_INT(keeping_count(&on, "PRAGMA user_version"), 1);
	sql_run(on.path, "PRAGMA user_version = 99");
	CHECK(!opens());
	CHECK(strstr(on.failure.text, "newer evergold (schema 99)"), "%s", on.failure.text);
	keeping_end(&on);
}

TEST(an_older_schema_without_a_worker_is_brought_up_to_date)
{
	int64_t version;

	keeping_begin(&on);
	version = keeping_count(&on, "PRAGMA user_version");
	keeping_close(&on);
	remove(on.path);
	sql_run(on.path, "CREATE TABLE letters (a)"); /* nothing of ours yet: schema 0 */
	CHECK(opens(), "%s", on.failure.text);
	CHECK_INT(keeping_count(&on, "PRAGMA user_version"), version);
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	keeping_end(&on);
}

/* ---- families -------------------------------------------------------------------------------- */

TEST(a_hold_is_seen_by_the_worker_until_the_release)
{
	begin();
	CHECK(hold("web", "the fair"));
	CHECK_TEXT(look_up("ami-1")->family_hold, "the fair");
	CHECK(hold("web", ""));
	CHECK_TEXT(look_up("ami-1")->family_hold, "held by hand");
	CHECK(!released("other"));
	CHECK(released("web"));
	CHECK_TEXT(look_up("ami-1")->family_hold, "");
	CHECK(!released("web"));
	end();
}

TEST(a_release_counts_failures_anew)
{
	begin();
	add_image("ami-1", OLDER, FAILED);
	add_image("ami-2", OLDER, FAILED);
	CHECK_INT(look_up("ami-3")->failures, 2);
	CHECK(!released("web"));
	CHECK_INT(look_up("ami-3")->failures, 0);
	end();
}

TEST(what_is_held_is_due_at_once_with_each_word)
{
	begin();
	add_image("ami-1", OLDER, WAITING);
	CHECK_INT(due_now(), 0);
	CHECK(hold("other", "") && due_now() == 0);
	CHECK(hold("web", "") && due_now() == 1);
	sql_run(on.path, "UPDATE builds SET " WAITING);
	CHECK(released("web") && due_now() == 1);
	sql_run(on.path, "UPDATE builds SET " WAITING);
	CHECK(quarantine("other", OLDER) && due_now() == 0);
	CHECK(quarantine("", OLDER) && due_now() == 1);
	sql_run(on.path, "UPDATE builds SET " WAITING);
	CHECK(lifted("", OLDER) && due_now() == 1);
	end();
}

/* ---- releases and images --------------------------------------------------------------------- */

TEST(a_quarantine_is_of_a_release_or_of_an_image)
{
	begin();
	CHECK(quarantine("web", OLDER));
	CHECK_TEXT(look_up("ami-1")->quarantine, "it panics");
	CHECK(lifted("web", OLDER));
	CHECK_TEXT(look_up("ami-1")->quarantine, "");
	CHECK(quarantine("", "ami-1"));
	CHECK_TEXT(look_up("ami-1")->quarantine, "it panics");
	CHECK_TEXT(look_up("ami-2")->quarantine, "");
	CHECK(!lifted("web", "ami-1"));
	CHECK(lifted("", "ami-1"));
	end();
}

/* ---- once more ------------------------------------------------------------------------------- */

TEST(a_retry_is_the_same_build_with_another_token)
{
	struct build build = keeping_build("ami-1");

	begin();
	build.variables = "{\"BASE\":\"ami-1\"}";
	add(&build, FAILED ", failed_stage = 'Build', trouble = 'x', golden_written = 1");
	CHECK(retry(), "%s", on.failure.text);
	CHECK_INT(again.attempt, 1);
	CHECK(strcmp(again.token, build.token) != 0);
	build.attempt = 1;
	build_derive_token(&build);
	CHECK_TEXT(again.token, build.token);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 1);
	CHECK_INT(on.builds[0].id, again.id);
	CHECK_TEXT(on.builds[0].variables, "{\"BASE\":\"ami-1\"}");
	CHECK_TEXT(on.builds[0].token, again.token);
	CHECK(!on.builds[0].failed_stage && !on.builds[0].execution_id && !on.builds[0].trouble);
	CHECK(!on.builds[0].golden_written);
	end();
}

static void check_refused(const char *words)
{
	CHECK(!retry());
	CHECK_INT((int)on.failure.kind, ERR_REFUSED);
	CHECK(strstr(on.failure.text, words), "%s", on.failure.text);
}

TEST(a_retry_needs_an_end_to_begin_from)
{
	begin();
	check_refused("nothing was ever built");
	add_image("ami-1", OLDER, "state = 'superseded'");
	check_refused("nothing was ever built");
	add_image("ami-2", OLDER, WAITING);
	check_refused(OLDER " waits already");
	sql_run(on.path, "UPDATE builds SET state = 'started' WHERE image_id = 'ami-2'");
	check_refused(OLDER " is being built already");
	sql_run(on.path, "UPDATE builds SET " SUCCEEDED " WHERE image_id = 'ami-2'");
	CHECK(retry());
	check_refused(OLDER " waits already");
	sql_run(on.path, "UPDATE builds SET " FAILED " WHERE state = 'wanted'");
	CHECK(retry());
	CHECK_INT(again.attempt, 2);
	end();
}

TEST(what_was_there_before_evergold_can_be_built)
{
	begin();
	add_image("ami-1", OLDER, "state = 'adopted'");
	CHECK(retry(), "%s", on.failure.text);
	CHECK_TEXT(again.image_id, "ami-1");
	end();
}

TEST(what_is_in_quarantine_is_not_retried)
{
	begin();
	add_image("ami-1", OLDER, FAILED);
	CHECK(quarantine("", "ami-1"));
	check_refused("is in quarantine: it panics");
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds"), 1);
	CHECK(lifted("", "ami-1"));
	CHECK(retry(), "%s", on.failure.text);
	end();
}

/* ---- what is seen ---------------------------------------------------------------------------- */

static void check_nothing(void *ctx, const struct overview *overview, const struct err *err)
{
	CHECK_INT(overview->n_lines + overview->n_holds + overview->n_quarantines, 0);
	keeping_on_done(ctx, err);
}

static bool see(ledger_overview_fn *check)
{
	hand->overview(hand, check, &on);
	return keeping_worked(&on);
}

static void check_two_lines(void *ctx, const struct overview *overview, const struct err *err)
{
	const struct overview_line *line = overview_line(overview, "web", "eu-west-1");

	CHECK_INT(overview->n_lines, 2);
	CHECK_TEXT(overview->lines[0].family, "db");
	CHECK(!overview->lines[0].built && !overview->lines[0].newest);
	CHECK_INT(overview->lines[0].n_open, 1);
	CHECK(!overview_line(overview, "web", "us-east-1"));
	if (CHECK(line && line->built)) {
		CHECK_TEXT(line->built->image_id, "ami-1"); /* by its number, not its row */
		CHECK_TEXT(line->built->golden_ami, "ami-golden");
		CHECK_TEXT(line->newest, "2023.11.20261001.0");
		CHECK_INT(line->failures, 1);
		CHECK_INT(line->n_open, 2);
		CHECK_TEXT(line->open[0].image_id, "ami-4");
		CHECK_TEXT(line->open[1].image_id, "ami-5");
	}
	CHECK_INT(overview->n_holds, 1);
	CHECK_TEXT(overview->holds[0].family, "db");
	CHECK_INT(overview->holds[0].since_ms, keeping_now_ms(&on));
	keeping_on_done(ctx, err);
}

TEST(a_line_has_what_was_built_what_runs_and_what_waits)
{
	struct build other = keeping_build("ami-6");

	begin();
	CHECK(see(check_nothing));
	for (const char *image = "12345"; *image; image++) {
		const char id[] = { 'a', 'm', 'i', '-', *image, '\0' };

		CHECK(keeping_record_image(&on, id));
	}
	sql_run(on.path,
	        "UPDATE builds SET " SUCCEEDED ", golden_ami = 'ami-golden',"
	        " release = '2023.10.20260901.0' WHERE image_id = 'ami-1';"
	        "UPDATE builds SET state = 'adopted' WHERE image_id = 'ami-2';"
	        "UPDATE builds SET release = '2023.11.20261001.0' WHERE image_id > 'ami-2';"
	        "UPDATE builds SET " FAILED " WHERE image_id = 'ami-3';"
	        "UPDATE builds SET state = 'started', execution_id = 'e-4'"
	        " WHERE image_id = 'ami-4';");
	other.family = "db";
	build_derive_token(&other);
	add(&other, WAITING);
	CHECK(hold("db", "migration"));
	CHECK(see(check_two_lines));
	end();
}

static size_t n_quarantines;

static void count_quarantines(void *ctx, const struct overview *overview, const struct err *err)
{
	n_quarantines = overview->n_quarantines;
	for (size_t i = 0; i < n_quarantines; i++)
		CHECK_TEXT(overview->quarantines[i].reason, "it panics");
	keeping_on_done(ctx, err);
}

static size_t quarantines(void)
{
	CHECK(see(count_quarantines));
	return n_quarantines;
}

TEST(a_quarantine_ends_with_the_next_release_that_is_started)
{
	begin();
	CHECK(quarantine("web", OLDER));
	CHECK(quarantine("", "ami-1"));
	CHECK_INT(quarantines(), 2); /* before anything is known of it */
	add_image("ami-1", OLDER, WAITING);
	CHECK_INT(quarantines(), 2);
	add_image("ami-2", NEWER, WAITING);
	CHECK_INT(quarantines(), 2);
	sql_run(on.path, "UPDATE builds SET state = 'started' WHERE image_id = 'ami-2'");
	CHECK_INT(quarantines(), 0);
	CHECK(quarantine("web", NEWER)); /* which runs: nothing is newer */
	CHECK_INT(quarantines(), 1);
	end();
}

TEST(a_quarantine_lasts_until_every_region_has_the_next_release)
{
	struct build away = keeping_build("ami-3");

	begin();
	away.region = "us-east-1";
	build_derive_token(&away);
	add(&away, WAITING);
	CHECK(quarantine("", OLDER));
	add_image("ami-2", NEWER, "state = 'started', execution_id = 'e'");
	CHECK_INT(quarantines(), 1);
	away.image_id = "ami-4";
	away.release = NEWER;
	build_derive_token(&away);
	add(&away, SUCCEEDED);
	CHECK_INT(quarantines(), 0);
	end();
}

/* ---- history --------------------------------------------------------------------------------- */

static int64_t seen[LIMIT_HISTORY_PAGE + 1];
static size_t n_seen;

static void on_history(void *ctx, const struct build *builds, size_t n, const struct err *err)
{
	n_seen = n;
	for (size_t i = 0; i < n; i++)
		seen[i] = builds[i].id;
	keeping_on_done(ctx, err);
}

static size_t page(const char *family, int64_t before_id, size_t limit)
{
	const struct ledger_history question = { family, before_id, limit };

	hand->history(hand, &question, on_history, &on);
	CHECK(keeping_worked(&on), "%s", on.failure.text);
	return n_seen;
}

TEST(history_goes_back_page_by_page)
{
	struct build other = keeping_build("ami-other");

	begin();
	other.family = "db";
	build_derive_token(&other);
	CHECK(keeping_record(&on, SPAN("first"), &other, 1));
	for (int i = 0; i < LIMIT_HISTORY_PAGE + 1; i++) {
		char image[32];

		snprintf(image, sizeof(image), "ami-%d", i);
		CHECK(keeping_record_image(&on, image));
	}
	CHECK_INT(page(NULL, 0, 1000), LIMIT_HISTORY_PAGE);
	CHECK_INT(seen[0], LIMIT_HISTORY_PAGE + 2);
	CHECK_INT(seen[LIMIT_HISTORY_PAGE - 1], 3);
	CHECK_INT(page(NULL, 3, 1000), 2);
	CHECK_INT(seen[1], 1);
	CHECK_INT(page("web", 3, 1000), 1);
	CHECK_INT(page("db", 0, 1000), 1);
	CHECK_INT(page("nobody", 0, 1000), 0);
	CHECK_INT(page(NULL, 0, 2), 2);
	end();
}

/* ---- noticing -------------------------------------------------------------------------------- */

TEST(only_what_others_write_is_a_change)
{
	begin();
	CHECK(!changed());
	CHECK(keeping_record_image(&on, "ami-1"));
	CHECK(!changed());
	CHECK(hold("web", ""));
	CHECK(changed());
	CHECK(!changed());
	CHECK_INT(page(NULL, 0, 10), 1);
	CHECK(!changed());
	end();
}

int main(void)
{
	check_run(without_a_ledger_it_says_how_to_get_one);
	check_run(another_schema_is_left_to_the_worker_that_runs);
	check_run(an_older_schema_without_a_worker_is_brought_up_to_date);
	check_run(a_hold_is_seen_by_the_worker_until_the_release);
	check_run(a_release_counts_failures_anew);
	check_run(what_is_held_is_due_at_once_with_each_word);
	check_run(a_quarantine_is_of_a_release_or_of_an_image);
	check_run(a_retry_is_the_same_build_with_another_token);
	check_run(a_retry_needs_an_end_to_begin_from);
	check_run(what_was_there_before_evergold_can_be_built);
	check_run(what_is_in_quarantine_is_not_retried);
	check_run(a_line_has_what_was_built_what_runs_and_what_waits);
	check_run(a_quarantine_ends_with_the_next_release_that_is_started);
	check_run(a_quarantine_lasts_until_every_region_has_the_next_release);
	check_run(history_goes_back_page_by_page);
	check_run(only_what_others_write_is_a_change);
	return check_done();
}
