/*
 * replay_pass: one pass over all that is saved, message by message.
 */
#ifndef EVERGOLD_CLI_REPLAY_PASS_H
#define EVERGOLD_CLI_REPLAY_PASS_H

#include "worker/cli/life.h"
#include "worker/cli/replay_options.h"

enum { REPLAY_LIVES = 2 };

/*
 * Every life has decided about one more message. The pass goes on; false ends it, and *reterr says
 * why.
 */
typedef bool replay_message_fn(void *ctx, const struct life *lives, struct err *reterr);

/* A life of a configuration of its own, and who hears of what it starts. */
struct replay_life {
	const struct config *config;
	simulation_started_fn *started; /* or NULL */
	void *ctx;
};

struct replay_pass {
	const struct replay_options *options;
	struct replay_life
		lives[REPLAY_LIVES]; /* the first one's ledger is everybody's beginning */
	size_t n_lives;
	bool rehearsal;             /* of --live: only says which messages are not verified */
	replay_message_fn *message; /* or NULL */
	void *ctx;
	size_t ret_n_messages, ret_n_unverified;
	size_t ret_n_held, ret_n_later, ret_n_at_once; /* builds of the first life: simulation.h */
};

/*
 * True: all was read, and with --live, unless it is the rehearsal, built and told. Needs memory for
 * one document, however many there are; see simulation.h for the ledger.
 */
bool replay_pass(struct replay_pass *pass, struct err *reterr) MUST_USE;

#endif
