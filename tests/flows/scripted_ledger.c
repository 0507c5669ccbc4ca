#include "tests/flows/scripted_asked.h"
#include "tests/unit/check.h"

#include <stddef.h>

#include "common/base/banned.h"

/* ---- the answer ------------------------------------------------------------------------------ */

static void settle(struct asked *asked, const struct err *err)
{
	CHECK(!asked->world->starting);
	asked->inner = NULL;
	if (err)
		asked->err = *err;
	asked->ready = asked_is_held(asked);
	if (!asked->ready)
		asked_deliver(asked);
}

static void on_plain(void *ctx, const struct err *err)
{
	settle(ctx, err);
}

/* What was found is copied: it may be delivered late, when it is no longer true. */
static void on_due(void *ctx, const struct ledger_due *due, const struct err *err)
{
	struct asked *asked = ctx;

	if (due) {
		for (size_t i = 0; i < due->n_builds; i++)
			asked->builds[i] = build_copy(&due->builds[i], &asked->arena);
		asked->due = *due;
		asked->due.builds = asked->builds;
	}
	settle(asked, err);
}

static void on_notice(void *ctx, const struct notice *notice, const struct err *err)
{
	struct asked *asked = ctx;

	if (notice) {
		asked->has_notice = true;
		asked->notice = notice_copy(notice, &asked->arena);
	}
	settle(asked, err);
}

static void on_moves(void *ctx, const struct golden_move *moves, size_t n, const struct err *err)
{
	struct asked *asked = ctx;

	for (size_t i = 0; i < n; i++)
		asked->moves[i] = golden_copy(&moves[i], &asked->arena);
	asked->n_moves = n;
	settle(asked, err);
}

static void on_claim(void *ctx, enum golden_claim claim, const struct err *err)
{
	((struct asked *)ctx)->claim = claim;
	settle(ctx, err);
}

static void on_base(void *ctx, const char *base, const struct err *err)
{
	struct asked *asked = ctx;

	asked->base = base ? arena_text(&asked->arena, span_of(base)) : NULL;
	settle(asked, err);
}

static void on_facts(void *ctx, const struct facts *facts, const struct err *err)
{
	struct asked *asked = ctx;

	if (facts)
		asked->facts = *facts;
	settle(asked, err);
}

static void on_heard(void *ctx, const struct heard *heard, const struct err *err)
{
	struct asked *asked = ctx;

	if (heard)
		asked->heard = *heard;
	settle(asked, err);
}

/* The lines, as far as their last build goes. */
static void on_overview(void *ctx, const struct overview *overview, const struct err *err)
{
	struct asked *asked = ctx;
	size_t n = overview ? overview->n_lines : 0;
	struct overview_line *lines = arena_alloc(&asked->arena, n, sizeof(*lines));
	struct build *built = arena_alloc(&asked->arena, n, sizeof(*built));

	for (size_t i = 0; i < n; i++) {
		if (!overview->lines[i].built)
			continue;
		built[i] = build_copy(overview->lines[i].built, &asked->arena);
		lines[i] = (struct overview_line){
			.family = built[i].family,
			.region = built[i].region,
			.built = &built[i],
		};
	}
	asked->overview = (struct overview){ .lines = lines, .n_lines = n };
	settle(asked, err);
}

static void on_history(void *ctx, const struct build *builds, size_t n, const struct err *err)
{
	struct asked *asked = ctx;
	struct build *copies = arena_alloc(&asked->arena, n, sizeof(*copies));

	for (size_t i = 0; i < n; i++)
		copies[i] = build_copy(&builds[i], &asked->arena);
	asked->history = copies;
	asked->n_history = n;
	settle(asked, err);
}

static void on_answer(void *ctx, bool yes, const struct err *err)
{
	((struct asked *)ctx)->yes = yes;
	settle(ctx, err);
}

static void on_owner(void *ctx, enum ledger_owner owner, const struct err *err)
{
	((struct asked *)ctx)->owner = owner;
	settle(ctx, err);
}

