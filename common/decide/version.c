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

static int compare_numbers(struct span a, struct span b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return span_compare(a, b);
}

int version_compare(struct span a, struct span b)
{
	int order = 0;

	while (order == 0 && (a.len || b.len)) {
		struct span x = next_number(&a), y = next_number(&b);

		order = compare_numbers(x, y);
	}
	return order;
}

static bool has_number(struct span text)
{
	size_t at = 0;

	while (at < text.len && !is_digit(text.at[at]))
		at++;
	return at < text.len;
}

int version_compare_part(struct span a, struct span b)
{
	int order = 0;

	while (order == 0 && has_number(a) && has_number(b)) {
		struct span x = next_number(&a), y = next_number(&b);

		order = compare_numbers(x, y);
	}
	return order;
}
