/*
 * Every character there is goes through plain_add(): those of tests/cases/plain/escaped.tsv come
 * out escaped, all others as they are.
 */
#include "common/base/plain.h"

#include "common/base/text.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <stdio.h>
#include <stdlib.h>

#define LAST_CODE_POINT 0x10ffff

static unsigned char is_escaped[LAST_CODE_POINT + 1];

static uint32_t code_point(struct span hex)
{
	char text[9];

	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(hex));
	return (uint32_t)strtoul(text, NULL, 16);
}

static void mark_row(const struct row *row)
{
	uint32_t first = code_point(row->cells[0]), last = code_point(row->cells[1]);

	CHECK(first <= last && last <= LAST_CODE_POINT, "line %d", row->line);
	for (uint32_t c = first; c <= last && c <= LAST_CODE_POINT; c++)
		is_escaped[c] = 1;
}

static bool is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

TEST(every_character)
{
	struct buf in = buf_with_max(8), out = buf_with_max(16), want = buf_with_max(16);

	rows_each("tests/cases/plain", "escaped.tsv", mark_row);
	for (uint32_t c = 0; c <= LAST_CODE_POINT; c++) {
		if (is_surrogate(c))
			continue;
		buf_reset(&in);
		buf_reset(&out);
		buf_reset(&want);
		text_add_utf8(&in, c);
		plain_add(&out, buf_span(&in));
		if (is_escaped[c])
			buf_addf(&want, "\\u{%x}", c);
		else
			buf_add(&want, buf_span(&in));
		CHECK(span_equal(buf_span(&out), buf_span(&want)), "U+%04X: %s", c, buf_text(&out));
	}
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
}

/* ---- What is no character -------------------------------------------------------------------- */

static const struct {
	const char *in, *want;
} texts[] = {
	{ "", "" },
	{ "plain & simple <text>", "plain & simple <text>" },
	{ "two\nlines\r\n", "two\\u{a}lines\\u{d}\\u{a}" },
	{ "\033[31mred\033[0m\a", "\\u{1b}[31mred\\u{1b}[0m\\u{7}" },
	{ "\xc3\xa9t\xc3\xa9 \xe2\x9c\x85 \xf0\x9f\x94\xa5",
	  "\xc3\xa9t\xc3\xa9 \xe2\x9c\x85 \xf0\x9f\x94\xa5" },
	{ "exe.\xe2\x80\xaegnp", "exe.\\u{202e}gnp" },
	{ "\x80", "\\x80" },
	{ "a\xff", "a\\xff" },
	{ "\xfe\xfe", "\\xfe\\xfe" },
	{ "\xc3", "\\xc3" },                            /* cut off */
	{ "\xe2\x80", "\\xe2\\x80" },                   /* the same */
	{ "\xf0\x9f\x94", "\\xf0\\x9f\\x94" },          /* the same */
	{ "\xc3(", "\\xc3(" },                          /* no second byte */
	{ "\xe2\x80\n", "\\xe2\\x80\\u{a}" },           /* the line end stays one */
	{ "\xc0\x8a", "\\xc0\\x8a" },                   /* a line end, overlong */
	{ "\xe0\x80\x8a", "\\xe0\\x80\\x8a" },          /* the same */
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* a surrogate */
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* beyond Unicode */
	{ "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80" },
	{ "\x80\xe2\x80\xae", "\\x80\\u{202e}" },
};

TEST(texts_and_what_is_no_text)
{
	struct buf out = buf_with_max(100);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		buf_reset(&out);
		plain_add(&out, span_of(texts[i].in));
		CHECK_TEXT(buf_text(&out), texts[i].want);
	}
	buf_clear(&out);
}

TEST(a_nul_is_escaped_too)
{
	struct buf out = buf_with_max(100);

	plain_add(&out, SPAN("a\0b"));
	CHECK_TEXT(buf_text(&out), "a\\u{0}b");
	plain_add(&out, SPAN_NONE);
	CHECK_TEXT(buf_text(&out), "a\\u{0}b");
	buf_clear(&out);
}

int main(void)
{
	check_run(every_character);
	check_run(texts_and_what_is_no_text);
	check_run(a_nul_is_escaped_too);
	return check_done();
}
