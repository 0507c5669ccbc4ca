/*
 * The whole worker, stopped at every moment, and killed at every request.
 *
 * Whatever happens in a first life, it ends in time and leaves nothing behind in memory; and a
 * second life over the same ledger and cloud finishes all that was begun, each build exactly once.
 */
#include "worker/flows/worker.h"

#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE        60000
#define LIMIT_STOP_MS 25000 /* of the promise; the worker takes a little less */
#define SEEDS         120
#define MOMENTS       200 /* of one undisturbed run: until its last notice is sent */
#define LONGEST       4000

static struct world *world;
static struct worker *worker;
static int stopped;
static int handed_back; /* lives after which nothing was hidden */

static void on_stopped(void *ctx)
{
	(void)ctx;
	stopped++;
}

static void start_worker(void)
{
	stopped = 0;
	worker = worker_new(&(struct worker_options){
		.ports = &world->ports,
		.config = world->config,
		.rules = &world->rules,
		.stopped = on_stopped,
	});
}

static void begin_with(int receivers, bool events)
{
	world = world_new(&(struct world_options){
		.folder = temporary_empty(),
		.receivers = receivers,
		.events = events,
	});
	world->policy.n_pinned = 0;
}

static void begin(int receivers)
{
	begin_with(receivers, false);
}

static void end_life(void)
{
	worker_free(worker);
	worker = NULL;
	CHECK(world->pending == NULL);
	CHECK_INT(simulation_waiting(world->simulation), 0);
}

static int64_t count(const char *sql)
{
	return world_count(world, sql);
}

static bool recorded(size_t number)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM announcements WHERE message_id LIKE '%%%04zx'", number + 1);
	return count(sql) == 1;
}

/* The first messages in the queue are announcements 0..n-1. */
static void check_deleted_are_recorded(size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK(!world->cloud->messages[i].deleted || recorded(i));
}

/* Undisturbed, and with all the time it needs. */
static void live_again(void)
{
	world->by_hand = false;
	world_restart(world);
	start_worker();
	world_run(world, 8 * MINUTE);
	worker_stop(worker);
	world_run(world, LIMIT_STOP_MS);
	CHECK_INT(stopped, 1);
	end_life();
}

static bool check_all_is_done(size_t rejected)
{
	const struct cloud *cloud = world->cloud;

	return CHECK_INT(cloud_left(cloud), rejected) &&
	       CHECK(count("SELECT count(*) FROM builds") >= 1) &&
	       CHECK_INT(count("SELECT count(*) FROM builds WHERE state IN ('wanted', 'started')"),
	                 0) &&
	       CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'finished'"),
	                 cloud->n_executions) &&
	       CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'finished'"
	                       " AND NOT golden_written"
	                       " AND trouble NOT LIKE '%newer golden AMI'"),
	                 0) &&
	       CHECK(count("SELECT count(*) FROM builds WHERE golden_written") >= 1) &&
	       CHECK_INT(count("SELECT count(*) FROM notices WHERE kind = 'finished'"),
	                 cloud->n_executions) &&
	       CHECK_INT(count("SELECT count(*) FROM deliveries"), 0) &&
	       CHECK(cloud->slack.n_posts >= cloud->n_executions);
}

/* ---- stopping at every moment ---------------------------------------------------------------- */

struct life {
	uint64_t seed; /* 0: what was asked first is answered first, and well */
	int stop_at, hurry_at;
	int64_t stopped_ms; /* steady, when it was told to */
};

static uint64_t draw(struct life *life, uint64_t n)
{
	life->seed = life->seed * 6364136223846793005U + 1442695040888963407U;
	return (life->seed >> 33) % n;
}

static void advance_in_order(void)
{
	if (world_waiting(world))
		world_release(world, 0, FATE_FINE);
	else
		simulation_run_next(world->simulation);
}

/* Answers anything, or lets time pass; one answer in four is lost, one in eight a failure. */
static void advance_at_random(struct life *life)
{
	size_t n = world_waiting(world);
	uint64_t way = draw(life, 8);

	if (n == 0 || way == 0)
		simulation_run_next(world->simulation);
	else
		world_release(world, draw(life, n),
		              way == 1  ? FATE_TRANSIENT
		              : way < 4 ? FATE_LOST
		                        : FATE_FINE);
}

static void live(struct life *life)
{
	for (int moment = 0; !stopped && moment < LONGEST; moment++) {
		if (moment == life->stop_at) {
			life->stopped_ms = world_now_ms(world);
			worker_stop(worker);
		}
		if (moment == life->hurry_at)
			worker_hurry(worker);
		if (life->seed)
			advance_at_random(life);
		else
			advance_in_order();
	}
}

