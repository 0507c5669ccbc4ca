#include "common/decide/window.h"

#include "common/base/text.h"
#include "common/decide/faults.h"

#include "common/base/banned.h"

#define DAY_MIN   1440
#define DAY_S     86400
#define DAYS      7
#define EVERY_DAY 0x7f
#define AHEAD_S   (15 * DAY_S)
#define LETTERS   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* ---- Reading --------------------------------------------------------------------------------- */

struct cursor {
	struct span rest; /* of the text; borrowed */
	struct err *reterr;
};

static bool is_at_digit(const struct cursor *cursor)
{
	return cursor->rest.len && cursor->rest.at[0] >= '0' && cursor->rest.at[0] <= '9';
}

static void skip(struct cursor *cursor, size_t n)
{
	cursor->rest = span_part(cursor->rest, n, cursor->rest.len);
}

static bool take(struct cursor *cursor, char c)
{
	if (cursor->rest.len == 0 || cursor->rest.at[0] != c)
		return false;
	skip(cursor, 1);
	return true;
}

/* Returns whether there were any. */
static bool take_blanks(struct cursor *cursor)
{
	bool any = false;

	while (take(cursor, ' '))
		any = true;
	return any;
}

static struct span next_letters(const struct cursor *cursor)
{
	size_t n = 0;

	while (n < cursor->rest.len && span_only(span_part(cursor->rest, n, 1), LETTERS))
		n++;
	return span_part(cursor->rest, 0, n);
}

static struct span next_word(const struct cursor *cursor)
{
	struct span rest = cursor->rest;

	return faults_quote(span_cut(&rest, ' '));
}

static bool refuse(const struct cursor *cursor, const char *wanted)
{
	struct span word = next_word(cursor);

	if (word.len)
		return err_set(cursor->reterr, ERR_MALFORMED, "expected %s, got '%.*s'", wanted,
		               SPAN_ARG(word));
	return err_set(cursor->reterr, ERR_MALFORMED, "expected %s", wanted);
}

static bool read_day(struct cursor *cursor, unsigned *ret_day)
{
	static const char *const names[DAYS] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	struct span word = next_letters(cursor);

	for (unsigned day = 0; day < DAYS; day++) {
		if (span_is(word, names[day])) {
			skip(cursor, word.len);
			*ret_day = day;
			return true;
		}
	}
	return refuse(cursor, "a day such as Mon");
}

static unsigned days_between(unsigned first, unsigned last)
{
	unsigned days = 1U << last;

	for (unsigned day = first; day != last; day = (day + 1) % DAYS)
		days |= 1U << day;
	return days;
}

static bool read_named_days(struct cursor *cursor, unsigned *ret_days)
{
	*ret_days = 0;
	do {
		unsigned first = 0, last;

		take_blanks(cursor);
		if (!read_day(cursor, &first))
			return false;
		last = first;
		if (take(cursor, '-') && !read_day(cursor, &last))
			return false;
		*ret_days |= days_between(first, last);
	} while (take(cursor, ','));
	return true;
}

static bool read_days(struct cursor *cursor, unsigned *ret_days)
{
	*ret_days = EVERY_DAY;
	if (is_at_digit(cursor))
		return true;
	if (span_is(next_letters(cursor), "daily"))
		skip(cursor, 5);
	else if (!read_named_days(cursor, ret_days))
		return false;
	return take_blanks(cursor) || refuse(cursor, "a blank, then hours such as 08:00-17:00");
}

static bool read_time(struct cursor *cursor, int16_t *ret_min)
{
	struct span time = span_part(cursor->rest, 0, 5);
	uint64_t hour, minute;

	if (time.len < 5 || time.at[2] != ':' || !text_number(span_part(time, 0, 2), 24, &hour) ||
	    !text_number(span_part(time, 3, 2), hour < 24 ? 59 : 0, &minute))
		return refuse(cursor, "a time from 00:00 to 24:00");
	skip(cursor, 5);
	*ret_min = (int16_t)(hour * 60 + minute);
	return true;
}

static bool read_range(struct cursor *cursor, struct window_range *range)
{
	struct cursor start = *cursor;

	if (!read_time(cursor, &range->from_min))
		return false;
	if (!take(cursor, '-'))
		return refuse(cursor, "'-' and the time at which the range ends");
	if (!read_time(cursor, &range->to_min))
		return false;
	if (range->from_min == range->to_min || range->from_min == DAY_MIN) {
		*cursor = start;
		return refuse(cursor, "a range that is not empty (00:00-24:00 is the whole day)");
	}
	if (range->to_min < range->from_min)
		range->to_min = (int16_t)(range->to_min + DAY_MIN);
	return true;
}

