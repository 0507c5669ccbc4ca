/*
 * ledger_schema: the tables of the SQLite ledger, and the way to them from older ones.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_SCHEMA_H
#define EVERGOLD_ADAPTERS_LEDGER_SCHEMA_H

#include "worker/adapters/sqlite.h"

/* Is it this program's? ERR_BROKEN: newer than this program. */
bool ledger_schema_is_current(struct sqlite *sqlite, bool *ret_current, struct err *reterr)
	MUST_USE;

/* Brings the schema up to date, wholly or not at all. ERR_BROKEN: newer than this program. */
bool ledger_schema_migrate(struct sqlite *sqlite, struct err *reterr) MUST_USE;

#endif
