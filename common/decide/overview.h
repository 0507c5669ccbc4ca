/*
 * overview: what a ledger knows, for those who want to see it: a line for each family and region,
 * and what operators have said.
 *
 * Texts, rows and arrays are borrowed from whoever made the struct.
 */
#ifndef EVERGOLD_DECIDE_OVERVIEW_H
#define EVERGOLD_DECIDE_OVERVIEW_H

#include "common/decide/build.h"

struct overview_line {
	const char *family, *region, *publisher;
	const char *newest; /* the newest release that was started; NULL */
	const struct build
		*built; /* the newest that succeeded, or was there before evergold; NULL */
	const struct build *open; /* those that run or wait, in the order in which they came */
	size_t n_open;
	int failures; /* executions of the family that failed since one succeeded */
};

struct family_hold {
	const char *family, *reason; /* "": no reason was given */
	int64_t since_ms;
};

/* A release or an image that is not to be built; `family` "": of no family. */
struct quarantine {
	const char *family, *what, *reason;
	int64_t since_ms;
	const char *release, *publisher; /* what is known of `what`; NULL: nothing yet */
};

/* What is not delivered yet to a sink. */
struct undelivered {
	const char *sink;
	int64_t n, since_ms; /* when the oldest was noticed */
	const char *reason;  /* the last failure; NULL: none since the last success */
};

struct overview {
	const struct overview_line *lines; /* in the order of family and region */
	size_t n_lines;
	const struct family_hold *holds;
	size_t n_holds;
	const struct quarantine *quarantines; /* the oldest first */
	size_t n_quarantines;
	const struct undelivered *undelivered; /* of sinks for which something waits, by name */
	size_t n_undelivered;
};

/* NULL: the ledger knows nothing of it. */
const struct overview_line *overview_line(const struct overview *overview, const char *family,
                                          const char *region);

/*
 * Does it still keep anything from being built? With the next release it is over: when a newer one
 * was started in each line that it is about, which are those of its family, else of its publisher.
 */
bool overview_in_force(const struct overview *overview, const struct quarantine *quarantine);

#endif
