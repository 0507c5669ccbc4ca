/*
 * ledger_operations: what a ledger can be asked (ledger.h), over SQLite.
 *
 * Statements run inside the start of an operation; `done` runs on the loop's next turn.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_OPERATIONS_H
#define EVERGOLD_ADAPTERS_LEDGER_OPERATIONS_H

#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"
#include "worker/adapters/timers.h"

/* Whether the ledger takes what is written, as the last operations have shown. */
struct ledger_health {
	ledger_done_fn *changed; /* NULL: nobody wants to know */
	void *ctx;
	bool broken;
	int64_t changes; /* of the rows, when something was written last */
};

/* What they work on. */
struct ledger_rows {
	struct ledger ledger; /* first: the interface is the object */
	struct sqlite *sqlite;
	struct timers *timers;
	int64_t version; /* of what others have written, when it was asked for last */
	struct ledger_health health;
};

/* All members but `free`; what others wrote until now is no change. sqlite and timers are set. */
bool ledger_operations_join(struct ledger_rows *rows, struct err *reterr) MUST_USE;

#endif
