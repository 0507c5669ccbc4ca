/*
 * The SQLite ledger: what it keeps, and what it refuses.
 */
#include "common/base/limits.h"
#include "tests/flows/keeping.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/adapters/file.h"
#include "worker/adapters/ledger_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct keeping on;

static bool save(const struct build *build, const enum notice_kind *notice)
{
	on.ledger->save(on.ledger, build, notice, keeping_on_done, &on);
	return keeping_worked(&on);
}

static void write_file(const char *text)
{
	int fd = open(on.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(file_write(fd, span_of(text), &on.failure), "%s", on.failure.text);
	close(fd);
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(an_empty_file_gets_the_schema_and_keeps_it)
{
	keeping_begin(&on);
	CHECK_INT(keeping_count(&on, "PRAGMA user_version"), 12);
	CHECK(keeping_record_image(&on, "ami-1"));
	keeping_close(&on);
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 1);
	CHECK_INT(keeping_count(&on, "PRAGMA user_version"), 12);
	keeping_end(&on);
}

TEST(a_newer_schema_is_refused_and_left_alone)
{
	keeping_begin(&on);
	keeping_close(&on);
	sql_run(on.path, "PRAGMA user_version = 99");
	CHECK(!keeping_open(&on, LEDGER_WRITE));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(strstr(on.failure.text, "newer evergold (schema 99)"), "%s", on.failure.text);
	CHECK(!keeping_open(&on, LEDGER_COPY));
	CHECK_INT(keeping_count(&on, "PRAGMA user_version"), 99);
	keeping_end(&on);
}

TEST(there_is_one_writer)
{
	struct ledger_sqlite *first;

	keeping_begin(&on);
	first = on.sqlite;
	CHECK(!keeping_open(&on, LEDGER_WRITE));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(strstr(on.failure.text, "another worker uses this ledger"), "%s", on.failure.text);
	ledger_sqlite_free(first);
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	keeping_end(&on);
}

TEST(what_is_no_ledger_is_refused)
{
	keeping_begin_empty(&on);
	write_file("This is a letter and no database, however long one makes it. This is a letter "
	           "and no database, however long one makes it.");
	CHECK(!keeping_open(&on, LEDGER_WRITE));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(strstr(on.failure.text, on.path), "%s", on.failure.text);
	CHECK(!keeping_open(&on, LEDGER_COPY));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	keeping_end(&on);
}

TEST(half_a_file_is_refused_when_it_is_read)
{
	keeping_begin(&on);
	for (int i = 0; i < 100; i++) {
		char image[32];

		snprintf(image, sizeof(image), "ami-%d", i);
		CHECK(keeping_record_image(&on, image));
	}
	keeping_close(&on);
	CHECK(truncate(on.path, 20000) == 0);
	if (keeping_open(&on, LEDGER_WRITE))
		CHECK(!keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	keeping_end(&on);
}

static void check_no_place(const char *place)
{
	keeping_begin_empty(&on);
	snprintf(on.path, sizeof(on.path), "%s", place);
	CHECK(!keeping_open(&on, LEDGER_WRITE), "%s", place);
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(strstr(on.failure.text, place), "%s", on.failure.text);
	keeping_end(&on);
}

TEST(a_folder_that_cannot_be_written_is_named)
{
	check_no_place("/proc/ledger.db"); /* where not even root makes files */
	check_no_place("/no/such/folder/ledger.db");
}

/* ---- a copy ---------------------------------------------------------------------------------- */

TEST(a_copy_of_a_file_in_use_sees_all_and_changes_nothing)
{
	struct ledger_sqlite *writer;

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	writer = on.sqlite;
	CHECK(keeping_open(&on, LEDGER_COPY), "%s", on.failure.text);
	CHECK(keeping_record_image(&on, "ami-2"));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 2);
	keeping_close(&on);
	on.sqlite = writer;
	on.ledger = ledger_sqlite_ledger(writer);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 1);
	keeping_end(&on);
}

TEST(a_copy_of_a_file_at_rest_leaves_no_trace)
{
	int before;

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	keeping_close(&on);
	before = temporary_files();
	CHECK(keeping_open(&on, LEDGER_COPY), "%s", on.failure.text);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 1);
	keeping_close(&on);
	CHECK_INT(temporary_files(), before);
	keeping_end(&on);
}

