/*
 * golden: brings the golden AMI of a build to one of its parameters, one step on.
 *
 *	waiting: EC2, in the parameter's region and name, has the AMI
 *	         the parameter holds it already                           -> written
 *	         a newer release has written it; or its base is in
 *	         quarantine; or what it held when it was claimed is not
 *	         what it holds now                                        -> left
 *	         it is claimed and put                                    -> written
 *
 * What fails is asked again by whoever asked; every step may be taken twice (common/decide/golden.h
 * says how moves keep out of each other's way). A parameter that EC2 checks is written when reading
 * it has shown the AMI.
 */
#ifndef EVERGOLD_FLOWS_GOLDEN_H
#define EVERGOLD_FLOWS_GOLDEN_H

#include "common/decide/golden.h"
#include "worker/flows/ports.h"

struct golden_step {
	const struct ports *ports;
	const struct build *build; /* borrowed until the end, as is what the move points to */
	struct golden_move move;   /* that waits */
	bool late;                 /* an AMI that EC2 does not know by now will not come */
	bool last;                 /* what waits after this is left alone */
};

/*
 * move: as it is now, durable; its texts borrowed until done returns. err: the ledger could not be
 * asked or written; move is NULL then.
 */
typedef void golden_done_fn(void *ctx, const struct golden_move *move, const struct err *err);

struct call *golden_step(const struct golden_step *step, golden_done_fn *done, void *ctx);

#endif
