/*
 * explain: why a decision is what it is: its conditions in the order in which they were asked, the
 * first that failed, and what would have matched.
 *
 * It asks nothing again that the worker did not ask: which condition failed follows from the
 * decision, whose reason names it; only images are counted along the way.
 */
#ifndef EVERGOLD_DECIDE_EXPLAIN_H
#define EVERGOLD_DECIDE_EXPLAIN_H

#include "common/decide/decide.h"
#include "common/decide/near_miss.h"

enum mark { MARK_PASSED, MARK_FAILED, MARK_NOT_REACHED };

const char *mark_word(enum mark mark); /* "passed", "failed", "not_reached" */

/* One condition. Those that the family does not set are left out. */
struct explained {
	const char *condition; /* "regions", "images", …: a setting, or what the ledger is asked */
	enum mark mark;
	struct place place; /* of the setting; 0:0: it has none, or is the default */
	const char *text;   /* for people: what was found; of one not reached, what is wanted */
};

#define EXPLAINED_MOST 20

struct explanation {
	const struct decision *decision; /* with a family */
	struct explained conditions[EXPLAINED_MOST];
	size_t n;
	struct near_misses near; /* when no image fits */
};

struct explain_question {
	const struct release *release;
	const struct decision *decision; /* with a family; after decide_known() */
	bool ledger;                     /* what was built before is known */
	const struct build *row;         /* the build that it would repeat; NULL: not known */
};

/* Texts are in the arena and the question's. */
struct explanation explain(const struct explain_question *question, struct arena *arena);

#endif