static void fill_queues(void)
{
	static const char event[] =
		"{\"source\":\"aws.codepipeline\",\"detail-type\":\"CodePipeline Pipeline "
		"Execution State Change\",\"detail\":{\"execution-id\":\"" CLOUD_FIRST_ID "\"}}";

	world->cloud->polls = 1;
	world_announce(world, 0);
	world_announce(world, 1);
	cloud_send(world->cloud, SPAN("no envelope"));
	cloud_send(world->cloud, SPAN(event));
	cloud_send_event(world->cloud, SPAN(event));
}

/* Everything that it heard of is deleted or handed back, unless the queue did not let it. */
static bool check_nothing_is_hidden(int64_t took_ms)
{
	bool hindered = world->failed[PORT_VISIBILITY] || took_ms >= LIMIT_STOP_MS - 500;

	handed_back += !hindered;
	return hindered || CHECK_INT(cloud_hidden_heard(world->cloud, world_now_ms(world)), 0);
}

static bool check_life(struct life life, int receivers)
{
	bool fine;

	begin_with(receivers, true);
	fill_queues();
	world->by_hand = true;
	start_worker();
	live(&life);
	fine = CHECK_INT(stopped, 1) &&
	       CHECK(world_now_ms(world) - life.stopped_ms <= LIMIT_STOP_MS, "after %d ms",
	             (int)(world_now_ms(world) - life.stopped_ms)) &&
	       check_nothing_is_hidden(world_now_ms(world) - life.stopped_ms);
	end_life();
	check_deleted_are_recorded(2);
	live_again();
	fine = check_all_is_done(1) && fine;
	world_free(world);
	return fine;
}

TEST(an_undisturbed_life_is_as_long_as_the_tests_think)
{
	struct life life = { .stop_at = MOMENTS, .hurry_at = -1 };

	begin_with(1, true);
	fill_queues();
	world->by_hand = true;
	start_worker();
	live(&life);
	CHECK_INT(world->cloud->slack.n_posts, 2); /* the newer release overtakes the other */
	end_life();
	world_free(world);
}

TEST(a_stop_at_any_moment_ends_well)
{
	handed_back = 0;
	for (int stop_at = 0; stop_at < MOMENTS; stop_at++)
		check_life((struct life){ .stop_at = stop_at, .hurry_at = -1 }, 1);
	CHECK_INT(handed_back, MOMENTS);
}

TEST(a_hurry_at_any_moment_ends_well)
{
	for (int stop_at = 0; stop_at < MOMENTS; stop_at += 4) {
		for (int hurry_at = stop_at; hurry_at < stop_at + 12; hurry_at += 3)
			check_life((struct life){ .stop_at = stop_at, .hurry_at = hurry_at }, 1);
	}
}

/* In the environment SEED=n runs this one alone, SEEDS=n so many. */
TEST(answers_in_any_order_end_well)
{
	const char *wanted = getenv("SEED"), *more = getenv("SEEDS");
	uint64_t first = wanted ? strtoull(wanted, NULL, 10) : 1;
	uint64_t last = wanted ? first : more ? strtoull(more, NULL, 10) : SEEDS;

	for (uint64_t seed = first; seed <= last; seed++) {
		struct life life = { .seed = seed };

		life.stop_at = (int)draw(&life, 150);
		life.hurry_at = draw(&life, 2) ? life.stop_at + (int)draw(&life, 40) : -1;
		if (!check_life(life, 1 + (int)draw(&life, 3))) {
			CHECK(false, "SEED=%llu", (unsigned long long)seed);
			return;
		}
	}
}

/* ---- announcements that come after the first look -------------------------------------------- */

/* The image of the first announcement. */
static void list_image(void)
{
	world->cloud->images[world->cloud->n_images++] = (struct cloud_image){
		.id = "ami-00000000000000001",
		.name = "al2023-ami-2023.9.20260801.0-kernel-6.1-x86_64",
		.created = "2026-08-17T00:00:00.000Z",
	};
}

static void end_well(void)
{
	worker_stop(worker);
	world_run(world, LIMIT_STOP_MS);
	end_life();
	world_free(world);
}

/* Nobody could judge it at first: the image is adopted, and built when its announcement can be. */
TEST(what_was_adopted_is_built_when_its_announcement_is_judged)
{
	begin(1);
	list_image();
	world_always(world, PORT_CERTIFICATE, FATE_TRANSIENT);
	world_announce(world, 0);
	start_worker();
	world_run(world, 2 * MINUTE);
	CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'adopted'"), 1);
	world_always(world, PORT_CERTIFICATE, FATE_FINE);
	world_run(world, 8 * MINUTE);
	CHECK_INT(count("SELECT count(*) FROM builds"), 1);
	CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'finished'"), 1);
	CHECK_INT(world->cloud->n_executions, 1);
	world_announce(world, 0);
	world_run(world, 13 * 60 * MINUTE);
	CHECK_INT(world->cloud->n_executions, 1);
	end_well();
}

