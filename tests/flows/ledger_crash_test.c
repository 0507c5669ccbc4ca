/*
 * The SQLite ledger on a full disk and in a process that is killed: what is left of it.
 */
#include "tests/flows/keeping.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUILDS 3 /* of one batch */

static struct keeping on;

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

	keeping_begin(&on);
	signal(SIGXFSZ, SIG_IGN);
	limit_files((rlim_t)256 * 1024);
	do {
		snprintf(image, sizeof(image), "ami-%d", written);
	} while (keeping_record_image(&on, image) && ++written < 1000);
	CHECK(written > 0 && written < 1000, "%d", written);
	CHECK_INT((int)on.failure.kind, ERR_BROKEN);
	CHECK(!keeping_record_image(&on, "ami-another"));
	CHECK(keeping_look(&on, keeping_now_ms(&on)), "%s", on.failure.text);
	limit_files(RLIM_INFINITY);
	CHECK(keeping_record_image(&on, "ami-another"), "%s", on.failure.text);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds"), written + 1);
	keeping_end(&on);
}

/* ---- killed ---------------------------------------------------------------------------------- */

static int64_t announcements(void)
{
	return keeping_count(&on, "SELECT count(*) FROM announcements");
}

static void write_batch(int64_t number)
{
	struct build builds[BUILDS];
	struct arena arena = { 0 };
	struct span id = span_of(arena_printf(&arena, "m-%" PRId64, number));

	for (int i = 0; i < BUILDS; i++)
		builds[i] = keeping_build(arena_printf(&arena, "ami-%" PRId64 "-%d", number, i));
	if (!keeping_record(&on, id, builds, BUILDS))
		_exit(1);
	arena_clear(&arena);
}

/* In a process of its own: writes until it is killed, and tells of every batch that is durable. */
_Noreturn static void write_for_ever(int told)
{
	if (!keeping_open(&on, LEDGER_WRITE))
		_exit(1);
	for (int64_t number = announcements();; number++) {
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

	keeping_begin_empty(&on);
	for (int life = 0; life < 12; life++) {
		told += kill_after(1 + life * 7 % 5);
		CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
		keeping_close(&on);
		CHECK(announcements() >= told);
		CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds"),
		          BUILDS * announcements());
		CHECK_INT(keeping_count(&on, "SELECT count(*) FROM pragma_integrity_check"
		                             " WHERE integrity_check = 'ok'"),
		          1);
	}
	keeping_end(&on);
}

int main(void)
{
	check_run(a_full_disk_breaks_the_ledger_until_there_is_room);
	check_run(killed_while_it_writes_a_batch_is_there_or_not);
	return check_done();
}
