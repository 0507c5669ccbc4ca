/*
 * status: what is tracked, built, running, waiting and held, for people and for scripts.
 *
 * The configuration's families come first, in their order; then what the ledger knows of others as
 * long as something of theirs runs or waits. The keys of the JSON, their order and their meaning
 * are fixed; the manual page has them. Times are UTC.
 */
#ifndef EVERGOLD_SAY_STATUS_H
#define EVERGOLD_SAY_STATUS_H

#include "common/base/buf.h"
#include "common/decide/config.h"
#include "common/decide/overview.h"

struct status {
	const struct config *config;
	const struct overview *overview;
	int64_t now_ms;
};

/* Tables, of which those without a row are left out. What others wrote is made plain. */
void status_text(const struct status *status, struct buf *out);

/* One object on one line with its end. */
void status_json(const struct status *status, struct buf *out);

#endif
