#include "worker/cli/replay_pass.h"

#include "worker/adapters/loop.h"
#include "worker/cli/inbox.h"
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
	struct life life;
	struct call *pending;
	struct worker *worker; /* with --live: builds and tells at the end */
	struct err err;
};

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

	if (!world_check_secrets(run->pass->config, &err)) {
		fail(run, &err);
		return;
	}
	fflush(stdout);
	run->worker = worker_new(&(struct worker_options){
		.ports = &run->world.ports,
		.config = run->pass->config,
		.stopped = on_worker_stopped,
		.ctx = run,
	});
}

/* ---- one message after the other ------------------------------------------------------------- */

static void next_message(void *ctx);

static void on_taken(void *ctx, const struct err *err)
{
	struct run *run = ctx;

	if (err) {
		fail(run, err);
		return;
	}
	if (run->pass->message)
		run->pass->message(run->pass->ctx, &run->life);
	life_forget(&run->life);
	run->pending = ports_after(&run->world.ports, 0, next_message, run);
}

static void all_read(struct run *run)
{
	struct err err;

	if (!life_pass_on(&run->life, &err))
		fail(run, &err);
	else if (run->pass->options->live && !run->pass->rehearsal)
		build_and_tell(run);
	else
		end(run);
}

static void next_message(void *ctx)
{
	struct run *run = ctx;
	struct message message;
	struct err err;

	run->pending = NULL;
	if (inbox_next(&run->inbox, &message, &err)) {
		run->pass->ret_n_messages++;
		life_take(&run->life, &message, run->inbox.path, on_taken, run);
	} else if (err.kind != ERR_NONE) {
		fail(run, &err);
	} else {
		all_read(run);
	}
}

/* ---- the world of a pass --------------------------------------------------------------------- */

/* A first --live has no ledger yet, and nothing to copy. */
static enum ledger_mode ledger_mode(const struct replay_pass *pass)
{
	if (pass->options->live)
		return access(pass->config->ledger_sqlite, F_OK) == 0 ? LEDGER_COPY : LEDGER_EMPTY;
	return strcmp(pass->options->ledger, "current") == 0 ? LEDGER_COPY : LEDGER_EMPTY;
}

/* The world's own ledger is used where there are effects; else each life has another. */
static bool open_run(struct run *run)
{
	const struct replay_pass *pass = run->pass;
	bool acts = pass->options->live && !pass->rehearsal;

	return world_open(&run->world, pass->config, acts ? LEDGER_WRITE : LEDGER_EMPTY,
	                  &run->err) &&
	       life_open(&run->life,
	                 &(struct life_options){
				 .ports = &run->world.ports,
				 .config = pass->config,
				 .live = pass->options->live,
				 .rehearsal = pass->rehearsal,
				 .ledger = ledger_mode(pass),
			 },
	                 &run->err);
}

static void close_run(struct run *run)
{
	call_cancel(run->pending);
	life_close(&run->life);
	inbox_close(&run->inbox);
	worker_free(run->worker);
	world_close(&run->world);
}

static bool pass_once(struct run *run)
{
	if (open_run(run)) {
		heed_signals(run);
		inbox_open(&run->inbox, run->pass->options->paths, run->pass->options->topic);
		run->pending = ports_after(&run->world.ports, 0, next_message, run);
		loop_run(run->world.loop);
	}
	run->pass->ret_n_unverified = run->life.n_unverified;
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
