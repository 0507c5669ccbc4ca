/*
 * The SQLite ledger: what it keeps, what it refuses, and what a crash or a full disk leaves of it.
 */
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "tests/flows/simulated_time.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/adapters/file.h"
#include "worker/adapters/ledger_sqlite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUILDS 3 /* of one batch */

static struct simulation *simulation;
static struct ledger_sqlite *sqlite;
static struct ledger *ledger;
static struct err failure; /* of the last opening or operation; kind ERR_NONE: it went well */
static char path[256];

/* ---- opening and asking ---------------------------------------------------------------------- */

static bool open_again(enum ledger_mode mode)
{
	failure = (struct err){ ERR_NONE, "" };
	sqlite = ledger_sqlite_open(path, mode, simulation_timers(simulation), &failure);
	ledger = sqlite ? ledger_sqlite_ledger(sqlite) : NULL;
	return sqlite != NULL;
}

static void close_ledger(void)
{
	ledger_sqlite_free(sqlite);
	sqlite = NULL;
}

static void begin_empty(void)
{
	snprintf(path, sizeof(path), "%s/ledger.db", temporary_empty());
	simulation = simulation_new();
	sqlite = NULL;
}

static void begin(void)
{
	begin_empty();
	CHECK(open_again(LEDGER_WRITE), "%s", failure.text);
}

static void end(void)
{
	close_ledger();
	CHECK_INT(simulation_waiting(simulation), 0);
	simulation_free(simulation);
}

static void on_plain(void *ctx, const struct err *err)
{
	bool *done = ctx;

	*done = true;
	failure = err ? *err : (struct err){ ERR_NONE, "" };
}

/* Runs the turn in which the operation is done; false: it failed. */
static bool worked(const bool *done)
{
	CHECK(!*done);
	simulation_run_next(simulation);
	return CHECK(*done) && failure.kind == ERR_NONE;
}

static struct build build_of(const char *image)
{
	struct build build = {
		.family = "web",
		.pipeline_region = "eu-west-1",
		.pipeline = "golden",
		.region = "eu-west-1",
		.image_id = image,
		.publisher = "amazon-linux-2023",
		.release = "2023.9.20260801.0",
		.image_name = "al2023",
		.variables = "{}",
	};

	build_derive_token(&build);
	return build;
}

static bool record(struct span message_id, const struct build *builds, size_t n)
{
	struct announcement announcement = { .message_id = message_id, .topic = SPAN("topic") };
	bool done = false;

	ledger->record(ledger,
	               &(struct ledger_entry){
			       .announcement = &announcement,
			       .builds = builds,
			       .n_builds = n,
		       },
	               1, on_plain, &done);
	return worked(&done);
}

static bool record_image(const char *image)
{
	struct build build = build_of(image);

	return record(span_of(image), &build, 1);
}

static bool save(const struct build *build, const enum notice_kind *notice)
{
	bool done = false;

	ledger->save(ledger, build, notice, on_plain, &done);
	return worked(&done);
}

/* What the ledger last said is due; its texts live as long as the test. */
static struct {
	struct arena arena;
	struct build builds[LIMIT_BUILDS_MOVED];
	size_t n;
	int64_t next_ms;
} found;

static void on_due(void *ctx, const struct ledger_due *due, const struct err *err)
{
	bool *done = ctx;

	*done = true;
	failure = err ? *err : (struct err){ ERR_NONE, "" };
	found.n = due ? due->n_builds : 0;
	for (size_t i = 0; i < found.n; i++)
		found.builds[i] = build_copy(&due->builds[i], &found.arena);
	found.next_ms = due ? due->next_due_ms : -1;
}

static int64_t now_ms(void)
{
	struct timers *timers = simulation_timers(simulation);

	return timers->now_ms(timers);
}

static bool look(int64_t at_ms)
{
	bool done = false;

	arena_clear(&found.arena);
	ledger->due(ledger, at_ms, on_due, &done);
	return worked(&done);
}

static int64_t count(const char *sql)
{
	return sql_number(path, sql);
}

static void write_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(file_write(fd, span_of(text), &failure), "%s", failure.text);
	close(fd);
}

/* ---- opening --------------------------------------------------------------------------------- */

TEST(an_empty_file_gets_the_schema_and_keeps_it)
{
	begin();
	CHECK_INT(count("PRAGMA user_version"), 1);
	CHECK(record_image("ami-1"));
	close_ledger();
	CHECK(open_again(LEDGER_WRITE), "%s", failure.text);
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 1);
	CHECK_INT(count("PRAGMA user_version"), 1);
	end();
}

