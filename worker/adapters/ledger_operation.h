/*
 * ledger_operation: one operation of the SQLite ledger, from its start to its answer.
 *
 * The statements run inside the start; the result waits for the loop's next turn, when one of the
 * deliveries hands it to `done`. An operation that is cancelled before has happened all the same.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_OPERATION_H
#define EVERGOLD_ADAPTERS_LEDGER_OPERATION_H

#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_golden.h"
#include "worker/adapters/ledger_operations.h"
#include "worker/adapters/ledger_overview.h"

struct operation {
	struct call call; /* first */
	struct call *turn;
	struct ledger_rows *rows;
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
		ledger_moves_fn *moves;
		ledger_claim_fn *claim;
		ledger_base_fn *base;
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
	struct golden_moves moves;
	enum golden_claim claim;
	const char *base;
	bool yes;
};

struct operation *operation_begin(struct ledger *ledger, void (*deliver)(struct operation *),
                                  void *ctx);

/* Deliver the member of their name, or the error. */
void operation_deliver_plain(struct operation *operation);
void operation_deliver_due(struct operation *operation);
void operation_deliver_notice(struct operation *operation);
void operation_deliver_answer(struct operation *operation);
void operation_deliver_owner(struct operation *operation);
void operation_deliver_moves(struct operation *operation);
void operation_deliver_claim(struct operation *operation);
void operation_deliver_base(struct operation *operation);
void operation_deliver_facts(struct operation *operation);
void operation_deliver_build(struct operation *operation);
void operation_deliver_overview(struct operation *operation);
void operation_deliver_history(struct operation *operation);
void operation_deliver_heard(struct operation *operation);

struct sqlite *operation_sqlite(struct ledger *ledger);
int64_t operation_now_ms(struct ledger *ledger);

/* Begins a transaction; then ends it: all of it is durable, or nothing of it happened. */
bool operation_write(struct ledger *ledger, struct operation *operation) MUST_USE;
bool operation_settle(struct sqlite *sqlite, bool ok, struct err *reterr) MUST_USE;

#endif
