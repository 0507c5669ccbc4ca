/*
 * zone: what clocks show in a part of the world: how far they are from UTC, and when that changes.
 *
 * Times are seconds since 1970 UTC; offsets are local time minus UTC, in seconds. A zone is data:
 * worker/adapters/zone.h takes it from the system's time zone database.
 */
#ifndef EVERGOLD_DECIDE_ZONE_H
#define EVERGOLD_DECIDE_ZONE_H

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/span.h"

#include <stdint.h>

struct zone_change {
	int64_t at_s;
	int32_t offset_s; /* from then on */
};

struct zone {
	int32_t first_offset_s; /* before the first change */
	size_t n;
	const struct zone_change *changes; /* in the order of time */
};

extern const struct zone zone_utc;

/* A time without change. */
struct zone_period {
	int64_t until_s; /* INT64_MAX: for ever */
	int32_t offset_s;
};

struct zone_period zone_period_at(const struct zone *zone, int64_t utc_s);

/*
 * Is it written as the names in the IANA database are: "UTC", "Europe/Berlin", "Etc/GMT+5"? They
 * have parts of letters, digits, '_', '+' and '-', and begin with a capital. So none of them leads
 * out of a folder.
 */
bool zone_name_is_valid(struct span name);

/* Finds a zone by its name, or says in *reterr why there is none. It lives as long as the arena. */
typedef const struct zone *zone_find_fn(struct span name, struct arena *arena, struct err *reterr);

#endif
