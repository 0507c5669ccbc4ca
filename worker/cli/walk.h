/*
 * walk: the documents in files and folders, in an order that does not depend on the file system.
 *
 * A folder is walked in name order (byte order), sub-folders included; inside it links to
 * folders, pipes and devices are left out. A file is one document when all of it is one JSON value
 * or when its first line is not; else each line is a document (JSON Lines). Nothing over
 * LIMIT_REPLAY_DOCUMENT is held in memory.
 */
#ifndef EVERGOLD_CLI_WALK_H
#define EVERGOLD_CLI_WALK_H

#include "common/base/err.h"
#include "common/base/span.h"

struct walk;

struct walk_document {
	const char *path; /* as reached from what was named; both borrowed until the next step */
	struct span text;
};

void walk_close(struct walk *walk);
struct walk *walk_open(char *const *paths) OWNED(walk_close); /* NULL-ended, borrowed */

/* False: the end, or a fault (then reterr->kind is not ERR_NONE). */
bool walk_next(struct walk *walk, struct walk_document *ret_document, struct err *reterr);

#endif
