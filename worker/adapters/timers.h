/*
 * timers: time as its users see it; the loop implements it, and tests a clock of their own.
 */
#ifndef EVERGOLD_ADAPTERS_TIMERS_H
#define EVERGOLD_ADAPTERS_TIMERS_H

#include "worker/adapters/call.h"

#include <stdint.h>

typedef void timer_done_fn(void *ctx);

struct timers {
	/* Runs done after delay_ms (0: on the loop's next turn). Monotonic. */
	struct call *(*after)(struct timers *timers, int64_t delay_ms, timer_done_fn *done,
	                      void *ctx);
	int64_t (*now_ms)(struct timers *timers);    /* wall clock, ms since 1970 UTC */
	int64_t (*steady_ms)(struct timers *timers); /* monotonic, from an arbitrary start */
	double (*random)(struct timers *timers);     /* [0, 1); for jitter only */
};

#endif
