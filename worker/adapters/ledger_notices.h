/*
 * ledger_notices: what is to be told, in the SQLite ledger; ledger_deliveries: to whom it still is.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_NOTICES_H
#define EVERGOLD_ADAPTERS_LEDGER_NOTICES_H

#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

bool ledger_notices_add(struct sqlite *sqlite, const struct build *build, enum notice_kind kind,
                        int64_t now_ms, struct err *reterr) MUST_USE;

/* Unless one with its key was ever added. */
bool ledger_notices_add_remark(struct sqlite *sqlite, const struct remark *remark, int64_t now_ms,
                               struct err *reterr) MUST_USE;

#endif
