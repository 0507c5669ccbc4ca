#include "worker/adapters/ledger_operations.h"

#include "common/base/mem.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_deliveries.h"
#include "worker/adapters/ledger_entries.h"
#include "worker/adapters/ledger_facts.h"
#include "worker/adapters/ledger_notices.h"
#include "worker/adapters/ledger_operator.h"
#include "worker/adapters/ledger_overview.h"
#include "worker/adapters/ledger_posts.h"
#include "worker/adapters/ledger_withdrawals.h"

#include <stdlib.h>

#include "common/base/banned.h"

/* An operation whose statements have run and whose result waits for the next turn. */
struct operation {
	struct call call; /* first */
	struct call *turn;
	void (*deliver)(struct operation *operation);
	void *ctx;
	bool ok;
	struct err err;
	struct arena arena;

	union {
		ledger_done_fn *plain;
		ledger_due_fn *due;
		ledger_notice_fn *notice;
		ledger_answer_fn *answer;
		ledger_owner_fn *owner;
		ledger_facts_fn *facts;
		ledger_build_fn *build;
		ledger_overview_fn *overview;
		ledger_history_fn *history;
		ledger_heard_fn *heard;
	} done;
	struct due_builds builds;
	struct ledger_due due;
	struct notice notice;
	struct facts facts;
	struct build build;
	struct overview overview;
	struct ledger_page page;
	struct heard heard;
	enum ledger_owner owner;
	bool yes;
};

static void release(struct operation *operation)
{
	arena_clear(&operation->arena);
	free(operation);
}

static void cancel(struct call *call)
{
	struct operation *operation = (struct operation *)call;

	call_cancel(operation->turn);
	release(operation);
}

static void on_turn(void *ctx)
{
	struct operation *operation = ctx;

	operation->turn = NULL;
	operation->deliver(operation);
	release(operation);
}

static struct operation *begin(struct ledger *ledger, void (*deliver)(struct operation *),
                               void *ctx)
{
	struct timers *timers = ((struct ledger_rows *)ledger)->timers;
	struct operation *operation = xcalloc(1, sizeof(*operation));

	operation->call.cancel = cancel;
	operation->deliver = deliver;
	operation->ctx = ctx;
	operation->turn = timers->after(timers, 0, on_turn, operation);
	return operation;
}

static const struct err *error_of(const struct operation *operation)
{
	return operation->ok ? NULL : &operation->err;
}

static void deliver_plain(struct operation *operation)
{
	operation->done.plain(operation->ctx, error_of(operation));
}

static void deliver_due(struct operation *operation)
{
	operation->done.due(operation->ctx, operation->ok ? &operation->due : NULL,
	                    error_of(operation));
}

static void deliver_notice(struct operation *operation)
{
	bool found = operation->ok && operation->notice.id;

	operation->done.notice(operation->ctx, found ? &operation->notice : NULL,
	                       error_of(operation));
}

static void deliver_answer(struct operation *operation)
{
	operation->done.answer(operation->ctx, operation->yes, error_of(operation));
}

static void deliver_owner(struct operation *operation)
{
	operation->done.owner(operation->ctx, operation->owner, error_of(operation));
}

static void deliver_facts(struct operation *operation)
{
	operation->done.facts(operation->ctx, operation->ok ? &operation->facts : NULL,
	                      error_of(operation));
}

static void deliver_build(struct operation *operation)
{
	operation->done.build(operation->ctx, operation->ok ? &operation->build : NULL,
	                      error_of(operation));
}

static void deliver_overview(struct operation *operation)
{
	operation->done.overview(operation->ctx, operation->ok ? &operation->overview : NULL,
	                         error_of(operation));
}

static void deliver_history(struct operation *operation)
{
	operation->done.history(operation->ctx, operation->ok ? operation->page.rows : NULL,
	                        operation->page.n, error_of(operation));
}

static void deliver_heard(struct operation *operation)
{
	operation->done.heard(operation->ctx, operation->ok ? &operation->heard : NULL,
	                      error_of(operation));
}

static struct sqlite *sqlite_of(struct ledger *ledger)
{
	return ((struct ledger_rows *)ledger)->sqlite;
}

static int64_t now_ms(struct ledger *ledger)
{
	struct timers *timers = ((struct ledger_rows *)ledger)->timers;

	return timers->now_ms(timers);
}

static bool begin_writing(struct ledger *ledger, struct operation *operation)
{
	return sqlite_run(sqlite_of(ledger), "BEGIN IMMEDIATE", &operation->err);
}

/* Ends a transaction: all of it is durable, or nothing of it happened. */
static bool settle(struct sqlite *sqlite, bool ok, struct err *reterr)
{
	struct err ignored;
	bool undone;

	if (ok && sqlite_run(sqlite, "COMMIT", reterr))
		return true;
	undone = sqlite_run(sqlite, "ROLLBACK", &ignored);
	(void)undone; /* false when SQLite has done so by itself */
	return false;
}

