/*
 * life: what one configuration makes of announcements, one after the other, as the worker would.
 *
 * Each message goes the worker's own way, as a batch of one: judge, recall, decide, record. What
 * depends on the hour is decided at the time of the announcement, so that the clock has no say.
 * Unless it is live, its ledger is simulated (simulation.h): before an announcement is decided,
 * what was held and has ripened by then is started.
 */
#ifndef EVERGOLD_CLI_LIFE_H
#define EVERGOLD_CLI_LIFE_H

#include "common/say/record.h"
#include "worker/cli/load.h"
#include "worker/cli/simulation.h"
#include "worker/flows/batch.h"

struct life_options {
	const struct ports *ports; /* borrowed, as is the configuration */
	const struct config *config;
	bool live;      /* only what was verified may be taken, and everything is recorded */
	bool rehearsal; /* of live: says what is not verified, and counts it */
	enum ledger_mode ledger; /* that of the simulation, and of which file */
	const char *ledger_file;
	simulation_started_fn *started; /* of it; or NULL */
	void *ctx;
};

/* err: NULL when the decisions are there. */
typedef void life_done_fn(void *ctx, const struct err *err);

struct life {
	struct life_options options;
	struct loaded_policy policy;
	struct message_rules rules;
	struct ports ports; /* the given ones, with the simulated ledger */
	struct simulation simulation;
	struct batch batch; /* of one message */
	const char *source; /* of it, borrowed */
	struct call *pending;
	life_done_fn *done;
	void *ctx;
	size_t n_unverified;
};

/*
 * ERR_BROKEN: a pinned certificate, or the ledger. The struct must stay where it is, and
 * life_close() is owed in any case.
 */
bool life_open(struct life *life, const struct life_options *options, struct err *reterr) MUST_USE;
void life_close(struct life *life); /* also of one that is all zero, or at work */

/*
 * Takes a message of the inbox from the file `source`, both borrowed until life_forget(). done runs
 * once, from the loop, unless the life is closed before.
 */
void life_take(struct life *life, const struct message *message, const char *source,
               life_done_fn *done, void *ctx);
void life_forget(struct life *life);

/* After the last message: lets what is still held ripen. */
bool life_pass_on(struct life *life, struct err *reterr) MUST_USE;

/* What came of the message: one record for each decision, borrowed until life_forget(). */
size_t life_n_decisions(const struct life *life);
struct record life_record(const struct life *life, size_t i);

#endif
