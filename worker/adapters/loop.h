/*
 * loop: the one event loop of the process, on libev.
 *
 * Nothing here wakes up by itself: an idle worker sleeps until a socket, a timer or a signal.
 * loop_new() makes the process ignore SIGPIPE: a peer that closes is an error of its connection,
 * not the end of the worker. Callbacks run one after the other and may start and stop anything.
 */
#ifndef EVERGOLD_ADAPTERS_LOOP_H
#define EVERGOLD_ADAPTERS_LOOP_H

#include "common/base/attr.h"
#include "worker/adapters/timers.h"

#include <stdbool.h>

struct loop;

void loop_free(struct loop *loop); /* watches and timers must be gone; signals are let go */
struct loop *loop_new(void) OWNED(loop_free);

struct timers *loop_timers(struct loop *loop); /* borrowed */

void loop_run(struct loop *loop);  /* until loop_stop(), or nothing is left to wait for */
void loop_stop(struct loop *loop); /* loop_run() returns after this turn; call it from inside */

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void loop_ready_fn(void *ctx, int fd, int events);

struct loop_watch; /* one descriptor that is waited for */

struct loop_watch *loop_watch_start(struct loop *loop, int fd, loop_ready_fn *ready, void *ctx);
void loop_watch_want(struct loop_watch *watch, int events); /* LOOP_READ | LOOP_WRITE, or 0 */
void loop_watch_stop(struct loop_watch *watch);             /* frees; allowed inside ready */

/*
 * A process that was started here, until it ends; status as of waitpid(), which nobody else may ask
 * about it. One that is forgotten is still waited for, so that it is no zombie.
 */
typedef void loop_child_fn(void *ctx, int status);

struct loop_child;

struct loop_child *loop_child_watch(struct loop *loop, int pid, loop_child_fn *ended, void *ctx);
void loop_child_forget(struct loop_child *child); /* not after ended */

/* From the loop, not in signal context. Waiting for a signal does not keep loop_run() going. */
typedef void loop_signal_fn(void *ctx, int signal);
void loop_on_signal(struct loop *loop, int signal, loop_signal_fn *on_signal, void *ctx);

#endif
