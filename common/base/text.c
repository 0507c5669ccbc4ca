#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define UUID_SIZE 36

void text_hex(const unsigned char *bytes, size_t n, char *ret_hex)
{
	for (size_t i = 0; i < n; i++) {
		ret_hex[2 * i] = TEXT_HEX[bytes[i] >> 4];
		ret_hex[2 * i + 1] = TEXT_HEX[bytes[i] & 15];
	}
	ret_hex[2 * n] = '\0';
}

/* The first two bytes tell the length and rule out overlong forms and surrogates (RFC 3629). */
static size_t utf8_expected(unsigned char first, unsigned char second)
{
	if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
	    (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t text_utf8_length(struct span text)
{
	size_t length;

	if (text.len == 0)
		return 0;
	if ((unsigned char)text.at[0] < 0x80)
		return 1;
	length = utf8_expected((unsigned char)text.at[0],
	                       text.len > 1 ? (unsigned char)text.at[1] : 0);
	if (length > text.len)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text.at[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

bool text_is_utf8(struct span text)
{
	size_t length;

	for (size_t at = 0; at < text.len; at += length) {
		length = text_utf8_length(span_part(text, at, 4));
		if (length == 0)
			return false;
	}
	return true;
}

size_t text_utf8_count(struct span text)
{
	size_t count = 0;

	for (size_t at = 0; at < text.len; at++)
		count += ((unsigned char)text.at[at] & 0xc0) != 0x80;
	return count;
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

struct span text_cut(struct span text, size_t max)
{
	if (text.len <= max)
		return text;
	for (size_t back = 0; back < 4 && back <= max; back++) {
		if (!continues(text.at[max - back]))
			return span_part(text, 0, max - back);
	}
	return span_part(text, 0, max);
}

void text_add_utf8(struct buf *out, uint32_t code_point)
{
	unsigned char bytes[4];
	size_t n = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; code_point >>= 6)
		bytes[i] = (unsigned char)(0x80 | (code_point & 0x3f));
	bytes[0] = (unsigned char)(marks[n] | code_point);
	buf_add(out, (struct span){ (const char *)bytes, n });
}

bool text_number(struct span text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text.at[i] - '0';

		if (digit > 9 || digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

bool text_has_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return true;
	}
	return false;
}

bool text_is_uuid(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (!span_only(span_part(text, i, 1), dash ? "-" : TEXT_HEX))
			return false;
	}
	return text.len == UUID_SIZE;
}

struct date {
	int64_t year;
	int month, day; /* from 1 */
};

/* Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March in between. */
static int64_t days_of(struct date date)
{
	int64_t year = date.month <= 2 ? date.year - 1 : date.year;
	int64_t era = year / 400, year_of_era = year % 400;
	int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day -
	                      1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static struct date date_of(int64_t days)
{
	int64_t shifted = days + 719468, era = shifted / 146097, day_of_era = shifted % 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era -
	                      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * day_of_year + 2) / 153;
	struct date date = {
		.day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
		.month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9),
	};

	date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
	return date;
}

/* 1970-01-01 to 9999-12-31: what a time stamp can say. */
static int64_t clamped(int64_t ms)
{
	const int64_t last = INT64_C(253402300799999);

	return ms < 0 ? 0 : ms > last ? last : ms;
}

void text_time(int64_t ms, char ret_time[TEXT_TIME_SIZE])
{
	int64_t rest = clamped(ms) % 86400000;
	struct date date = date_of(clamped(ms) / 86400000);

	snprintf(ret_time, TEXT_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	         (unsigned)date.year % 10000, (unsigned)date.month % 100, (unsigned)date.day % 100,
	         (unsigned)(rest / 3600000) % 100, (unsigned)(rest / 60000 % 60),
	         (unsigned)(rest / 1000 % 60), (unsigned)(rest % 1000));
}

void text_time_basic(int64_t ms, char ret_time[17])
{
	char full[TEXT_TIME_SIZE];
	size_t n = 0;

	text_time(ms, full);
	for (size_t i = 0; full[i] != '.'; i++) {
		if (full[i] != '-' && full[i] != ':')
			ret_time[n++] = full[i];
	}
	ret_time[n++] = 'Z';
	ret_time[n] = '\0';
}

/* Cuts a number of exactly `width` digits, within [low, high], off *rest. */
static bool take(struct span *rest, size_t width, int low, int high, int *ret_number)
{
	uint64_t number;

	if (rest->len < width ||
	    !text_number(span_part(*rest, 0, width), (uint64_t)high, &number) || (int)number < low)
		return false;
	*rest = span_part(*rest, width, rest->len);
	*ret_number = (int)number;
	return true;
}

static bool take_char(struct span *rest, char c)
{
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	*rest = span_part(*rest, 1, rest->len);
	return true;
}

static bool take_date(struct span *rest, struct date *ret_date)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, length;

	if (!take(rest, 4, 1970, 9999, &year) || !take_char(rest, '-') ||
	    !take(rest, 2, 1, 12, &month) || !take_char(rest, '-') || !take(rest, 2, 1, 31, &day))
		return false;
	length = lengths[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		length = 29;
	*ret_date = (struct date){ .year = year, .month = month, .day = day };
	return day <= length;
}

/* What is less than a millisecond is dropped. */
static bool take_fraction(struct span *rest, int *ret_ms)
{
	int digit, digits = 0;

	*ret_ms = 0;
	while (digits < 9 && take(rest, 1, 0, 9, &digit)) {
		if (digits++ < 3)
			*ret_ms = *ret_ms * 10 + digit;
	}
	for (int i = digits; i < 3; i++)
		*ret_ms *= 10;
	return digits > 0;
}

bool text_parse_time(struct span text, int64_t *ret_ms)
{
	struct span rest = text;
	struct date date;
	int hour, minute, second, ms = 0;

	if (!take_date(&rest, &date) || !take_char(&rest, 'T') || !take(&rest, 2, 0, 23, &hour) ||
	    !take_char(&rest, ':') || !take(&rest, 2, 0, 59, &minute) || !take_char(&rest, ':') ||
	    !take(&rest, 2, 0, 59, &second))
		return false;
	if (take_char(&rest, '.') && !take_fraction(&rest, &ms))
		return false;
	if (!span_is(rest, "Z"))
		return false;
	*ret_ms = days_of(date) * 86400000 + ((hour * 60 + minute) * 60 + second) * INT64_C(1000) +
	          ms;
	return true;
}

void text_add_duration(struct buf *out, int64_t ms)
{
	int64_t s = ms < 0 ? 0 : ms / 1000 + (ms % 1000 >= 500 ? 1 : 0);

	if (s >= 86400)
		buf_addf(out, "%lldd %02lldh", (long long)(s / 86400), (long long)(s / 3600 % 24));
	else if (s >= 3600)
		buf_addf(out, "%lldh %02lldm", (long long)(s / 3600), (long long)(s / 60 % 60));
	else if (s >= 60)
		buf_addf(out, "%lldm %02llds", (long long)(s / 60), (long long)(s % 60));
	else
		buf_addf(out, "%llds", (long long)s);
}
