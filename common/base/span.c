#include "common/base/span.h"

#include <string.h>

#include "common/base/banned.h"

struct span span_of(const char *text)
{
	return (struct span){ text, text ? strlen(text) : 0 };
}

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool span_is(struct span a, const char *text)
{
	return span_equal(a, span_of(text));
}

int span_compare(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool span_starts(struct span text, struct span prefix)
{
	return text.len >= prefix.len && span_equal(span_part(text, 0, prefix.len), prefix);
}

bool span_ends(struct span text, struct span suffix)
{
	return text.len >= suffix.len &&
	       span_equal(span_part(text, text.len - suffix.len, suffix.len), suffix);
}

struct span span_part(struct span text, size_t from, size_t len)
{
	if (from >= text.len)
		return SPAN_NONE;
	if (len > text.len - from)
		len = text.len - from;
	return (struct span){ text.at + from, len };
}

struct span span_cut(struct span *rest, char separator)
{
	const char *found = rest->len ? memchr(rest->at, separator, rest->len) : NULL;
	struct span head = *rest;

	if (!found) {
		*rest = SPAN_NONE;
		return head;
	}
	head.len = (size_t)(found - rest->at);
	*rest = span_part(*rest, head.len + 1, rest->len);
	return head;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span text)
{
	while (text.len && blank(text.at[0]))
		text = span_part(text, 1, text.len);
	while (text.len && blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool span_only(struct span text, const char *allowed)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\0' || !strchr(allowed, text.at[i]))
			return false;
	}
	return true;
}