/* A receive hides it in one life, and the next one finds an empty queue. */
TEST(what_was_hidden_when_it_was_adopted_is_built)
{
	begin(1);
	list_image();
	world_announce(world, 0);
	world_always(world, PORT_RECEIVE, FATE_LOST);
	start_worker();
	world_run(world, MINUTE / 2);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 1);
	worker_stop(worker);
	world_run(world, LIMIT_STOP_MS);
	end_life();
	world_always(world, PORT_RECEIVE, FATE_FINE);
	world_restart(world);
	start_worker();
	world_run(world, 10000);
	CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'adopted'"), 1);
	world_run(world, 8 * MINUTE);
	CHECK_INT(count("SELECT count(*) FROM builds WHERE state = 'finished'"), 1);
	CHECK_INT(world->cloud->n_executions, 1);
	end_well();
}

/* ---- stopping, one phase after the other ----------------------------------------------------- */

static int64_t time_to_stop(void)
{
	int64_t before_ms = world_now_ms(world);

	worker_stop(worker);
	while (!stopped && simulation_run_next(world->simulation))
		;
	return world_now_ms(world) - before_ms;
}

TEST(an_idle_worker_stops_when_its_long_poll_ends)
{
	begin(2);
	start_worker();
	world_run(world, 5000);
	CHECK(time_to_stop() <= WORLD_FIRST_MS + 15100);
	end_life();
	world_free(world);
}

TEST(what_the_ledger_does_not_take_is_handed_back_at_once)
{
	begin(3);
	world->policy.n_pinned = 1;
	world_always(world, PORT_RECALL, FATE_BROKEN);
	start_worker();
	world_run(world, 5000);
	for (int i = 0; i < 3; i++) {
		world_announce(world, i);
		world_run(world, 2000);
	}
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 3);
	CHECK(time_to_stop() <= 1000);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
	end_life();
	world_free(world);
}

TEST(a_stop_ends_with_the_last_deletion)
{
	begin(1);
	world->policy.n_pinned = 1;
	world_announce(world, 0);
	world_next(world, PORT_DELETE, FATE_HELD);
	start_worker();
	world_run(world, 5000);
	worker_stop(worker);
	world_run(world, 17000);
	CHECK_INT(stopped, 0);
	world_release(world, 0, FATE_FINE);
	world_run(world, 0);
	CHECK_INT(stopped, 1);
	CHECK_INT(cloud_left(world->cloud), 0);
	end_life();
	world_free(world);
}

TEST(a_stop_leaves_further_notices_to_the_next_life)
{
	begin(1);
	world_want_builds(world, 3);
	for (int i = 1; i <= 3; i++)
		world_add_notice(world, i, NOTICE_REFUSED);
	world_always(world, PORT_START, FATE_HELD);
	start_worker();
	world_run(world, 500);
	worker_stop(worker);
	world_run(world, LIMIT_STOP_MS);
	CHECK_INT(stopped, 1);
	CHECK_INT(world->cloud->slack.n_posts, 1);
	end_life();
	world_free(world);
}

/* After 21 s what is not recorded is handed back, and nothing stays hidden. */
TEST(what_hangs_is_handed_back_in_time)
{
	int64_t took_ms;

	begin(1);
	world_announce(world, 0);
	world_always(world, PORT_CERTIFICATE, FATE_HELD);
	start_worker();
	world_run(world, 5000);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 1);
	took_ms = time_to_stop();
	CHECK(took_ms >= 21000 && took_ms <= LIMIT_STOP_MS, "%lld", (long long)took_ms);
	CHECK_INT(cloud_hidden(world->cloud, world_now_ms(world)), 0);
	end_life();
	world_free(world);
}

TEST(who_cannot_even_hand_back_stops_all_the_same)
{
	int64_t took_ms;

	begin(1);
	world_announce(world, 0);
	world_always(world, PORT_CERTIFICATE, FATE_HELD);
	world_always(world, PORT_VISIBILITY, FATE_HELD);
	start_worker();
	world_run(world, 5000);
	took_ms = time_to_stop();
	CHECK(took_ms > 21000 && took_ms <= LIMIT_STOP_MS, "%lld", (long long)took_ms);
	CHECK_INT(stopped, 1);
	end_life();
	world_free(world);
}

TEST(when_nothing_answers_it_stops_all_the_same)
{
	begin(3);
	fill_queues();
	start_worker();
	world_run(world, 5000);
	world->by_hand = true;
	CHECK(time_to_stop() <= LIMIT_STOP_MS);
	CHECK_INT(stopped, 1);
	end_life();
	world_free(world);
}

