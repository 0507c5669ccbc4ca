/*
 * ledger_rows: the tables of the SQLite ledger, their migrations, and rows to structs and back.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_ROWS_H
#define EVERGOLD_ADAPTERS_LEDGER_ROWS_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

/* Brings the schema up to date, one transaction a step. ERR_BROKEN: newer than this program. */
bool ledger_rows_migrate(struct sqlite *sqlite, struct err *reterr) MUST_USE;

/* What is known about the family, region and image of the decision. */
bool ledger_rows_recall(struct sqlite *sqlite, struct decision *decision, struct err *reterr)
	MUST_USE;

bool ledger_rows_add_entry(struct sqlite *sqlite, const struct ledger_entry *entry, int64_t now_ms,
                           struct err *reterr) MUST_USE;

struct due_builds {
	struct build rows[LIMIT_BUILDS_MOVED]; /* their texts are in the arena */
	size_t n;
};

/* As many unfinished builds that are due as there is room for, the earliest first. */
bool ledger_rows_due(struct sqlite *sqlite, int64_t now_ms, struct arena *arena,
                     struct due_builds *ret_due, struct err *reterr) MUST_USE;

/* The earliest due time later than now_ms of an unfinished build; -1: there is none. */
bool ledger_rows_next_due(struct sqlite *sqlite, int64_t now_ms, int64_t *ret_ms,
                          struct err *reterr) MUST_USE;

bool ledger_rows_save(struct sqlite *sqlite, const struct build *build, struct err *reterr)
	MUST_USE;
bool ledger_rows_newer_golden(struct sqlite *sqlite, const struct build *build, bool *ret_yes,
                              struct err *reterr) MUST_USE;
bool ledger_rows_hurry(struct sqlite *sqlite, const char *execution_id, int64_t now_ms,
                       struct err *reterr) MUST_USE;
bool ledger_rows_add_notice(struct sqlite *sqlite, const struct build *build, enum notice_kind kind,
                            int64_t now_ms, struct err *reterr) MUST_USE;

/* The oldest notice that waits, in the arena; its id is 0 when none does. */
bool ledger_rows_next_notice(struct sqlite *sqlite, struct arena *arena, struct notice *ret_notice,
                             struct err *reterr) MUST_USE;
bool ledger_rows_save_notice(struct sqlite *sqlite, const struct notice *notice, struct err *reterr)
	MUST_USE;

#endif
