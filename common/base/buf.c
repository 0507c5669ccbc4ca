#include "common/base/buf.h"

#include "common/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

/* No object is larger than PTRDIFF_MAX; below it, no sum of two sizes and a NUL wraps around. */
struct buf buf_with_max(size_t max)
{
	return (struct buf){ .max = max < PTRDIFF_MAX ? max : PTRDIFF_MAX - 1 };
}

void buf_clear(struct buf *buf)
{
	free(buf->at);
	*buf = buf_with_max(buf->max);
}

void buf_wipe(struct buf *buf)
{
	if (buf->at)
		explicit_bzero(buf->at, buf->cap);
	buf_clear(buf);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->at)
		buf->at[0] = '\0';
}

static size_t grown(const struct buf *buf, size_t needed)
{
	size_t cap = buf->cap ? buf->cap : 64;

	while (cap < needed)
		cap *= 2;
	return cap > buf->max + 1 ? buf->max + 1 : cap;
}

bool buf_reserve(struct buf *buf, size_t len)
{
	size_t needed = buf->len + len + 1;

	if (len > buf->max || buf->len > buf->max - len) {
		buf->overflow = true;
		return false;
	}
	if (needed > buf->cap) {
		buf->cap = grown(buf, needed);
		buf->at = xreallocarray(buf->at, buf->cap, 1);
		buf->at[buf->len] = '\0';
	}
	return true;
}

void buf_add(struct buf *buf, struct span bytes)
{
	if (bytes.len == 0 || buf->overflow || !buf_reserve(buf, bytes.len))
		return;
	memcpy(buf->at + buf->len, bytes.at, bytes.len);
	buf->len += bytes.len;
	buf->at[buf->len] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, span_of(text));
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, (struct span){ &c, 1 });
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len > 0 && !buf->overflow && buf_reserve(buf, (size_t)len)) {
		vsnprintf(buf->at + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

struct span buf_span(const struct buf *buf)
{
	return (struct span){ buf->at, buf->len };
}

const char *buf_text(const struct buf *buf)
{
	return buf->at ? buf->at : "";
}

char *buf_take(struct buf *buf)
{
	char *text = buf->at ? buf->at : xcalloc(1, 1);

	*buf = buf_with_max(buf->max);
	return text;
}