TEST(a_second_stop_changes_nothing)
{
	begin(1);
	start_worker();
	world_run(world, 1000);
	worker_stop(worker);
	worker_stop(worker);
	world_run(world, LIMIT_STOP_MS);
	CHECK_INT(stopped, 1);
	end_life();
	world_free(world);
}

static void on_held(void *ctx, const struct err *err)
{
	(void)ctx;
	CHECK(!err, "%s", err ? err->text : "");
}

static void on_released(void *ctx, bool was_held, const struct err *err)
{
	*(bool *)ctx = was_held && !err;
}

/* Within one long poll, and without a look at the ledger while nobody else writes. */
TEST(what_an_operator_writes_is_noticed)
{
	const struct family_hold hold = { .family = "web", .reason = "the fair" };
	struct ledger_sqlite *second;
	struct ledger *hand;
	bool released = false;
	int looks;

	begin(1);
	second = ledger_sqlite_open(world->path, LEDGER_OPERATE, world->ports.timers, NULL);
	hand = ledger_sqlite_ledger(second);
	hand->hold(hand, &hold, on_held, NULL);
	world_want_builds(world, 1);
	start_worker();
	world_run(world, 5 * MINUTE);
	CHECK_INT(count("SELECT count(*) FROM builds WHERE held = 'family_held'"), 1);
	looks = world->asked[PORT_DUE];
	world_run(world, 30 * MINUTE);
	CHECK_INT(world->asked[PORT_DUE], looks);
	hand->release(hand, "web", on_released, &released);
	world_run(world, WORLD_WAIT_MS + 1000);
	CHECK(released);
	CHECK_INT(world->cloud->n_executions, 1);
	ledger_sqlite_free(second);
	worker_stop(worker);
	world_run(world, LIMIT_STOP_MS);
	end_life();
	world_free(world);
}

/* Without a queue, as `replay --live` runs it, the end comes by itself. */
TEST(without_a_queue_it_ends_when_all_is_told)
{
	begin(1);
	world_want_builds(world, 3);
	stopped = 0;
	worker = worker_new(&(struct worker_options){
		.ports = &world->ports,
		.config = world->config,
		.stopped = on_stopped,
	});
	world_run(world, 5 * MINUTE);
	CHECK_INT(stopped, 1);
	CHECK_INT(world->cloud->slack.n_posts, 6);
	CHECK_INT(world->asked[PORT_RECEIVE], 0);
	end_life();
	world_free(world);
}

/* ---- killed at every request ----------------------------------------------------------------- */

/* True when it was killed; false when there was no such request. */
static bool die_at(int request, bool too_late)
{
	bool crashed;

	begin(1);
	sql_run(world->path, "INSERT INTO channels VALUES ('#web', 'CWEB')");
	world_announce(world, 0);
	world->crash_at = request;
	world->crash_too_late = too_late;
	start_worker();
	world_run(world, 3 * MINUTE);
	crashed = world->crashed;
	end_life();
	check_deleted_are_recorded(1);
	live_again();
	check_all_is_done(0);
	CHECK_INT(world->cloud->n_executions, 1);
	CHECK_INT(world->cloud->slack.n_posts, 2); /* its root and its details */
	world_free(world);
	return crashed;
}

TEST(killed_at_any_request_it_goes_on_where_it_was)
{
	int request = 1;

	while (die_at(request, false) && die_at(request, true))
		request++;
	CHECK(request > 25, "only %d requests", request);
}

int main(void)
{
	check_run(an_undisturbed_life_is_as_long_as_the_tests_think);
	check_run(a_stop_at_any_moment_ends_well);
	check_run(a_hurry_at_any_moment_ends_well);
	check_run(answers_in_any_order_end_well);
	check_run(what_was_adopted_is_built_when_its_announcement_is_judged);
	check_run(what_was_hidden_when_it_was_adopted_is_built);
	check_run(an_idle_worker_stops_when_its_long_poll_ends);
	check_run(what_the_ledger_does_not_take_is_handed_back_at_once);
	check_run(a_stop_ends_with_the_last_deletion);
	check_run(a_stop_leaves_further_notices_to_the_next_life);
	check_run(what_hangs_is_handed_back_in_time);
	check_run(who_cannot_even_hand_back_stops_all_the_same);
	check_run(when_nothing_answers_it_stops_all_the_same);
	check_run(a_second_stop_changes_nothing);
	check_run(what_an_operator_writes_is_noticed);
	check_run(without_a_queue_it_ends_when_all_is_told);
	check_run(killed_at_any_request_it_goes_on_where_it_was);
	return check_done();
}
