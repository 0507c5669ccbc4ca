#include "common/base/base64.h"

#include "tests/unit/check.h"

#include <stdint.h>
#include <string.h>

/* RFC 4648, section 10, and every character of the alphabet. */
static const struct {
	struct span bytes, text;
} vectors[] = {
	{ { "", 0 }, { "", 0 } },
	{ { "f", 1 }, { "Zg==", 4 } },
	{ { "fo", 2 }, { "Zm8=", 4 } },
	{ { "foo", 3 }, { "Zm9v", 4 } },
	{ { "foob", 4 }, { "Zm9vYg==", 8 } },
	{ { "fooba", 5 }, { "Zm9vYmE=", 8 } },
	{ { "foobar", 6 }, { "Zm9vYmFy", 8 } },
	{ { "\0", 1 }, { "AA==", 4 } },
	{ { "\0\0\0", 3 }, { "AAAA", 4 } },
	{ { "\xff\xff\xff", 3 }, { "////", 4 } },
	{ { "\xfb\xef\xbe", 3 }, { "++++", 4 } },
	{ { "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51"
	    "\x55\x97\x61\x96\x9b\x71\xd7\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a"
	    "\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf",
	    48 },
	  { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64 } },
};

TEST(the_vectors_of_the_rfc)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct buf out = buf_with_max(100);

		base64_encode(vectors[i].bytes, &out);
		CHECK_BYTES(buf_text(&out), out.len, vectors[i].text.at, vectors[i].text.len);
		buf_reset(&out);
		CHECK(base64_decode(vectors[i].text, &out), "%s", vectors[i].text.at);
		CHECK_BYTES(buf_text(&out), out.len, vectors[i].bytes.at, vectors[i].bytes.len);
		buf_clear(&out);
	}
}

TEST(what_is_not_base64_is_refused)
{
	static const char *const wrong[] = {
		"Z",          "Zg",         "Zg=",       "Zm8",
		"Zm9vY", /* cut */
		"=",          "==",         "===",       "====",
		"Z===", /* only padding */
		"Zg===",      "Zg==Zg==",   "Zm8=Zm9v",  "Z=g=",
		"=Zg=",       "Zm=v", /* in the wrong place */
		"Zm9vYg==\n", "Zm9v\nYmFy", "Zm9v YmFy", " Zm9v",
		"Zm9v ",                                                 /* blanks */
		"Zm9\n",      "Zm 9",       "\tZm9",                     /* of the right length */
		"Zh==",       "Z/==",       "Zm9=",      "Zm//Zm8/Zm+=", /* stray bits */
		"Zm-_",       "Zm9*",       "Zm9,",      "Zm9\xc3",
		"Zm9.", /* other alphabets */
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct buf out = buf_with_max(100);

		buf_add_text(&out, "before");
		CHECK(!base64_decode(span_of(wrong[i]), &out), "\"%s\" was accepted", wrong[i]);
		CHECK_TEXT(buf_text(&out), "before");
		CHECK_INT((long long)out.len, 6);
		buf_clear(&out);
	}
}

TEST(every_other_byte_is_refused)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int c = 0; c < 256; c++) {
		const char text[4] = { 'A', (char)c, 'A', 'A' };
		bool in_alphabet = c && strchr(alphabet, c);
		struct buf out = buf_with_max(100);

		CHECK_INT(base64_decode((struct span){ text, 4 }, &out), in_alphabet);
		buf_clear(&out);
	}
}

/* Of all that may stand before "==" and "=", only what an encoder writes is accepted. */
TEST(bits_behind_the_end_are_zero)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int i = 0; i < 64; i++) {
		const char two[4] = { 'A', alphabet[i], '=', '=' };
		const char one[4] = { 'A', 'A', alphabet[i], '=' };
		struct buf out = buf_with_max(100);

		CHECK_INT(base64_decode((struct span){ two, 4 }, &out), i % 16 == 0);
		CHECK_INT(base64_decode((struct span){ one, 4 }, &out), i % 4 == 0);
		buf_clear(&out);
	}
}

TEST(every_length_makes_the_round_trip)
{
	struct buf bytes = buf_with_max(1000), text = buf_with_max(2000), back = buf_with_max(1000);

	for (size_t len = 0; len < 300; len++) {
		buf_reset(&text);
		buf_reset(&back);
		base64_encode(buf_span(&bytes), &text);
		CHECK_INT((long long)text.len, (long long)((len + 2) / 3 * 4));
		CHECK(base64_decode(buf_span(&text), &back));
		CHECK(span_equal(buf_span(&back), buf_span(&bytes)), "%zu bytes came back other",
		      len);
		buf_add_char(&bytes, (char)(len * 151 & 0xff));
	}
	buf_clear(&bytes);
	buf_clear(&text);
	buf_clear(&back);
}

TEST(what_does_not_fit_is_refused)
{
	struct buf out = buf_with_max(5);

	CHECK(!base64_decode(SPAN("Zm9vYmFy"), &out));
	CHECK(out.overflow && out.len == 0);
	CHECK_TEXT(buf_text(&out), "");
	buf_clear(&out);
	CHECK(base64_decode(SPAN("Zm9vYmE="), &out) && !out.overflow);
	CHECK_TEXT(buf_text(&out), "fooba");
	buf_clear(&out);
}

TEST(no_text_is_no_bytes)
{
	struct buf out = buf_with_max(5);

	CHECK(base64_decode(SPAN_NONE, &out));
	base64_encode(SPAN_NONE, &out);
	CHECK_INT((long long)out.len, 0);
	buf_clear(&out);
}

int main(void)
{
	check_run(the_vectors_of_the_rfc);
	check_run(what_is_not_base64_is_refused);
	check_run(every_other_byte_is_refused);
	check_run(bits_behind_the_end_are_zero);
	check_run(every_length_makes_the_round_trip);
	check_run(what_does_not_fit_is_refused);
	check_run(no_text_is_no_bytes);
	return check_done();
}
