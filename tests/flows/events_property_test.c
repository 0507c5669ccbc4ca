/*
 * Executions that end in every way and are run again by hand, with the events of them in any order,
 * late, repeated and lost: the row, what Slack shows and what is asked of AWS, questions left out,
 * are those of a life without any event.
 *
 * Each story is lived once without events, and then with so many seeds: in the environment SEED=n
 * runs this one alone, SEEDS=n so many.
 */
#include "tests/flows/scripted_world.h"
#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/flows/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE  60000
#define RUNS    (20 * MINUTE) /* each run of an execution, */
#define RESTS   (40 * MINUTE) /* and until somebody retries it: no poll is as rare */
#define LATEST  (15 * MINUTE) /* an event comes */
#define SEEDS   12
#define ENDLESS 1000000 /* polls */
#define ENDS    3

/* How the execution ends, each time that it was run. */
static const char *const stories[][ENDS] = {
	{ "Succeeded" },         { "Failed" },
	{ "Stopped" },           { "Superseded" },
	{ "Cancelled" },         { "Failed", "Succeeded" },
	{ "Stopped", "Failed" }, { "Failed", "Failed", "Succeeded" },
};

/* Of one run, as EventBridge tells them; FAILED stands for whatever it ended with. */
static const struct {
	const char *level, *state;
	int at_minute;
} told[] = {
	{ "Pipeline", "STARTED", 0 }, { "Stage", "STARTED", 0 }, { "Action", "STARTED", 1 },
	{ "Action", "FAILED", 19 },   { "Stage", "FAILED", 20 }, { "Pipeline", "FAILED", 20 },
};

struct delivery {
	int64_t at_ms; /* since the start */
	size_t what;
};

#define MOST (ENDS * 2 * (ARRAY_LEN(told) + 1))

struct telling {
	uint64_t seed; /* 0: nothing is told */
	struct delivery at[MOST];
	size_t n, next;
};

static struct world *world;
static struct worker *worker;

static uint64_t draw(struct telling *telling, uint64_t n)
{
	telling->seed = telling->seed * 6364136223846793005U + 1442695040888963407U;
	return (telling->seed >> 33) % n;
}

/* ---- what is told ---------------------------------------------------------------------------- */

static int by_time(const void *one, const void *other)
{
	const struct delivery *a = one, *b = other;

	return a->at_ms < b->at_ms ? -1 : a->at_ms > b->at_ms;
}

/* Lost, or once or twice, at once or late; the first even before its start is recorded. */
static void plan_event(struct telling *telling, int64_t happens_ms, size_t what)
{
	size_t copies = draw(telling, 3);

	for (size_t i = 0; i < copies; i++)
		telling->at[telling->n++] = (struct delivery){
			happens_ms + (int64_t)(draw(telling, 2) ? draw(telling, LATEST) : 0),
			what,
		};
}

static void plan(struct telling *telling, size_t runs)
{
	telling->n = telling->next = 0;
	for (size_t run = 0; telling->seed && run < runs; run++) {
		int64_t begins_ms = (int64_t)run * (RUNS + RESTS);

		for (size_t i = 0; i < ARRAY_LEN(told); i++)
			plan_event(telling, begins_ms + told[i].at_minute * MINUTE, i);
		plan_event(telling, begins_ms + RUNS, ARRAY_LEN(told));
	}
	qsort(telling->at, telling->n, sizeof(telling->at[0]), by_time);
}

static void send_event(size_t what)
{
	static const char build[] =
		"{\"source\":\"aws.codebuild\",\"detail-type\":\"CodeBuild Build State "
		"Change\",\"region\":\"eu-west-1\",\"detail\":{\"build-status\":\"FAILED\","
		"\"additional-information\":{\"initiator\":\"codepipeline/golden-web\"}}}";
	struct buf body = buf_with_max(4096);

	if (what == ARRAY_LEN(told))
		buf_add_text(&body, build);
	else
		buf_addf(&body,
		         "{\"source\":\"aws.codepipeline\",\"detail-type\":\"CodePipeline %s "
		         "Execution State Change\",\"region\":\"eu-west-1\",\"detail\":{"
		         "\"pipeline\":\"golden-web\",\"execution-id\":\"" CLOUD_FIRST_ID
		         "\",\"state\":\"%s\"}}",
		         told[what].level, told[what].state);
	cloud_send_event(world->cloud, buf_span(&body));
	buf_clear(&body);
}

