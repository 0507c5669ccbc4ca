#include "common/decide/version.h"

#include "common/base/banned.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Cuts the next number off *rest, without leading zeros; empty when there is none. */
static struct span next_number(struct span *rest)
{
	size_t at = 0, end;
	struct span number;

	while (at < rest->len && !is_digit(rest->at[at]))
		at++;
	end = at;
	while (end < rest->len && is_digit(rest->at[end]))
		end++;
	number = span_part(*rest, at, end - at);
	*rest = span_part(*rest, end, rest->len);
	while (number.len && number.at[0] == '0')
		number = span_part(number, 1, number.len);
	return number;
}

int version_compare(struct span a, struct span b)
{
	while (a.len || b.len) {
		struct span x = next_number(&a), y = next_number(&b);

		if (x.len != y.len)
			return x.len < y.len ? -1 : 1;
		if (span_compare(x, y) != 0)
			return span_compare(x, y);
	}
	return 0;
}

static bool holds(struct span text, struct span part)
{
	for (size_t at = 0; part.len && at + part.len <= text.len; at++) {
		if (span_starts(span_part(text, at, text.len), part))
			return true;
	}
	return false;
}

struct span version_in_name(struct span name, struct span release)
{
	struct span best = SPAN_NONE;

	if (holds(name, release))
		return release;
	for (size_t at = 0; at < name.len; at++) {
		size_t len = 0, dots = 0;

		while (at + len < name.len &&
		       (is_digit(name.at[at + len]) || name.at[at + len] == '.'))
			dots += name.at[at + len++] == '.';
		if (dots >= 2 && len > best.len)
			best = span_part(name, at, len);
		at += len;
	}
	return best.len ? best : release;
}
