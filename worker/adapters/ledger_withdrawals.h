/*
 * ledger_withdrawals: images that were taken back, and the builds that came from them.
 *
 * What was taken back is in quarantine for the family; a reason that an operator gave before stays.
 * Builds of it that have succeeded or are running are marked (withdrawn_ms), and people are told of
 * them; a build that is marked already is no news.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_WITHDRAWALS_H
#define EVERGOLD_ADAPTERS_LEDGER_WITHDRAWALS_H

#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

/* Part of a transaction. */
bool ledger_withdrawals_add(struct sqlite *sqlite, const struct withdrawal *withdrawal,
                            int64_t now_ms, struct err *reterr) MUST_USE;

#endif
