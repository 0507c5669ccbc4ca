/*
 * simulation: a ledger of its own in which time passes as the announcements say.
 *
 * What starts succeeds at once. What is held is judged again when it is due, at that time and in
 * the order of those times, and starts when nothing holds it any more; of releases of one family
 * and region that ripen at the same moment only the newest does. An image is taken to be there. The
 * clock has no say, and nothing waits: every function does its work before it returns.
 */
#ifndef EVERGOLD_CLI_SIMULATION_H
#define EVERGOLD_CLI_SIMULATION_H

#include "common/decide/config.h"
#include "worker/adapters/ledger_sqlite.h"

/* A build is started, at once or after it was held. Borrowed until it returns. */
typedef void simulation_started_fn(void *ctx, const struct build *build);

struct simulation_options {
	const struct config *config; /* borrowed */
	struct timers *timers;       /* of the loop, borrowed */
	enum ledger_mode mode;       /* LEDGER_EMPTY, LEDGER_COPY of the file below */
	const char *ledger_file;
	simulation_started_fn *started; /* or NULL */
	void *ctx;
};

struct simulation {
	struct timers timers; /* first: the ledger's own, which show its time */
	struct simulation_options options;
	struct ledger_sqlite *ledger;
	int64_t now_ms;
	size_t n_at_once, n_later; /* builds started */
	size_t n_held;             /* that were held at first */
};

/* The struct must stay where it is. simulation_close() is owed in any case. */
bool simulation_open(struct simulation *simulation, const struct simulation_options *options,
                     struct err *reterr) MUST_USE;
void simulation_close(struct simulation *simulation); /* also of one that is all zero */

/* Lets what is held ripen until then. Time that was passed already does not come back. */
bool simulation_pass(struct simulation *simulation, int64_t until_ms, struct err *reterr) MUST_USE;

/* The same for as long after the last moment as a release may have to wait. */
bool simulation_pass_on(struct simulation *simulation, struct err *reterr) MUST_USE;

/* What was decided at that moment: builds that start, and builds that are held. */
bool simulation_record(struct simulation *simulation, const struct build *builds, size_t n,
                       int64_t at_ms, struct err *reterr) MUST_USE;

#endif
