/*
 * What a build's row is in the end, whatever became of the events about its execution: told in any
 * order, twice, late or never, before and after the execution was retried, and through crashes.
 *
 * An execution runs and ends several times; hints come at any moment. The row says of the last end
 * what AWS says of it, as if nothing had been in between.
 */
#include "tests/flows/building.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND  1000
#define MINUTE  60000
#define HOUR    (60 * MINUTE)
#define SEEDS   60
#define ENDS    4
#define NEVER   1000000 /* polls */
#define CRASHES 40      /* requests, within which the next one is */

/* It succeeds but once; what was superseded or cancelled does not run again either. */
static const char *const last[] = { "Succeeded", "Failed", "Stopped", "Superseded", "Cancelled" };

static struct building on;
static struct world *world;

struct story {
	uint64_t seed;
	bool hints, crashes;
};

static uint64_t draw(struct story *story, uint64_t n)
{
	story->seed = story->seed * 6364136223846793005U + 1442695040888963407U;
	return (story->seed >> 33) % n;
}

/* A crash is followed by the next life, which may crash as well. */
static void live(struct story *story, int64_t ms)
{
	int64_t until_ms = world_now_ms(world) + ms;

	while (world_now_ms(world) < until_ms) {
		world_run(world, until_ms - world_now_ms(world));
		if (!world->crashed)
			return;
		building_restart(&on);
		if (draw(story, 3))
			world->crash_at = world->steps + 1 + (int)draw(story, CRASHES);
		world->crash_too_late = draw(story, 2);
	}
}

/* So long, with hints in between where there are any. */
static void pass(struct story *story, int64_t ms)
{
	int64_t until_ms = world_now_ms(world) + ms;

	while (world_now_ms(world) < until_ms) {
		int64_t left_ms = until_ms - world_now_ms(world);
		int64_t next_ms = 1 + (int64_t)draw(story, 20 * MINUTE);

		live(story, next_ms < left_ms ? next_ms : left_ms);
		for (uint64_t n = story->hints ? draw(story, 3) : 0; n > 0; n--)
			building_hint(&on, CLOUD_FIRST_ID);
	}
}

static void run_for_a_while(struct story *story)
{
	bool shortly = draw(story, 2); /* nobody may look meanwhile */

	world->cloud->polls = NEVER;
	pass(story, 1 + (int64_t)draw(story, shortly ? 10 * SECOND : HOUR));
}

static void end_as(struct story *story, const char *status)
{
	world->cloud->status = status;
	world->cloud->polls = 1;
	world->cloud->ended_ms = ports_now_ms(&world->ports);
	pass(story, (int64_t)draw(story, 2 * HOUR));
}

static bool is(const char *condition)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM builds WHERE %s", condition);
	return CHECK_INT(world_count(world, sql), 1);
}

static bool check_row(const char *status)
{
	bool failed = strcmp(status, "Failed") == 0, succeeded = strcmp(status, "Succeeded") == 0;
	char condition[160];
	bool fine;

	snprintf(condition, sizeof(condition),
	         "state = 'finished' AND status = '%s' AND finished_ms = max(started_ms, %" PRId64
	         ")",
	         status, world->cloud->ended_ms);
	fine = is(condition);
	snprintf(condition, sizeof(condition), "timeline LIKE '%%\"ended_ms\":%" PRId64 "}%%'",
	         world->cloud->ended_ms);
	fine &= is(condition);
	snprintf(condition, sizeof(condition),
	         "(failed_stage IS NOT NULL) = %d AND golden_written = %d AND watched = %d", failed,
	         succeeded, failed || strcmp(status, "Stopped") == 0);
	return is(condition) && is("trouble IS NULL AND tries = 0 AND failures = 0") && fine &&
	       CHECK_INT((int)world->cloud->n_executions, 1) &&
	       CHECK(succeeded == building_was_put(&on, BUILDING_GOLDEN));
}

static bool check_story(struct story story)
{
	const char *status = last[draw(&story, sizeof(last) / sizeof(*last))];
	bool fine;

	story.hints = draw(&story, 3);
	story.crashes = draw(&story, 2);
	building_begin(&on, 1);
	world = on.world;
	world->crash_at = story.crashes ? 1 + (int)draw(&story, CRASHES) : 0;
	run_for_a_while(&story);
	for (uint64_t n = draw(&story, ENDS); n > 0; n--) {
		end_as(&story, draw(&story, 2) ? "Failed" : "Stopped");
		run_for_a_while(&story);
	}
	end_as(&story, status);
	live(&story, 3 * HOUR);
	fine = check_row(status);
	building_end(&on);
	return fine;
}

/* In the environment SEED=n runs this one alone, SEEDS=n so many. */
TEST(whatever_is_heard_of_it_a_build_ends_as_its_execution_did)
{
	const char *wanted = getenv("SEED"), *more = getenv("SEEDS");
	uint64_t first = wanted ? strtoull(wanted, NULL, 10) : 1;
	uint64_t end = wanted ? first : more ? strtoull(more, NULL, 10) : SEEDS;

	for (uint64_t seed = first; seed <= end; seed++) {
		if (!check_story((struct story){ .seed = seed })) {
			CHECK(false, "SEED=%llu", (unsigned long long)seed);
			return;
		}
	}
}

int main(void)
{
	check_run(whatever_is_heard_of_it_a_build_ends_as_its_execution_did);
	return check_done();
}
