/*
 * hand: what the operator's commands share: the configuration, whose names their words must be, and
 * the ledger, on which one operation after the other is begun and waited for.
 *
 *	if (!hand_open(&hand, file, LEDGER_OPERATE, &status))
 *		return status;
 *	hand.ledger->hold(hand.ledger, &hold, hand_on_done, &hand);
 *	ok = hand_wait(&hand);
 *	hand_close(&hand);
 *
 * What goes wrong is said when it does.
 */
#ifndef EVERGOLD_CLI_HAND_H
#define EVERGOLD_CLI_HAND_H

#include "common/decide/config.h"
#include "worker/adapters/ledger_sqlite.h"
#include "worker/cli/options.h"

struct hand {
	struct config *config;
	struct loop *loop;
	struct ledger_sqlite *sqlite;
	struct ledger *ledger;
	bool failed, yes; /* the last operation, and what it answered */
};

/* False: *ret_status is the exit status. The path of the configuration may be NULL. */
bool hand_open(struct hand *hand, const char *config_file, enum ledger_mode mode, int *ret_status);
void hand_close(struct hand *hand);

/* The family of that name; NULL: there is none, but maybe a near one. */
const struct family *hand_family(const struct hand *hand, const char *name);

/* The family's region of that name, of its only one for NULL; NULL: there is none. */
const char *hand_region(const struct family *family, const char *name);

/* The one word that a command is about; NULL: there is none, or more. */
const char *hand_word(const struct command *command, char **args, const char *what);

/* May it be kept as a reason: one line, not too long? */
bool hand_is_reason(const char *text);

/* For an operation of the ledger, with the hand as its ctx; others call it at the end of theirs. */
void hand_on_done(void *ctx, const struct err *err);
void hand_on_answer(void *ctx, bool yes, const struct err *err);

bool hand_wait(struct hand *hand); /* did it work? */

int64_t hand_now_ms(const struct hand *hand);

#endif