/* ---- a life ---------------------------------------------------------------------------------- */

/* Runs until so long after the beginning, and tells on the way what is to be told. */
static void live_until(struct telling *telling, int64_t until_ms)
{
	while (telling->next < telling->n && telling->at[telling->next].at_ms <= until_ms) {
		const struct delivery *delivery = &telling->at[telling->next++];

		if (delivery->at_ms > world_now_ms(world))
			world_run(world, delivery->at_ms - world_now_ms(world));
		send_event(delivery->what);
	}
	world_run(world, until_ms - world_now_ms(world));
}

static void run_execution(struct telling *telling, int64_t begins_ms, const char *status)
{
	struct cloud *cloud = world->cloud;

	cloud->polls = ENDLESS;
	live_until(telling, begins_ms + RUNS);
	cloud->polls = 1;
	cloud->status = status;
	cloud->ended_ms = ports_now_ms(&world->ports);
	live_until(telling, begins_ms + RUNS + RESTS);
}

static size_t count_runs(const char *const *ends)
{
	size_t n = 0;

	while (n < ENDS && ends[n])
		n++;
	return n;
}

/* What is left of it, in words. */
static void describe(struct buf *out)
{
	static const char row[] =
		"SELECT printf('%s %s %s %s %s %s %s, %d %d %d %d, %s, %s %s %s, %s', state, "
		"status,"
		" execution_id, failed_stage, failed_action, error_code, error_message, started_ms,"
		" finished_ms, failures, watched, golden_ami, base_written, golden_written, "
		"trouble,"
		" timeline) FROM builds";
	static const char notices[] = "SELECT group_concat(kind) FROM"
				      " (SELECT kind FROM notices ORDER BY id)";
	const struct cloud *cloud = world->cloud;
	char *text = sql_text(world->path, row);

	buf_addf(out, "%s\n", text);
	free(text);
	text = sql_text(world->path, notices);
	buf_addf(out, "%s\n", text);
	free(text);
	for (size_t i = 0; i < cloud->n_puts; i++)
		buf_addf(out, "%s\n", cloud->puts[i]);
	slack_channels_describe(&cloud->slack, out);
	buf_addf(out, "%d starts\n", cloud->executions[0].starts);
	buf_addf(out, "%zu messages left\n", cloud_left(cloud));
}

static void live(const char *const *ends, struct telling *telling, struct buf *out)
{
	size_t runs = count_runs(ends);

	world = world_new(&(struct world_options){ .folder = temporary_empty(), .events = true });
	plan(telling, runs);
	world_announce(world, 0);
	worker = worker_new(&(struct worker_options){
		.ports = &world->ports,
		.config = world->config,
		.rules = &world->rules,
	});
	for (size_t run = 0; run < runs; run++)
		run_execution(telling, (int64_t)run * (RUNS + RESTS), ends[run]);
	worker_free(worker);
	describe(out);
	world_free(world);
}

/* ---- stories --------------------------------------------------------------------------------- */

static bool check_story(const char *const *ends, const char *wanted, uint64_t seed)
{
	struct telling telling = { .seed = seed };
	struct buf out = buf_with_max(1 << 16);
	bool fine;

	live(ends, &telling, &out);
	fine = CHECK_TEXT(buf_text(&out), wanted) &&
	       CHECK(strstr(wanted, "finished") && strstr(wanted, "1 starts"), "%s", wanted) &&
	       CHECK(strstr(wanted, "CWEB in 1.0") && !strstr(wanted, "building"), "%s", wanted);
	buf_clear(&out);
	return fine;
}

TEST(events_in_any_order_change_only_when_it_is_asked)
{
	const char *one = getenv("SEED"), *more = getenv("SEEDS");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1;
	uint64_t last = one ? first : more ? strtoull(more, NULL, 10) : SEEDS;

	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		struct buf wanted = buf_with_max(1 << 16);
		struct telling silence = { .seed = 0 };

		live(stories[i], &silence, &wanted);
		for (uint64_t seed = first; seed <= last; seed++)
			CHECK(check_story(stories[i], buf_text(&wanted), seed),
			      "story %zu, SEED=%llu", i, (unsigned long long)seed);
		buf_clear(&wanted);
	}
}

int main(void)
{
	check_run(events_in_any_order_change_only_when_it_is_asked);
	return check_done();
}
