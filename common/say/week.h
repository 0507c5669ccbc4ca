/*
 * week: what a week has brought, as lines for people: releases, what was built and how long that
 * took, what failed or was left out and why, and what waits for somebody.
 */
#ifndef EVERGOLD_SAY_WEEK_H
#define EVERGOLD_SAY_WEEK_H

#include "common/decide/overview.h"

struct week {
	int64_t from_ms, to_ms; /* from the one on, before the other */
	const struct overview *overview;
	const struct build *builds; /* that were wanted or ended in it; others are passed over */
	size_t n_builds;
};

/* In the arena. What others wrote is in it as it was received. */
const char *week_text(const struct week *week, struct arena *arena);

#endif
