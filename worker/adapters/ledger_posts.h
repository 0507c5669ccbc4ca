/*
 * ledger_posts: what Slack knows of our messages, in the SQLite ledger.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_POSTS_H
#define EVERGOLD_ADAPTERS_LEDGER_POSTS_H

#include "common/base/arena.h"
#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

/* Fills the posts of a notice whose id, and build's, are there. */
bool ledger_posts_read(struct sqlite *sqlite, struct arena *arena, struct notice *notice,
                       struct err *reterr) MUST_USE;
bool ledger_posts_save(struct sqlite *sqlite, const struct notice *notice, const struct post *post,
                       struct err *reterr) MUST_USE;

#endif