static bool read_ranges(struct cursor *cursor, unsigned days, struct window *window)
{
	do {
		struct window_range range = { .days = (uint8_t)days };

		take_blanks(cursor);
		if (window->n == LIMIT_WINDOW_RANGES)
			return err_set(cursor->reterr, ERR_MALFORMED,
			               "more than %d ranges of hours", LIMIT_WINDOW_RANGES);
		if (!read_range(cursor, &range))
			return false;
		window->at[window->n++] = range;
	} while (take(cursor, ','));
	return true;
}

static bool read_hours(struct cursor *cursor, struct window *window)
{
	do {
		unsigned days;

		take_blanks(cursor);
		if (!read_days(cursor, &days) || !read_ranges(cursor, days, window))
			return false;
	} while (take(cursor, ';'));
	return true;
}

static bool read_zone(struct cursor *cursor, struct span *ret_zone)
{
	bool parted = take_blanks(cursor);
	struct span rest = cursor->rest, name = span_cut(&rest, ' ');

	if (name.len == 0)
		return true;
	if (!parted)
		return refuse(cursor, "a blank before the time zone");
	if (!zone_name_is_valid(name))
		return refuse(cursor, "a time zone such as Europe/Berlin");
	*ret_zone = name;
	skip(cursor, name.len);
	take_blanks(cursor);
	return cursor->rest.len == 0 ||
	       refuse(cursor, "nothing after the time zone (';' parts windows)");
}

bool window_parse(struct span text, struct window *ret_window, size_t *ret_at, struct err *reterr)
{
	struct cursor cursor = { text, reterr };
	bool fine;

	*ret_window = (struct window){ .n = 0 };
	fine = read_hours(&cursor, ret_window) && read_zone(&cursor, &ret_window->zone);
	*ret_at = text.len - cursor.rest.len;
	return fine;
}

bool window_parse_weekly(struct span text, struct weekly *ret_weekly, size_t *ret_at,
                         struct err *reterr)
{
	struct cursor cursor = { text, reterr };
	bool fine;

	*ret_weekly = (struct weekly){ .day = 0 };
	take_blanks(&cursor);
	fine = read_day(&cursor, &ret_weekly->day) &&
	       (take_blanks(&cursor) || refuse(&cursor, "a blank, then a time such as 09:00")) &&
	       read_time(&cursor, &ret_weekly->at_min) && read_zone(&cursor, &ret_weekly->zone);
	*ret_at = text.len - cursor.rest.len;
	return fine;
}

/* ---- Open or not ----------------------------------------------------------------------------- */

/* Rounded down, also before 1970. */
static int64_t divided(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

/* Does it begin on this day? Days since 1970-01-01, which was a Thursday. */
static bool begins_on(const struct window_range *range, int64_t day)
{
	int64_t weekday = day + 3 - divided(day + 3, DAYS) * DAYS;

	return (range->days >> weekday) & 1;
}

static int64_t begin_s(const struct window_range *range, int64_t day)
{
	return day * DAY_S + range->from_min * 60;
}

static int64_t end_s(const struct window_range *range, int64_t day)
{
	return day * DAY_S + range->to_min * 60;
}

static bool holds(const struct window_range *range, int64_t day, int64_t local_s)
{
	return begins_on(range, day) && begin_s(range, day) <= local_s &&
	       local_s < end_s(range, day);
}

static bool is_open_at(const struct window *window, int64_t local_s)
{
	int64_t today = divided(local_s, DAY_S);

	for (size_t i = 0; i < window->n; i++) {
		if (holds(&window->at[i], today, local_s) ||
		    holds(&window->at[i], today - 1, local_s))
			return true;
	}
	return false;
}

bool window_is_open(const struct window *window, const struct zone *zone, int64_t ms)
{
	int64_t utc_s = divided(ms, 1000);

	if (window->n == 0)
		return true;
	return is_open_at(window, utc_s + zone_period_at(zone, utc_s).offset_s);
}

/* When a range holds next, if clocks ran on unchanged. */
static int64_t range_opens(const struct window_range *range, int64_t local_s)
{
	int64_t day = divided(local_s, DAY_S) - 1;

	while (!begins_on(range, day) || end_s(range, day) <= local_s)
		day++;
	return begin_s(range, day) > local_s ? begin_s(range, day) : local_s;
}

static int64_t next_opening(const struct window *window, int64_t local_s)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < window->n; i++) {
		int64_t opens = range_opens(&window->at[i], local_s);

		first = opens < first ? opens : first;
	}
	return first;
}

int64_t window_opens_ms(const struct window *window, const struct zone *zone, int64_t ms)
{
	int64_t utc_s = divided(ms, 1000), last_s = utc_s + AHEAD_S;

	if (window_is_open(window, zone, ms))
		return ms;
	while (utc_s < last_s) {
		struct zone_period period = zone_period_at(zone, utc_s);
		int64_t opens_s = next_opening(window, utc_s + period.offset_s) - period.offset_s;

		if (opens_s < period.until_s)
			return opens_s * 1000;
		utc_s = period.until_s;
	}
	return last_s * 1000;
}
