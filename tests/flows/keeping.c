#include "tests/flows/keeping.h"

#include "tests/flows/sql.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>

void keeping_begin_empty(struct keeping *keeping)
{
	*keeping = (struct keeping){ .simulation = simulation_new() };
	snprintf(keeping->path, sizeof(keeping->path), "%s/ledger.db", temporary_empty());
}

void keeping_begin(struct keeping *keeping)
{
	keeping_begin_empty(keeping);
	CHECK(keeping_open(keeping, LEDGER_WRITE), "%s", keeping->failure.text);
}

void keeping_end(struct keeping *keeping)
{
	keeping_close(keeping);
	CHECK_INT(simulation_waiting(keeping->simulation), 0);
	simulation_free(keeping->simulation);
	arena_clear(&keeping->arena);
}

bool keeping_open(struct keeping *keeping, enum ledger_mode mode)
{
	struct timers *timers = simulation_timers(keeping->simulation);
	struct ledger_sqlite *sqlite;

	keeping->failure = (struct err){ ERR_NONE, "" };
	sqlite = ledger_sqlite_open(keeping->path, mode, timers, &keeping->failure);
	keeping->sqlite = sqlite;
	keeping->ledger = sqlite ? ledger_sqlite_ledger(sqlite) : NULL;
	return sqlite != NULL;
}

void keeping_close(struct keeping *keeping)
{
	ledger_sqlite_free(keeping->sqlite);
	keeping->sqlite = NULL;
}

/* ---- operations ------------------------------------------------------------------------------ */

void keeping_on_done(void *ctx, const struct err *err)
{
	struct keeping *keeping = ctx;

	keeping->done = true;
	keeping->failure = err ? *err : (struct err){ ERR_NONE, "" };
}

/* The next turn is the one in which the operation is done. */
bool keeping_worked(struct keeping *keeping)
{
	bool done;

	CHECK(!keeping->done);
	simulation_run_next(keeping->simulation);
	done = keeping->done;
	keeping->done = false;
	return CHECK(done) && keeping->failure.kind == ERR_NONE;
}

struct build keeping_build(const char *image_id)
{
	struct build build = {
		.family = "web",
		.pipeline_region = "eu-west-1",
		.pipeline = "golden",
		.region = "eu-west-1",
		.image_id = image_id,
		.publisher = "amazon-linux-2023",
		.release = "2023.9.20260801.0",
		.image_name = "al2023",
		.variables = "{}",
	};

	build_derive_token(&build);
	return build;
}

bool keeping_record(struct keeping *keeping, struct span message_id, const struct build *builds,
                    size_t n)
{
	struct announcement announcement = { .message_id = message_id, .topic = SPAN("topic") };
	struct ledger_entry entry = {
		.announcement = &announcement,
		.builds = builds,
		.n_builds = n,
	};

	keeping->ledger->record(keeping->ledger, &entry, 1, keeping_on_done, keeping);
	return keeping_worked(keeping);
}

bool keeping_record_image(struct keeping *keeping, const char *image_id)
{
	struct build build = keeping_build(image_id);

	return keeping_record(keeping, span_of(image_id), &build, 1);
}

static void on_due(void *ctx, const struct ledger_due *due, const struct err *err)
{
	struct keeping *keeping = ctx;

	keeping->n_builds = due ? due->n_builds : 0;
	for (size_t i = 0; i < keeping->n_builds; i++)
		keeping->builds[i] = build_copy(&due->builds[i], &keeping->arena);
	keeping->next_due_ms = due ? due->next_due_ms : -1;
	keeping->unfinished = due && due->unfinished;
	keeping_on_done(keeping, err);
}

bool keeping_look(struct keeping *keeping, int64_t at_ms)
{
	arena_clear(&keeping->arena);
	keeping->ledger->due(keeping->ledger, at_ms, on_due, keeping);
	return keeping_worked(keeping);
}

static void on_hurried(void *ctx, bool known, const struct err *err)
{
	((struct keeping *)ctx)->known = known;
	keeping_on_done(ctx, err);
}

bool keeping_hurry(struct keeping *keeping, const struct ledger_hint *hint)
{
	keeping->ledger->hurry(keeping->ledger, hint, on_hurried, keeping);
	return keeping_worked(keeping);
}

int64_t keeping_now_ms(const struct keeping *keeping)
{
	struct timers *timers = simulation_timers(keeping->simulation);

	return timers->now_ms(timers);
}

int64_t keeping_count(const struct keeping *keeping, const char *sql)
{
	return sql_number(keeping->path, sql);
}
