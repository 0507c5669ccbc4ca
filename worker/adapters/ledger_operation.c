#include "worker/adapters/ledger_operation.h"

#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

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

/* Only what was written proves that it can be: reading works on a full disk, too. */
static void note_health(struct operation *operation)
{
	struct ledger_rows *rows = operation->rows;
	struct ledger_health *health = &rows->health;
	int64_t changes = sqlite_changes(rows->sqlite);
	bool broken = health->broken;

	if (!operation->ok && operation->err.kind == ERR_BROKEN)
		health->broken = true;
	else if (operation->ok && changes != health->changes)
		health->broken = false;
	health->changes = changes;
	if (health->changed && health->broken != broken)
		health->changed(health->ctx, health->broken ? &operation->err : NULL);
}

static void on_turn(void *ctx)
{
	struct operation *operation = ctx;

	operation->turn = NULL;
	note_health(operation);
	operation->deliver(operation);
	release(operation);
}

struct operation *operation_begin(struct ledger *ledger, void (*deliver)(struct operation *),
                                  void *ctx)
{
	struct timers *timers = ((struct ledger_rows *)ledger)->timers;
	struct operation *operation = xcalloc(1, sizeof(*operation));

	operation->call.cancel = cancel;
	operation->rows = (struct ledger_rows *)ledger;
	operation->deliver = deliver;
	operation->ctx = ctx;
	operation->turn = timers->after(timers, 0, on_turn, operation);
	return operation;
}

static const struct err *error_of(const struct operation *operation)
{
	return operation->ok ? NULL : &operation->err;
}

void operation_deliver_plain(struct operation *operation)
{
	operation->done.plain(operation->ctx, error_of(operation));
}

void operation_deliver_due(struct operation *operation)
{
	operation->done.due(operation->ctx, operation->ok ? &operation->due : NULL,
	                    error_of(operation));
}

void operation_deliver_notice(struct operation *operation)
{
	bool found = operation->ok && operation->notice.id;

	operation->done.notice(operation->ctx, found ? &operation->notice : NULL,
	                       error_of(operation));
}

void operation_deliver_answer(struct operation *operation)
{
	operation->done.answer(operation->ctx, operation->yes, error_of(operation));
}

void operation_deliver_owner(struct operation *operation)
{
	operation->done.owner(operation->ctx, operation->owner, error_of(operation));
}

void operation_deliver_moves(struct operation *operation)
{
	const struct golden_moves *moves = operation->ok ? &operation->moves : NULL;

	operation->done.moves(operation->ctx, moves ? moves->rows : NULL, moves ? moves->n : 0,
	                      error_of(operation));
}

void operation_deliver_claim(struct operation *operation)
{
	operation->done.claim(operation->ctx, operation->claim, error_of(operation));
}

void operation_deliver_base(struct operation *operation)
{
	operation->done.base(operation->ctx, operation->ok ? operation->base : NULL,
	                     error_of(operation));
}

void operation_deliver_facts(struct operation *operation)
{
	operation->done.facts(operation->ctx, operation->ok ? &operation->facts : NULL,
	                      error_of(operation));
}

void operation_deliver_build(struct operation *operation)
{
	operation->done.build(operation->ctx, operation->ok ? &operation->build : NULL,
	                      error_of(operation));
}

void operation_deliver_overview(struct operation *operation)
{
	operation->done.overview(operation->ctx, operation->ok ? &operation->overview : NULL,
	                         error_of(operation));
}

void operation_deliver_history(struct operation *operation)
{
	operation->done.history(operation->ctx, operation->ok ? operation->page.rows : NULL,
	                        operation->page.n, error_of(operation));
}

void operation_deliver_heard(struct operation *operation)
{
	operation->done.heard(operation->ctx, operation->ok ? &operation->heard : NULL,
	                      error_of(operation));
}

struct sqlite *operation_sqlite(struct ledger *ledger)
{
	return ((struct ledger_rows *)ledger)->sqlite;
}

int64_t operation_now_ms(struct ledger *ledger)
{
	struct timers *timers = ((struct ledger_rows *)ledger)->timers;

	return timers->now_ms(timers);
}

bool operation_write(struct ledger *ledger, struct operation *operation)
{
	return sqlite_run(operation_sqlite(ledger), "BEGIN IMMEDIATE", &operation->err);
}

bool operation_settle(struct sqlite *sqlite, bool ok, struct err *reterr)
{
	struct err ignored;
	bool undone;

	if (ok && sqlite_run(sqlite, "COMMIT", reterr))
		return true;
	undone = sqlite_run(sqlite, "ROLLBACK", &ignored);
	(void)undone; /* false when SQLite has done so by itself */
	return false;
}
