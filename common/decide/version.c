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
