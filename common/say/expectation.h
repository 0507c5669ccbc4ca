/*
 * expectation: a decision record that was saved as JSON, and how another one differs from it.
 *
 * A record is an object of strings and nulls with the keys of record.h. It names message_id, family
 * and region; any other key that it leaves out is not compared.
 */
#ifndef EVERGOLD_SAY_EXPECTATION_H
#define EVERGOLD_SAY_EXPECTATION_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

enum { EXPECTATION_KEYS = 16 };

struct expectation {
	const char *values[EXPECTATION_KEYS]; /* in the arena; NULL: null, or left out */
	bool has[EXPECTATION_KEYS];
	struct arena arena;
};

/* ERR_MALFORMED: it is no record. expectation_clear() is owed in any case. */
bool expectation_read(struct span line, struct expectation *ret_expectation, struct err *reterr)
	MUST_USE;
void expectation_clear(struct expectation *expectation);

/* Are both about the same family and region of the same message? */
bool expectation_is_about(const struct expectation *expected, const struct expectation *came);

/* Do they say the same source? One that leaves it out says any. */
bool expectation_is_from(const struct expectation *expected, const struct expectation *came);

/* Appends a line for each key that differs; without any nothing. */
void expectation_differences(const struct expectation *expected, const struct expectation *came,
                             struct buf *out);

/* "web eu-west-1 of message 4f1c… (saved/a.json)", what it is about; and "start matched ami-…". */
void expectation_add_subject(const struct expectation *expectation, struct buf *out);
void expectation_add_decision(const struct expectation *expectation, struct buf *out);

#endif