TEST(a_newer_schema_is_refused_and_left_alone)
{
	begin();
	close_ledger();
	sql_run(path, "PRAGMA user_version = 99");
	CHECK(!open_again(LEDGER_WRITE));
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	CHECK(strstr(failure.text, "newer evergold (schema 99)"), "%s", failure.text);
	CHECK(!open_again(LEDGER_COPY));
	CHECK_INT(count("PRAGMA user_version"), 99);
	end();
}

TEST(there_is_one_writer)
{
	struct ledger_sqlite *first;

	begin();
	first = sqlite;
	CHECK(!open_again(LEDGER_WRITE));
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	CHECK(strstr(failure.text, "another worker uses this ledger"), "%s", failure.text);
	ledger_sqlite_free(first);
	CHECK(open_again(LEDGER_WRITE), "%s", failure.text);
	end();
}

TEST(what_is_no_ledger_is_refused)
{
	begin_empty();
	write_file("This is a letter and no database, however long one makes it. This is a letter "
	           "and no database, however long one makes it.");
	CHECK(!open_again(LEDGER_WRITE));
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	CHECK(strstr(failure.text, path), "%s", failure.text);
	CHECK(!open_again(LEDGER_COPY));
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	end();
}

TEST(half_a_file_is_refused_when_it_is_read)
{
	begin();
	for (int i = 0; i < 100; i++) {
		char image[32];

		snprintf(image, sizeof(image), "ami-%d", i);
		CHECK(record_image(image));
	}
	close_ledger();
	CHECK(truncate(path, 20000) == 0);
	if (open_again(LEDGER_WRITE))
		CHECK(!look(now_ms()));
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	end();
}

static void check_no_place(const char *place)
{
	begin_empty();
	snprintf(path, sizeof(path), "%s", place);
	CHECK(!open_again(LEDGER_WRITE), "%s", place);
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	CHECK(strstr(failure.text, place), "%s", failure.text);
	end();
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

	begin();
	CHECK(record_image("ami-1"));
	writer = sqlite;
	CHECK(open_again(LEDGER_COPY), "%s", failure.text);
	CHECK(record_image("ami-2"));
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 2);
	close_ledger();
	sqlite = writer;
	ledger = ledger_sqlite_ledger(writer);
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 1);
	end();
}

TEST(a_copy_of_a_file_at_rest_leaves_no_trace)
{
	int before;

	begin();
	CHECK(record_image("ami-1"));
	close_ledger();
	before = temporary_files();
	CHECK(open_again(LEDGER_COPY), "%s", failure.text);
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 1);
	close_ledger();
	CHECK_INT(temporary_files(), before);
	end();
}

TEST(a_path_may_hold_what_means_something_in_a_uri)
{
	begin_empty();
	snprintf(path, sizeof(path), "%s/100%%?mode=rw#1.db", temporary_folder());
	CHECK(open_again(LEDGER_WRITE), "%s", failure.text);
	CHECK(record_image("ami-1"));
	close_ledger();
	CHECK(open_again(LEDGER_COPY), "%s", failure.text);
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 1);
	end();
}

TEST(a_copy_of_nothing_makes_nothing)
{
	int before;

	begin_empty();
	before = temporary_files();
	CHECK(!open_again(LEDGER_COPY));
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	CHECK(strncmp(failure.text, path, strlen(path)) == 0, "%s", failure.text);
	CHECK_INT(temporary_files(), before);
	end();
}

/* ---- rows ------------------------------------------------------------------------------------ */

TEST(a_batch_with_a_build_that_exists_is_not_written_at_all)
{
	struct build builds[2];

	begin();
	CHECK(record_image("ami-2"));
	builds[0] = build_of("ami-1");
	builds[1] = build_of("ami-2");
	CHECK(!record(SPAN("both"), builds, 2));
	CHECK_INT((int)failure.kind, ERR_TRANSIENT);
	CHECK_INT(count("SELECT count(*) FROM builds"), 1);
	CHECK_INT(count("SELECT count(*) FROM announcements"), 1);
	CHECK(record_image("ami-3"), "%s", failure.text);
	end();
}

/* A bare message that is replayed has no id. */
TEST(builds_of_an_announcement_without_an_id_are_recorded)
{
	struct build build = build_of("ami-1");

	begin();
	CHECK(record(SPAN_NONE, &build, 1), "%s", failure.text);
	build = build_of("ami-2");
	CHECK(record(SPAN_NONE, &build, 1), "%s", failure.text);
	CHECK_INT(count("SELECT count(*) FROM builds"), 2);
	end();
}

