/*
 * sqlite: SQLite as far as the ledger needs it.
 *
 *	struct sqlite_query *query = sqlite_query(sqlite, "SELECT a FROM t WHERE b = ?");
 *	sqlite_give_text(query, b);
 *	while (sqlite_step(query))
 *		use(sqlite_text(query, 0));
 *	return sqlite_finish(query, reterr);
 *
 * A fault sticks to its query: steps give no more rows and sqlite_finish() tells it. A violated
 * constraint is ERR_TRANSIENT, everything else ERR_BROKEN. A statement stays compiled for the next
 * query of the same text. Views and triggers of a file are not run.
 */
#ifndef EVERGOLD_ADAPTERS_SQLITE_H
#define EVERGOLD_ADAPTERS_SQLITE_H

#include "common/base/err.h"
#include "common/base/span.h"

#include <stdint.h>

/* What helps against damage; errors of it say so. */
#define SQLITE_MENDING "`evergold ledger check` says more, `evergold ledger rebuild` makes it anew"

struct sqlite;
struct sqlite_query;

void sqlite_close(struct sqlite *sqlite);

/*
 * Durable (WAL, synchronous=FULL). sqlite_open() makes the file unless it is there. While another
 * program writes, a second is waited at most; in one that exists, five.
 */
struct sqlite *sqlite_open(const char *path, struct err *reterr) OWNED(sqlite_close);
struct sqlite *sqlite_open_existing(const char *path, struct err *reterr) OWNED(sqlite_close);

/*
 * For this process alone, and gone with it: in memory up to LIMIT_PRIVATE_KIB, beyond that in a
 * file that SQLite makes where temporary files go, and unlinks at once.
 */
struct sqlite *sqlite_open_private(struct err *reterr) OWNED(sqlite_close);

/* Only reads; the file may be in use. */
struct sqlite *sqlite_open_reader(const char *path, struct err *reterr) OWNED(sqlite_close);

/* A private copy of a file, which is only read. */
struct sqlite *sqlite_open_copy(const char *path, struct err *reterr) OWNED(sqlite_close);

/* Statements without parameters or rows. */
bool sqlite_run(struct sqlite *sqlite, const char *sql, struct err *reterr) MUST_USE;

/* Owned until sqlite_finish(), which is owed. Values are given in the order of the `?`, copied. */
struct sqlite_query *sqlite_query(struct sqlite *sqlite, const char *sql)
	__attribute__((warn_unused_result));
void sqlite_give_text(struct sqlite_query *query, const char *text); /* NULL: NULL */
void sqlite_give_span(struct sqlite_query *query, struct span text);
void sqlite_give_integer(struct sqlite_query *query, int64_t number);
void sqlite_give_column(struct sqlite_query *query, struct sqlite_query *from, int column);

bool sqlite_step(struct sqlite_query *query); /* true: a row is there */
struct span sqlite_text(struct sqlite_query *query,
                        int column); /* until the next step; NULL: at NULL */
int64_t sqlite_integer(struct sqlite_query *query, int column);

/* Runs a query that gives no rows, or ends one that did. */
bool sqlite_finish(struct sqlite_query *query, struct err *reterr);

/* Of all that was inserted, updated or deleted; it grows. */
int64_t sqlite_changes(struct sqlite *sqlite);

int64_t sqlite_last_id(struct sqlite *sqlite); /* of the row that was inserted last */

#endif
