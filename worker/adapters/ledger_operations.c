#include "worker/adapters/ledger_operations.h"

#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_deliveries.h"
#include "worker/adapters/ledger_entries.h"
#include "worker/adapters/ledger_facts.h"
#include "worker/adapters/ledger_notices.h"
#include "worker/adapters/ledger_operation.h"
#include "worker/adapters/ledger_operator.h"
#include "worker/adapters/ledger_overview.h"
#include "worker/adapters/ledger_posts.h"
#include "worker/adapters/ledger_withdrawals.h"

#include "common/base/banned.h"

static struct call *recall(struct ledger *ledger, struct decision *decisions, size_t n,
                           ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);

	operation->done.plain = done;
	operation->ok = true;
	for (size_t i = 0; operation->ok && i < n; i++) {
		if (decision_starts(&decisions[i]))
			operation->ok = ledger_entries_recall(operation_sqlite(ledger),
			                                      &decisions[i], &operation->err);
	}
	return &operation->call;
}

static struct call *record(struct ledger *ledger, const struct ledger_entry *entries, size_t n,
                           ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);

	operation->done.plain = done;
	operation->ok = sqlite_run(sqlite, "BEGIN IMMEDIATE", &operation->err);
	if (!operation->ok)
		return &operation->call;
	for (size_t i = 0; operation->ok && i < n; i++)
		operation->ok = ledger_entries_add(sqlite, &entries[i], operation_now_ms(ledger),
		                                   &operation->err);
	operation->ok = operation_settle(sqlite, operation->ok, &operation->err);
	return &operation->call;
}

static struct call *look_up(struct ledger *ledger, const struct ledger_look *look,
                            ledger_facts_fn *done, void *ctx)
{
	const struct build *build = look->build;
	struct operation *operation = operation_begin(ledger, operation_deliver_facts, ctx);

	operation->done.facts = done;
	operation->ok = ledger_facts_read(operation_sqlite(ledger),
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
	struct operation *operation = operation_begin(ledger, operation_deliver_heard, ctx);

	operation->done.heard = done;
	operation->ok = ledger_entries_heard(operation_sqlite(ledger), publisher, about,
	                                     &operation->heard, &operation->err);
	return &operation->call;
}

static struct call *due(struct ledger *ledger, int64_t now, ledger_due_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_due, ctx);
	struct ledger_due *due = &operation->due;
	struct sqlite *sqlite = operation_sqlite(ledger);

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
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);

	operation->done.plain = done;
	operation->ok = sqlite_run(sqlite, "BEGIN IMMEDIATE", &operation->err);
	if (!operation->ok)
		return &operation->call;
	operation->ok = ledger_builds_save(sqlite, build, operation_now_ms(ledger),
	                                   &operation->err);
	if (operation->ok && notice)
		operation->ok = ledger_notices_add(sqlite, build, *notice, operation_now_ms(ledger),
		                                   &operation->err);
	operation->ok = operation_settle(sqlite, operation->ok, &operation->err);
	return &operation->call;
}

static struct call *golden_plan(struct ledger *ledger, const struct ledger_plan *plan,
                                ledger_moves_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_moves, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.moves = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite, ledger_golden_plan(sqlite, plan, err), err) &&
	                ledger_golden_read(sqlite, plan->build, &operation->arena,
	                                   &operation->moves, err);
	return &operation->call;
}

static struct call *golden_claim(struct ledger *ledger, const struct ledger_claim *claim,
                                 ledger_claim_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_claim, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.claim = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite,
	                                 ledger_golden_claim(sqlite, claim, &operation->claim, err),
	                                 err);
	return &operation->call;
}

static struct call *golden_save(struct ledger *ledger, const struct golden_move *move,
                                ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);

	operation->done.plain = done;
	operation->ok = ledger_golden_save(operation_sqlite(ledger), move, &operation->err);
	return &operation->call;
}

static struct call *good_base(struct ledger *ledger, const struct build *build,
                              ledger_base_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_base, ctx);

	operation->done.base = done;
	operation->ok = ledger_golden_base(operation_sqlite(ledger), build, &operation->arena,
	                                   &operation->base, &operation->err);
	return &operation->call;
}

static struct call *hurry(struct ledger *ledger, const struct ledger_hint *hint,
                          ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_answer, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);

	operation->done.answer = done;
	operation->ok = ledger_builds_hurry(sqlite, hint, operation_now_ms(ledger),
	                                    &operation->err) &&
	                ledger_builds_known(sqlite, hint, &operation->yes, &operation->err);
	return &operation->call;
}

