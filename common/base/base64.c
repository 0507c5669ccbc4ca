#include "common/base/base64.h"

#include <stdint.h>
#include <string.h>

#include "common/base/banned.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 0..63, or 64 when c is not in the alphabet. */
static uint32_t value_of(char c)
{
	const char *found = c ? strchr(alphabet, c) : NULL;

	return found ? (uint32_t)(found - alphabet) : 64;
}

/* Four characters, of which the last `padding` are '='; the bits that padding leaves must be 0. */
static bool decode_group(const char *group, size_t padding, struct buf *out)
{
	uint32_t bits = 0;
	char bytes[3];

	for (size_t i = 0; i < 4; i++) {
		uint32_t value = i < 4 - padding ? value_of(group[i]) : 0;

		if (value == 64)
			return false;
		bits = bits << 6 | value;
	}
	if (bits & ((1U << 8 * padding) - 1))
		return false;
	for (size_t i = 0; i < 3; i++)
		bytes[i] = (char)(bits >> (16 - 8 * i) & 0xff);
	buf_add(out, (struct span){ bytes, 3 - padding });
	return true;
}

static size_t padding_of(struct span text)
{
	if (span_ends(text, SPAN("==")))
		return 2;
	return span_ends(text, SPAN("=")) ? 1 : 0;
}

static void forget_after(struct buf *out, size_t len)
{
	out->len = len;
	if (out->at)
		out->at[len] = '\0';
}

bool base64_decode(struct span text, struct buf *out)
{
	size_t before = out->len, padding = padding_of(text);

	if (text.len % 4 != 0)
		return false;
	for (size_t at = 0; at < text.len; at += 4) {
		size_t here = at + 4 == text.len ? padding : 0;

		if (!decode_group(text.at + at, here, out) || out->overflow) {
			forget_after(out, before);
			return false;
		}
	}
	return true;
}

void base64_encode(struct span bytes, struct buf *out)
{
	for (size_t at = 0; at < bytes.len; at += 3) {
		struct span group = span_part(bytes, at, 3);
		uint32_t bits = 0;
		char text[4] = { '=', '=', '=', '=' };

		for (size_t i = 0; i < 3; i++)
			bits = bits << 8 | (i < group.len ? (unsigned char)group.at[i] : 0);
		for (size_t i = 0; i <= group.len; i++)
			text[i] = alphabet[bits >> (18 - 6 * i) & 63];
		buf_add(out, (struct span){ text, 4 });
	}
}
