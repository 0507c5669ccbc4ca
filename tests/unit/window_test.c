/*
 * Windows of time: their syntax is in tests/cases/window_syntax, when they are open in
 * tests/cases/window, by the clocks in tests/cases/zones.
 */
#include "common/decide/window.h"

#include "common/base/text.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <stdio.h>
#include <string.h>

#define SYNTAX "tests/cases/window_syntax"
#define ZONES  "tests/cases/zones"
#define MINUTE 60000
#define DAY    (1440 * INT64_C(60000))

/* ---- Syntax ---------------------------------------------------------------------------------- */

static void add_time(struct buf *out, int minutes)
{
	buf_addf(out, "%02d:%02d", minutes / 60, minutes % 60);
}

/* "MTWTFSS 08:00-17:00, …; Europe/Berlin", with a dash for each day that is none. */
static void describe(const struct window *window, struct buf *out)
{
	for (size_t i = 0; i < window->n; i++) {
		const struct window_range *range = &window->at[i];

		buf_add_text(out, i ? ", " : "");
		for (int day = 0; day < 7; day++)
			buf_add_char(out, range->days >> day & 1 ? "MTWTFSS"[day] : '-');
		buf_add_char(out, ' ');
		add_time(out, range->from_min);
		buf_add_char(out, '-');
		add_time(out, range->to_min);
	}
	buf_addf(out, "; %.*s", SPAN_ARG(window->zone.len ? window->zone : SPAN("UTC")));
}

static void good_row(const struct row *row)
{
	struct buf out = buf_with_max(1000);
	struct window window;
	struct err err;
	size_t at;

	if (CHECK(window_parse(row->cells[0], &window, &at, &err), "line %d: %s", row->line,
	          err.text)) {
		describe(&window, &out);
		CHECK(span_equal(buf_span(&out), row->cells[1]), "line %d: %s", row->line,
		      buf_text(&out));
	}
	buf_clear(&out);
}

TEST(windows_are_understood)
{
	rows_each(SYNTAX, "good.tsv", good_row);
}

static void faulty_row(const struct row *row)
{
	struct window window;
	struct err err = { 0 };
	char where[24];
	size_t at;

	CHECK(!window_parse(row->cells[0], &window, &at, &err), "line %d", row->line);
	CHECK_INT(err.kind, ERR_MALFORMED);
	snprintf(where, sizeof(where), "%zu", at + 1);
	CHECK(span_is(row->cells[1], where), "line %d: at %s", row->line, where);
	CHECK(span_is(row->cells[2], err.text), "line %d: %s", row->line, err.text);
}

TEST(faults_are_told_with_their_place)
{
	rows_each(SYNTAX, "faults.tsv", faulty_row);
}

static bool parses(const char *text)
{
	struct window window;
	size_t at;

	return window_parse(span_of(text), &window, &at, NULL);
}

TEST(no_window_has_more_ranges_than_there_is_room_for)
{
	struct buf text = buf_with_max(1000);

	for (int i = 0; i < LIMIT_WINDOW_RANGES; i++)
		buf_addf(&text, "%s00:%02d-00:%02d", i ? "," : "", 2 * i, 2 * i + 1);
	CHECK(parses(buf_text(&text)));
	buf_add_text(&text, ",10:00-11:00");
	CHECK(!parses(buf_text(&text)));
	buf_clear(&text);
}

/* ---- Zones as data --------------------------------------------------------------------------- */

static struct clocks {
	struct zone_change changes[20];
	struct zone zone;
} clocks;

static int32_t parse_offset(struct span text)
{
	int sign = text.at[0] == '-' ? -1 : 1;
	uint64_t hours = 0, minutes = 0;

	CHECK(text_number(span_part(text, 1, 2), 14, &hours) &&
	      text_number(span_part(text, 4, 2), 59, &minutes));
	return sign * (int32_t)(hours * 3600 + minutes * 60);
}

static void change_row(const struct row *row)
{
	int32_t offset_s = parse_offset(row->cells[1]);
	int64_t ms;

	if (span_is(row->cells[0], "-"))
		clocks.zone.first_offset_s = offset_s;
	else if (CHECK(text_parse_time(row->cells[0], &ms)) &&
	         CHECK(clocks.zone.n < ARRAY_LEN(clocks.changes)))
		clocks.changes[clocks.zone.n++] = (struct zone_change){ ms / 1000, offset_s };
}

/* Without a name UTC. Valid until the next call. */
static const struct zone *zone_named(struct span name)
{
	char file[LIMIT_ZONE_NAME + 5];

	if (name.len == 0)
		return &zone_utc;
	snprintf(file, sizeof(file), "%.*s.tsv", SPAN_ARG(name));
	clocks.zone = (struct zone){ .changes = clocks.changes };
	rows_each(ZONES, file, change_row);
	return &clocks.zone;
}

