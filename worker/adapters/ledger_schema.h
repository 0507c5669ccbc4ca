/*
 * ledger_schema: the tables of the SQLite ledger, and the way to them from older ones.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_SCHEMA_H
#define EVERGOLD_ADAPTERS_LEDGER_SCHEMA_H

#include "worker/adapters/sqlite.h"

/* That of the file, and the one that this program writes. */
bool ledger_schema_version(struct sqlite *sqlite, int64_t *ret_version, struct err *reterr)
	MUST_USE;
int64_t ledger_schema_newest(void);

/* Is it this program's? ERR_BROKEN: newer than this program. */
bool ledger_schema_is_current(struct sqlite *sqlite, bool *ret_current, struct err *reterr)
	MUST_USE;

/* Brings the schema up to date, wholly or not at all. ERR_BROKEN: newer than this program. */
bool ledger_schema_migrate(struct sqlite *sqlite, struct err *reterr) MUST_USE;

#endif
