/*
 * SIGTERM in every trouble, at moments of a day: the worker ends in time, and of all that it has
 * heard of nothing is left hidden in the queue that is not deleted. worker_test.c tries every
 * moment of a day without trouble.
 */
#include "tests/flows/scripted_world.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/flows/worker.h"

#include <stdlib.h>

#define LIMIT_STOP_MS 25000
#define HURRIED_MS    22000  /* the long polls that are out end by themselves */
#define MOMENTS       160    /* of one life: in most troubles nothing new happens after */
#define LATER_MS      150000 /* as long after them: messages have come again, or are extended */

static struct world *world;
static struct worker *worker;
static bool stopped;
static int lives;

struct trouble {
	const char *name;
	enum port port, other; /* other: as port, unless there are two */
	enum fate fate;
	const char *text;
};

#define TROUBLE(name, port, fate)            \
	{                                    \
		name, port, port, fate, NULL \
	}

static const struct trouble troubles[] = {
	TROUBLE("none", PORT_CHANGED, FATE_FINE),
	TROUBLE("a certificate is being fetched", PORT_CERTIFICATE, FATE_HELD),
	TROUBLE("no certificate can be fetched", PORT_CERTIFICATE, FATE_TRANSIENT),
	TROUBLE("nobody asks for certificates", PORT_CERTIFICATE, FATE_BROKEN),
	TROUBLE("receives are throttled", PORT_RECEIVE, FATE_TRANSIENT),
	TROUBLE("receives are refused", PORT_RECEIVE, FATE_BROKEN),
	TROUBLE("answers of receives are lost", PORT_RECEIVE, FATE_LOST),
	TROUBLE("receives wait for credentials", PORT_RECEIVE, FATE_HELD),
	TROUBLE("the ledger is being asked", PORT_RECALL, FATE_HELD),
	TROUBLE("the ledger cannot be asked", PORT_RECALL, FATE_BROKEN),
	TROUBLE("a batch is being recorded", PORT_RECORD, FATE_HELD),
	TROUBLE("the ledger cannot be written", PORT_RECORD, FATE_BROKEN),
	TROUBLE("another writer is always before", PORT_RECORD, FATE_TRANSIENT),
	TROUBLE("a deletion is under way", PORT_DELETE, FATE_HELD),
	TROUBLE("deletions fail", PORT_DELETE, FATE_TRANSIENT),
	TROUBLE("answers of deletions are lost", PORT_DELETE, FATE_LOST),
	TROUBLE("deletions are denied", PORT_DELETE, FATE_BROKEN),
	{ "one entry is never deleted", PORT_DELETE, PORT_DELETE, FATE_TEXT,
	  "{\"Failed\":[{\"Id\":\"0\",\"Code\":\"InternalError\"}]}" },
	{ "the queue says nothing of deletions", PORT_DELETE, PORT_DELETE, FATE_TEXT, "{}" },
	{ "neither certificate nor deletion", PORT_CERTIFICATE, PORT_DELETE, FATE_TRANSIENT, NULL },
	TROUBLE("a start hangs", PORT_START, FATE_HELD),
	TROUBLE("starts are throttled", PORT_START, FATE_TRANSIENT),
	TROUBLE("an execution is being asked for", PORT_GET, FATE_HELD),
	TROUBLE("a parameter is being read", PORT_PARAMETER, FATE_HELD),
	TROUBLE("a parameter is being written", PORT_PUT, FATE_HELD),
	TROUBLE("a row is being saved", PORT_SAVE, FATE_HELD),
	TROUBLE("no row can be saved", PORT_SAVE, FATE_BROKEN),
	{ "a catch-up runs", PORT_IMAGES, PORT_PARAMETERS, FATE_HELD, NULL },
	{ "a catch-up fails", PORT_IMAGES, PORT_PARAMETERS, FATE_TRANSIENT, NULL },
	TROUBLE("a post to Slack hangs", PORT_SLACK, FATE_HELD),
	TROUBLE("Slack is down", PORT_SLACK, FATE_TRANSIENT),
	{ "Slack's token is waited for", PORT_SECRET, PORT_SLACK, FATE_HELD, NULL },
};

