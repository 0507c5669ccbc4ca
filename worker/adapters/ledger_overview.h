/*
 * ledger_overview: the SQLite ledger as people want to see it.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_OVERVIEW_H
#define EVERGOLD_ADAPTERS_LEDGER_OVERVIEW_H

#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

/* Part of a transaction. All texts, rows and arrays are in the arena. */
bool ledger_overview_read(struct sqlite *sqlite, struct arena *arena, struct overview *ret_overview,
                          struct err *reterr) MUST_USE;

struct ledger_page {
	struct build *rows; /* in the arena, their texts too */
	size_t n;
};

bool ledger_overview_history(struct sqlite *sqlite, const struct ledger_history *question,
                             struct arena *arena, struct ledger_page *ret_page, struct err *reterr)
	MUST_USE;

#endif
