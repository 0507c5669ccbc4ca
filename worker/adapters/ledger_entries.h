/*
 * ledger_entries: announcements, and what was decided about them, in the SQLite ledger.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_ENTRIES_H
#define EVERGOLD_ADAPTERS_LEDGER_ENTRIES_H

#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

/* What is known about the family, region and image of the decision. */
bool ledger_entries_recall(struct sqlite *sqlite, struct decision *decision, struct err *reterr)
	MUST_USE;

/* ERR_TRANSIENT: what is known has changed since it was recalled. */
bool ledger_entries_add(struct sqlite *sqlite, const struct ledger_entry *entry, int64_t now_ms,
                        struct err *reterr) MUST_USE;

bool ledger_entries_heard(struct sqlite *sqlite, const char *publisher,
                          const struct decision *about, struct heard *ret_heard, struct err *reterr)
	MUST_USE;

#endif
