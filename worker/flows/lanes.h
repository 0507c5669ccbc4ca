/*
 * lanes: starts one after the other in each account and region, with a pause between.
 *
 * CodePipeline throttles StartPipelineExecution at about one a second; a burst after an outage
 * would only be told to come back.
 */
#ifndef EVERGOLD_FLOWS_LANES_H
#define EVERGOLD_FLOWS_LANES_H

#include "common/base/limits.h"
#include "common/decide/build.h"

struct lane {
	char *name; /* owned: account and region */
	int64_t opens_ms;
	bool taken;
};

struct lanes {
	struct lane at[LIMIT_LANES]; /* when all are in use, further regions share the last */
	size_t n;
};

void lanes_clear(struct lanes *lanes);

/* May this build be started now (steady ms)? Then its lane is taken until lanes_leave(). */
bool lanes_enter(struct lanes *lanes, const struct build *build, int64_t now_ms);

/* started: its start was asked for, whatever came of it. Else there is no pause. */
void lanes_leave(struct lanes *lanes, const struct build *build, bool started, int64_t now_ms);

/* Until the first lane opens that is not taken; -1: no lane is about to. */
int64_t lanes_open_in_ms(const struct lanes *lanes, int64_t now_ms);

#endif
