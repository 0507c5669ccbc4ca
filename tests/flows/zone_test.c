/*
 * Zones of a database of our own; tests/differential compares those of the machine.
 */
#include "worker/adapters/zone.h"

#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ZERO    "\0\0\0\0"
#define ONE     "\0\0\0\1"
#define HEAD    "TZif2" ZERO ZERO ZERO "\0\0\0" ZERO ZERO ZERO
#define NO_TYPE ZERO "\0\0"
#define EPOCH   ZERO ZERO
#define FIRST   "\0"
#define LMT     "\0\0LMT\0" /* no summer time, and an abbreviation */

/* TZif of version 2: nothing in 32 bits; in 64 an offset from 1970 on, then a rule. */
#define BEFORE HEAD ZERO ONE ONE NO_TYPE "\0" HEAD ONE ONE "\0\0\0\4" EPOCH FIRST

static const char middle_europe[] = BEFORE "\0\0\x0e\x10" LMT "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
static const char line_islands[] = BEFORE "\0\0\xc4\xe0" LMT "\n<+14>-14\n";

static struct arena arena;

static void put(const char *name, const char *bytes, size_t len)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", temporary_folder(), name);
	f = fopen(path, "wb");
	CHECK(f && fwrite(bytes, 1, len, f) == len);
	if (f)
		fclose(f);
}

#define PUT(name, bytes) put((name), (bytes), sizeof(bytes) - 1)

static void use_own_database(void)
{
	temporary_empty();
	PUT("Middle", middle_europe);
	PUT("Line", line_islands);
	setenv("TZDIR", temporary_folder(), 1);
}

static const struct zone *load(const char *name)
{
	struct err err = { 0 };
	const struct zone *zone = zone_load(span_of(name), &arena, &err);

	CHECK(zone, "%s: %s", name, err.text);
	return zone;
}

static void check_refused(const char *name, const char *want)
{
	struct err err = { 0 };

	CHECK(!zone_load(span_of(name), &arena, &err), "%s", name);
	CHECK_INT(err.kind, ERR_BROKEN);
	CHECK(strstr(err.text, want), "%s: %s", name, err.text);
}

/* ---- What is read ---------------------------------------------------------------------------- */

TEST(a_zone_is_known_until_2099)
{
	const struct zone *zone = load("Middle");

	if (!zone)
		return;
	CHECK_INT(zone->first_offset_s, 3600);
	CHECK_INT((long long)zone->n, 2 * 130);
	CHECK_INT(zone_period_at(zone, 1774745999).offset_s, 3600);
	CHECK_INT(zone_period_at(zone, 1774745999).until_s, 1774746000); /* 2026-03-29T01:00Z */
	CHECK_INT(zone_period_at(zone, 1774746000).offset_s, 7200);
	CHECK_INT(zone_period_at(zone, 1774746000).until_s, 1792890000); /* 2026-10-25T01:00Z */
	CHECK_INT(zone_period_at(zone, 4102444799).offset_s, 3600);
}

TEST(a_zone_may_never_change)
{
	const struct zone *zone = load("Line");

	if (zone)
		CHECK_INT(zone_period_at(zone, 1774746000).offset_s, 14 * 3600);
}

TEST(utc_needs_no_database)
{
	setenv("TZDIR", "/nonexistent", 1);
	CHECK(load("UTC") == &zone_utc);
	use_own_database();
}

/* ---- What is not ----------------------------------------------------------------------------- */

TEST(what_the_database_does_not_have_is_refused)
{
	check_refused("Nowhere", "has no time zone 'Nowhere'");
	check_refused("Middle/Earth", "has no time zone 'Middle/Earth'");
	setenv("TZDIR", "/", 1);
	check_refused("A", "/ has no time zone 'A'");
	setenv("TZDIR", "/nonexistent", 1);
	check_refused("Middle", "no time zone database in /nonexistent");
	use_own_database();
}

TEST(a_name_leads_nowhere_else)
{
	char outside[200];

	snprintf(outside, sizeof(outside), "..%s/Middle", strrchr(temporary_folder(), '/'));
	check_refused(outside, "has no time zone");
	snprintf(outside, sizeof(outside), "%s/Middle", temporary_folder());
	check_refused(outside, "has no time zone");
	check_refused("../../etc/passwd", "has no time zone");
	check_refused("CET-1CEST,M3.5.0,M10.5.0/3", "has no time zone");
	check_refused("", "has no time zone");
}

TEST(a_file_that_is_no_zone_is_refused)
{
	PUT("Text", "Middle\n");
	PUT("Empty", "");
	put("Cut", middle_europe, sizeof(middle_europe) - 2);
	check_refused("Text", "has no time zone 'Text'");
	check_refused("Empty", "has no time zone 'Empty'");
	check_refused("Cut", "has no time zone 'Cut'");
}

TEST(a_relative_database_is_none)
{
	setenv("TZDIR", ".", 1);
	check_refused("Nowhere", "/usr/share/zoneinfo");
	use_own_database();
}

/* ---- What others see ------------------------------------------------------------------------- */

static int local_hour(void)
{
	time_t moment = 1774746000;
	struct tm local;

	return localtime_r(&moment, &local) ? local.tm_hour : -1;
}

TEST(the_zone_of_the_program_stays_as_it_was)
{
	setenv("TZ", "QQQ-3", 1);
	tzset();
	CHECK_INT(local_hour(), 4);
	load("Middle");
	CHECK_TEXT(getenv("TZ"), "QQQ-3");
	CHECK_INT(local_hour(), 4);
	check_refused("Nowhere", "");
	CHECK_INT(local_hour(), 4);
	unsetenv("TZ");
	load("Line");
	CHECK(!getenv("TZ"));
}

int main(void)
{
	use_own_database();
	check_run(a_zone_is_known_until_2099);
	check_run(a_zone_may_never_change);
	check_run(utc_needs_no_database);
	check_run(what_the_database_does_not_have_is_refused);
	check_run(a_name_leads_nowhere_else);
	check_run(a_file_that_is_no_zone_is_refused);
	check_run(a_relative_database_is_none);
	check_run(the_zone_of_the_program_stays_as_it_was);
	arena_clear(&arena);
	return check_done();
}
