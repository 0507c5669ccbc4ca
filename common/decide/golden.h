/*
 * golden: where a build's golden AMI goes.
 *
 * When a build has succeeded there is one move for each golden parameter of its family, as the
 * configuration has them then. From there on the moves alone count: they are rows of the ledger,
 * each is brought to its end by itself, and together they are the history of the parameters.
 *
 * Texts are borrowed from whoever made the struct.
 */
#ifndef EVERGOLD_DECIDE_GOLDEN_H
#define EVERGOLD_DECIDE_GOLDEN_H

#include "common/base/span.h"

#include <stdint.h>

enum golden_state {
	GOLDEN_WAITING,
	GOLDEN_WRITTEN,
	GOLDEN_LEFT, /* alone: `detail` says why */
};

struct golden_move {
	int64_t build;        /* its row */
	int position;         /* among the build's moves, from 0 */
	const char *target;   /* "eu-west-1:444455556666:/golden/ami"; own account: no number */
	const char *name;     /* of the parameter */
	const char *region;   /* where it is */
	const char *role_arn; /* that may write it; NULL: own credentials */
	const char *value;    /* the golden AMI; NULL: no output names it */
	const char *previous; /* what it held before; "": it did not exist; NULL: not read yet */
	int64_t version;      /* of the parameter with our value; 0: not written */
	enum golden_state state;
	const char *detail;
	int64_t at_ms; /* when it came into its state */
};

const char *golden_state_word(enum golden_state state); /* "waiting", "written", "left" */
enum golden_state golden_state_of(struct span word);    /* of no state of ours: LEFT */

#endif
