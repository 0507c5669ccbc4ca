/*
 * weekly: a moment of every week, by the clocks of a zone: "Mon 09:00 Europe/Berlin" (window.h has
 * how it is written).
 *
 * Where clocks leave it out it is the moment after the gap; what they show twice it is the first
 * time. Moments are ms since 1970 UTC.
 */
#ifndef EVERGOLD_DECIDE_WEEKLY_H
#define EVERGOLD_DECIDE_WEEKLY_H

#include "common/decide/zone.h"

struct weekly {
	unsigned day;     /* 0: Monday */
	int16_t at_min;   /* since its 00:00; up to 1440 */
	struct span zone; /* its name, borrowed from the text; SPAN_NONE: UTC */
};

/* The last that is not after `ms`, and the first after it. */
int64_t weekly_last_ms(const struct weekly *weekly, const struct zone *zone, int64_t ms);
int64_t weekly_next_ms(const struct weekly *weekly, const struct zone *zone, int64_t ms);

/* The week of the day on which clocks show it (ISO 8601): "2026-W48". */
const char *weekly_name(const struct zone *zone, int64_t ms, struct arena *arena);

#endif
