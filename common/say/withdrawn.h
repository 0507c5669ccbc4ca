/*
 * withdrawn: what people are told when images were taken back: which of their golden AMIs were
 * made from them.
 */
#ifndef EVERGOLD_SAY_WITHDRAWN_H
#define EVERGOLD_SAY_WITHDRAWN_H

#include "common/base/buf.h"
#include "common/decide/build.h"

struct withdrawn {
	const char *text;           /* what was taken back */
	const struct build *builds; /* made from it: those that succeeded or are running */
	size_t n_builds, n_more;    /* that many more are not named */
};

void withdrawn_text(const struct withdrawn *withdrawn, struct buf *out);

#endif
