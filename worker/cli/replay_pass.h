/*
 * replay_pass: one pass over all that is saved, message by message.
 */
#ifndef EVERGOLD_CLI_REPLAY_PASS_H
#define EVERGOLD_CLI_REPLAY_PASS_H

#include "worker/cli/life.h"
#include "worker/cli/replay_options.h"

/* The life has decided about one more message. */
typedef void replay_message_fn(void *ctx, const struct life *life);

struct replay_pass {
	const struct replay_options *options;
	const struct config *config;
	bool rehearsal; /* of --live: only says which messages are not verified */
	replay_message_fn *message;
	void *ctx;
	size_t ret_n_messages, ret_n_unverified;
};

/*
 * True: all was read, and with --live, unless it is the rehearsal, built and told. Needs memory for
 * one message and for the builds that were started.
 */
bool replay_pass(struct replay_pass *pass, struct err *reterr) MUST_USE;

#endif
