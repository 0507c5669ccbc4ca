#include "worker/flows/worker.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/flows/catch_up.h"
#include "worker/flows/digest.h"
#include "worker/flows/intake.h"
#include "worker/flows/observer.h"
#include "worker/flows/vigil.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define HURRY_MS      21000 /* a long poll of 20 s has ended by then */
#define LIMIT_STOP_MS 24500

struct worker {
	const struct ports *ports;
	struct worker_options options;
	struct receiver_listener listener;
	struct message_rules events_only;
	struct recorder recorder;
	struct intake *announcements; /* NULL: nothing is received */
	struct intake *events;        /* from a queue of their own; NULL: there is none */
	struct builder *builder;
	struct observer *observer;
	struct outbox *outbox;
	struct catch_up *catch_up; /* NULL: nothing is received either */
	struct vigil *vigil;       /* NULL: nothing is received, or catch_up is off */
	struct digest *digest;     /* NULL: nothing is received, or none is wanted */
	struct call *hurry, *limit, *turn;
	struct call *look; /* whether an operator has written into the ledger */
	bool stopping, hurried, over;
	bool built; /* nothing is left of it */
};

/* In a hurry only what would stay hidden in the queue counts: the ledger knows the rest. */
static bool quiet(const struct worker *worker)
{
	if (!intake_is_over(worker->announcements) || !intake_is_over(worker->events))
		return false;
	return worker->hurried ||
	       (builder_is_quiet(worker->builder) && outbox_is_quiet(worker->outbox));
}

static void on_over(void *ctx)
{
	struct worker *worker = ctx;

	worker->turn = NULL;
	worker->options.stopped(worker->options.ctx);
}

/* Told from the loop, as a turn of its own: nothing of ours is on the stack then. */
static void end(struct worker *worker)
{
	if (worker->over)
		return;
	worker->over = true;
	worker->turn = ports_after(worker->ports, 0, on_over, worker);
}

static void look_whether_over(void *ctx)
{
	struct worker *worker = ctx;

	if (worker->stopping && quiet(worker))
		end(worker);
}

/* ---- news from one to the other -------------------------------------------------------------- */

static void on_builds_wanted(void *ctx)
{
	struct worker *worker = ctx;

	builder_wake(worker->builder);
}

static void on_looked(void *ctx, bool changed, const struct err *err)
{
	struct worker *worker = ctx;

	worker->look = NULL;
	if (changed && !err) /* else the next receive asks again */
		builder_wake(worker->builder);
}

/* A long poll has woken us anyway: nothing has to wake us for an operator. */
static void on_answered(void *ctx)
{
	struct worker *worker = ctx;
	struct ledger *ledger = worker->ports->ledger;

	if (!worker->look && !worker->stopping)
		worker->look = ledger->changed(ledger, on_looked, worker);
}

static void on_notices_wait(void *ctx)
{
	struct worker *worker = ctx;

	outbox_wake(worker->outbox);
}

static void on_event_came(void *ctx, const struct event *event)
{
	struct worker *worker = ctx;

	builder_hurry(worker->builder, event);
	observer_saw(worker->observer, event);
}

static void on_left_open(void *ctx, const struct decision *decision)
{
	struct worker *worker = ctx;

	catch_up_await(worker->catch_up, decision);
}

static void on_drained(void *ctx)
{
	struct worker *worker = ctx;

	catch_up_drained(worker->catch_up);
}

static void on_moved(void *ctx)
{
	struct worker *worker = ctx;

	worker->built = false;
	outbox_wake(worker->outbox);
	look_whether_over(worker);
}

/* Without a queue the work ends when nothing is left of it. */
static void end_if_all_done(struct worker *worker)
{
	if (!worker->options.rules && worker->built && outbox_is_idle(worker->outbox))
		end(worker);
	look_whether_over(worker);
}

static void on_all_built(void *ctx)
{
	struct worker *worker = ctx;

	worker->built = true;
	end_if_all_done(worker);
}

