#include "worker/adapters/loop.h"

#include "common/base/mem.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>

#include "common/base/banned.h"

struct delayed {
	struct call call; /* first: what the caller holds */
	struct loop *loop;
	ev_timer timer;               /* runs unless `soon` */
	TAILQ_ENTRY(delayed) in_soon; /* linked when `soon` */
	bool soon;                    /* waits for the next turn, not for a time */
	uint64_t turn;                /* in which it was started */
	timer_done_fn *done;
	void *ctx;
};

struct signal_watch {
	ev_signal signal;
	loop_signal_fn *on_signal;
	void *ctx;
	SLIST_ENTRY(signal_watch) next;
};

struct loop {
	struct timers timers; /* first: what the modules hold */
	struct ev_loop *ev;
	uint64_t random;
	uint64_t turn;
	ev_idle next_turn; /* active while `soon` is not empty */
	TAILQ_HEAD(, delayed) soon;
	SLIST_HEAD(, signal_watch) signals;
	ev_signal child_ended; /* active while `children` is not empty */
	TAILQ_HEAD(, loop_child) children;
};

struct loop_child {
	struct loop *loop;
	int pid;
	loop_child_fn *ended; /* NULL: forgotten */
	void *ctx;
	TAILQ_ENTRY(loop_child) in_children;
};

struct loop_watch {
	ev_io io;
	struct loop *loop;
	loop_ready_fn *ready;
	void *ctx;
};

/* ---- Time ------------------------------------------------------------------------------------ */

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(struct timers *timers)
{
	(void)timers;
	return clock_ms(CLOCK_REALTIME);
}

static int64_t steady_ms(struct timers *timers)
{
	(void)timers;
	return clock_ms(CLOCK_MONOTONIC);
}

/* Marsaglia's xorshift64*: jitter needs to be spread out, not unpredictable. */
static double next_random(struct timers *timers)
{
	struct loop *loop = (struct loop *)timers;

	loop->random ^= loop->random >> 12;
	loop->random ^= loop->random << 25;
	loop->random ^= loop->random >> 27;
	return (double)((loop->random * 2685821657736338717U) >> 11) / 9007199254740992.0;
}

static void seed(struct loop *loop)
{
	if (getrandom(&loop->random, sizeof(loop->random), GRND_NONBLOCK) < 0 || !loop->random)
		loop->random = (uint64_t)clock_ms(CLOCK_MONOTONIC) | 1;
}

/* ---- Timers ---------------------------------------------------------------------------------- */

static void stop(struct delayed *delayed)
{
	struct loop *loop = delayed->loop;

	if (!delayed->soon) {
		ev_timer_stop(loop->ev, &delayed->timer);
		return;
	}
	TAILQ_REMOVE(&loop->soon, delayed, in_soon);
	if (TAILQ_EMPTY(&loop->soon))
		ev_idle_stop(loop->ev, &loop->next_turn);
}

static void cancel(struct call *call)
{
	struct delayed *delayed = (struct delayed *)call;

	stop(delayed);
	free(delayed);
}

static void fire(struct delayed *delayed)
{
	stop(delayed);
	delayed->done(delayed->ctx);
	free(delayed);
}

static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
	(void)ev;
	(void)events;
	fire(timer->data);
}

static void on_next_turn(struct ev_loop *ev, ev_idle *idle, int events)
{
	struct loop *loop = idle->data;
	uint64_t turn = loop->turn++;
	struct delayed *first;

	(void)ev;
	(void)events;
	while ((first = TAILQ_FIRST(&loop->soon)) && first->turn <= turn)
		fire(first);
}

/*
 * libev waits at least a millisecond for a timer of 0 s. An idle watcher makes it look at the
 * descriptors without waiting; at the highest priority nothing else holds it up.
 */
static void start_soon(struct delayed *delayed)
{
	struct loop *loop = delayed->loop;

	delayed->soon = true;
	delayed->turn = loop->turn;
	TAILQ_INSERT_TAIL(&loop->soon, delayed, in_soon);
	ev_idle_start(loop->ev, &loop->next_turn);
}

/* libev counts from the beginning of the turn, which may be long ago: hence ev_now_update(). */
static void start_timer(struct delayed *delayed, int64_t delay_ms)
{
	ev_timer_init(&delayed->timer, on_timer, (double)delay_ms / 1000.0, 0.0);
	delayed->timer.data = delayed;
	ev_now_update(delayed->loop->ev);
	ev_timer_start(delayed->loop->ev, &delayed->timer);
}

static struct call *after(struct timers *timers, int64_t delay_ms, timer_done_fn *done, void *ctx)
{
	struct delayed *delayed = xcalloc(1, sizeof(*delayed));

	delayed->call.cancel = cancel;
	delayed->loop = (struct loop *)timers;
	delayed->done = done;
	delayed->ctx = ctx;
	if (delay_ms <= 0)
		start_soon(delayed);
	else
		start_timer(delayed, delay_ms);
	return &delayed->call;
}

/* ---- The loop -------------------------------------------------------------------------------- */

static struct ev_loop *new_ev_loop(void)
{
	struct ev_loop *ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);

	if (!ev) {
		fputs("evergold: cannot make an event loop\n", stderr);
		abort();
	}
	return ev;
}

static void on_child_ended(struct ev_loop *ev, ev_signal *seen, int events);

