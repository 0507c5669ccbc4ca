#include "worker/adapters/process.h"

#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_MS  20000
#define SHORT_MS 100
#define OUTPUT   4096

static struct loop *loop;

static struct outcome {
	int done;
	struct call *call;
	char output[OUTPUT + 1];
	struct err err;
} got;

static void on_process(void *ctx, struct span output, const struct err *err)
{
	(void)ctx;
	got.call = NULL;
	got.done++;
	CHECK((output.at == NULL) == (err != NULL));
	snprintf(got.output, sizeof(got.output), "%.*s", SPAN_ARG(output));
	if (err)
		got.err = *err;
}

static void start(const char *const *argv, int timeout_ms)
{
	got = (struct outcome){ 0 };
	got.call = process_start(loop,
	                         &(struct process_request){ .argv = argv,
	                                                    .timeout_ms = timeout_ms,
	                                                    .max_output = OUTPUT },
	                         on_process, NULL);
	CHECK_INT(got.done, 0); /* never from inside the start */
}

/* loop_run() returns when nothing is left to wait for: no process, descriptor or timer. */
static void run(const char *const *argv, int timeout_ms)
{
	start(argv, timeout_ms);
	loop_run(loop);
	CHECK_INT(got.done, 1);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1); /* no zombie is left */
}

static void run_shell(const char *script, int timeout_ms)
{
	run((const char *const[]){ "sh", "-c", script, NULL }, timeout_ms);
}

static void check_err(enum err_kind kind, const char *text)
{
	CHECK_INT((int)got.err.kind, (int)kind);
	CHECK_TEXT(got.err.text, text);
}

/* ---- What it prints -------------------------------------------------------------------------- */

TEST(what_it_prints_is_the_answer)
{
	run((const char *const[]){ "printf", "%s|", "a b", "$HOME", "*", NULL }, LONG_MS);
	CHECK_TEXT(got.output, "a b|$HOME|*|");
	run_shell("printf one; printf two", LONG_MS);
	CHECK_TEXT(got.output, "onetwo");
	run_shell("exit 0", LONG_MS);
	CHECK_TEXT(got.output, "");
	CHECK_INT((int)got.err.kind, ERR_NONE);
}

TEST(as_much_as_allowed_may_be_printed)
{
	run_shell("head -c 4096 /dev/zero | tr '\\0' x", LONG_MS);
	CHECK_INT(strlen(got.output), OUTPUT);
	run_shell("head -c 4097 /dev/zero | tr '\\0' x", LONG_MS);
	check_err(ERR_BROKEN, "sh: it prints too much");
	run_shell("head -c 1048576 /dev/zero", LONG_MS);
	check_err(ERR_BROKEN, "sh: it prints too much");
}

TEST(its_end_is_told)
{
	run_shell("echo secret; exit 3", LONG_MS);
	check_err(ERR_BROKEN, "sh: exit status 3");
	run_shell("kill -TERM $$", LONG_MS);
	check_err(ERR_BROKEN, "sh: ended by signal 15");
	run((const char *const[]){ "/nowhere/at/all", NULL }, LONG_MS);
	check_err(ERR_BROKEN, "/nowhere/at/all: No such file or directory");
}

/* ---- What it is given ------------------------------------------------------------------------ */

TEST(no_descriptor_of_ours_gets_to_it)
{
	int ours = open("/dev/null", O_RDONLY), standard;

	/* The shell counts by itself, in a folder that it has open: a pipe would be one more. */
	run_shell("set -- /proc/$$/fd/*; echo $#", LONG_MS);
	CHECK(sscanf(got.output, "%d", &standard) == 1, "%s", got.output);
	CHECK_INT(standard, 4);
	close(ours);
}

TEST(signals_are_as_usual)
{
	/* What the caller of this test ignores, as nohup and a shell's & do, is not ours. */
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);

	/* Of ignored ones the first 28: glibc keeps two of its own behind them. */
	run_shell("sed -n '/^SigBlk/p; /^SigIgn/s/:.*\\(.......\\)$/:\\1/p' /proc/$$/status |"
	          "tr -d '\\n\\t '",
	          LONG_MS);
	CHECK_TEXT(got.output, "SigBlk:0000000000000000SigIgn:0000000");
}

/* ---- When it hangs --------------------------------------------------------------------------- */

TEST(the_deadline_ends_all_of_its_family)
{
	char path[256], script[512], begun[6];
	int life;

	snprintf(path, sizeof(path), "%s/life", temporary_empty());
	snprintf(script, sizeof(script), "exec 9>%s; echo begun >&9; sleep 1000 & sleep 1000",
	         path);
	CHECK_INT(mkfifo(path, 0600), 0);
	life = open(path, O_RDONLY | O_NONBLOCK);
	run_shell(script, 1000);
	check_err(ERR_TRANSIENT, "sh: not done within 1 s");
	fcntl(life, F_SETFL, 0);
	CHECK_INT(read(life, begun, sizeof(begun)), sizeof(begun));
	CHECK_INT(read(life, begun, sizeof(begun)), 0); /* once nobody holds the other end */
	close(life);
}

TEST(a_heir_of_its_output_is_not_waited_for_past_the_deadline)
{
	run_shell("sleep 1000 & exit 0", SHORT_MS);
	check_err(ERR_TRANSIENT, "sh: not done within 0.1 s");
}

TEST(a_closed_output_does_not_hide_that_it_runs)
{
	run_shell("exec >&-; sleep 1000", SHORT_MS);
	check_err(ERR_TRANSIENT, "sh: not done within 0.1 s");
}

TEST(a_cancelled_process_is_ended)
{
	start((const char *const[]){ "sleep", "1000", NULL }, LONG_MS);
	call_cancel(got.call);
	loop_run(loop);
	CHECK_INT(got.done, 0);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- Beside others --------------------------------------------------------------------------- */

static int turns;

static void on_turn(void *ctx)
{
	struct timers *timers = loop_timers(loop);

	(void)ctx;
	turns++;
	if (!got.done)
		timers->after(timers, 0, on_turn, NULL);
}

TEST(the_loop_goes_on_meanwhile)
{
	struct timers *timers = loop_timers(loop);

	turns = 0;
	start((const char *const[]){ "sleep", "1000", NULL }, SHORT_MS);
	timers->after(timers, 0, on_turn, NULL);
	loop_run(loop);
	CHECK_INT(got.done, 1);
	CHECK(turns > 10, "%d turns", turns);
}

static int many_done;

static void on_many(void *ctx, struct span output, const struct err *err)
{
	(void)ctx;
	many_done += !err && span_is(output, "x");
}

TEST(many_run_at_a_time)
{
	const char *const argv[] = { "printf", "x", NULL };

	many_done = 0;
	for (int i = 0; i < 20; i++)
		process_start(loop, &(struct process_request){ argv, LONG_MS, OUTPUT }, on_many,
		              NULL);
	loop_run(loop);
	CHECK_INT(many_done, 20);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	loop = loop_new();
	check_run(what_it_prints_is_the_answer);
	check_run(as_much_as_allowed_may_be_printed);
	check_run(its_end_is_told);
	check_run(no_descriptor_of_ours_gets_to_it);
	check_run(signals_are_as_usual);
	check_run(the_deadline_ends_all_of_its_family);
	check_run(a_heir_of_its_output_is_not_waited_for_past_the_deadline);
	check_run(a_closed_output_does_not_hide_that_it_runs);
	check_run(a_cancelled_process_is_ended);
	check_run(the_loop_goes_on_meanwhile);
	check_run(many_run_at_a_time);
	loop_free(loop);
	return check_done();
}
