/*
 * Time stamps that are accepted and refused are data, in tests/cases/text_time: a stamp a line, and
 * beside it the milliseconds that it means.
 */
#include "common/base/text.h"

#include "tests/unit/check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS  INT64_C(86400000)
#define LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

/* ---- Hexadecimal ----------------------------------------------------------------------------- */

TEST(hex_is_lower_case)
{
	char hex[9];

	text_hex((const unsigned char[]){ 0x00, 0x0f, 0xa5, 0xff }, 4, hex);
	CHECK_TEXT(hex, "000fa5ff");
	text_hex((const unsigned char *)"", 0, hex);
	CHECK_TEXT(hex, "");
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* What the standard says of one code point, not how our code computes it. */
static size_t utf8_size(uint32_t c)
{
	if (c >= 0xd800 && c <= 0xdfff)
		return 0;
	if (c < 0x80)
		return 1;
	return c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* UTF-8 sorts as code points do, so that no two of them may be written the same. */
TEST(every_code_point_has_its_own_sequence)
{
	struct buf out = buf_with_max(4), last = buf_with_max(4);
	uint32_t wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		buf_reset(&last);
		buf_add(&last, buf_span(&out));
		buf_reset(&out);
		text_add_utf8(&out, c);
		if (span_compare(buf_span(&last), buf_span(&out)) >= 0)
			wrong++;
		if (text_utf8_length(buf_span(&out)) != utf8_size(c))
			wrong++;
		if (utf8_size(c) && (out.len != utf8_size(c) || !text_is_utf8(buf_span(&out)) ||
		                     text_utf8_count(buf_span(&out)) != 1))
			wrong++;
	}
	CHECK_INT(wrong, 0);
	buf_clear(&out);
	buf_clear(&last);
}

/* Of all sequences of two bytes, just these are UTF-8: ASCII twice, and U+0080 to U+07FF. */
TEST(just_the_right_pairs_are_utf8)
{
	int pairs = 0;

	for (int first = 0; first < 256; first++) {
		for (int second = 0; second < 256; second++) {
			const char text[2] = { (char)first, (char)second };

			pairs += text_is_utf8((struct span){ text, 2 });
		}
	}
	CHECK_INT(pairs, 128 * 128 + 0x800 - 0x80);
}

/* The same for the first two bytes of longer sequences, each of which stands for 64 of the last. */
TEST(just_the_right_beginnings_are_utf8)
{
	int threes = 0, fours = 0;

	for (int first = 0x80; first < 256; first++) {
		for (int second = 0; second < 256; second++) {
			const char text[4] = { (char)first, (char)second, '\x80', '\x80' };
			size_t length = text_utf8_length((struct span){ text, 4 });

			threes += length == 3;
			fours += length == 4;
		}
	}
	CHECK_INT(threes, (0x10000 - 0x800 - 0x800) / 64);
	CHECK_INT(fours, (0x110000 - 0x10000) / 64 / 64);
}

TEST(sequences_that_are_cut_are_no_utf8)
{
	static const char emoji[] = "\xf0\x9f\x98\x80";

	for (size_t len = 1; len < 4; len++) {
		char *exact = malloc(len); /* so that an overread is seen */

		if (!exact)
			return;
		memcpy(exact, emoji, len);
		CHECK_INT((long long)text_utf8_length((struct span){ exact, len }), 0);
		free(exact);
	}
	CHECK_INT((long long)text_utf8_length(SPAN_NONE), 0);
	CHECK(text_is_utf8(SPAN_NONE));
	CHECK(!text_is_utf8(SPAN("good \xc3")));
}

TEST(code_points_are_counted)
{
	CHECK_INT((long long)text_utf8_count(SPAN("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
	CHECK_INT((long long)text_utf8_count(SPAN_NONE), 0);
}

/* ---- Numbers and control characters ---------------------------------------------------------- */

TEST(numbers_reach_their_maximum)
{
	uint64_t number = 7;

	CHECK(text_number(SPAN("0"), 0, &number) && number == 0);
	CHECK(text_number(SPAN("00042"), 42, &number) && number == 42);
	CHECK(text_number(SPAN("18446744073709551615"), UINT64_MAX, &number));
	CHECK(number == UINT64_MAX);
	CHECK(text_number(SPAN("9223372036854775807"), INT64_MAX, &number));
	CHECK(number == INT64_MAX);
}

TEST(what_is_no_number_is_refused_and_nothing_is_written)
{
	static const char *const wrong[] = { "",   "-1", "+1", " 1",  "1 ",       "1.",
		                             "1:", "1/", "0x", "1e2", "\xd9\xa3", "a" };
	uint64_t number = 7;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!text_number(span_of(wrong[i]), 100, &number), "\"%s\"", wrong[i]);
	CHECK(!text_number(SPAN("1\0"), 100, &number));
	CHECK(!text_number(SPAN("1"), 0, &number));
	CHECK(!text_number(SPAN("43"), 42, &number));
	CHECK(!text_number(SPAN("9"), 5, &number));
	CHECK(!text_number(SPAN("18446744073709551616"), UINT64_MAX, &number));
	CHECK(!text_number(SPAN("99999999999999999999999"), UINT64_MAX, &number));
	CHECK(number == 7);
}

TEST(a_uuid_has_its_dashes_in_place)
{
	static const char *const others[] = {
		"",
		"0d1f6f0c-6a4e-4f6a-9f53-3f0a5c8f000",
		"0d1f6f0c-6a4e-4f6a-9f53-3f0a5c8f00011",
		"0D1F6F0C-6A4E-4F6A-9F53-3F0A5C8F0001",
		"0d1f6f0c06a4e-4f6a-9f53-3f0a5c8f0001",
		"0d1f6f0c-6a4e-4f6a-9f53-3f0a-c8f0001",
		"../f6f0c-6a4e-4f6a-9f53-3f0a5c8f0001",
		"------------------------------------",
	};

	CHECK(text_is_uuid(SPAN("0d1f6f0c-6a4e-4f6a-9f53-3f0a5c8f0001")));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		CHECK(!text_is_uuid(span_of(others[i])), "%s", others[i]);
}

TEST(control_characters_are_seen)
{
	CHECK(!text_has_control(SPAN(" plain ~ \xc3\xa9")) && !text_has_control(SPAN_NONE));
	CHECK(text_has_control(SPAN("a\n")) && text_has_control(SPAN("\x7f")));
	CHECK(text_has_control(SPAN("\0")) && text_has_control(SPAN("\x1f")));
}

/* ---- Time ------------------------------------------------------------------------------------ */

static void check_both_ways(int64_t ms, const char *want)
{
	char text[TEXT_TIME_SIZE];
	int64_t back = -1;

	text_time(ms, text);
	CHECK_TEXT(text, want);
	CHECK(text_parse_time(span_of(text), &back), "%s", text);
	CHECK_INT(back, ms);
}

/* The C library knows the calendar too: every day until 2106, and then one in thirteen. */
TEST(days_until_9999_are_those_of_the_c_library)
{
	for (int64_t day = 0; day <= LAST_MS / DAY_MS; day += day < 50000 ? 1 : 13) {
		time_t seconds = (time_t)(day * 86400 + day % 86400);
		char want[128];
		struct tm tm;

		if (!gmtime_r(&seconds, &tm))
			return;
		snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		         tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		         tm.tm_sec, (int)(day % 1000));
		check_both_ways((int64_t)seconds * 1000 + day % 1000, want);
	}
}

TEST(known_moments)
{
	check_both_ways(0, "1970-01-01T00:00:00.000Z");
	check_both_ways(951782400000, "2000-02-29T00:00:00.000Z");
	check_both_ways(1583020799999, "2020-02-29T23:59:59.999Z");
	check_both_ways(4107542400000, "2100-03-01T00:00:00.000Z");
	check_both_ways(4107542399999, "2100-02-28T23:59:59.999Z");
	check_both_ways(INT64_C(2147483648) * 1000, "2038-01-19T03:14:08.000Z");
	check_both_ways(LAST_MS, "9999-12-31T23:59:59.999Z");
}

TEST(times_that_cannot_be_written_become_the_nearest)
{
	char text[TEXT_TIME_SIZE];

	text_time(-1, text);
	CHECK_TEXT(text, "1970-01-01T00:00:00.000Z");
	text_time(INT64_MIN, text);
	CHECK_TEXT(text, "1970-01-01T00:00:00.000Z");
	text_time(LAST_MS + 1, text);
	CHECK_TEXT(text, "9999-12-31T23:59:59.999Z");
	text_time(INT64_MAX, text);
	CHECK_TEXT(text, "9999-12-31T23:59:59.999Z");
}

TEST(the_basic_form_has_seconds)
{
	char text[17];

	text_time_basic(1787014800999, text);
	CHECK_TEXT(text, "20260818T010000Z");
	text_time_basic(0, text);
	CHECK_TEXT(text, "19700101T000000Z");
	text_time_basic(INT64_MAX, text);
	CHECK_TEXT(text, "99991231T235959Z");
}

static void time_case(const char *dir)
{
	struct buf got = buf_with_max(100000);
	struct span rest;

	rest.at = check_read(dir, "input.txt", &rest.len);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		int64_t ms = -1;

		if (text_parse_time(line, &ms))
			buf_addf(&got, "%.*s = %lld\n", SPAN_ARG(line), (long long)ms);
		else
			buf_addf(&got, "%.*s is refused\n", SPAN_ARG(line));
	}
	CHECK_FILE(dir, "want.txt", buf_text(&got));
	buf_clear(&got);
}

TEST(a_time_holds_no_nul)
{
	int64_t ms = 7;

	CHECK(!text_parse_time(SPAN("2026-08-18T01:00:00Z\0"), &ms));
	CHECK(!text_parse_time(SPAN("2026-08-18T01:00:00\0Z"), &ms));
	CHECK(!text_parse_time(SPAN_NONE, &ms));
	CHECK_INT(ms, 7);
}

/* ---- Durations ------------------------------------------------------------------------------- */

static void check_duration(int64_t ms, const char *want)
{
	struct buf out = buf_with_max(100);

	text_add_duration(&out, ms);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(durations_have_two_units_at_most)
{
	check_duration(0, "0s");
	check_duration(-5000, "0s");
	check_duration(INT64_MIN, "0s");
	check_duration(499, "0s");
	check_duration(500, "1s");
	check_duration(9000, "9s");
	check_duration(59499, "59s");
	check_duration(59500, "1m 00s");
	check_duration(842000, "14m 02s");
	check_duration(3599499, "59m 59s");
	check_duration(3599500, "1h 00m");
	check_duration(7500000, "2h 05m");
	check_duration(86399499, "23h 59m");
	check_duration(86399500, "1d 00h");
	check_duration(14 * DAY_MS, "14d 00h");
	check_duration(3 * DAY_MS + 4 * 3600000, "3d 04h");
	check_duration(INT64_MAX, "106751991167d 07h");
}

static void check_cut(const char *text, size_t max, const char *want)
{
	struct span cut = text_cut(span_of(text), max);

	CHECK(span_is(cut, want), "%.*s", SPAN_ARG(cut));
}

TEST(a_cut_keeps_characters_whole)
{
	check_cut("abc", 3, "abc");
	check_cut("abc", 2, "ab");
	check_cut("abc", 0, "");
	check_cut("", 0, "");
	check_cut("a\xe2\x82\xac", 4, "a\xe2\x82\xac");
	check_cut("a\xe2\x82\xac", 3, "a");
	check_cut("a\xe2\x82\xac", 2, "a");
	check_cut("\xf0\x9d\x84\x9e!", 3, "");
	check_cut("\xf0\x9d\x84\x9e!", 4, "\xf0\x9d\x84\x9e");
	check_cut("\x80\x80\x80\x80\x80\x80", 5, "\x80\x80\x80\x80\x80");
	check_cut("\x80\x80\x80", 1, "\x80");
}

int main(void)
{
	check_run(hex_is_lower_case);
	check_run(every_code_point_has_its_own_sequence);
	check_run(just_the_right_pairs_are_utf8);
	check_run(just_the_right_beginnings_are_utf8);
	check_run(sequences_that_are_cut_are_no_utf8);
	check_run(code_points_are_counted);
	check_run(numbers_reach_their_maximum);
	check_run(what_is_no_number_is_refused_and_nothing_is_written);
	check_run(a_uuid_has_its_dashes_in_place);
	check_run(control_characters_are_seen);
	check_run(days_until_9999_are_those_of_the_c_library);
	check_run(known_moments);
	check_run(times_that_cannot_be_written_become_the_nearest);
	check_run(the_basic_form_has_seconds);
	check_cases("tests/cases/text_time", time_case);
	check_run(a_time_holds_no_nul);
	check_run(durations_have_two_units_at_most);
	check_run(a_cut_keeps_characters_whole);
	return check_done();
}
