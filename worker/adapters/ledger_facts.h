/*
 * ledger_facts: what the SQLite ledger knows about one image of a family and region.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_FACTS_H
#define EVERGOLD_ADAPTERS_LEDGER_FACTS_H

#include "common/decide/build.h"
#include "common/decide/hold.h"
#include "worker/adapters/sqlite.h"

/* Whom the facts are about, and its own row, which does not count; 0: it has none yet. */
struct ledger_line {
	const char *family, *region;
	struct span image_id, release;
	int64_t id;
	int64_t ripe_ms; /* what was announced later is no rival yet */
};

bool ledger_facts_read(struct sqlite *sqlite, const struct ledger_line *line,
                       struct facts *ret_facts, struct err *reterr) MUST_USE;

/*
 * Counts the family's executions that failed since one succeeded, or since the operator's reset;
 * those that were stopped or superseded say nothing. Fills failures and failed_ms.
 */
bool ledger_facts_failures(struct sqlite *sqlite, const char *family, struct facts *facts,
                           struct err *reterr) MUST_USE;

#endif
