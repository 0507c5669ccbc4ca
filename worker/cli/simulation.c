#include "worker/cli/simulation.h"

#include "common/base/limits.h"
#include "common/decide/hold.h"
#include "common/decide/version.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_facts.h"

#include "common/base/banned.h"

/* ---- its time -------------------------------------------------------------------------------- */

static struct timers *real(struct timers *timers)
{
	return ((struct simulation *)timers)->options.timers;
}

static struct call *after(struct timers *timers, int64_t delay_ms, timer_done_fn *done, void *ctx)
{
	return real(timers)->after(real(timers), delay_ms, done, ctx);
}

static int64_t now_ms(struct timers *timers)
{
	return ((struct simulation *)timers)->now_ms;
}

static int64_t steady_ms(struct timers *timers)
{
	return real(timers)->steady_ms(real(timers));
}

static double no_chance(struct timers *timers)
{
	(void)timers;
	return 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

static struct sqlite *rows(const struct simulation *simulation)
{
	return ledger_sqlite_rows(simulation->ledger);
}

/* One transaction for ever, which nobody ends: what is written is for this process alone. */
bool simulation_open(struct simulation *simulation, const struct simulation_options *options,
                     struct err *reterr)
{
	*simulation = (struct simulation){
		.timers = { after, now_ms, steady_ms, no_chance },
		.options = *options,
	};
	simulation->ledger = ledger_sqlite_open(options->ledger_file, options->mode,
	                                        &simulation->timers, reterr);
	return simulation->ledger &&
	       sqlite_run(rows(simulation), "PRAGMA journal_mode = OFF; BEGIN", reterr);
}

void simulation_close(struct simulation *simulation)
{
	ledger_sqlite_free(simulation->ledger);
	simulation->ledger = NULL;
}

/* ---- starts ---------------------------------------------------------------------------------- */

/* An execution that takes no time and succeeds. */
static void start(struct simulation *simulation, struct build *build)
{
	build->state = BUILD_FINISHED;
	build->status = EXECUTION_SUCCEEDED;
	build->held = REASON_MATCHED;
	build->hold_detail = NULL;
	build->execution_id = "simulated";
	build->started_ms = build->finished_ms = simulation->now_ms;
	if (simulation->options.started)
		simulation->options.started(simulation->options.ctx, build);
}

bool simulation_record(struct simulation *simulation, const struct build *builds, size_t n,
                       int64_t at_ms, struct err *reterr)
{
	bool ok = true;

	simulation->now_ms = at_ms;
	for (size_t i = 0; ok && i < n; i++) {
		struct build row = builds[i];

		row.variables = "{}"; /* what only an execution would need */
		row.notes_url = NULL;
		if (row.held == REASON_MATCHED) {
			start(simulation, &row);
			simulation->n_at_once++;
		} else {
			simulation->n_held++;
		}
		ok = ledger_builds_add(rows(simulation), &row, at_ms, reterr);
	}
	return ok;
}

/* ---- what is held ---------------------------------------------------------------------------- */

static const struct family *family_of(const struct simulation *simulation,
                                      const struct build *build)
{
	return config_family(simulation->options.config, build->family);
}

static bool look_up(const struct simulation *simulation, const struct build *build,
                    struct facts *ret_facts, struct err *reterr)
{
	return ledger_facts_read(
		rows(simulation),
		&(struct ledger_line){
			.family = build->family,
			.region = build->region,
			.image_id = span_of(build->image_id),
			.release = span_of(build->release),
			.id = build->id,
			.ripe_ms = hold_ripe_ms(family_of(simulation, build), simulation->now_ms),
		},
		ret_facts, reterr);
}

static bool is_newer(const char *other, const struct build *build)
{
	return other[0] && version_compare(span_of(other), span_of(build->release)) > 0;
}

static struct hold judge(const struct simulation *simulation, const struct build *build,
                         const struct facts *facts)
{
	return hold_judge(&(struct hold_question){
		.family = family_of(simulation, build),
		.facts = facts,
		.release = build->release,
		.announced_ms = build->announced_ms < build->wanted_ms ? build->announced_ms
	                                                               : build->wanted_ms,
		.now_ms = simulation->now_ms,
	});
}

static void move(struct simulation *simulation, struct build *build, const struct facts *facts)
{
	struct hold hold = judge(simulation, build, facts);

	build->held = hold.reason;
	if (is_newer(facts->newest, build)) {
		build->state = BUILD_SUPERSEDED;
	} else if (hold.reason != REASON_MATCHED) {
		build->due_ms = hold.until_ms;
	} else {
		start(simulation, build);
		simulation->n_later++;
	}
}

static bool step(struct simulation *simulation, struct build *build, struct err *reterr)
{
	struct facts facts;

	if (build->due_ms > simulation->now_ms)
		simulation->now_ms = build->due_ms;
	if (!look_up(simulation, build, &facts, reterr))
		return false;
	move(simulation, build, &facts);
	return ledger_builds_save(rows(simulation), build, simulation->now_ms, reterr);
}

bool simulation_pass(struct simulation *simulation, int64_t until_ms, struct err *reterr)
{
	struct arena arena = { 0 };
	struct build build = { .id = -1 };
	bool ok = true;

	while (ok && build.id != 0) {
		arena_clear(&arena);
		ok = ledger_builds_first_wanted(rows(simulation), until_ms, &arena, &build, reterr);
		if (ok && build.id != 0)
			ok = step(simulation, &build, reterr);
	}
	arena_clear(&arena);
	return ok;
}

bool simulation_pass_on(struct simulation *simulation, struct err *reterr)
{
	return simulation_pass(simulation, simulation->now_ms + LIMIT_REPLAY_AFTER_MS, reterr);
}