static struct call *recall(struct ledger *ledger, struct decision *decisions, size_t n,
                           ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);

	operation->done.plain = done;
	operation->ok = true;
	for (size_t i = 0; operation->ok && i < n; i++) {
		if (decision_starts(&decisions[i]))
			operation->ok = ledger_entries_recall(sqlite_of(ledger), &decisions[i],
			                                      &operation->err);
	}
	return &operation->call;
}

static struct call *record(struct ledger *ledger, const struct ledger_entry *entries, size_t n,
                           ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);

	operation->done.plain = done;
	operation->ok = sqlite_run(sqlite, "BEGIN IMMEDIATE", &operation->err);
	if (!operation->ok)
		return &operation->call;
	for (size_t i = 0; operation->ok && i < n; i++)
		operation->ok = ledger_entries_add(sqlite, &entries[i], now_ms(ledger),
		                                   &operation->err);
	operation->ok = settle(sqlite, operation->ok, &operation->err);
	return &operation->call;
}

static struct call *look_up(struct ledger *ledger, const struct ledger_look *look,
                            ledger_facts_fn *done, void *ctx)
{
	const struct build *build = look->build;
	struct operation *operation = begin(ledger, deliver_facts, ctx);

	operation->done.facts = done;
	operation->ok = ledger_facts_read(sqlite_of(ledger),
	                                  &(struct ledger_line){
						  .family = build->family,
						  .region = build->region,
						  .image_id = span_of(build->image_id),
						  .release = span_of(build->release),
						  .id = build->id,
						  .ripe_ms = look->ripe_ms,
					  },
	                                  &operation->facts, &operation->err);
	return &operation->call;
}

static struct call *heard(struct ledger *ledger, const char *publisher,
                          const struct decision *about, ledger_heard_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_heard, ctx);

	operation->done.heard = done;
	operation->ok = ledger_entries_heard(sqlite_of(ledger), publisher, about, &operation->heard,
	                                     &operation->err);
	return &operation->call;
}

static struct call *due(struct ledger *ledger, int64_t now, ledger_due_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_due, ctx);
	struct ledger_due *due = &operation->due;
	struct sqlite *sqlite = sqlite_of(ledger);

	operation->done.due = done;
	operation->ok = ledger_builds_due(sqlite, now, &operation->arena, &operation->builds,
	                                  &operation->err) &&
	                ledger_builds_next_due(sqlite, now, &due->next_due_ms, &operation->err) &&
	                ledger_builds_unfinished(sqlite, &due->unfinished, &operation->err);
	due->builds = operation->builds.rows;
	due->n_builds = operation->builds.n;
	return &operation->call;
}

static struct call *save(struct ledger *ledger, const struct build *build,
                         const enum notice_kind *notice, ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);

	operation->done.plain = done;
	operation->ok = sqlite_run(sqlite, "BEGIN IMMEDIATE", &operation->err);
	if (!operation->ok)
		return &operation->call;
	operation->ok = ledger_builds_save(sqlite, build, now_ms(ledger), &operation->err);
	if (operation->ok && notice)
		operation->ok = ledger_notices_add(sqlite, build, *notice, now_ms(ledger),
		                                   &operation->err);
	operation->ok = settle(sqlite, operation->ok, &operation->err);
	return &operation->call;
}

static struct call *newer_golden(struct ledger *ledger, const struct build *build,
                                 ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_answer, ctx);

	operation->done.answer = done;
	operation->ok = ledger_builds_newer_golden(sqlite_of(ledger), build, &operation->yes,
	                                           &operation->err);
	return &operation->call;
}

static struct call *hurry(struct ledger *ledger, const struct ledger_hint *hint,
                          ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_answer, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);

	operation->done.answer = done;
	operation->ok = ledger_builds_hurry(sqlite, hint, now_ms(ledger), &operation->err) &&
	                ledger_builds_known(sqlite, hint, &operation->yes, &operation->err);
	return &operation->call;
}

static struct call *owner(struct ledger *ledger, const struct ledger_hint *hint,
                          ledger_owner_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_owner, ctx);

	operation->done.owner = done;
	operation->ok = ledger_builds_owner(sqlite_of(ledger), hint, &operation->owner,
	                                    &operation->err);
	return &operation->call;
}

static struct call *tell(struct ledger *ledger, const struct remark *remark, ledger_done_fn *done,
                         void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);

	operation->done.plain = done;
	operation->ok = ledger_notices_add_remark(sqlite_of(ledger), remark, now_ms(ledger),
	                                          &operation->err);
	return &operation->call;
}

