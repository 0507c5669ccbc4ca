/*
 * ledger_past: what a build means for those before it in its line, and they for it.
 *
 * A line is a family in a region; "before" is the order in which its builds were wanted.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_PAST_H
#define EVERGOLD_ADAPTERS_LEDGER_PAST_H

#include "common/decide/build.h"
#include "worker/adapters/sqlite.h"

/*
 * When it ends with this save: how many of its line have failed in a row right before it. Those
 * that were stopped, superseded, cancelled or never started neither count nor end the row. Before
 * the save is written.
 */
bool ledger_past_count(struct sqlite *sqlite, const struct build *build, struct err *reterr)
	MUST_USE;

/* Nobody runs what failed again once a newer one of its line was started. After the save. */
bool ledger_past_unwatch(struct sqlite *sqlite, const struct build *build, struct err *reterr)
	MUST_USE;

#endif
