#include "common/decide/zone.h"

#include "common/base/limits.h"

#include "common/base/banned.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS  CAPITALS "abcdefghijklmnopqrstuvwxyz"

const struct zone zone_utc = { 0, 0, NULL };

/* How many changes have been when it is utc_s. */
static size_t count_until(const struct zone *zone, int64_t utc_s)
{
	size_t low = 0, high = zone->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].at_s <= utc_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct zone_period zone_period_at(const struct zone *zone, int64_t utc_s)
{
	size_t next = count_until(zone, utc_s);

	return (struct zone_period){
		.until_s = next < zone->n ? zone->changes[next].at_s : INT64_MAX,
		.offset_s = next > 0 ? zone->changes[next - 1].offset_s : zone->first_offset_s,
	};
}

bool zone_name_is_valid(struct span name)
{
	struct span rest = name;

	if (name.len > LIMIT_ZONE_NAME || !span_only(span_part(name, 0, 1), CAPITALS) ||
	    span_ends(name, SPAN("/")))
		return false;
	while (rest.len) {
		struct span part = span_cut(&rest, '/');

		if (part.len == 0 || !span_only(part, LETTERS "0123456789_+-"))
			return false;
	}
	return name.len > 0;
}
