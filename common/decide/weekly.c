#include "common/decide/weekly.h"

#include "common/base/text.h"

#include "common/base/banned.h"

#define DAY_S INT64_C(86400)
#define DAYS  7

/* Rounded down, also before 1970. */
static int64_t divided(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

static int64_t local_day(const struct zone *zone, int64_t ms)
{
	int64_t utc_s = divided(ms, 1000);

	return divided(utc_s + zone_period_at(zone, utc_s).offset_s, DAY_S);
}

/* 1970-01-01 was a Thursday. */
static int64_t monday_of(int64_t day)
{
	return divided(day + 3, DAYS) * DAYS - 3;
}

/* When clocks show it first; when they never do, when they have been put past it. */
static int64_t utc_of(const struct zone *zone, int64_t local_s)
{
	struct zone_period period = zone_period_at(zone, local_s - DAY_S);

	while (local_s - period.offset_s >= period.until_s) {
		int64_t change_s = period.until_s;

		period = zone_period_at(zone, change_s);
		if (local_s - period.offset_s < change_s)
			return change_s;
	}
	return local_s - period.offset_s;
}

static int64_t moment_ms(const struct weekly *weekly, const struct zone *zone, int64_t monday)
{
	return utc_of(zone, (monday + weekly->day) * DAY_S + weekly->at_min * 60) * 1000;
}

int64_t weekly_last_ms(const struct weekly *weekly, const struct zone *zone, int64_t ms)
{
	int64_t monday = monday_of(local_day(zone, ms)) + DAYS;

	while (moment_ms(weekly, zone, monday) > ms)
		monday -= DAYS;
	return moment_ms(weekly, zone, monday);
}

int64_t weekly_next_ms(const struct weekly *weekly, const struct zone *zone, int64_t ms)
{
	int64_t monday = monday_of(local_day(zone, ms)) - DAYS;

	while (moment_ms(weekly, zone, monday) <= ms)
		monday += DAYS;
	return moment_ms(weekly, zone, monday);
}

const char *weekly_name(const struct zone *zone, int64_t ms, struct arena *arena)
{
	int64_t thursday = monday_of(local_day(zone, ms)) + 3, first_ms = 0;
	char time[TEXT_TIME_SIZE];
	const char *first;

	text_time(thursday * DAY_S * 1000, time);
	first = arena_printf(arena, "%.4s-01-01T00:00:00Z", time);
	if (!text_parse_time(span_of(first), &first_ms))
		return first; /* before 1970 */
	return arena_printf(arena, "%.4s-W%02d", time,
	                    (int)((thursday - first_ms / 1000 / DAY_S) / DAYS + 1));
}
