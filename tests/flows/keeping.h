/*
 * keeping: a ledger in a file and in simulated time, and operations that are waited for.
 */
#ifndef TESTS_FLOWS_KEEPING_H
#define TESTS_FLOWS_KEEPING_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "tests/flows/simulated_time.h"
#include "worker/adapters/ledger_sqlite.h"

struct keeping {
	char path[256];
	struct simulation *simulation;
	struct ledger_sqlite *sqlite; /* NULL while it is closed */
	struct ledger *ledger;
	struct err failure; /* of the last opening or operation; kind ERR_NONE: it went well */

	/* What the ledger last said is due; until it is asked again. */
	struct build builds[LIMIT_BUILDS_MOVED];
	size_t n_builds;
	int64_t next_due_ms;
	bool unfinished;
	bool known; /* what was hinted at last */

	struct arena arena;
	bool done;
};

/* With a new ledger; or with none, where keeping_open() would make it. */
void keeping_begin(struct keeping *keeping);
void keeping_begin_empty(struct keeping *keeping);
void keeping_end(struct keeping *keeping);

bool keeping_open(struct keeping *keeping, enum ledger_mode mode);
void keeping_close(struct keeping *keeping);

/* A build of the family "web" from an announcement of 2023.9, with its token. */
struct build keeping_build(const char *image_id);

/* These return whether it worked. A build of an image has its id as that of the message, too. */
bool keeping_record(struct keeping *keeping, struct span message_id, const struct build *builds,
                    size_t n);
bool keeping_record_image(struct keeping *keeping, const char *image_id);
bool keeping_look(struct keeping *keeping, int64_t at_ms); /* for what is due then */

bool keeping_hurry(struct keeping *keeping, const struct ledger_hint *hint);

int64_t keeping_now_ms(const struct keeping *keeping);
int64_t keeping_count(const struct keeping *keeping, const char *sql);

/* Any other operation: begun with keeping_on_done and the keeping, then keeping_worked(). */
void keeping_on_done(void *keeping, const struct err *err);
bool keeping_worked(struct keeping *keeping);

#endif