void scripted_ledger_answer(struct asked *asked, const struct err *err)
{
	if (asked->port == PORT_DUE)
		asked->done.due(asked->ctx, err ? NULL : &asked->due, err);
	else if (asked->port == PORT_CHANGED || asked->port == PORT_HURRY)
		asked->done.answer(asked->ctx, asked->yes && !err, err);
	else if (asked->port == PORT_OWNER)
		asked->done.owner(asked->ctx, asked->owner, err);
	else if (asked->port == PORT_GOLDEN_PLAN)
		asked->done.moves(asked->ctx, err ? NULL : asked->moves, err ? 0 : asked->n_moves,
		                  err);
	else if (asked->port == PORT_GOLDEN_CLAIM)
		asked->done.claim(asked->ctx, asked->claim, err);
	else if (asked->port == PORT_GOOD_BASE)
		asked->done.base(asked->ctx, err ? NULL : asked->base, err);
	else if (asked->port == PORT_LOOK_UP)
		asked->done.facts(asked->ctx, err ? NULL : &asked->facts, err);
	else if (asked->port == PORT_HEARD)
		asked->done.heard(asked->ctx, err ? NULL : &asked->heard, err);
	else if (asked->port == PORT_OVERVIEW)
		asked->done.overview(asked->ctx, err ? NULL : &asked->overview, err);
	else if (asked->port == PORT_HISTORY)
		asked->done.history(asked->ctx, asked->history, asked->n_history, err);
	else if (asked->port == PORT_NEXT_NOTICE)
		asked->done.notice(asked->ctx, asked->has_notice && !err ? &asked->notice : NULL,
		                   err);
	else
		asked->done.plain(asked->ctx, err);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static struct world *world_of(struct ledger *ledger)
{
	return (struct world *)(void *)((char *)ledger - offsetof(struct world, ledger));
}

/* True when the real ledger is to be asked; else a failure is under way, or nothing. */
static bool begins(struct asked *asked)
{
	struct world *world = asked->world;
	enum fate fate = asked->reply.fate;
	bool dead = asked_is_last(asked);

	if (dead)
		return world->crash_too_late;
	if (fate == FATE_FINE || fate == FATE_LOST || fate == FATE_HELD)
		return true;
	asked->ready = asked_is_held(asked);
	if (!asked->ready)
		asked->inner = ports_after(&world->ports, 0, asked_on_time, asked);
	return false;
}

/* Starts the real operation, which must not call back before it has returned. */
#define BEGIN(asked, start)                       \
	do {                                      \
		if (!begins(asked))               \
			break;                    \
		(asked)->world->starting = true;  \
		(asked)->inner = (start);         \
		(asked)->world->starting = false; \
	} while (0)

static struct call *recall(struct ledger *ledger, struct decision *decisions, size_t n,
                           ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_RECALL, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->recall(real, decisions, n, on_plain, asked));
	return &asked->call;
}

static struct call *record(struct ledger *ledger, const struct ledger_entry *entries, size_t n,
                           ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_RECORD, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->record(real, entries, n, on_plain, asked));
	return &asked->call;
}

static struct call *look_up(struct ledger *ledger, const struct ledger_look *look,
                            ledger_facts_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_LOOK_UP,
	                                span_of(look->build->release), ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.facts = done;
	BEGIN(asked, real->look_up(real, look, on_facts, asked));
	return &asked->call;
}

static struct call *heard(struct ledger *ledger, const char *publisher,
                          const struct decision *about, ledger_heard_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_HEARD, span_of(publisher), ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.heard = done;
	BEGIN(asked, real->heard(real, publisher, about, on_heard, asked));
	return &asked->call;
}

static struct call *due(struct ledger *ledger, int64_t now_ms, ledger_due_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_DUE, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.due = done;
	BEGIN(asked, real->due(real, now_ms, on_due, asked));
	return &asked->call;
}

static struct call *save(struct ledger *ledger, const struct build *build,
                         const enum notice_kind *notice, ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_SAVE, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->save(real, build, notice, on_plain, asked));
	return &asked->call;
}

static struct call *golden_plan(struct ledger *ledger, const struct ledger_plan *plan,
                                ledger_moves_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_GOLDEN_PLAN, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.moves = done;
	BEGIN(asked, real->golden_plan(real, plan, on_moves, asked));
	return &asked->call;
}

