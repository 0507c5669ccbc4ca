/*
 * ledger_lines: the newest release that was built of each family and region.
 *
 * Versions are ordered by our own rules, which SQL does not know, so the newest of a long history
 * is kept instead of looked for. It never goes back.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_LINES_H
#define EVERGOLD_ADAPTERS_LEDGER_LINES_H

#include "common/decide/build.h"
#include "common/decide/hold.h"
#include "worker/adapters/sqlite.h"

/* "" when nothing was built. */
bool ledger_lines_newest(struct sqlite *sqlite, const char *family, const char *region,
                         char ret_newest[LIMIT_FACT_RELEASE], struct err *reterr) MUST_USE;

/* Was it ever started? What was given up was not. */
bool ledger_lines_was_built(enum build_state state, bool has_execution);

/* A row is written that may be the newest of its line. Part of that row's transaction. */
bool ledger_lines_learn(struct sqlite *sqlite, const struct build *build, struct err *reterr)
	MUST_USE;

/* Keeps the newer release. */
void ledger_lines_keep_newer(char kept[LIMIT_FACT_RELEASE], struct span release);

#endif
