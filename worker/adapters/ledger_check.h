/*
 * ledger_check: is a ledger's file sound?
 *
 * SQLite's own word first (integrity_check, foreign_key_check), then the tables, then what rows
 * promise one another: a row of the table in ledger_check.c is a promise and the query that finds
 * what breaks it. The file is only read, in one state of it, also while a worker writes.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_CHECK_H
#define EVERGOLD_ADAPTERS_LEDGER_CHECK_H

#include "common/base/err.h"
#include "common/base/limits.h"

#include <stddef.h>

struct ledger_checked {
	const char *check;   /* one word: "tokens" */
	const char *promise; /* "the token of each build follows from its identity" */
	const char *findings[LIMIT_FINDINGS]; /* what breaks it; none: it holds */
	size_t n, more;                       /* findings, and those that are not named */
};

/* Borrowed until it returns. */
typedef void ledger_checked_fn(void *ctx, const struct ledger_checked *checked);

/*
 * Tells of every check, in order. ERR_BROKEN: there is nothing to check, and why: the file is
 * missing, empty, unreadable, no database, not of ours, or of a newer evergold.
 */
bool ledger_check(const char *path, ledger_checked_fn *tell, void *ctx, struct err *reterr)
	MUST_USE;

#endif
