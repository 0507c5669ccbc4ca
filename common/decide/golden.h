/*
 * golden: where a build's golden AMI goes.
 *
 * When a build has succeeded there is one move for each golden parameter of its family, as the
 * configuration has them then. From there on the moves alone count: they are rows of the ledger,
 * each is brought to its end by itself, and together they are the history of the parameters.
 *
 * A move waits until its AMI is there. Then it claims its parameter, by remembering what that
 * holds: of all moves of one parameter a single one has claimed it, and none that is older than
 * what wrote it already. Only what is still held is replaced.
 *
 * Texts are borrowed from whoever made the struct.
 */
#ifndef EVERGOLD_DECIDE_GOLDEN_H
#define EVERGOLD_DECIDE_GOLDEN_H

#include "common/aws/wire_ec2.h"
#include "common/decide/build.h"
#include "common/decide/config.h"

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
	const char *previous; /* what it held before; "": it did not exist; NULL: not claimed yet */
	int64_t version;      /* of the parameter with our value; 0: not written */
	enum golden_state state;
	const char *detail;
	int64_t at_ms; /* when it came into its state */
	bool refused;  /* it waits for rights or keys that somebody has to give; no row keeps it */
};

const char *golden_state_word(enum golden_state state); /* "waiting", "written", "left" */
enum golden_state golden_state_of(struct span word);    /* of no state of ours: LEFT */

/* A copy with texts of its own, in the arena. */
struct golden_move golden_copy(const struct golden_move *move, struct arena *arena);

/* Why what an output variable says is no golden AMI; NULL: it is one. In the arena. */
const char *golden_fault(const char *output, const char *value, struct arena *arena);

/* What its golden parameters get of a build; what has no AMI is left alone from the beginning. */
struct golden_plan {
	const struct build *build;
	const struct family *family;
	const struct codepipeline_actions *actions; /* with the outputs; NULL: nobody knows them */
	int64_t now_ms;
};

/* Returns how many; their texts are in the arena, or the plan's. */
size_t golden_make(const struct golden_plan *plan, struct arena *arena,
                   struct golden_move ret_moves[LIMIT_GOLDEN]);

enum golden_image {
	GOLDEN_THERE,
	GOLDEN_NOT_YET, /* it is still being made */
	GOLDEN_UNKNOWN, /* EC2 does not know it, or not yet */
	GOLDEN_NEVER,   /* it came to nothing */
};

/* image: what EC2 says of it; NULL: there is none. */
enum golden_image golden_judge(const struct ec2_image *image);

/* What people are told of those that were left alone; NULL: none was. In the arena. */
const char *golden_trouble(const struct golden_move *moves, size_t n, struct arena *arena);

#endif
