/*
 * ledger_operator: the operator's hand on the SQLite ledger. Each is part of a transaction.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_OPERATOR_H
#define EVERGOLD_ADAPTERS_LEDGER_OPERATOR_H

#include "common/decide/overview.h"
#include "worker/adapters/sqlite.h"

/* What is held of the families that these concern is due at now_ms. */
bool ledger_operator_hold(struct sqlite *sqlite, const struct family_hold *hold, int64_t now_ms,
                          struct err *reterr) MUST_USE;
bool ledger_operator_release(struct sqlite *sqlite, const char *family, int64_t now_ms,
                             bool *ret_was_held, struct err *reterr) MUST_USE;
bool ledger_operator_quarantine(struct sqlite *sqlite, const struct quarantine *quarantine,
                                int64_t now_ms, struct err *reterr) MUST_USE;

/* What is quarantined, as it was said; its reason does not matter. */
struct lift_wish {
	const struct quarantine *quarantine;
	int64_t now_ms;
};

bool ledger_operator_lift(struct sqlite *sqlite, const struct lift_wish *wish, bool *ret_was_there,
                          struct err *reterr) MUST_USE;

/* Which line is built again, and when that is. */
struct retry_wish {
	const char *family, *region;
	int64_t now_ms;
	struct arena *arena; /* for the texts of the new row */
};

/* ERR_REFUSED as ledger.h says. */
bool ledger_operator_retry(struct sqlite *sqlite, const struct retry_wish *wish,
                           struct build *ret_build, struct err *reterr) MUST_USE;

#endif
