/*
 * base64: what decodes is exactly what encoding gives, and what was encoded decodes.
 */
#include "common/base/base64.h"

#include <stdint.h>
#include <stdlib.h>

#define ROOM (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void decode_then_encode(struct span text)
{
	struct buf bytes = buf_with_max(ROOM), back = buf_with_max(ROOM);

	if (base64_decode(text, &bytes)) {
		base64_encode(buf_span(&bytes), &back);
		must(span_equal(buf_span(&back), text));
	} else {
		must(bytes.len == 0);
	}
	buf_clear(&bytes);
	buf_clear(&back);
}

static void encode_then_decode(struct span bytes)
{
	struct buf text = buf_with_max(ROOM), back = buf_with_max(ROOM);

	base64_encode(bytes, &text);
	must(base64_decode(buf_span(&text), &back));
	must(span_equal(buf_span(&back), bytes));
	buf_clear(&text);
	buf_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };

	decode_then_encode(input);
	encode_then_decode(input);
	return 0;
}