TEST(every_field_that_moves_comes_back_and_no_other)
{
	enum notice_kind kind = NOTICE_FINISHED;
	struct build build;

	begin();
	CHECK(record_image("ami-1"));
	CHECK(look(now_ms()));
	build = found.builds[0];
	build.state = BUILD_STARTED;
	build.status = EXECUTION_IN_PROGRESS;
	build.execution_id = "e-1";
	build.started_ms = 5;
	build.tries = 7;
	build.base_written = true;
	build.trouble = "it's \"odd\"";
	build.due_ms = now_ms() + 10;
	build.family = "somebody else's";
	CHECK(save(&build, &kind), "%s", failure.text);
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 0);
	CHECK_INT(found.next_ms, now_ms() + 10);
	CHECK(look(now_ms() + 10));
	CHECK_INT(found.builds[0].state, BUILD_STARTED);
	CHECK_INT(found.builds[0].status, EXECUTION_IN_PROGRESS);
	CHECK_INT(found.builds[0].tries, 7);
	CHECK_INT(found.builds[0].base_written, true);
	CHECK_TEXT(found.builds[0].execution_id, "e-1");
	CHECK_TEXT(found.builds[0].trouble, "it's \"odd\"");
	CHECK_TEXT(found.builds[0].family, "web");
	CHECK_INT(count("SELECT count(*) FROM notices"), 1);
	end();
}

TEST(what_is_due_comes_oldest_first_and_so_many_at_a_time)
{
	begin();
	for (int i = 0; i < LIMIT_BUILDS_MOVED + 4; i++) {
		char image[32];

		snprintf(image, sizeof(image), "ami-%d", i);
		CHECK(record_image(image));
		simulation_advance(simulation, 10);
	}
	CHECK(look(now_ms()));
	CHECK_INT(found.n, LIMIT_BUILDS_MOVED);
	CHECK_TEXT(found.builds[0].image_id, "ami-0");
	CHECK_TEXT(found.builds[LIMIT_BUILDS_MOVED - 1].image_id, "ami-15");
	CHECK_INT(found.next_ms, -1);
	CHECK(look(now_ms() - 10 * (LIMIT_BUILDS_MOVED + 4)));
	CHECK_INT(found.n, 1);
	CHECK_INT(found.next_ms, now_ms() - 10 * (LIMIT_BUILDS_MOVED + 3));
	end();
}

/* The clock was ten years ahead when the row was written, and was set right since. */
TEST(what_a_wrong_clock_put_off_is_due)
{
	struct build build;

	begin();
	CHECK(record_image("ami-1"));
	CHECK(look(now_ms()));
	build = found.builds[0];
	build.due_ms = now_ms() + LIMIT_DUE_AHEAD_MS;
	CHECK(save(&build, NULL));
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 0);
	CHECK_INT(found.next_ms, build.due_ms);
	build.due_ms++;
	CHECK(save(&build, NULL));
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 1);
	CHECK_INT(found.next_ms, -1);
	end();
}

static void on_answer(void *ctx, bool yes, const struct err *err)
{
	CHECK(!err);
	*(int *)ctx = yes;
}

static int newer_golden(const struct build *build)
{
	int answer = -1;

	ledger->newer_golden(ledger, build, on_answer, &answer);
	simulation_advance(simulation, 0);
	return answer;
}

TEST(a_golden_parameter_is_newer_by_its_release)
{
	struct build older = build_of("ami-1"), newer = build_of("ami-2");

	begin();
	older.release = "2023.9.20260801.0";
	newer.release = "2023.10.20260101.0";
	CHECK(record(SPAN("first"), &older, 1));
	CHECK(record(SPAN("second"), &newer, 1));
	CHECK_INT(newer_golden(&older), 0);
	newer.id = 2;
	newer.golden_written = true;
	CHECK(save(&newer, NULL));
	CHECK_INT(newer_golden(&older), 1);
	CHECK_INT(newer_golden(&newer), 0);
	older.family = "another";
	CHECK_INT(newer_golden(&older), 0);
	end();
}

static bool hurry(const char *execution_id)
{
	bool done = false;

	ledger->hurry(ledger, execution_id, on_plain, &done);
	return worked(&done);
}

