/*
 * ledger_sqlite: the ledger in one SQLite file, WAL, synchronous=FULL. One worker uses it, and now
 * and then an operator; each waits for the other's transactions.
 *
 * Statements run inside the start of an operation (a commit takes about 0.4 ms); `done` runs on the
 * loop's next turn all the same.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_SQLITE_H
#define EVERGOLD_ADAPTERS_LEDGER_SQLITE_H

#include "common/base/attr.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"
#include "worker/adapters/timers.h"

/* The end of the name of a file that is rebuilt and not yet in its place: no worker starts. */
#define LEDGER_REBUILT ".rebuilt"

struct ledger_sqlite;

enum ledger_mode {
	LEDGER_WRITE,   /* for a worker: makes the file; what is held is due at once */
	LEDGER_OPERATE, /* for an operator: the file must be there, and a worker may have it, too */
	LEDGER_EMPTY,   /* for this process alone; the path is not used */
	LEDGER_COPY,    /* such a copy of a file that is not touched and may be in use */
};

void ledger_sqlite_free(struct ledger_sqlite *ledger);

/* ERR_BROKEN: cannot be opened, is damaged, in use by another worker, or of a newer version. */
struct ledger_sqlite *ledger_sqlite_open(const char *path, enum ledger_mode mode,
                                         struct timers *timers, struct err *reterr)
	OWNED(ledger_sqlite_free);

/*
 * Calls `changed` when the ledger stops taking what is written, with the error, and when it takes
 * it again, without one: once each, however many operations fail in between.
 */
void ledger_sqlite_watch(struct ledger_sqlite *sqlite, ledger_done_fn *changed, void *ctx);

struct ledger *ledger_sqlite_ledger(struct ledger_sqlite *sqlite); /* borrowed */

/* The lock that a worker holds on the ledger of that path; close() gives it back. -1: taken. */
int ledger_sqlite_lock(const char *path, struct err *reterr) MUST_USE;

/* The rows themselves, for who has the ledger to himself. Borrowed. */
struct sqlite *ledger_sqlite_rows(struct ledger_sqlite *sqlite);

#endif
