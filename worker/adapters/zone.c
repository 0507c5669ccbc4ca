#include "worker/adapters/zone.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/adapters/file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/banned.h"

#define DAY_S       86400
#define END_S       INT64_C(4102444800) /* 2100-01-01 */
#define LARGEST     65536               /* of a file; a zone's whole history has 4 kB */
#define USUAL_PLACE "/usr/share/zoneinfo"

static_assert(sizeof(time_t) >= sizeof(int64_t), "time_t must reach beyond 2038");

/* ---- The file -------------------------------------------------------------------------------- */

static const char *database(void)
{
	const char *folder = getenv("TZDIR");

	return folder && folder[0] == '/' ? folder : USUAL_PLACE;
}

static bool refuse(struct span name, struct err *reterr)
{
	if (access(database(), X_OK) != 0)
		return err_set(reterr, ERR_BROKEN,
		               "there is no time zone database in %s (package tzdata)", database());
	return err_set(reterr, ERR_BROKEN, "%s has no time zone '%.*s'", database(),
	               SPAN_ARG(name));
}

/* The C library takes what it cannot read for UTC, without a word. */
static bool is_zone(const char *path)
{
	struct buf bytes = buf_with_max(LARGEST + 1);
	bool fine = file_read(path, &bytes, NULL) && span_starts(buf_span(&bytes), SPAN("TZif")) &&
	            span_ends(buf_span(&bytes), SPAN("\n"));

	buf_clear(&bytes);
	return fine;
}

/* ---- The C library's one zone ---------------------------------------------------------------- */

/* NULL: none is set. Returns what was set before; owned. */
static char *set_zone(const char *value)
{
	const char *old = getenv("TZ");
	char *before = old ? xstrdup(old) : NULL;

	if ((value ? setenv("TZ", value, 1) : unsetenv("TZ")) != 0)
		abort(); /* for want of memory */
	tzset();
	return before;
}

static int32_t offset_at(int64_t utc_s)
{
	time_t moment = (time_t)utc_s;
	struct tm local;

	if (!localtime_r(&moment, &local))
		abort(); /* only for years that no int holds */
	return (int32_t)local.tm_gmtoff;
}

/* When the offset of `from` ends, if it is another one at `to`. */
static int64_t change_between(int64_t from, int64_t to)
{
	int32_t offset_s = offset_at(from);

	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;

		if (offset_at(middle) == offset_s)
			from = middle;
		else
			to = middle;
	}
	return to;
}

struct table {
	struct zone_change at[LIMIT_ZONE_CHANGES];
	size_t n;
};

/* False: there are more than it has room for. */
static bool add_changes(struct table *table, int64_t from, int64_t to)
{
	while (offset_at(from) != offset_at(to)) {
		if (table->n == LIMIT_ZONE_CHANGES)
			return false;
		from = change_between(from, to);
		table->at[table->n++] = (struct zone_change){ from, offset_at(from) };
	}
	return true;
}

/* Clocks are looked at day by day: no zone ever left an offset for less than that. */
static bool fill(struct table *table)
{
	for (int64_t day_s = 0; day_s < END_S; day_s += DAY_S) {
		if (!add_changes(table, day_s, day_s + DAY_S))
			return false;
	}
	return true;
}

static const struct zone *keep(const struct table *table, int32_t first_offset_s,
                               struct arena *arena)
{
	struct zone *zone = arena_alloc(arena, 1, sizeof(*zone));
	struct zone_change *changes = arena_alloc(arena, table->n + 1, sizeof(*changes));

	memcpy(changes, table->at, table->n * sizeof(*changes));
	*zone = (struct zone){ first_offset_s, table->n, changes };
	return zone;
}

static const struct zone *read_zone(const char *setting, struct arena *arena)
{
	char *before = set_zone(setting);
	struct table table = { .n = 0 };
	bool fits = fill(&table);
	int32_t first_offset_s = offset_at(0);

	free(set_zone(before));
	free(before);
	return fits ? keep(&table, first_offset_s, arena) : NULL;
}

const struct zone *zone_load(struct span name, struct arena *arena, struct err *reterr)
{
	const char *path = arena_printf(arena, ":%s/%.*s", database(), SPAN_ARG(name));
	const struct zone *zone = NULL;

	if (span_is(name, "UTC"))
		return &zone_utc;
	if (zone_name_is_valid(name) && is_zone(path + 1))
		zone = read_zone(path, arena);
	if (!zone)
		(void)refuse(name, reterr);
	return zone;
}
