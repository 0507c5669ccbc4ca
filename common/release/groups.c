#include "common/release/groups.h"

#include "common/base/buf.h"

#include "common/base/banned.h"

#define LONGEST 128 /* as an image's name */

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
	for (size_t later = at + 1; later < GROUPS_MOST; later++) {
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

size_t groups_find(const struct groups *groups, struct span text,
                   struct span ret_parts[GROUPS_MOST])
{
	regmatch_t taken[GROUPS_MOST];
	struct arena arena = { 0 };
	const char *whole = arena_text(&arena, text);
	bool found = groups->usable && regexec(&groups->regex, whole, GROUPS_MOST, taken, 0) == 0;
	size_t n = 0;

	for (size_t at = 1; found && at < GROUPS_MOST; at++) {
		if (is_innermost(taken, at))
			ret_parts[n++] = span_part(text, (size_t)taken[at].rm_so,
			                           (size_t)(taken[at].rm_eo - taken[at].rm_so));
	}
	arena_clear(&arena);
	return n;
}

struct span groups_join(const struct groups *groups, struct span text, struct arena *arena)
{
	struct span parts[GROUPS_MOST], joined;
	size_t n = groups_find(groups, text, parts);
	struct buf out = buf_with_max(LONGEST);

	for (size_t i = 0; i < n; i++)
		join(&out, parts[i]);
	joined = span_of(arena_text(arena, buf_span(&out)));
	buf_clear(&out);
	return joined;
}
