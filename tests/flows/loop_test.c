#include "worker/adapters/loop.h"

#include "tests/unit/check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What happened, as letters in order. */
static struct loop *loop;
static struct timers *timers;
static char story[64];
static struct call *held;

static void tell(char letter)
{
	size_t len = strlen(story);

	if (len < sizeof(story) - 1)
		story[len] = letter;
}

/* Something to point to, for each letter. */
static char *letter(char which)
{
	static char letters[128];

	letters[(size_t)which] = which;
	return &letters[(size_t)which];
}

static void on_letter(void *ctx)
{
	tell(*(char *)ctx);
}

static void begin(void)
{
	loop = loop_new();
	timers = loop_timers(loop);
	memset(story, 0, sizeof(story));
}

static void end(const char *want)
{
	loop_run(loop);
	CHECK_TEXT(story, want);
	loop_free(loop);
}

static struct call *after(int delay_ms, char which)
{
	return timers->after(timers, delay_ms, on_letter, letter(which));
}

/* ---- Timers ---------------------------------------------------------------------------------- */

TEST(timers_run_in_the_order_of_their_times)
{
	begin();
	after(4, 'c');
	after(2, 'b');
	after(0, 'a');
	after(6, 'd');
	end("abcd");
}

TEST(what_is_due_at_once_runs_in_the_order_of_starting)
{
	begin();
	after(0, 'a');
	after(0, 'b');
	after(0, 'c');
	CHECK_TEXT(story, "");
	end("abc");
}

static void start_next(void *ctx)
{
	tell('n');
	if (strlen(story) < 5)
		timers->after(timers, 0, start_next, ctx);
}

TEST(a_turn_that_starts_another_lets_others_in_between)
{
	begin();
	timers->after(timers, 0, start_next, NULL);
	after(0, 'x');
	end("nxnnn");
}

TEST(a_cancelled_timer_does_not_run)
{
	begin();
	call_cancel(after(0, 'a'));
	call_cancel(after(1, 'b'));
	after(2, 'c');
	call_cancel(NULL);
	end("c");
}

static void cancel_held(void *ctx)
{
	call_cancel(held);
	tell(*(char *)ctx);
}

TEST(a_timer_cancels_another_of_its_turn)
{
	begin();
	timers->after(timers, 0, cancel_held, letter('a'));
	held = after(0, 'b');
	after(0, 'c');
	end("ac");
}

static void keep_busy(void *ctx)
{
	int64_t from = timers->steady_ms(timers);

	while (timers->steady_ms(timers) < from + 5)
		;
	*(int64_t *)ctx = timers->steady_ms(timers);
	held = after(4, 'a');
}

/* After a long callback the time of the loop is stale; a delay must still be a delay. */
TEST(delays_count_from_now)
{
	int64_t asked = 0, now;

	begin();
	timers->after(timers, 1, keep_busy, &asked);
	loop_run(loop);
	now = timers->steady_ms(timers);
	CHECK(now - asked >= 3, "%d", (int)(now - asked));
	end("a");
}

TEST(random_numbers_are_from_zero_up_to_one)
{
	double sum = 0.0, number;

	begin();
	for (int i = 0; i < 1000; i++) {
		number = timers->random(timers);
		sum += number;
		CHECK(number >= 0.0 && number < 1.0);
	}
	CHECK(sum > 400.0 && sum < 600.0, "%g", sum);
	end("");
}

/* ---- Running and stopping -------------------------------------------------------------------- */

static void stop_now(void *ctx)
{
	tell(*(char *)ctx);
	loop_stop(loop);
}

TEST(a_stopped_loop_may_run_on)
{
	begin();
	timers->after(timers, 0, stop_now, letter('s'));
	after(1, 'a');
	loop_run(loop);
	CHECK_TEXT(story, "s");
	end("sa");
}

static void on_pipe(void *ctx, int fd, int events)
{
	struct loop_watch **watch = ctx;
	char byte = '?';

	CHECK_INT(events, LOOP_READ);
	if (read(fd, &byte, 1) == 1)
		tell(byte);
	if (byte == 'z')
		loop_watch_stop(*watch);
}

TEST(a_watch_tells_when_something_is_there)
{
	struct loop_watch *watch;
	int ends[2];

	begin();
	CHECK_INT(pipe(ends), 0);
	watch = loop_watch_start(loop, ends[0], on_pipe, &watch);
	CHECK_INT(write(ends[1], "ayz", 3), 3);
	loop_run(loop);
	CHECK_TEXT(story, "");
	loop_watch_want(watch, LOOP_READ);
	loop_watch_want(watch, 0);
	loop_run(loop);
	CHECK_TEXT(story, "");
	loop_watch_want(watch, LOOP_READ);
	end("ayz");
	close(ends[0]);
	close(ends[1]);
}

static void start_until_read(void *ctx)
{
	if (!story[0])
		timers->after(timers, 0, start_until_read, ctx);
}

/* Were turns not turns, this would never end. */
TEST(what_is_always_due_lets_descriptors_in)
{
	struct loop_watch *watch;
	int ends[2];

	begin();
	CHECK_INT(pipe(ends), 0);
	watch = loop_watch_start(loop, ends[0], on_pipe, &watch);
	loop_watch_want(watch, LOOP_READ);
	timers->after(timers, 0, start_until_read, NULL);
	CHECK_INT(write(ends[1], "z", 1), 1);
	end("z");
	close(ends[0]);
	close(ends[1]);
}

static void on_signal(void *ctx, int signal)
{
	tell(signal == SIGUSR1 ? '1' : '2');
	call_cancel(*(struct call **)ctx);
}

static void raise_signal(void *ctx)
{
	(void)ctx;
	CHECK_INT(raise(SIGUSR1), 0);
}

TEST(a_signal_arrives_on_the_loop)
{
	begin();
	loop_on_signal(loop, SIGUSR1, on_signal, &held);
	loop_on_signal(loop, SIGUSR2, on_signal, &held);
	loop_run(loop); /* signals alone do not keep it going */
	held = after(60000, '!');
	timers->after(timers, 0, raise_signal, NULL);
	end("1");
}

TEST(a_closed_pipe_is_no_signal)
{
	int ends[2];

	begin();
	CHECK_INT(pipe(ends), 0);
	close(ends[0]);
	CHECK_INT(write(ends[1], "x", 1), -1);
	end("");
	close(ends[1]);
}

int main(void)
{
	check_run(timers_run_in_the_order_of_their_times);
	check_run(what_is_due_at_once_runs_in_the_order_of_starting);
	check_run(a_turn_that_starts_another_lets_others_in_between);
	check_run(a_cancelled_timer_does_not_run);
	check_run(a_timer_cancels_another_of_its_turn);
	check_run(delays_count_from_now);
	check_run(random_numbers_are_from_zero_up_to_one);
	check_run(a_stopped_loop_may_run_on);
	check_run(a_watch_tells_when_something_is_there);
	check_run(what_is_always_due_lets_descriptors_in);
	check_run(a_signal_arrives_on_the_loop);
	check_run(a_closed_pipe_is_no_signal);
	return check_done();
}
