/*
 * What parameters name in the end, whatever became of the builds: releases that are good and bad,
 * stages that are retried in the console, people who write the base themselves, and crashes at any
 * request.
 *
 * After each end the base parameter names the last base that was good, or what somebody has put
 * there since; the golden one names the AMI of the last build that succeeded, and never went back.
 */
#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/flows/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE   60000
#define HOUR     (60 * MINUTE)
#define SEEDS    24
#define RELEASES 6
#define CRASHES  3
#define BASE     "/golden/base"
#define GOLDEN   "/golden/ami"
#define FIRST    "ami-0000000000000ba5e"

static struct world *world;
static struct worker *worker;

struct story {
	uint64_t seed;
	int release;      /* that is built */
	char other[32];   /* what somebody has written since it was started; "" */
	int good;         /* the last release that succeeded; -1: none has */
	char before[32];  /* what the base was before all of them, or by hand since */
	size_t execution; /* of the last success; to see the golden AMI */
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

static void write_by_hand(struct story *story)
{
	snprintf(story->other, sizeof(story->other), "ami-%017llx",
	         (unsigned long long)draw(story, 1 << 30) + 0xabc00000000);
	(void)cloud_set_parameter(world->cloud, BASE, story->other);
}

/* ---- what is expected ------------------------------------------------------------------------ */

static bool names_release(const char *image_id, int release)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	         "SELECT count(*) FROM builds WHERE image_id = '%s' AND release ="
	         " '2023.9.202608%02d.0'",
	         image_id, release + 1);
	return world_count(world, sql) == 1;
}

static bool check_base(const struct story *story)
{
	const char *value = cloud_parameter(world->cloud, BASE);

	if (story->other[0])
		return CHECK(strcmp(value, story->other) == 0, "%s, not by hand %s", value,
		             story->other);
	if (story->good < 0)
		return CHECK(strcmp(value, story->before) == 0, "%s, not as before %s", value,
		             story->before);
	return CHECK(names_release(value, story->good), "%s is not of release %d", value,
	             story->good);
}

static bool check_golden(const struct story *story)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "ami-%012zx0901d", story->execution);
	return CHECK(strcmp(cloud_parameter(world->cloud, GOLDEN), story->good < 0 ? "" : wanted) ==
	                     0,
	             "%s, not %s", cloud_parameter(world->cloud, GOLDEN), wanted);
}

static bool check_never_back(void)
{
	static const char before[] = GOLDEN "=ami-";
	unsigned long last = 0;
	bool fine = true;

	for (size_t i = 0; i < world->cloud->n_puts; i++) {
		const char *put = world->cloud->puts[i];
		unsigned long execution;

		if (strncmp(put, before, strlen(before)) != 0)
			continue;
		execution = strtoul(put + strlen(before), NULL, 16);
		fine = CHECK(execution > last, "%s was put again", put) && fine;
		last = execution;
	}
	return fine;
}

/* ---- builds ---------------------------------------------------------------------------------- */

static void end_as(struct story *story, bool good)
{
	static const char *const ends[] = { "Failed", "Failed", "Stopped" };

	world->cloud->status = good ? "Succeeded" : ends[draw(story, 3)];
	if (!good)
		return;
	story->good = story->release;
	story->execution = world->cloud->n_executions - 1;
}

/* What was written by hand before a build runs is what it replaces. */
static void replace(struct story *story)
{
	if (story->other[0])
		snprintf(story->before, sizeof(story->before), "%s", story->other);
	story->other[0] = '\0';
}

static void start(struct story *story)
{
	if (draw(story, 4) == 0)
		write_by_hand(story);
	replace(story);
	world->cloud->polls = 1000;
	world_announce(world, story->release);
	live(story, 5 * MINUTE);
}

static void end(struct story *story)
{
	if (draw(story, 4) == 0)
		write_by_hand(story);
	end_as(story, draw(story, 2));
	world->cloud->polls = 1;
	live(story, 30 * MINUTE);
}

/* With the base that it had, whoever has written what. */
static void run_again(struct story *story)
{
	replace(story);
	world->cloud->polls = 1000;
	world->cloud->status = "Failed";
	live(story, 2 * HOUR);
	end(story);
}

static bool check_release(struct story *story)
{
	bool fine;

	start(story);
	end(story);
	fine = check_base(story) && check_golden(story);
	if (fine && story->good != story->release && draw(story, 2)) {
		run_again(story);
		fine = check_base(story) && check_golden(story);
	}
	return fine;
}

static bool check_story(struct story story)
{
	bool fine = true;

	world = world_new(&(struct world_options){
		.folder = temporary_empty(),
		.wishes = "    stop_after_failures: 0\n",
	});
	(void)cloud_set_parameter(world->cloud, BASE, FIRST);
	snprintf(story.before, sizeof(story.before), "%s", FIRST);
	story.good = -1;
	world->crash_at = draw(&story, 3) ? 1 + (int)draw(&story, 100) : 0;
	start_worker();
	for (; fine && story.release < RELEASES; story.release++)
		fine = check_release(&story);
	worker_free(worker);
	fine = check_never_back() && fine;
	world_free(world);
	return fine;
}

/* In the environment SEED=n runs this one alone, SEEDS=n so many. */
TEST(whatever_becomes_of_builds_parameters_name_what_is_good)
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
	check_run(whatever_becomes_of_builds_parameters_name_what_is_good);
	return check_done();
}
