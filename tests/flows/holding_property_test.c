/*
 * Which releases are built in the end, in whatever order they are heard of, with duplicates, waits
 * of every kind and crashes at any request.
 *
 * No image is started twice or while something holds it, no execution is lost, and the newest
 * release is built. Where releases soak longer than their deliveries are apart, or wait for a
 * window, their order has no say in which are built.
 */
#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/flows/worker.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE   60000
#define HOUR     (60 * MINUTE)
#define SEEDS    60
#define RELEASES 6
#define CRASHES  4

/* The announcements are of minutes 00:00 to 00:05; it is 01:00. */
enum wish { WISH_NONE, WISH_SOAK, WISH_WINDOW, WISH_BOTH, WISH_STOP, WISHES };

static const char *const wishes[] = {
	[WISH_NONE] = "",
	[WISH_SOAK] = "    soak: 2h\n",
	[WISH_WINDOW] = "    window: 03:00-05:00\n",
	[WISH_BOTH] = "    soak: 2h\n    window: 02:02-05:00\n",
	[WISH_STOP] = "    stop_after_failures: 1\n",
};

static struct world *world;
static struct worker *worker;

struct story {
	uint64_t seed;
	enum wish wish;
	int releases;
};

static uint64_t draw(struct story *story, uint64_t n)
{
	story->seed = story->seed * 6364136223846793005U + 1442695040888963407U;
	return (story->seed >> 33) % n;
}

static void start_worker(void)
{
	worker = worker_new(&(struct worker_options){
		.ports = &world->ports,
		.config = world->config,
		.rules = &world->rules,
	});
}

/* A crash is followed by the next life, which may crash as well. */
static void live(struct story *story, int64_t ms)
{
	int64_t until_ms = world_now_ms(world) + ms;

	while (world_now_ms(world) < until_ms) {
		world_run(world, until_ms - world_now_ms(world));
		if (!world->crashed)
			return;
		worker_free(worker);
		world_restart(world);
		if (draw(story, CRASHES))
			world->crash_at = world->steps + 1 + (int)draw(story, 60);
		world->crash_too_late = draw(story, 2);
		start_worker();
	}
}

/* Every release once or twice, in any order, within half an hour. */
static void hear(struct story *story)
{
	int order[2 * RELEASES], n = 0;

	for (int i = 0; i < story->releases; i++) {
		order[n++] = i;
		if (draw(story, 3) == 0)
			order[n++] = i;
	}
	for (int i = 0; i < n; i++) {
		int other = i + (int)draw(story, (uint64_t)(n - i)), next = order[other];

		order[other] = order[i];
		order[i] = next;
		world_announce(world, next);
		if (draw(story, 2))
			live(story, (int64_t)draw(story, 2 * MINUTE));
	}
}

/* Nobody would know of a pipeline that works again but an operator. */
static void mend(void)
{
	worker_free(worker);
	sql_run(world->path,
	        "INSERT INTO resets SELECT 'web', max(finished_ms) FROM builds"
	        " WHERE finished_ms > 0 ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms");
	world->cloud->status = "Succeeded";
	world_restart(world);
	start_worker();
}

static bool is_count(const char *condition, int64_t wanted)
{
	char sql[512];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM builds WHERE %s", condition);
	return CHECK(world_count(world, sql) == wanted, "%s: %lld, not %lld", condition,
	             (long long)world_count(world, sql), (long long)wanted);
}

/* Since midnight, when the first was announced. */
#define STARTED_S "started_ms > 0 AND (started_ms / 1000) % 86400"

static bool check_waited(enum wish wish)
{
	switch (wish) {
	case WISH_SOAK:
		return is_count("started_ms > 0 AND started_ms < announced_ms + 7200000", 0);
	case WISH_WINDOW:
		return is_count(STARTED_S " NOT BETWEEN 10800 AND 18000", 0);
	case WISH_BOTH:
		return is_count("started_ms > 0 AND started_ms < announced_ms + 7200000", 0) &&
		       is_count(STARTED_S " NOT BETWEEN 7320 AND 18000", 0);
	case WISH_NONE:
	case WISH_STOP:
	case WISHES:
		break;
	}
	return true;
}

/* How many are built where the order of delivery has no say. */
static bool check_chosen(const struct story *story)
{
	switch (story->wish) {
	case WISH_SOAK: /* a minute after each other */
		return is_count("state = 'finished'", story->releases);
	case WISH_WINDOW: /* the newest of all */
		return is_count("state = 'finished'", 1);
	case WISH_BOTH: /* three are ripe when it opens */
		return is_count("state = 'finished'",
		                story->releases < 3 ? 1 : story->releases - 2);
	case WISH_NONE:
	case WISH_STOP:
	case WISHES:
		break;
	}
	return true;
}

static bool check_built(const struct story *story)
{
	char newest[80];

	snprintf(newest, sizeof(newest), "state = 'finished' AND release = '2023.9.202608%02d.0'",
	         story->releases);
	return is_count("state IN ('wanted', 'started')", 0) && is_count(newest, 1) &&
	       is_count("execution_id IS NOT NULL AND state = 'finished'",
	                (int64_t)world->cloud->n_executions) &&
	       is_count("state NOT IN ('finished', 'superseded')", 0) && check_chosen(story) &&
	       CHECK_INT(cloud_left(world->cloud), 0);
}

static bool check_story(struct story story)
{
	bool fine;

	story.wish = (enum wish)draw(&story, WISHES);
	story.releases = 1 + (int)draw(&story, RELEASES);
	world = world_new(&(struct world_options){
		.folder = temporary_empty(),
		.receivers = 1 + (int)draw(&story, 3),
		.wishes = wishes[story.wish],
	});
	world->cloud->polls = 1;
	world->cloud->status = story.wish == WISH_STOP ? "Failed" : "Succeeded";
	world->crash_at = draw(&story, 3) ? 1 + (int)draw(&story, 100) : 0;
	start_worker();
	hear(&story);
	live(&story, 2 * HOUR);
	if (story.wish == WISH_STOP)
		mend();
	live(&story, 2 * HOUR);
	worker_free(worker);
	fine = check_waited(story.wish) && check_built(&story);
	world_free(world);
	return fine;
}

/* In the environment SEED=n runs this one alone, SEEDS=n so many. */
TEST(whatever_the_order_the_right_ones_are_built_once)
{
	const char *wanted = getenv("SEED"), *more = getenv("SEEDS");
	uint64_t first = wanted ? strtoull(wanted, NULL, 10) : 1;
	uint64_t last = wanted ? first : more ? strtoull(more, NULL, 10) : SEEDS;

	for (uint64_t seed = first; seed <= last; seed++) {
		if (!check_story((struct story){ .seed = seed })) {
			CHECK(false, "SEED=%llu", (unsigned long long)seed);
			return;
		}
	}
}

int main(void)
{
	check_run(whatever_the_order_the_right_ones_are_built_once);
	return check_done();
}