TEST(a_path_may_hold_what_means_something_in_a_uri)
{
	keeping_begin_empty(&on);
	snprintf(on.path, sizeof(on.path), "%s/100%%?mode=rw#1.db", temporary_folder());
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	CHECK(keeping_record_image(&on, "ami-1"));
	keeping_close(&on);
	CHECK(keeping_open(&on, LEDGER_COPY), "%s", on.failure.text);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 1);
	keeping_end(&on);
}

TEST(a_copy_of_nothing_makes_nothing)
{
	int before;

	keeping_begin_empty(&on);
	before = temporary_files();
	CHECK(!keeping_open(&on, LEDGER_COPY));
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(strstr(on.failure.text, on.path), "%s", on.failure.text);
	CHECK_INT(temporary_files(), before);
	keeping_end(&on);
}

/* ---- rows ------------------------------------------------------------------------------------ */

TEST(a_batch_with_a_build_that_exists_is_not_written_at_all)
{
	struct build builds[2];

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-2"));
	builds[0] = keeping_build("ami-1");
	builds[1] = keeping_build("ami-2");
	CHECK(!keeping_record(&on, SPAN("both"), builds, 2));
	CHECK_INT((int)on.failure.kind, ERR_TRANSIENT);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds"), 1);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM announcements"), 1);
	CHECK(keeping_record_image(&on, "ami-3"), "%s", on.failure.text);
	keeping_end(&on);
}

static void add_findings(void *ctx, const struct ledger_checked *checked)
{
	*(size_t *)ctx += checked->n;
}

static void check_sound(void)
{
	size_t findings = 0;

	CHECK(ledger_check(on.path, add_findings, &findings, &on.failure), "%s", on.failure.text);
	CHECK_INT(findings, 0);
}

TEST(a_build_takes_the_place_of_what_was_adopted)
{
	struct build build = keeping_build("ami-1");

	for (int in_use = 0; in_use < 2; in_use++) {
		keeping_begin(&on);
		build.state = BUILD_ADOPTED;
		build.base_written = in_use;
		CHECK(keeping_record(&on, SPAN("catch-up/ami-1"), &build, 1));
		CHECK(keeping_record_image(&on, "ami-2"));
		CHECK(keeping_record_image(&on, "ami-1") == !in_use);
		CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds WHERE state = 'adopted'"),
		          in_use);
		CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds"), 2);
		CHECK(!keeping_record_image(&on, "ami-1"));
		check_sound();
		keeping_end(&on);
	}
}

/* A bare message that is replayed has no id. */
TEST(builds_of_an_announcement_without_an_id_are_recorded)
{
	struct build build = keeping_build("ami-1");

	keeping_begin(&on);
	CHECK(keeping_record(&on, SPAN_NONE, &build, 1), "%s", on.failure.text);
	build = keeping_build("ami-2");
	CHECK(keeping_record(&on, SPAN_NONE, &build, 1), "%s", on.failure.text);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds"), 2);
	keeping_end(&on);
}

TEST(every_field_that_moves_comes_back_and_no_other)
{
	enum notice_kind kind = NOTICE_FINISHED;
	struct build build;

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	build = on.builds[0];
	build.state = BUILD_STARTED;
	build.status = EXECUTION_IN_PROGRESS;
	build.execution_id = "e-1";
	build.started_ms = 5;
	build.tries = 7;
	build.base_written = true;
	build.trouble = "it's \"odd\"";
	build.due_ms = keeping_now_ms(&on) + 10;
	build.family = "somebody else's";
	CHECK(save(&build, &kind), "%s", on.failure.text);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 0);
	CHECK_INT(on.next_due_ms, keeping_now_ms(&on) + 10);
	CHECK(keeping_look(&on, keeping_now_ms(&on) + 10));
	CHECK_INT(on.builds[0].state, BUILD_STARTED);
	CHECK_INT(on.builds[0].status, EXECUTION_IN_PROGRESS);
	CHECK_INT(on.builds[0].tries, 7);
	CHECK_INT(on.builds[0].base_written, true);
	CHECK_TEXT(on.builds[0].execution_id, "e-1");
	CHECK_TEXT(on.builds[0].trouble, "it's \"odd\"");
	CHECK_TEXT(on.builds[0].family, "web");
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM notices"), 1);
	keeping_end(&on);
}