TEST(a_period_reaches_from_change_to_change)
{
	const struct zone *zone = zone_named(SPAN("Asia/Kathmandu"));
	struct zone_period before = zone_period_at(zone, 504901799),
			   after = zone_period_at(zone, 504901800);

	CHECK_INT(before.offset_s, 19800);
	CHECK_INT(before.until_s, 504901800);
	CHECK_INT(after.offset_s, 20700);
	CHECK(after.until_s == INT64_MAX);
	CHECK(zone_period_at(&zone_utc, 0).until_s == INT64_MAX);
}

#define LONG_NAME "America/Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch_and_beyond"

TEST(names_of_zones_lead_nowhere_else)
{
	static const char *const good[] = {
		"UTC",       "Europe/Berlin",          "America/Argentina/Ushuaia",
		"Etc/GMT+5", "America/Port-au-Prince", "EST5EDT"
	};
	static const char *const bad[] = { "",
		                           LONG_NAME,
		                           "/",
		                           "../UTC",
		                           "/etc/passwd",
		                           "Europe/../../etc",
		                           "Europe//Berlin",
		                           "Europe/",
		                           "localtime",
		                           "Europe/Ber lin",
		                           ":UTC",
		                           "CET-1CEST,M3.5.0" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CHECK(zone_name_is_valid(span_of(good[i])), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK(!zone_name_is_valid(span_of(bad[i])), "%s", bad[i]);
	CHECK(!zone_name_is_valid(SPAN("A\0B")));
}

/* ---- Open or not: a window, and moments ------------------------------------------------------ */

static void answer(const struct window *window, const struct zone *zone, struct span moment,
                   struct buf *out)
{
	char opens[TEXT_TIME_SIZE];
	int64_t ms;

	if (!CHECK(text_parse_time(moment, &ms), "%.*s", SPAN_ARG(moment)))
		return;
	text_time(window_opens_ms(window, zone, ms), opens);
	buf_addf(out, "%.*s %s", SPAN_ARG(moment),
	         window_is_open(window, zone, ms) ? "open" : "opens ");
	buf_addf(out, "%s\n", window_is_open(window, zone, ms) ? "" : opens);
}

static void window_case(const char *dir)
{
	struct span text = span_trim(span_of(check_read_text(dir, "window.txt")));
	struct span moments = span_of(check_read_text(dir, "moments.txt"));
	struct buf out = buf_with_max(10000);
	struct window window;
	struct err err;
	size_t at;

	if (!CHECK(window_parse(text, &window, &at, &err), "%s", err.text))
		return;
	while (moments.len) {
		struct span moment = span_cut(&moments, '\n');

		if (!span_starts(moment, SPAN("#")))
			answer(&window, zone_named(window.zone), moment, &out);
	}
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

TEST(without_a_window_it_is_always_open)
{
	const struct window window = { .n = 0 };

	CHECK(window_is_open(&window, NULL, 1));
	CHECK_INT(window_opens_ms(&window, NULL, 1), 1);
}

TEST(a_moment_is_exact_to_the_millisecond)
{
	struct window window;
	size_t at;

	CHECK(window_parse(SPAN("08:00-09:00"), &window, &at, NULL));
	CHECK(!window_is_open(&window, &zone_utc, 8 * 60 * MINUTE - 1));
	CHECK_INT(window_opens_ms(&window, &zone_utc, 8 * 60 * MINUTE - 1), 8 * 60 * MINUTE);
	CHECK(window_is_open(&window, &zone_utc, 8 * 60 * MINUTE));
	CHECK(window_is_open(&window, &zone_utc, 9 * 60 * MINUTE - 1));
	CHECK(!window_is_open(&window, &zone_utc, 9 * 60 * MINUTE));
	CHECK_INT(window_opens_ms(&window, &zone_utc, 9 * 60 * MINUTE), DAY + 8 * 60 * MINUTE);
}

TEST(the_clocks_of_1970_may_still_show_1969)
{
	const struct zone zone = { .first_offset_s = -5 * 3600 };
	struct window window;
	size_t at;

	CHECK(window_parse(SPAN("Tue 22:00-20:00"), &window, &at, NULL));
	CHECK(window_is_open(&window, &zone, 0));
	CHECK_INT(window_opens_ms(&window, &zone, 60 * MINUTE), 6 * DAY + 180 * MINUTE);
}

/* Clocks that never show the hours: put from 05:59 to 06:01 of the next day, each day. */
TEST(where_clocks_leave_out_too_much_one_asks_again)
{
	struct zone_change changes[40];
	const struct zone zone = { 0, ARRAY_LEN(changes), changes };
	struct window window;
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		changes[i] = (struct zone_change){ (int64_t)i * 86280 + 5 * 3600 + 3540,
			                           ((int32_t)i + 1) * 120 };
	CHECK(window_parse(SPAN("05:59-06:01"), &window, &at, NULL));
	CHECK_INT(window_opens_ms(&window, &zone, 0), 15 * DAY);
}

/* ---- Any window at any moment: the same as asking minute by minute --------------------------- */

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void invent(uint32_t *state, struct window *window)
{
	*window = (struct window){ .n = 1 + next_random(state) % 3 };
	for (size_t i = 0; i < window->n; i++) {
		int from = (int)(next_random(state) % 1440);
		int length = 1 + (int)(next_random(state) % (next_random(state) % 2 ? 1440 : 40));
		int day = (int)(next_random(state) % 7);

		window->at[i] = (struct window_range){
			.days = (uint8_t)(1U << day |
			                  (next_random(state) & next_random(state) & 0x7f)),
			.from_min = (int16_t)from,
			.to_min = (int16_t)(from + length),
		};
	}
}

static int64_t opens_by_minutes(const struct window *window, const struct zone *zone, int64_t ms)
{
	int64_t minute = ms % MINUTE ? ms - ms % MINUTE + MINUTE : ms;

	if (window_is_open(window, zone, ms))
		return ms;
	while (!window_is_open(window, zone, minute))
		minute += MINUTE;
	return minute;
}

/* A moment in the four days around a change of the clocks, or up to a week before. */
static int64_t moment_near(uint32_t *state, const struct zone *zone)
{
	int64_t change_s = zone->n ? zone->changes[next_random(state) % zone->n].at_s : 1790000000;
	int64_t days = next_random(state) % 2 ? 4 : 9;

	return change_s * 1000 - (days - 2) * DAY +
	       (int64_t)(next_random(state) % 5760) * MINUTE * days / 4 +
	       next_random(state) % MINUTE * (next_random(state) % 2);
}

static void check_any(const char *name, uint32_t state, int rounds)
{
	const struct zone *zone = zone_named(span_of(name));

	for (int round = 0; round < rounds; round++) {
		int64_t moment, opens;
		struct window window;

		invent(&state, &window);
		moment = moment_near(&state, zone);
		opens = window_opens_ms(&window, zone, moment);
		CHECK(window_is_open(&window, zone, opens), "%s, round %d", name, round);
		CHECK(opens == opens_by_minutes(&window, zone, moment), "%s, round %d: %lld", name,
		      round, (long long)opens);
	}
}

TEST(any_window_opens_as_minutes_say)
{
	static const char *const names[] = { "Europe/Berlin",       "America/New_York",
		                             "Australia/Lord_Howe", "Asia/Kathmandu",
		                             "Pacific/Apia",        "" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		check_any(names[i], 20261123 + (uint32_t)i, 400);
}

/* ---- A moment of every week ------------------------------------------------------------------ */

static void check_moment(const struct row *row, size_t cell, int64_t ms)
{
	char time[TEXT_TIME_SIZE];

	text_time(ms, time);
	CHECK(span_is(row->cells[cell], time), "line %d: %s", row->line, time);
}

static void weekly_row(const struct row *row)
{
	struct arena arena = { 0 };
	struct weekly weekly;
	const struct zone *zone;
	int64_t ms, last_ms;
	size_t at;

	if (!CHECK(window_parse_weekly(row->cells[0], &weekly, &at, NULL)) ||
	    !CHECK(text_parse_time(row->cells[1], &ms)))
		return;
	zone = zone_named(weekly.zone);
	last_ms = weekly_last_ms(&weekly, zone, ms);
	check_moment(row, 2, last_ms);
	check_moment(row, 3, weekly_next_ms(&weekly, zone, ms));
	CHECK(span_is(row->cells[4], weekly_name(zone, last_ms, &arena)), "line %d", row->line);
	arena_clear(&arena);
}

TEST(a_weekly_moment_keeps_to_the_clocks)
{
	rows_each("tests/cases/weekly", "good.tsv", weekly_row);
}

static void faulty_weekly_row(const struct row *row)
{
	struct weekly weekly;
	struct err err = { 0 };
	char where[24];
	size_t at;

	CHECK(!window_parse_weekly(row->cells[0], &weekly, &at, &err), "line %d", row->line);
	snprintf(where, sizeof(where), "%zu", at + 1);
	CHECK(span_is(row->cells[1], where), "line %d: at %s", row->line, where);
	CHECK(span_is(row->cells[2], err.text), "line %d: %s", row->line, err.text);
}

TEST(faults_of_a_weekly_moment_have_their_place)
{
	rows_each("tests/cases/weekly", "faults.tsv", faulty_weekly_row);
}

int main(void)
{
	check_run(windows_are_understood);
	check_run(faults_are_told_with_their_place);
	check_run(no_window_has_more_ranges_than_there_is_room_for);
	check_run(a_period_reaches_from_change_to_change);
	check_run(names_of_zones_lead_nowhere_else);
	check_cases("tests/cases/window", window_case);
	check_run(without_a_window_it_is_always_open);
	check_run(a_moment_is_exact_to_the_millisecond);
	check_run(the_clocks_of_1970_may_still_show_1969);
	check_run(where_clocks_leave_out_too_much_one_asks_again);
	check_run(any_window_opens_as_minutes_say);
	check_run(a_weekly_moment_keeps_to_the_clocks);
	check_run(faults_of_a_weekly_moment_have_their_place);
	return check_done();
}