static struct call *owner(struct ledger *ledger, const struct ledger_hint *hint,
                          ledger_owner_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_owner, ctx);

	operation->done.owner = done;
	operation->ok = ledger_builds_owner(operation_sqlite(ledger), hint, &operation->owner,
	                                    &operation->err);
	return &operation->call;
}

static struct call *tell(struct ledger *ledger, const struct remark *remark, ledger_done_fn *done,
                         void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);

	operation->done.plain = done;
	operation->ok = ledger_notices_add_remark(operation_sqlite(ledger), remark,
	                                          operation_now_ms(ledger), &operation->err);
	return &operation->call;
}

static struct call *withdraw(struct ledger *ledger, const struct withdrawal *withdrawal,
                             ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite,
	                                 ledger_withdrawals_add(sqlite, withdrawal,
	                                                        operation_now_ms(ledger), err),
	                                 err);
	return &operation->call;
}

static struct call *keep_sinks(struct ledger *ledger, const char *const *names, size_t n,
                               ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite, ledger_deliveries_keep(sqlite, names, n, err),
	                                 err);
	return &operation->call;
}

static struct call *next_notice(struct ledger *ledger, const struct notice_wish *wish,
                                ledger_notice_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_notice, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.notice = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite,
	                                 ledger_deliveries_next(sqlite, wish, &operation->arena,
	                                                        &operation->notice, err),
	                                 err);
	return &operation->call;
}

static struct call *save_notice(struct ledger *ledger, const char *sink,
                                const struct notice *notice, ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite, ledger_deliveries_save(sqlite, sink, notice, err),
	                                 err);
	return &operation->call;
}

static struct call *save_post(struct ledger *ledger, const struct notice *notice,
                              const struct post *post, ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite, ledger_posts_save(sqlite, notice, post, err), err);
	return &operation->call;
}

/* ---- the operator's hand --------------------------------------------------------------------- */

static struct call *hold_family(struct ledger *ledger, const struct family_hold *hold,
                                ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(
				sqlite,
				ledger_operator_hold(sqlite, hold, operation_now_ms(ledger), err),
				err);
	return &operation->call;
}

static struct call *release_family(struct ledger *ledger, const char *family,
                                   ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_answer, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.answer = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite,
	                                 ledger_operator_release(sqlite, family,
	                                                         operation_now_ms(ledger),
	                                                         &operation->yes, err),
	                                 err);
	return &operation->call;
}

static struct call *quarantine(struct ledger *ledger, const struct quarantine *what,
                               ledger_done_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_plain, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.plain = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite,
	                                 ledger_operator_quarantine(sqlite, what,
	                                                            operation_now_ms(ledger), err),
	                                 err);
	return &operation->call;
}

static struct call *lift(struct ledger *ledger, const struct quarantine *what,
                         ledger_answer_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_answer, ctx);
	const struct lift_wish wish = { what, operation_now_ms(ledger) };
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.answer = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(sqlite,
	                                 ledger_operator_lift(sqlite, &wish, &operation->yes, err),
	                                 err);
	return &operation->call;
}

static struct call *retry(struct ledger *ledger, const char *family, const char *region,
                          ledger_build_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_build, ctx);
	const struct retry_wish wish = { family, region, operation_now_ms(ledger),
		                         &operation->arena };
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.build = done;
	operation->ok = operation_write(ledger, operation) &&
	                operation_settle(
				sqlite,
				ledger_operator_retry(sqlite, &wish, &operation->build, err), err);
	return &operation->call;
}

static struct call *overview(struct ledger *ledger, ledger_overview_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_overview, ctx);
	struct sqlite *sqlite = operation_sqlite(ledger);
	struct err *err = &operation->err;

	operation->done.overview = done;
	operation->ok = sqlite_run(sqlite, "BEGIN", err) &&
	                operation_settle(sqlite,
	                                 ledger_overview_read(sqlite, &operation->arena,
	                                                      &operation->overview, err),
	                                 err);
	return &operation->call;
}

static struct call *history(struct ledger *ledger, const struct ledger_history *question,
                            ledger_history_fn *done, void *ctx)
{
	struct operation *operation = operation_begin(ledger, operation_deliver_history, ctx);

	operation->done.history = done;
	operation->ok = ledger_overview_history(operation_sqlite(ledger), question,
	                                        &operation->arena, &operation->page,
	                                        &operation->err);
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
	struct operation *operation = operation_begin(ledger, operation_deliver_answer, ctx);
	int64_t *version = &((struct ledger_rows *)ledger)->version;
	int64_t before = *version;

	operation->done.answer = done;
	operation->ok = read_version(operation_sqlite(ledger), version, &operation->err);
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
	.golden_plan = golden_plan,
	.golden_claim = golden_claim,
	.golden_save = golden_save,
	.good_base = good_base,
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
