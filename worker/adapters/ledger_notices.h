/*
 * ledger_notices: the outbox in the SQLite ledger.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_NOTICES_H
#define EVERGOLD_ADAPTERS_LEDGER_NOTICES_H

#include "common/base/arena.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

bool ledger_notices_add(struct sqlite *sqlite, const struct build *build, enum notice_kind kind,
                        int64_t now_ms, struct err *reterr) MUST_USE;

/* Unless one with its key was ever added. */
bool ledger_notices_add_remark(struct sqlite *sqlite, const struct remark *remark, int64_t now_ms,
                               struct err *reterr) MUST_USE;

/* The oldest notice that waits, in the arena; its id is 0 when none does. */
bool ledger_notices_next(struct sqlite *sqlite, struct arena *arena, struct notice *ret_notice,
                         struct err *reterr) MUST_USE;
bool ledger_notices_save(struct sqlite *sqlite, const struct notice *notice, struct err *reterr)
	MUST_USE;

#endif