TEST(what_is_due_comes_oldest_first_and_so_many_at_a_time)
{
	keeping_begin(&on);
	for (int i = 0; i < LIMIT_BUILDS_MOVED + 4; i++) {
		char image[32];

		snprintf(image, sizeof(image), "ami-%d", i);
		CHECK(keeping_record_image(&on, image));
		simulation_advance(on.simulation, 10);
	}
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, LIMIT_BUILDS_MOVED);
	CHECK_TEXT(on.builds[0].image_id, "ami-0");
	CHECK_TEXT(on.builds[LIMIT_BUILDS_MOVED - 1].image_id, "ami-15");
	CHECK_INT(on.next_due_ms, -1);
	CHECK(keeping_look(&on, keeping_now_ms(&on) - 10 * (LIMIT_BUILDS_MOVED + 4)));
	CHECK_INT(on.n_builds, 1);
	CHECK_INT(on.next_due_ms, keeping_now_ms(&on) - 10 * (LIMIT_BUILDS_MOVED + 3));
	keeping_end(&on);
}

/* The clock was ten years ahead when the row was written, and was set right since. */
TEST(what_a_wrong_clock_put_off_is_due)
{
	struct build build;

	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	build = on.builds[0];
	build.variables = "{}"; /* the next look frees what it had */
	build.due_ms = keeping_now_ms(&on) + LIMIT_DUE_AHEAD_MS;
	CHECK(save(&build, NULL));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 0);
	CHECK_INT(on.next_due_ms, build.due_ms);
	build.due_ms++;
	CHECK(save(&build, NULL));
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 1);
	CHECK_INT(on.next_due_ms, -1);
	keeping_end(&on);
}

TEST(the_newest_release_is_the_greatest_number_and_not_text)
{
	struct family family = { .name = "web" };
	struct image image = { .id = SPAN("ami-2") };
	struct decision decision = {
		.family = &family,
		.region = "eu-west-1",
		.reason = REASON_MATCHED,
		.image = &image,
	};
	struct build build = keeping_build("ami-1");
	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-2")); /* 2023.9 */
	build.release = "2023.10.20260101.0";
	CHECK(keeping_record(&on, SPAN("second"), &build, 1));
	on.ledger->recall(on.ledger, &decision, 1, keeping_on_done, &on);
	CHECK(keeping_worked(&on));
	CHECK_TEXT(decision.facts.next, "2023.10.20260101.0");
	CHECK_TEXT(decision.facts.newest, "");
	CHECK(decision.facts.image_started);
	keeping_end(&on);
}

/* One announcement with one decision, made so many days ago. */
static void announce(const char *message_id, const char *release, int64_t days_ago)
{
	const struct family family = { .name = "web" };
	struct decision decision = {
		.family = &family,
		.region = "eu-west-1",
		.reason = REASON_NAME_MISMATCH,
		.version = span_of(release),
	};
	const struct announcement announcement = {
		.message_id = span_of(message_id),
		.topic = SPAN("topic"),
		.publisher = catalogue_find(SPAN("amazon-linux-2023")),
		.announced_ms = keeping_now_ms(&on) - days_ago * 86400000,
	};

	on.ledger->record(on.ledger,
	                  &(struct ledger_entry){ .announcement = &announcement,
	                                          .decisions = &decision,
	                                          .n_decisions = 1 },
	                  1, keeping_on_done, &on);
	CHECK(keeping_worked(&on));
}

static void on_heard(void *ctx, const struct heard *heard, const struct err *err)
{
	*(struct heard *)ctx = *heard;
	keeping_on_done(&on, err);
}

static struct heard hear(const char *publisher, const char *region, const char *release)
{
	const struct family family = { .name = "web" };
	const struct decision about = {
		.family = &family,
		.region = region,
		.version = span_of(release),
	};
	struct heard heard;

	on.ledger->heard(on.ledger, publisher, release ? &about : NULL, on_heard, &heard);
	CHECK(keeping_worked(&on));
	return heard;
}

