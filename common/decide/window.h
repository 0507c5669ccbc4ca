/*
 * window: the hours at which something may happen, as people write them.
 *
 *	Mon-Fri 08:00-17:00 Europe/Berlin
 *	Mon,Wed,Fri 08:00-12:00,13:00-17:00; Sat 10:00-12:00 America/New_York
 *	22:00-04:00
 *
 * Days and hours, several of them parted by ';', then the time zone for all: an IANA name, UTC
 * without one. Days are Mon to Sun, ranges of them, which may pass Sunday (Fri-Mon), and lists;
 * every day without them, or as `daily`. An hour range holds its start and ends before its end
 * (24:00: with the day). One that ends before it begins passes midnight, and belongs to the day on
 * which it begins.
 *
 * It is open when clocks in its zone show a time within. So where they are put forward it opens and
 * closes with the moment after the gap; and what they show twice when put back is open both times.
 */
#ifndef EVERGOLD_DECIDE_WINDOW_H
#define EVERGOLD_DECIDE_WINDOW_H

#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/base/span.h"
#include "common/decide/weekly.h"

#include <stdint.h>

struct window_range {
	uint8_t days;             /* on which it begins; bit 0 is Monday */
	int16_t from_min, to_min; /* since that day's 00:00; to_min over 1440: it passes midnight */
};

struct window {
	struct window_range at[LIMIT_WINDOW_RANGES];
	size_t n;         /* 0: always open */
	struct span zone; /* its name, borrowed from the text; SPAN_NONE: UTC */
};

/* False: ERR_MALFORMED, and the fault stands at the byte *ret_at of the text. */
bool window_parse(struct span text, struct window *ret_window, size_t *ret_at, struct err *reterr)
	MUST_USE;

/* The same of "Mon 09:00 Europe/Berlin": one day, one time, UTC without a zone. */
bool window_parse_weekly(struct span text, struct weekly *ret_weekly, size_t *ret_at,
                         struct err *reterr) MUST_USE;

/* Moments are ms since 1970 UTC, of any year that text_time() can say. */
bool window_is_open(const struct window *window, const struct zone *zone, int64_t ms);

/*
 * The first moment from `ms` on at which it is open. That is within 15 days: within one week, or
 * with the next where the clocks leave out its hours. If a zone's clocks left out more it is the
 * moment 15 days on, at which one may ask again.
 */
int64_t window_opens_ms(const struct window *window, const struct zone *zone, int64_t ms);

#endif
