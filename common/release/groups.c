#include "common/release/groups.h"

#include "common/base/buf.h"

#include "common/base/banned.h"

#define MOST_GROUPS 12
#define LONGEST     128 /* as an image's name */

void groups_init(struct groups *groups, const char *pattern)
{
	groups->usable = pattern && regcomp(&groups->regex, pattern, REG_EXTENDED) == 0;
}

void groups_clear(struct groups *groups)
{
	if (groups->usable)
		regfree(&groups->regex);
	groups->usable = false;
}

/* Groups count in the order of their opening parentheses: a later one that begins earlier than this
 * one ends lies in it. */
static bool is_innermost(const regmatch_t *taken, size_t at)
{
	for (size_t later = at + 1; later < MOST_GROUPS; later++) {
		if (taken[later].rm_so >= 0 && taken[later].rm_so < taken[at].rm_eo)
			return false;
	}
	return taken[at].rm_so >= 0 && taken[at].rm_eo > taken[at].rm_so;
}

static bool has_digit(struct span text)
{
	for (size_t at = 0; at < text.len; at++) {
		if (text.at[at] >= '0' && text.at[at] <= '9')
			return true;
	}
	return false;
}

static void join(struct buf *out, struct span part)
{
	bool letter = part.len == 1 && part.at[0] >= 'a' && part.at[0] <= 'z';

	if (out->len && (letter || has_digit(part)))
		buf_add_char(out, '.');
	if (letter)
		buf_addf(out, "%d", part.at[0] - 'a' + 1);
	else if (has_digit(part))
		buf_add(out, part);
}

struct span groups_join(const struct groups *groups, struct span text, struct arena *arena)
{
	const char *whole = arena_text(arena, text);
	struct buf out = buf_with_max(LONGEST);
	regmatch_t taken[MOST_GROUPS];
	struct span joined;

	if (groups->usable && regexec(&groups->regex, whole, MOST_GROUPS, taken, 0) == 0) {
		for (size_t at = 1; at < MOST_GROUPS; at++) {
			if (is_innermost(taken, at))
				join(&out, span_part(text, (size_t)taken[at].rm_so,
				                     (size_t)(taken[at].rm_eo - taken[at].rm_so)));
		}
	}
	joined = span_of(arena_text(arena, buf_span(&out)));
	buf_clear(&out);
	return joined;
}
