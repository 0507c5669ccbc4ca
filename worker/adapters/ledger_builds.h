/*
 * ledger_builds: the table of builds in SQLite, rows to structs and back.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_BUILDS_H
#define EVERGOLD_ADAPTERS_LEDGER_BUILDS_H

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

/* Of a row that was adopted, and takes no place of a build (build.h). */
#define LEDGER_UNBUILT "state = 'adopted' AND NOT base_written"

/* In the place of what was adopted of the image, if it was. */
bool ledger_builds_add(struct sqlite *sqlite, const struct build *build, int64_t now_ms,
                       struct err *reterr) MUST_USE;

/* As ledger.h says of save(). */
bool ledger_builds_save(struct sqlite *sqlite, const struct build *build, int64_t now_ms,
                        struct err *reterr) MUST_USE;

/* Makes what is held of the family due; "": of every family. */
bool ledger_builds_wake(struct sqlite *sqlite, const char *family, int64_t now_ms,
                        struct err *reterr) MUST_USE;

struct due_builds {
	struct build rows[LIMIT_BUILDS_MOVED]; /* their texts are in the arena */
	size_t n;
};

/* As many builds that are due, unfinished or watched, as there is room for. */
bool ledger_builds_due(struct sqlite *sqlite, int64_t now_ms, struct arena *arena,
                       struct due_builds *ret_due, struct err *reterr) MUST_USE;

/* The earliest due time later than now_ms of such a build; -1: there is none. */
bool ledger_builds_next_due(struct sqlite *sqlite, int64_t now_ms, int64_t *ret_ms,
                            struct err *reterr) MUST_USE;

/* Does any build wait or run? */
bool ledger_builds_unfinished(struct sqlite *sqlite, bool *ret_some, struct err *reterr) MUST_USE;

/* The first that waits for its start and is due; its id is 0 when none is. */
bool ledger_builds_first_wanted(struct sqlite *sqlite, int64_t now_ms, struct arena *arena,
                                struct build *ret_build, struct err *reterr) MUST_USE;

/* As ledger.h says of hurry(), in two parts. */
bool ledger_builds_hurry(struct sqlite *sqlite, const struct ledger_hint *hint, int64_t now_ms,
                         struct err *reterr) MUST_USE;
bool ledger_builds_known(struct sqlite *sqlite, const struct ledger_hint *hint, bool *ret_known,
                         struct err *reterr) MUST_USE;

bool ledger_builds_owner(struct sqlite *sqlite, const struct ledger_hint *hint,
                         enum ledger_owner *ret_owner, struct err *reterr) MUST_USE;

/* "builds.id, builds.state, …", and what a row has in those columns, the first of them `first`. */
void ledger_builds_add_names(struct buf *sql);
void ledger_builds_take(struct sqlite_query *query, int first, struct arena *arena,
                        struct build *ret_build);

#endif