static struct call *golden_claim(struct ledger *ledger, const struct ledger_claim *claim,
                                 ledger_claim_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_GOLDEN_CLAIM, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.claim = done;
	BEGIN(asked, real->golden_claim(real, claim, on_claim, asked));
	return &asked->call;
}

static struct call *golden_save(struct ledger *ledger, const struct golden_move *move,
                                ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_GOLDEN_SAVE, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->golden_save(real, move, on_plain, asked));
	return &asked->call;
}

static struct call *good_base(struct ledger *ledger, const struct build *build,
                              ledger_base_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_GOOD_BASE, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.base = done;
	BEGIN(asked, real->good_base(real, build, on_base, asked));
	return &asked->call;
}

static struct call *hurry(struct ledger *ledger, const struct ledger_hint *hint,
                          ledger_answer_fn *done, void *ctx)
{
	const char *about = hint->execution_id ? hint->execution_id : hint->pipeline;
	struct asked *asked = asked_new(world_of(ledger), PORT_HURRY, span_of(about), ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.answer = done;
	BEGIN(asked, real->hurry(real, hint, on_answer, asked));
	return &asked->call;
}

static struct call *owner(struct ledger *ledger, const struct ledger_hint *hint,
                          ledger_owner_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_OWNER, span_of(hint->execution_id),
	                                ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.owner = done;
	BEGIN(asked, real->owner(real, hint, on_owner, asked));
	return &asked->call;
}

static struct call *tell(struct ledger *ledger, const struct remark *remark, ledger_done_fn *done,
                         void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_TELL, span_of(remark->key), ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->tell(real, remark, on_plain, asked));
	return &asked->call;
}

static struct call *withdraw(struct ledger *ledger, const struct withdrawal *withdrawal,
                             ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_WITHDRAW, span_of(withdrawal->key),
	                                ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->withdraw(real, withdrawal, on_plain, asked));
	return &asked->call;
}

static struct call *overview(struct ledger *ledger, ledger_overview_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_OVERVIEW, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.overview = done;
	BEGIN(asked, real->overview(real, on_overview, asked));
	return &asked->call;
}

static struct call *history(struct ledger *ledger, const struct ledger_history *question,
                            ledger_history_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_HISTORY, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.history = done;
	BEGIN(asked, real->history(real, question, on_history, asked));
	return &asked->call;
}

static struct call *keep_sinks(struct ledger *ledger, const char *const *names, size_t n,
                               ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_KEEP_SINKS, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->keep_sinks(real, names, n, on_plain, asked));
	return &asked->call;
}

static struct call *next_notice(struct ledger *ledger, const struct notice_wish *wish,
                                ledger_notice_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_NEXT_NOTICE, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.notice = done;
	BEGIN(asked, real->next_notice(real, wish, on_notice, asked));
	return &asked->call;
}

static struct call *save_notice(struct ledger *ledger, const char *sink,
                                const struct notice *notice, ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_SAVE_NOTICE, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->save_notice(real, sink, notice, on_plain, asked));
	return &asked->call;
}

static struct call *save_post(struct ledger *ledger, const struct notice *notice,
                              const struct post *post, ledger_done_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_SAVE_POST, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.plain = done;
	BEGIN(asked, real->save_post(real, notice, post, on_plain, asked));
	return &asked->call;
}

static struct call *changed(struct ledger *ledger, ledger_answer_fn *done, void *ctx)
{
	struct asked *asked = asked_new(world_of(ledger), PORT_CHANGED, SPAN_NONE, ctx);
	struct ledger *real = ledger_sqlite_ledger(asked->world->sqlite);

	asked->done.answer = done;
	BEGIN(asked, real->changed(real, on_answer, asked));
	return &asked->call;
}

const struct ledger scripted_ledger = {
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
	.overview = overview,
	.history = history,
	.keep_sinks = keep_sinks,
	.next_notice = next_notice,
	.save_notice = save_notice,
	.save_post = save_post,
	.changed = changed,
};
