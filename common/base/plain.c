#include "common/base/plain.h"

#include "common/base/text.h"

#include <stdint.h>

#include "common/base/banned.h"

static uint32_t decode(struct span sequence)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code_point = (unsigned char)sequence.at[0] & masks[sequence.len];

	for (size_t i = 1; i < sequence.len; i++)
		code_point = code_point << 6 | ((unsigned char)sequence.at[i] & 0x3f);
	return code_point;
}

/* Default_Ignorable_Code_Point of Unicode 16, and Cc, Zl, Zp, U+FFF9..B; in ascending order. */
static bool is_harmless(uint32_t code_point)
{
	static const struct {
		uint32_t first, last;
	} harmful[] = {
		{ 0x00, 0x1f },       { 0x7f, 0x9f },       { 0xad, 0xad },
		{ 0x34f, 0x34f },     { 0x61c, 0x61c },     { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < ARRAY_LEN(harmful) && harmful[i].first <= code_point; i++) {
		if (code_point <= harmful[i].last)
			return false;
	}
	return true;
}

void plain_add(struct buf *out, struct span text)
{
	for (size_t at = 0; at < text.len;) {
		struct span sequence = span_part(text, at,
		                                 text_utf8_length(span_part(text, at, 4)));
		uint32_t code_point;

		if (sequence.len == 0) {
			buf_addf(out, "\\x%02x", (unsigned char)text.at[at++]);
			continue;
		}
		code_point = decode(sequence);
		if (is_harmless(code_point))
			buf_add(out, sequence);
		else
			buf_addf(out, "\\u{%x}", code_point);
		at += sequence.len;
	}
}
