/*
 * groups: the version that a pattern finds in an image's name, or in the text of a notice.
 *
 * The pattern is a POSIX extended regular expression. What its innermost groups took is joined by
 * "."; those without a digit are left out, but for a lone letter, which gives its place in the
 * alphabet, because ECS counts its respins that way (2017.09.a, 2017.09.b, …).
 *
 *	"-v([0-9]{8})$"                       …-1.33-v20251120           20251120
 *	"-sp([0-9]+)(-[a-z]+)?-v([0-9]{8})"   …-sp6-byos-v20250210-…     6.20250210
 *	"-([0-9]{4}\.[0-9]{2})\.([a-z])-"     amzn-ami-2017.09.j-amazon  2017.09.10
 */
#ifndef EVERGOLD_RELEASE_GROUPS_H
#define EVERGOLD_RELEASE_GROUPS_H

#include "common/base/arena.h"

#include <regex.h>
#include <stdbool.h>

/* A pattern that is ready for many texts. */
struct groups {
	regex_t regex;
	bool usable;
};

/* The pattern is one of the catalogue's; NULL finds nothing. */
void groups_init(struct groups *groups, const char *pattern);
void groups_clear(struct groups *groups);

#define GROUPS_MOST 12

/* What the innermost groups took, as parts of the text; returns how many. */
size_t groups_find(const struct groups *groups, struct span text,
                   struct span ret_parts[GROUPS_MOST]);

/* In the arena; empty when the pattern does not match. */
struct span groups_join(const struct groups *groups, struct span text, struct arena *arena);

#endif
