/*
 * silence: notices when a publisher has not announced anything for too long.
 *
 * Every hour the ledger is asked when each publisher announced. After one and a half times its
 * usual gap (common/decide/silence.h) its families are asked about out of turn, and the outcome is
 * logged: `quiet_confirmed`, nothing newer exists; or `subscription_gone`, a release exists that
 * was never announced to us, and people are told once. Then it waits for another such gap.
 */
#ifndef EVERGOLD_FLOWS_SILENCE_H
#define EVERGOLD_FLOWS_SILENCE_H

#include "common/decide/config.h"
#include "worker/flows/ports.h"
#include "worker/flows/teller.h"

struct silence_options {
	const struct ports *ports;
	const struct config *config;
	struct teller *teller;

	/* Asks about all that is tracked of the publisher; so many answers will come. */
	size_t (*ask)(void *ctx, const struct publisher *publisher);
	void *ctx;
};

struct silence;

void silence_free(struct silence *silence);
struct silence *silence_new(const struct silence_options *options) OWNED(silence_free);

/* One of the answers. unheard: the release that was never announced; empty: none. */
void silence_answered(struct silence *silence, const struct publisher *publisher,
                      struct span unheard);

#endif
