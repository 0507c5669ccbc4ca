/*
 * ledger_restore: builds that are known from AWS become rows again, and the ledger its file.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_RESTORE_H
#define EVERGOLD_ADAPTERS_LEDGER_RESTORE_H

#include "common/base/buf.h"
#include "common/decide/build.h"
#include "worker/adapters/sqlite.h"

enum ledger_restored {
	RESTORED_KNOWN, /* its execution has a row, or its image was there before */
	RESTORED_ADDED,
	RESTORED_STARTED, /* it has a row that did not know of its start */
};

/* Oldest first. */
bool ledger_restore_build(struct sqlite *sqlite, const struct build *build,
                          enum ledger_restored *ret_restored, struct err *reterr) MUST_USE;

/*
 * After all builds: people may have been told of those that run, or that wait to be told. Where no
 * row knows, it may be there: Slack's history of the channel is asked before it is posted.
 */
bool ledger_restore_posts(struct sqlite *sqlite, const char *family, const char *channel,
                          struct err *reterr) MUST_USE;

/*
 * The ledger becomes the file of that path, durable, under the lock, with the owner and mode of
 * what is there. That stays beside it: *ret_aside is its name then,
 * "PATH.damaged-20261123T120000Z", empty when there is nothing. A link stays one.
 */
bool ledger_restore_file(struct sqlite *sqlite, const char *path, int64_t now_ms,
                         struct buf *ret_aside, struct err *reterr) MUST_USE;

/* First of all, under the lock: the end of one that was killed while it did that. Likewise. */
bool ledger_restore_finish(const char *path, int64_t now_ms, struct buf *ret_aside,
                           struct err *reterr) MUST_USE;

#endif