TEST(only_the_started_build_of_an_execution_is_hurried)
{
	struct build build;

	begin();
	CHECK(record_image("ami-1"));
	CHECK(look(now_ms()));
	build = found.builds[0];
	build.state = BUILD_STARTED;
	build.execution_id = "e-1";
	build.due_ms = now_ms() + 60000;
	CHECK(save(&build, NULL));
	CHECK(hurry("e-2"));
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 0);
	CHECK(hurry("e-1"));
	CHECK(look(now_ms()));
	CHECK_INT(found.n, 1);
	build.state = BUILD_FINISHED;
	CHECK(save(&build, NULL));
	CHECK(hurry("e-1"));
	CHECK(look(now_ms() + 60000));
	CHECK_INT(found.n, 0);
	end();
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
	struct build build = build_of("ami-1");
	bool done = false;

	begin();
	CHECK(record_image("ami-2")); /* 2023.9 */
	build.release = "2023.10.20260101.0";
	CHECK(record(SPAN("second"), &build, 1));
	ledger->recall(ledger, &decision, 1, on_plain, &done);
	CHECK(worked(&done));
	CHECK_TEXT(decision.facts.newest, "2023.10.20260101.0");
	CHECK(decision.facts.image_started);
	end();
}

/* ---- a full disk ----------------------------------------------------------------------------- */

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Files may not grow any further here, which SQLite meets as it meets a full disk. */
TEST(a_full_disk_breaks_the_ledger_until_there_is_room)
{
	char image[32];
	int written = 0;

	begin();
	signal(SIGXFSZ, SIG_IGN);
	limit_files((rlim_t)128 * 1024);
	do {
		snprintf(image, sizeof(image), "ami-%d", written);
	} while (record_image(image) && ++written < 1000);
	CHECK(written > 0 && written < 1000, "%d", written);
	CHECK_INT((int)failure.kind, ERR_BROKEN);
	CHECK(!record_image("ami-another"));
	CHECK(look(now_ms()), "%s", failure.text);
	limit_files(RLIM_INFINITY);
	CHECK(record_image("ami-another"), "%s", failure.text);
	CHECK_INT(count("SELECT count(*) FROM builds"), written + 1);
	end();
}

/* ---- killed ---------------------------------------------------------------------------------- */

static void write_batch(int number)
{
	struct build builds[BUILDS];
	struct arena arena = { 0 };
	struct span id = span_of(arena_printf(&arena, "m-%d", number));

	for (int i = 0; i < BUILDS; i++)
		builds[i] = build_of(arena_printf(&arena, "ami-%d-%d", number, i));
	if (!record(id, builds, BUILDS))
		_exit(1);
	arena_clear(&arena);
}

/* In a process of its own: writes until it is killed, and tells of every batch that is durable. */
_Noreturn static void write_for_ever(int told)
{
	if (!open_again(LEDGER_WRITE))
		_exit(1);
	for (int number = (int)count("SELECT count(*) FROM announcements");; number++) {
		write_batch(number);
		if (write(told, "", 1) != 1)
			_exit(1);
	}
}

/* Kills the writer when so many batches were told of: it is somewhere in the next. */
static int64_t kill_after(int batches)
{
	int ends[2], status;
	char byte;
	int64_t told = 0;
	pid_t child;

	if (!CHECK(pipe(ends) == 0))
		return 0;
	fflush(NULL);
	child = fork();
	if (child == 0)
		write_for_ever(ends[1]);
	close(ends[1]);
	while (told < batches && read(ends[0], &byte, 1) == 1)
		told++;
	kill(child, SIGKILL);
	while (read(ends[0], &byte, 1) == 1)
		told++;
	close(ends[0]);
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	return told;
}

TEST(killed_while_it_writes_a_batch_is_there_or_not)
{
	int64_t told = 0;

	begin_empty();
	for (int life = 0; life < 12; life++) {
		told += kill_after(1 + life * 7 % 5);
		CHECK(open_again(LEDGER_WRITE), "%s", failure.text);
		close_ledger();
		CHECK(count("SELECT count(*) FROM announcements") >= told);
		CHECK_INT(count("SELECT count(*) FROM builds"),
		          BUILDS * count("SELECT count(*) FROM announcements"));
		CHECK_INT(count("SELECT count(*) FROM pragma_integrity_check"
		                " WHERE integrity_check = 'ok'"),
		          1);
	}
	end();
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
	check_run(builds_of_an_announcement_without_an_id_are_recorded);
	check_run(every_field_that_moves_comes_back_and_no_other);
	check_run(what_is_due_comes_oldest_first_and_so_many_at_a_time);
	check_run(what_a_wrong_clock_put_off_is_due);
	check_run(a_golden_parameter_is_newer_by_its_release);
	check_run(only_the_started_build_of_an_execution_is_hurried);
	check_run(the_newest_release_is_the_greatest_number_and_not_text);
	check_run(a_full_disk_breaks_the_ledger_until_there_is_room);
	check_run(killed_while_it_writes_a_batch_is_there_or_not);
	arena_clear(&found.arena);
	return check_done();
}
