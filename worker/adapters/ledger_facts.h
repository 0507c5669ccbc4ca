/*
 * ledger_facts: what the SQLite ledger knows about one image of a family and region.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_FACTS_H
#define EVERGOLD_ADAPTERS_LEDGER_FACTS_H

#include "common/decide/decide.h"
#include "worker/adapters/sqlite.h"

struct ledger_line {
	const char *family, *region;
	struct span image_id;
};

bool ledger_facts_read(struct sqlite *sqlite, const struct ledger_line *line,
                       struct facts *ret_facts, struct err *reterr) MUST_USE;

#endif