static void on_stopped(void *ctx)
{
	(void)ctx;
	stopped = true;
}

static void begin(const struct trouble *trouble)
{
	struct reply reply = { .fate = trouble->fate, .text = trouble->text };

	world = world_new(&(struct world_options){
		.folder = temporary_empty(),
		.receivers = 2,
	});
	world->policy.n_pinned = 0;
	world->cloud->polls = 1;
	for (int i = 0; i < 3; i++)
		world_announce(world, i);
	cloud_send(world->cloud, SPAN("no envelope"));
	world->always[trouble->port] = world->always[trouble->other] = reply;
	stopped = false;
	worker = worker_new(&(struct worker_options){
		.ports = &world->ports,
		.config = world->config,
		.rules = &world->rules,
		.stopped = on_stopped,
	});
}

static void end(void)
{
	worker_free(worker);
	CHECK_INT(simulation_waiting(world->simulation), 0);
	world_free(world);
}

/* The time it takes. */
static int64_t stop(bool hurried)
{
	int64_t before_ms = world_now_ms(world);

	worker_stop(worker);
	if (hurried)
		worker_hurry(worker);
	while (!stopped && simulation_run_next(world->simulation))
		;
	return world_now_ms(world) - before_ms;
}

static bool check_stop(const struct trouble *trouble, int moment, bool hurried)
{
	int64_t limit_ms = hurried ? HURRIED_MS : LIMIT_STOP_MS, took_ms;
	bool fine;

	begin(trouble);
	for (int i = 0; i < moment && i < MOMENTS; i++)
		simulation_run_next(world->simulation);
	if (moment >= MOMENTS)
		world_run(world, LATER_MS);
	took_ms = stop(hurried);
	fine = CHECK(stopped && took_ms <= limit_ms, "%s, moment %d: %d ms", trouble->name, moment,
	             (int)took_ms) &&
	       CHECK_INT(cloud_hidden_heard(world->cloud, world_now_ms(world)), 0);
	end();
	lives++;
	return fine || CHECK(false, "%s, moment %d", trouble->name, moment);
}

/* In the environment STRIDE=1 tries them all. */
static void check_stops(bool hurried)
{
	const char *wanted = getenv("STRIDE");
	int stride = wanted ? (int)strtol(wanted, NULL, 10) : 40;

	lives = 0;
	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		int moment = (int)i % stride;

		while (moment <= MOMENTS && check_stop(&troubles[i], moment, hurried))
			moment += stride;
		check_stop(&troubles[i], MOMENTS, hurried);
	}
	CHECK(lives >= 5 * (int)ARRAY_LEN(troubles), "only %d", lives);
}

TEST(a_stop_in_any_trouble_leaves_nothing_hidden)
{
	check_stops(false);
}

TEST(a_hurry_in_any_trouble_leaves_nothing_hidden)
{
	check_stops(true);
}

/* What the queue does not let it hand back is all that stays. */
TEST(who_cannot_hand_back_ends_in_time)
{
	static const enum fate fates[] = { FATE_HELD, FATE_TRANSIENT, FATE_BROKEN };

	for (size_t i = 0; i < ARRAY_LEN(fates); i++) {
		begin(&troubles[1]);
		world_always(world, PORT_VISIBILITY, fates[i]);
		world_run(world, LATER_MS);
		CHECK(stop(false) <= LIMIT_STOP_MS);
		CHECK(stopped);
		end();
	}
}

int main(void)
{
	check_run(a_stop_in_any_trouble_leaves_nothing_hidden);
	check_run(a_hurry_in_any_trouble_leaves_nothing_hidden);
	check_run(who_cannot_hand_back_ends_in_time);
	return check_done();
}
