/*
 * ledger_deliveries: how far each sink is with the notices, in the SQLite ledger (ledger.h).
 *
 * A notice becomes a row for a sink when that one asks for the next, and the row goes when it is
 * done: what was delivered costs no time.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_DELIVERIES_H
#define EVERGOLD_ADAPTERS_LEDGER_DELIVERIES_H

#include "common/base/arena.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

bool ledger_deliveries_keep(struct sqlite *sqlite, const char *const *names, size_t n,
                            struct err *reterr) MUST_USE;

/* In the arena; its id is 0 when none waits. */
bool ledger_deliveries_next(struct sqlite *sqlite, const struct notice_wish *wish,
                            struct arena *arena, struct notice *ret_notice, struct err *reterr)
	MUST_USE;
bool ledger_deliveries_save(struct sqlite *sqlite, const char *sink, const struct notice *notice,
                            struct err *reterr) MUST_USE;

#endif