static void on_all_told(void *ctx)
{
	end_if_all_done(ctx);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void receive_announcements(struct worker *worker)
{
	const struct worker_options *options = &worker->options;

	worker->announcements = intake_new(&(struct intake_options){
		.queue = queue_of_announcements(worker->ports, options->config),
		.rules = options->rules,
		.listener = &worker->listener,
		.recorder = &worker->recorder,
		.receivers = (size_t)options->config->queue.receivers,
		.drained = on_drained,
		.quiet = look_whether_over,
		.ctx = worker,
	});
}

/* One long poll is enough: what waits there only makes us ask sooner. */
static void receive_events(struct worker *worker)
{
	const struct worker_options *options = &worker->options;

	worker->events_only = *options->rules;
	worker->events_only.events_only = true;
	worker->events = intake_new(&(struct intake_options){
		.queue = queue_of_events(worker->ports, options->config),
		.rules = &worker->events_only,
		.listener = &worker->listener,
		.recorder = &worker->recorder,
		.receivers = 1,
		.quiet = look_whether_over,
		.ctx = worker,
	});
}

/* As catch-up does: it is what is found by asking, not by being told. */
static void start_vigil(struct worker *worker)
{
	const struct worker_options *options = &worker->options;

	if (!options->rules || !options->config->catch_up.every_s)
		return;
	worker->vigil = vigil_new(&(struct vigil_options){
		.ports = worker->ports,
		.config = options->config,
		.told = on_notices_wait,
		.ctx = worker,
	});
}

static void start_digest(struct worker *worker)
{
	const struct worker_options *options = &worker->options;

	if (!options->rules || !options->config->slack.digest.text)
		return;
	worker->digest = digest_new(&(struct digest_options){
		.ports = worker->ports,
		.setting = &options->config->slack.digest,
		.told = on_notices_wait,
		.ctx = worker,
	});
}

struct worker *worker_new(const struct worker_options *options)
{
	struct worker *worker = xcalloc(1, sizeof(*worker));

	worker->ports = options->ports;
	worker->options = *options;
	worker->listener = (struct receiver_listener){
		.builds_wanted = on_builds_wanted,
		.notices_wait = on_notices_wait,
		.answered = on_answered,
		.event_came = on_event_came,
		.left_open = on_left_open,
		.ctx = worker,
	};
	worker->recorder = (struct recorder){ options->archive, options->ports->log, false };
	worker->outbox = outbox_new(&(struct outbox_options){
		.ports = options->ports,
		.config = options->config,
		.idle = on_all_told,
		.quiet = look_whether_over,
		.ctx = worker,
	});
	worker->builder = builder_new(&(struct builder_options){
		.ports = options->ports,
		.config = options->config,
		.moved = on_moved,
		.idle = on_all_built,
		.quiet = look_whether_over,
		.ctx = worker,
	});
	worker->observer = observer_new(&(struct observer_options){
		.ports = options->ports,
		.config = options->config,
		.told = on_notices_wait,
		.ctx = worker,
	});
	if (options->rules)
		worker->catch_up = catch_up_new(&(struct catch_up_options){
			.ports = options->ports,
			.config = options->config,
			.builds_wanted = on_builds_wanted,
			.told = on_notices_wait,
			.ctx = worker,
		});
	if (options->rules)
		receive_announcements(worker);
	if (options->rules && options->config->queue.events_url)
		receive_events(worker);
	start_vigil(worker);
	start_digest(worker);
	return worker;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	intake_free(worker->announcements);
	intake_free(worker->events);
	catch_up_free(worker->catch_up);
	builder_free(worker->builder);
	observer_free(worker->observer);
	outbox_free(worker->outbox);
	vigil_free(worker->vigil);
	digest_free(worker->digest);
	call_cancel(worker->hurry);
	call_cancel(worker->limit);
	call_cancel(worker->turn);
	call_cancel(worker->look);
	free(worker);
}

static void on_limit(void *ctx)
{
	struct worker *worker = ctx;

	worker->limit = NULL;
	end(worker);
}

static void on_hurry(void *ctx)
{
	struct worker *worker = ctx;

	worker->hurry = NULL;
	worker_hurry(worker);
	intake_abort(worker->announcements);
	intake_abort(worker->events);
}

void worker_stop(struct worker *worker)
{
	if (worker->stopping)
		return;
	worker->stopping = true;
	intake_stop(worker->announcements);
	intake_stop(worker->events);
	if (worker->catch_up)
		catch_up_stop(worker->catch_up);
	builder_stop(worker->builder);
	observer_stop(worker->observer);
	outbox_stop(worker->outbox);
	vigil_stop(worker->vigil);
	digest_stop(worker->digest);
	worker->hurry = ports_after(worker->ports, HURRY_MS, on_hurry, worker);
	worker->limit = ports_after(worker->ports, LIMIT_STOP_MS, on_limit, worker);
	look_whether_over(worker);
}

void worker_hurry(struct worker *worker)
{
	worker_stop(worker);
	if (worker->hurried)
		return;
	worker->hurried = true;
	intake_hurry(worker->announcements);
	intake_hurry(worker->events);
	look_whether_over(worker);
}
