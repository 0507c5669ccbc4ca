/*
 * ledger_salvage: what can still be read of a ledger that is damaged, row by row.
 *
 * Each table is read from its beginning, and where that fails from its end. A row is taken when it
 * fits into a sound ledger, as ledger_check judges it: what it points to is there, say, and a
 * build's token follows from its identity. What was computed from others is computed again.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_SALVAGE_H
#define EVERGOLD_ADAPTERS_LEDGER_SALVAGE_H

#include "worker/adapters/sqlite.h"

#define LEDGER_TABLES 12

struct ledger_salvaged {
	struct {
		const char *table;
		int64_t rows;
		bool broken; /* there were more, or may have been */
	} at[LEDGER_TABLES];

	size_t n; /* of tables */
};

/*
 * Into an empty ledger. True: *ret_salvaged says what was read, nothing when there is no file or
 * it cannot be opened. ERR_BROKEN: `into` cannot be written; or a newer evergold wrote the file,
 * which nobody but that one may take apart.
 */
bool ledger_salvage(struct sqlite *into, const char *path, struct ledger_salvaged *ret_salvaged,
                    struct err *reterr) MUST_USE;

#endif
