/* For pipe2 and posix_spawn_file_actions_addclosefrom_np. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming): the C library chose the name */
#include "worker/adapters/process.h"

#include "common/base/buf.h"
#include "common/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/banned.h"

struct process {
	struct call call; /* first: what the caller holds */
	struct loop *loop;
	char *program; /* owned */
	pid_t pid;
	int timeout_ms;
	int fd;                   /* what it prints comes from here; -1: closed */
	struct loop_watch *watch; /* of fd */
	struct loop_child *child; /* NULL: it has ended, or never began */
	struct call *timer;       /* the deadline, or the turn in which it is told that it failed */
	struct buf output;        /* reserved: does not move */
	int status;               /* as of waitpid() */
	struct err err;           /* kind ERR_NONE: nothing is wrong so far */
	process_done_fn *done;
	void *ctx;
};

/* ---- The end --------------------------------------------------------------------------------- */

static void stop_reading(struct process *process)
{
	if (process->watch)
		loop_watch_stop(process->watch);
	process->watch = NULL;
	if (process->fd >= 0)
		close(process->fd);
	process->fd = -1;
}

/* Its number is its own while its leader was not waited for, or somebody in it still prints. */
static void kill_group(struct process *process)
{
	if (process->child || process->fd >= 0)
		kill(-process->pid, SIGKILL);
}

static void destroy(struct process *process)
{
	kill_group(process);
	if (process->child)
		loop_child_forget(process->child);
	stop_reading(process);
	call_cancel(process->timer);
	buf_wipe(&process->output);
	free(process->program);
	free(process);
}

static void cancel(struct call *call)
{
	destroy((struct process *)call);
}

static void explain_status(struct process *process)
{
	if (WIFSIGNALED(process->status))
		err_set(&process->err, ERR_BROKEN, "%s: ended by signal %d", process->program,
		        WTERMSIG(process->status));
	else if (WEXITSTATUS(process->status) != 0)
		err_set(&process->err, ERR_BROKEN, "%s: exit status %d", process->program,
		        WEXITSTATUS(process->status));
}

static void finish(struct process *process)
{
	bool failed;

	if (process->err.kind == ERR_NONE)
		explain_status(process);
	failed = process->err.kind != ERR_NONE;
	process->done(process->ctx, failed ? SPAN_NONE : buf_span(&process->output),
	              failed ? &process->err : NULL);
	destroy(process);
}

static void on_failed(void *ctx)
{
	struct process *process = ctx;

	process->timer = NULL;
	finish(process);
}

static void give_up(struct process *process, enum err_kind kind, const char *why)
{
	err_set(&process->err, kind, "%s: %s", process->program, why);
	finish(process);
}

/* Whoever inherited its standard output may keep it open long after: the deadline ends that. */
static void finish_when_over(struct process *process)
{
	if (!process->child && process->fd < 0)
		finish(process);
}

/* ---- While it runs --------------------------------------------------------------------------- */

static void on_deadline(void *ctx)
{
	struct process *process = ctx;
	char why[64];

	process->timer = NULL;
	snprintf(why, sizeof(why), "not done within %g s", process->timeout_ms / 1000.0);
	give_up(process, ERR_TRANSIENT, why);
}

static void on_ended(void *ctx, int status)
{
	struct process *process = ctx;

	process->child = NULL;
	process->status = status;
	finish_when_over(process);
}

static void on_output(void *ctx, int fd, int events)
{
	struct process *process = ctx;
	struct buf *output = &process->output;
	ssize_t n = read(fd, output->at + output->len, output->max - output->len);

	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	output->len += n > 0 ? (size_t)n : 0;
	if (output->len == output->max) {
		give_up(process, ERR_BROKEN, "it prints too much");
	} else if (n <= 0) {
		stop_reading(process);
		finish_when_over(process);
	}
}

/* ---- The start ------------------------------------------------------------------------------- */

static bool set_actions(posix_spawn_file_actions_t *actions, int output)
{
	return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ==
	               0 &&
	       posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO) == 0 &&
	       posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ==
	               0 &&
	       posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1) == 0;
}

/* A group of its own, and signals as a program expects to find them. */
static bool set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, usual;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
	                                                    POSIX_SPAWN_SETSIGMASK) == 0 &&
	       posix_spawnattr_setsigdefault(attributes, &usual) == 0 &&
	       posix_spawnattr_setsigmask(attributes, &none) == 0;
}

/* Returns 0 or an error's number. */
static int spawn(struct process *process, const char *const *argv, int output)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed = ENOMEM;

	union {
		const char *const *given;
		char *const *wanted; /* POSIX promises that they are not written to */
	} words = { argv };

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	if (set_actions(&actions, output) && set_attributes(&attributes))
		failed = posix_spawnp(&process->pid, argv[0], &actions, &attributes, words.wanted,
		                      environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed;
}

/* Who is confined (confinement.h) has no call for it. */
static const char *explain(int failed)
{
	return failed == ENOSYS ? "no program was needed at the start; it is run after a restart"
	                        : strerror(failed);
}

static bool begin(struct process *process, const char *const *argv)
{
	int ends[2], failed;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(&process->err, ERR_BROKEN, "%s: %s", argv[0], strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	failed = spawn(process, argv, ends[1]);
	close(ends[1]);
	if (failed) {
		close(ends[0]);
		return err_set(&process->err, ERR_BROKEN, "%s: %s", argv[0], explain(failed));
	}
	process->fd = ends[0];
	process->child = loop_child_watch(process->loop, process->pid, on_ended, process);
	process->watch = loop_watch_start(process->loop, process->fd, on_output, process);
	loop_watch_want(process->watch, LOOP_READ);
	return true;
}

struct call *process_start(struct loop *loop, const struct process_request *request,
                           process_done_fn *done, void *ctx)
{
	struct process *process = xcalloc(1, sizeof(*process));
	struct timers *timers = loop_timers(loop);

	*process = (struct process){ .call = { cancel },
		                     .loop = loop,
		                     .program = xstrdup(request->argv[0]),
		                     .timeout_ms = request->timeout_ms,
		                     .fd = -1,
		                     .output = buf_with_max(request->max_output + 1),
		                     .done = done,
		                     .ctx = ctx };
	buf_reserve(&process->output, process->output.max);
	if (begin(process, request->argv))
		process->timer = timers->after(timers, request->timeout_ms, on_deadline, process);
	else
		process->timer = timers->after(timers, 0, on_failed, process);
	return &process->call;
}