TEST(what_catch_up_found_was_not_heard)
{
	struct heard heard;

	keeping_begin(&on);
	announce("a", "2023.9.1.0", 30);
	announce("b", "2023.9.3.0", 2);
	announce("c", "2023.9.2.0", 16);
	announce("catch-up/ami-1", "2023.9.4.0", 1);
	heard = hear("amazon-linux-2023", "eu-west-1", "2023.9.3.0");
	CHECK_INT(heard.n, 3);
	CHECK_INT(heard.at_ms[0], keeping_now_ms(&on) - 2 * 86400000);
	CHECK_INT(heard.at_ms[2], keeping_now_ms(&on) - INT64_C(30) * 86400000);
	CHECK(heard.release);
	CHECK(!hear("amazon-linux-2023", "eu-west-1", "2023.9.4.0").release);
	CHECK(!hear("amazon-linux-2023", "eu-west-2", "2023.9.3.0").release);
	CHECK(!hear("amazon-linux-2023", NULL, NULL).release);
	CHECK_INT(hear("amazon-linux-2", "eu-west-1", "2023.9.3.0").n, 0);
	keeping_end(&on);
}

/* So many of one publisher, a day apart and the newest of yesterday, and a single older one. */
static void fill(void)
{
	char sql[1024];

	snprintf(
		sql, sizeof(sql),
		"WITH RECURSIVE days (day) AS"
		" (SELECT 1 UNION ALL SELECT day + 1 FROM days WHERE day < %d)"
		" INSERT INTO announcements SELECT 'topic', 'day-' || day, 'amazon-linux-2023',"
		" %lld - day * 86400000, 1 FROM days;"
		"INSERT INTO announcements VALUES ('other', 'one', 'ubuntu', 1, 1);"
		"INSERT INTO decisions SELECT topic, message_id, 'web', 'eu-west-1', NULL, 'older',"
		" 'older', NULL, NULL, 1 FROM announcements;",
		LIMIT_ANNOUNCEMENTS, (long long)keeping_now_ms(&on));
	sql_run(on.path, sql);
}

static void check_kept(const char *message_id, bool kept)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
	         "SELECT (SELECT count(*) FROM announcements WHERE message_id = '%s')"
	         " + (SELECT count(*) FROM decisions WHERE message_id = '%s')",
	         message_id, message_id);
	CHECK_INT(keeping_count(&on, sql), kept ? 2 : 0);
}

TEST(of_each_publisher_so_many_announcements_are_kept)
{
	keeping_begin(&on);
	fill();
	announce("today", "2023.9.1.0", 0);
	check_kept("today", true);
	check_kept("day-999", true);
	check_kept("day-1000", false);
	check_kept("one", true);
	announce("long ago", "2023.9.1.0", 2000);
	check_kept("long ago", false);
	check_kept("day-999", true);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM decisions"), LIMIT_ANNOUNCEMENTS + 1);
	keeping_end(&on);
}

int main(void)
{
	check_run(an_empty_file_gets_the_schema_and_keeps_it);
	check_run(a_newer_schema_is_refused_and_left_alone);
	check_run(there_is_one_writer);
	check_run(what_is_no_ledger_is_refused);
	check_run(half_a_file_is_refused_when_it_is_read);
	check_run(a_folder_that_cannot_be_written_is_named);
	check_run(a_copy_of_a_file_in_use_sees_all_and_changes_nothing);
	check_run(a_copy_of_a_file_at_rest_leaves_no_trace);
	check_run(a_path_may_hold_what_means_something_in_a_uri);
	check_run(a_copy_of_nothing_makes_nothing);
	check_run(a_batch_with_a_build_that_exists_is_not_written_at_all);
	check_run(a_build_takes_the_place_of_what_was_adopted);
	check_run(builds_of_an_announcement_without_an_id_are_recorded);
	check_run(every_field_that_moves_comes_back_and_no_other);
	check_run(what_is_due_comes_oldest_first_and_so_many_at_a_time);
	check_run(what_a_wrong_clock_put_off_is_due);
	check_run(the_newest_release_is_the_greatest_number_and_not_text);
	check_run(what_catch_up_found_was_not_heard);
	check_run(of_each_publisher_so_many_announcements_are_kept);
	return check_done();
}