struct loop *loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	signal(SIGPIPE, SIG_IGN);
	loop->timers = (struct timers){ after, now_ms, steady_ms, next_random };
	loop->ev = new_ev_loop();
	seed(loop);
	TAILQ_INIT(&loop->soon);
	SLIST_INIT(&loop->signals);
	TAILQ_INIT(&loop->children);
	ev_signal_init(&loop->child_ended, on_child_ended, SIGCHLD);
	loop->child_ended.data = loop;
	ev_idle_init(&loop->next_turn, on_next_turn);
	ev_set_priority(&loop->next_turn, EV_MAXPRI);
	loop->next_turn.data = loop;
	return loop;
}

static void forget_signal(struct loop *loop, struct signal_watch *watch)
{
	SLIST_REMOVE_HEAD(&loop->signals, next);
	ev_ref(loop->ev);
	ev_signal_stop(loop->ev, &watch->signal);
	free(watch);
}

/* The last one ends the waiting. */
static void forget_child(struct loop_child *child)
{
	struct loop *loop = child->loop;

	TAILQ_REMOVE(&loop->children, child, in_children);
	if (TAILQ_EMPTY(&loop->children))
		ev_signal_stop(loop->ev, &loop->child_ended);
	free(child);
}

void loop_free(struct loop *loop)
{
	struct signal_watch *watch;
	struct loop_child *child;

	if (!loop)
		return;
	while ((watch = SLIST_FIRST(&loop->signals)))
		forget_signal(loop, watch);
	while ((child = TAILQ_FIRST(&loop->children)))
		forget_child(child);
	ev_loop_destroy(loop->ev);
	free(loop);
}

struct timers *loop_timers(struct loop *loop)
{
	return &loop->timers;
}

void loop_run(struct loop *loop)
{
	ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
	ev_break(loop->ev, EVBREAK_ALL);
}

/* ---- Descriptors ----------------------------------------------------------------------------- */

static void on_io(struct ev_loop *ev, ev_io *io, int events)
{
	struct loop_watch *watch = io->data;
	int ready = (events & EV_READ ? LOOP_READ : 0) | (events & EV_WRITE ? LOOP_WRITE : 0);

	(void)ev;
	watch->ready(watch->ctx, io->fd, ready);
}

struct loop_watch *loop_watch_start(struct loop *loop, int fd, loop_ready_fn *ready, void *ctx)
{
	struct loop_watch *watch = xcalloc(1, sizeof(*watch));

	watch->loop = loop;
	watch->ready = ready;
	watch->ctx = ctx;
	ev_io_init(&watch->io, on_io, fd, 0);
	watch->io.data = watch;
	return watch;
}

/* Also when nothing seems to change: the number may stand for a new socket by now. */
void loop_watch_want(struct loop_watch *watch, int events)
{
	int wanted = (events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0);

	ev_io_stop(watch->loop->ev, &watch->io);
	if (!wanted)
		return;
	ev_io_set(&watch->io, watch->io.fd, wanted);
	ev_io_start(watch->loop->ev, &watch->io);
}

void loop_watch_stop(struct loop_watch *watch)
{
	ev_io_stop(watch->loop->ev, &watch->io);
	free(watch);
}

/* ---- Signals --------------------------------------------------------------------------------- */

static void on_signal_seen(struct ev_loop *ev, ev_signal *seen, int events)
{
	struct signal_watch *watch = seen->data;

	(void)ev;
	(void)events;
	watch->on_signal(watch->ctx, seen->signum);
}

void loop_on_signal(struct loop *loop, int signal, loop_signal_fn *on_signal, void *ctx)
{
	struct signal_watch *watch = xcalloc(1, sizeof(*watch));

	watch->on_signal = on_signal;
	watch->ctx = ctx;
	ev_signal_init(&watch->signal, on_signal_seen, signal);
	watch->signal.data = watch;
	ev_signal_start(loop->ev, &watch->signal);
	ev_unref(loop->ev);
	SLIST_INSERT_HEAD(&loop->signals, watch, next);
}

/* ---- Children ----------------------------------------------------------------------------------
 *
 * Not libev's own watchers: those belong to its default loop and take the status of every child
 * there is.
 */

static bool has_ended(const struct loop_child *child, int *ret_status)
{
	return waitpid(child->pid, ret_status, WNOHANG) == child->pid;
}

/* What `ended` does may take others out of the list: hence again from the beginning. */
static void on_child_ended(struct ev_loop *ev, ev_signal *seen, int events)
{
	struct loop *loop = seen->data;
	struct loop_child *child = TAILQ_FIRST(&loop->children);
	int status = 0;

	(void)ev;
	(void)events;
	while (child && !has_ended(child, &status))
		child = TAILQ_NEXT(child, in_children);
	if (!child)
		return;
	if (child->ended)
		child->ended(child->ctx, status);
	forget_child(child);
	on_child_ended(ev, seen, events);
}

/* It may have ended before anybody waited: the list is looked through once in any case. */
struct loop_child *loop_child_watch(struct loop *loop, int pid, loop_child_fn *ended, void *ctx)
{
	struct loop_child *child = xcalloc(1, sizeof(*child));

	*child = (struct loop_child){ .loop = loop, .pid = pid, .ended = ended, .ctx = ctx };
	if (TAILQ_EMPTY(&loop->children))
		ev_signal_start(loop->ev, &loop->child_ended);
	TAILQ_INSERT_TAIL(&loop->children, child, in_children);
	ev_feed_event(loop->ev, &loop->child_ended, EV_SIGNAL);
	return child;
}

void loop_child_forget(struct loop_child *child)
{
	child->ended = NULL;
}