static struct call *withdraw(struct ledger *ledger, const struct withdrawal *withdrawal,
                             ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite,
	                       ledger_withdrawals_add(sqlite, withdrawal, now_ms(ledger), err),
	                       err);
	return &operation->call;
}

static struct call *keep_sinks(struct ledger *ledger, const char *const *names, size_t n,
                               ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite, ledger_deliveries_keep(sqlite, names, n, err), err);
	return &operation->call;
}

static struct call *next_notice(struct ledger *ledger, const struct notice_wish *wish,
                                ledger_notice_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_notice, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.notice = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite,
	                       ledger_deliveries_next(sqlite, wish, &operation->arena,
	                                              &operation->notice, err),
	                       err);
	return &operation->call;
}

static struct call *save_notice(struct ledger *ledger, const char *sink,
                                const struct notice *notice, ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite, ledger_deliveries_save(sqlite, sink, notice, err), err);
	return &operation->call;
}

static struct call *save_post(struct ledger *ledger, const struct notice *notice,
                              const struct post *post, ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite, ledger_posts_save(sqlite, notice, post, err), err);
	return &operation->call;
}

/* ---- the operator's hand --------------------------------------------------------------------- */

static struct call *hold_family(struct ledger *ledger, const struct family_hold *hold,
                                ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite, ledger_operator_hold(sqlite, hold, now_ms(ledger), err),
	                       err);
	return &operation->call;
}

static struct call *release_family(struct ledger *ledger, const char *family,
                                   ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_answer, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.answer = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite,
	                       ledger_operator_release(sqlite, family, now_ms(ledger),
	                                               &operation->yes, err),
	                       err);
	return &operation->call;
}

static struct call *quarantine(struct ledger *ledger, const struct quarantine *what,
                               ledger_done_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_plain, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite,
	                       ledger_operator_quarantine(sqlite, what, now_ms(ledger), err), err);
	return &operation->call;
}

static struct call *lift(struct ledger *ledger, const struct quarantine *what,
                         ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_answer, ctx);
	const struct lift_wish wish = { what, now_ms(ledger) };
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.answer = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite, ledger_operator_lift(sqlite, &wish, &operation->yes, err),
	                       err);
	return &operation->call;
}

static struct call *retry(struct ledger *ledger, const char *family, const char *region,
                          ledger_build_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_build, ctx);
	const struct retry_wish wish = { family, region, now_ms(ledger), &operation->arena };
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.build = done;
	operation->ok = begin_writing(ledger, operation) &&
	                settle(sqlite, ledger_operator_retry(sqlite, &wish, &operation->build, err),
	                       err);
	return &operation->call;
}

static struct call *overview(struct ledger *ledger, ledger_overview_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_overview, ctx);
	struct sqlite *sqlite = sqlite_of(ledger);
	struct err *err = &operation->err;

	operation->done.overview = done;
	operation->ok =
		sqlite_run(sqlite, "BEGIN", err) &&
		settle(sqlite,
	               ledger_overview_read(sqlite, &operation->arena, &operation->overview, err),
	               err);
	return &operation->call;
}

static struct call *history(struct ledger *ledger, const struct ledger_history *question,
                            ledger_history_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_history, ctx);

	operation->done.history = done;
	operation->ok = ledger_overview_history(sqlite_of(ledger), question, &operation->arena,
	                                        &operation->page, &operation->err);
	return &operation->call;
}

/* It changes when another connection has written, and with nothing that this one does. */
static bool read_version(struct sqlite *sqlite, int64_t *ret_version, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, "PRAGMA data_version");

	if (sqlite_step(query))
		*ret_version = sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

static struct call *changed(struct ledger *ledger, ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = begin(ledger, deliver_answer, ctx);
	int64_t *version = &((struct ledger_rows *)ledger)->version;
	int64_t before = *version;

	operation->done.answer = done;
	operation->ok = read_version(sqlite_of(ledger), version, &operation->err);
	operation->yes = *version != before;
	return &operation->call;
}

static const struct ledger operations = {
	.recall = recall,
	.record = record,
	.look_up = look_up,
	.heard = heard,
	.due = due,
	.save = save,
	.newer_golden = newer_golden,
	.hurry = hurry,
	.owner = owner,
	.tell = tell,
	.withdraw = withdraw,
	.keep_sinks = keep_sinks,
	.next_notice = next_notice,
	.save_notice = save_notice,
	.save_post = save_post,
	.hold = hold_family,
	.release = release_family,
	.quarantine = quarantine,
	.lift = lift,
	.retry = retry,
	.overview = overview,
	.history = history,
	.changed = changed,
};

bool ledger_operations_join(struct ledger_rows *rows, struct err *reterr)
{
	rows->ledger = operations;
	return read_version(rows->sqlite, &rows->version, reterr);
}
