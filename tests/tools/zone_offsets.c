/*
 * Says what clocks show, for tests/differential: a line comes in (ZONE and a moment in seconds
 * since 1970 UTC), one goes out with the offset from UTC in seconds, or "-" for no such zone.
 */
#include "worker/adapters/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Kept as long as the next lines are about the same zone. */
static struct known {
	char name[65];
	struct arena arena;
	const struct zone *zone;
} known;

static const struct zone *find(const char *name)
{
	if (strcmp(known.name, name) != 0) {
		arena_clear(&known.arena);
		snprintf(known.name, sizeof(known.name), "%s", name);
		known.zone = zone_load(span_of(name), &known.arena, NULL);
	}
	return known.zone;
}

int main(void)
{
	char name[65];
	int64_t utc_s;

	while (scanf("%64s %" SCNd64, name, &utc_s) == 2) {
		const struct zone *zone = find(name);

		if (zone)
			printf("%" PRId32 "\n", zone_period_at(zone, utc_s).offset_s);
		else
			puts("-");
	}
	arena_clear(&known.arena);
	return 0;
}
