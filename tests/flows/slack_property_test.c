/*
 * What Slack shows of a build in the end, whatever was to be told before, in whatever order, and
 * whatever became of it on the way: the answers of Slack lost or refused, the worker killed.
 *
 * A build's notices are random, but for the last. Each end is that of a life in which nothing but
 * the end was ever told. In the environment SEED=n runs this one alone, SEEDS=n so many.
 */
#include "tests/flows/notifying.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND  1000
#define MINUTE  60000
#define HOUR    (60 * MINUTE)
#define SEEDS   60
#define CRASHES 12 /* requests, within which the next one is */

static struct notifying on;
static struct world *world;

static uint64_t draw(uint64_t *seed, uint64_t n)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (*seed >> 33) % n;
}

/* ---- what may happen ------------------------------------------------------------------------- */

static const struct reply faults[] = {
	{ .fate = FATE_FINE },
	{ .fate = FATE_LOST },
	{ .fate = FATE_TRANSIENT },
	{ .fate = FATE_TEXT, .status = 429, .text = "", .retry_after = "7" },
	{ .fate = FATE_TEXT, .status = 503, .text = "away" },
	{ .fate = FATE_TEXT, .status = 403, .text = "a proxy" },
	{ .fate = FATE_TEXT, .status = 200, .text = "<html>a portal</html>" },
	{ .fate = FATE_TEXT, .status = 200, .text = "{\"ok\":false,\"error\":\"internal_error\"}" },
	{ .fate = FATE_TEXT, .status = 200, .text = "{\"ok\":false,\"error\":\"ratelimited\"}" },
};

static void disturb(uint64_t *seed)
{
	world->n_next[PORT_SLACK] = 0;
	for (uint64_t n = draw(seed, 4); n > 0; n--)
		world_next_reply(world, PORT_SLACK, &faults[draw(seed, ARRAY_LEN(faults))]);
	if (draw(seed, 3) == 0) {
		world->crash_at = world->steps + 1 + (int)draw(seed, CRASHES);
		world->crash_too_late = draw(seed, 2);
	}
}

static void pass(int64_t ms)
{
	world_run(world, ms);
	if (!world->crashed)
		return;
	outbox_free(on.outbox);
	world_restart(world);
	notifying_start(&on, SLACK_TOKEN);
	world_run(world, ms);
}

/* ---- a life ---------------------------------------------------------------------------------- */

static void notice(enum notice_kind kind)
{
	world_add_notice(world, 1, kind);
	outbox_wake(on.outbox);
}

static void begin(void)
{
	notifying_open(&on, 1);
	world = on.world;
	sql_run(world->path, "INSERT INTO channels VALUES ('#web', 'CWEB')");
	notifying_start(&on, SLACK_TOKEN);
}

/* It ends at the same moment in each life. */
static void finish(const char *status, struct buf *out)
{
	char query[200];

	snprintf(query, sizeof(query),
	         "UPDATE builds SET status = '%s', announced_ms = 1, started_ms = 2000,"
	         " finished_ms = 5000",
	         status);
	world_add_notice(world, 1, NOTICE_FINISHED);
	sql_run(world->path, query);
	outbox_wake(on.outbox);
	pass(HOUR);
	slack_channels_describe(&world->cloud->slack, out);
	buf_addf(out, "%lld wait\n", (long long)notifying_waiting(&on));
	notifying_end(&on);
}

static void live(uint64_t seed, const char *status, struct buf *out)
{
	static const enum notice_kind kinds[] = { NOTICE_HELD, NOTICE_REFUSED, NOTICE_STARTED,
		                                  NOTICE_SUPERSEDED, NOTICE_FINISHED };

	begin();
	for (uint64_t n = draw(&seed, 6); n > 0; n--) {
		disturb(&seed);
		for (uint64_t copies = 1 + draw(&seed, 2); copies > 0; copies--)
			notice(kinds[draw(&seed, ARRAY_LEN(kinds))]);
		pass((int64_t)draw(&seed, draw(&seed, 2) ? 3 * SECOND : 5 * MINUTE));
	}
	disturb(&seed);
	finish(status, out);
}

/* ---- all lives end alike --------------------------------------------------------------------- */

static void check_life(uint64_t seed, const char *status, const char *wanted)
{
	struct buf seen = buf_with_max(1 << 16);

	live(seed, status, &seen);
	CHECK(CHECK_TEXT(buf_text(&seen), wanted), "SEED=%llu", (unsigned long long)seed);
	buf_clear(&seen);
}

static void check_end(const char *status)
{
	const char *one = getenv("SEED"), *more = getenv("SEEDS");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1;
	uint64_t last = one ? first : more ? strtoull(more, NULL, 10) : SEEDS;
	struct buf wanted = buf_with_max(1 << 16);

	begin();
	finish(status, &wanted);
	CHECK(strstr(buf_text(&wanted), "CWEB in 1.0"), "%s", buf_text(&wanted));
	CHECK(strstr(buf_text(&wanted), "0 wait"), "%s", buf_text(&wanted));
	for (uint64_t seed = first; seed <= last; seed++)
		check_life(seed, status, buf_text(&wanted));
	buf_clear(&wanted);
}

TEST(what_slack_shows_in_the_end_does_not_depend_on_what_was_before)
{
	check_end("Succeeded");
	check_end("Stopped");
}

int main(void)
{
	check_run(what_slack_shows_in_the_end_does_not_depend_on_what_was_before);
	return check_done();
}
