#include "worker/cli/replay_pass.h"

#include "worker/adapters/loop.h"
#include "worker/cli/inbox.h"
#include "worker/cli/progress.h"
#include "worker/cli/world.h"
#include "worker/flows/worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

struct run {
	struct replay_pass *pass;
	struct world world;
	struct inbox inbox;
	struct progress progress;
	struct message message; /* as the inbox gave it */
	struct life lives[REPLAY_LIVES];
	size_t at; /* the life that has the message */
	struct call *pending;
	struct worker *worker; /* with --live: builds and tells at the end */
	struct err err;
};

static const struct config *config_of(const struct run *run)
{
	return run->pass->lives[0].config;
}

static void end(struct run *run)
{
	loop_stop(run->world.loop);
}

static void fail(struct run *run, const struct err *err)
{
	run->err = *err;
	end(run);
}

/* ---- effects --------------------------------------------------------------------------------- */

static void on_worker_stopped(void *ctx)
{
	end(ctx);
}

static void on_signal(void *ctx, int signal)
{
	struct run *run = ctx;

	(void)signal;
	err_set(&run->err, ERR_BROKEN, "interrupted; %s",
	        run->pass->rehearsal ? "nothing was started"
	                             : "`evergold run` continues what is recorded");
	if (run->worker)
		worker_stop(run->worker);
	else
		end(run);
}

/* Without effects a signal may end the process as it is, even while it waits for its input. */
static void heed_signals(struct run *run)
{
	if (!run->pass->options->live)
		return;
	loop_on_signal(run->world.loop, SIGTERM, on_signal, run);
	loop_on_signal(run->world.loop, SIGINT, on_signal, run);
}

static void build_and_tell(struct run *run)
{
	struct err err;

	if (!world_check_secrets(config_of(run), &err)) {
		fail(run, &err);
		return;
	}
	fflush(stdout);
	run->worker = worker_new(&(struct worker_options){
		.ports = &run->world.ports,
		.config = config_of(run),
		.stopped = on_worker_stopped,
		.ctx = run,
	});
}

/* ---- one message after the other ------------------------------------------------------------- */

static void next_message(void *ctx);

static void on_taken(void *ctx, const struct err *err);

static void give_to_life(struct run *run)
{
	life_take(&run->lives[run->at], &run->message, run->inbox.path, on_taken, run);
}

static void finish_message(struct run *run)
{
	const struct replay_pass *pass = run->pass;
	struct err err;

	if (pass->message && !pass->message(pass->ctx, run->lives, &err)) {
		fail(run, &err);
		return;
	}
	for (size_t i = 0; i < pass->n_lives; i++)
		life_forget(&run->lives[i]);
	progress_messages(&run->progress, pass->ret_n_messages);
	run->pending = ports_after(&run->world.ports, 0, next_message, run);
}

static void on_taken(void *ctx, const struct err *err)
{
	struct run *run = ctx;

	if (err)
		fail(run, err);
	else if (++run->at < run->pass->n_lives)
		give_to_life(run);
	else
		finish_message(run);
}

static bool pass_on(struct run *run)
{
	struct err err;

	for (size_t i = 0; i < run->pass->n_lives; i++) {
		if (!life_pass_on(&run->lives[i], &err)) {
			fail(run, &err);
			return false;
		}
	}
	return true;
}

static void all_read(struct run *run)
{
	if (!pass_on(run))
		return;
	if (run->pass->options->live && !run->pass->rehearsal)
		build_and_tell(run);
	else
		end(run);
}

static void next_message(void *ctx)
{
	struct run *run = ctx;
	struct err err;

	run->pending = NULL;
	if (inbox_next(&run->inbox, &run->message, &err)) {
		run->pass->ret_n_messages++;
		run->at = 0;
		give_to_life(run);
	} else if (err.kind != ERR_NONE) {
		fail(run, &err);
	} else {
		all_read(run);
	}
}

/* ---- the world of a pass --------------------------------------------------------------------- */

/* A first --live has no ledger yet, and nothing to copy. */
static enum ledger_mode ledger_mode(const struct run *run)
{
	const struct replay_options *options = run->pass->options;

	if (options->live)
		return access(config_of(run)->ledger_sqlite, F_OK) == 0 ? LEDGER_COPY
		                                                        : LEDGER_EMPTY;
	return strcmp(options->ledger, "current") == 0 ? LEDGER_COPY : LEDGER_EMPTY;
}

static bool open_life(struct run *run, size_t i)
{
	const struct replay_life *life = &run->pass->lives[i];

	return life_open(&run->lives[i],
	                 &(struct life_options){
				 .ports = &run->world.ports,
				 .config = life->config,
				 .live = run->pass->options->live,
				 .rehearsal = run->pass->rehearsal,
				 .ledger = ledger_mode(run),
				 .ledger_file = config_of(run)->ledger_sqlite,
				 .started = life->started,
				 .ctx = life->ctx,
			 },
	                 &run->err);
}

/* The world's own ledger is used where there are effects; else each life has another. */
static bool open_run(struct run *run)
{
	bool acts = run->pass->options->live && !run->pass->rehearsal;
	bool ok = world_open(&run->world, config_of(run), acts ? LEDGER_WRITE : LEDGER_EMPTY,
	                     &run->err);

	for (size_t i = 0; ok && i < run->pass->n_lives; i++)
		ok = open_life(run, i);
	return ok;
}

static void close_run(struct run *run)
{
	call_cancel(run->pending);
	for (size_t i = 0; i < run->pass->n_lives; i++)
		life_close(&run->lives[i]);
	inbox_close(&run->inbox);
	worker_free(run->worker);
	world_close(&run->world);
}

static void report(const struct run *run)
{
	const struct simulation *simulation = &run->lives[0].simulation;
	struct replay_pass *pass = run->pass;

	pass->ret_n_unverified = run->lives[0].n_unverified;
	pass->ret_n_held = simulation->n_held;
	pass->ret_n_later = simulation->n_later;
	pass->ret_n_at_once = simulation->n_at_once;
}

static bool pass_once(struct run *run)
{
	if (open_run(run)) {
		heed_signals(run);
		inbox_open(&run->inbox, run->pass->options->paths, run->pass->options->topic);
		progress_begin(&run->progress, run->world.ports.timers);
		run->pending = ports_after(&run->world.ports, 0, next_message, run);
		loop_run(run->world.loop);
		progress_erase(&run->progress);
	}
	report(run);
	close_run(run);
	return run->err.kind == ERR_NONE;
}

bool replay_pass(struct replay_pass *pass, struct err *reterr)
{
	static struct run run; /* a batch is large */

	run = (struct run){ .pass = pass };
	pass->ret_n_messages = 0;
	if (pass_once(&run))
		return true;
	*reterr = run.err;
	return false;
}
