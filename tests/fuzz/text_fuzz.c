/*
 * text: a time stamp that is read is written the same, UTF-8 is what is put together again from its
 * pieces, and a number that is read is the one that was written.
 */
#include "common/base/text.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

/* The same up to milliseconds; the fraction may be left out, or have up to nine digits. */
static void check_time(struct span text)
{
	char back[TEXT_TIME_SIZE], basic[17];
	int64_t ms, again;

	if (!text_parse_time(text, &ms))
		return;
	must(ms >= 0 && (text.len == 20 || (text.len >= 22 && text.len <= 30)));
	text_time(ms, back);
	must(span_equal(span_part(text, 0, 19), span_part(span_of(back), 0, 19)));
	must(text_parse_time(span_of(back), &again) && again == ms);
	text_time_basic(ms, basic);
	must(strlen(basic) == 16 && memcmp(basic, back, 4) == 0);
}

static void check_utf8(struct span text)
{
	size_t at = 0, count = 0, length;

	while (at < text.len && (length = text_utf8_length(span_part(text, at, text.len))) > 0) {
		must(length <= 4 && length <= text.len - at);
		at += length;
		count++;
	}
	must(text_is_utf8(text) == (at == text.len));
	must(text_utf8_count(span_part(text, 0, at)) == count);
}

static void check_number(struct span text)
{
	uint64_t number, capped;
	char back[24];
	struct span digits = text;

	if (!text_number(text, UINT64_MAX, &number))
		return;
	while (digits.len > 1 && digits.at[0] == '0')
		digits = span_part(digits, 1, digits.len);
	snprintf(back, sizeof(back), "%" PRIu64, number);
	must(span_is(digits, back));
	must(text_number(text, number, &capped) && capped == number);
	must(number == 0 || !text_number(text, number - 1, &capped));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };

	check_time(input);
	check_utf8(input);
	check_number(input);
	text_has_control(input);
	return 0;
}
