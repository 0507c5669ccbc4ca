/*
 * span: borrowed bytes, passed by value.
 *
 * A span owns nothing and is not NUL-terminated; it is valid as long as what it points into. Text
 * that came from outside travels as spans until it is copied into an arena.
 */
#ifndef EVERGOLD_BASE_SPAN_H
#define EVERGOLD_BASE_SPAN_H

#include "common/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *at; /* may be NULL when len is 0 */
	size_t len;
};

#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })
#define SPAN_NONE     ((struct span){ NULL, 0 })

/* Its bytes, never NULL. Inline, so that the compiler sees through it where it checks formats. */
static inline const char *span_at(struct span text)
{
	return text.at ? text.at : "";
}

/* For printf's "%.*s". */
#define SPAN_ARG(span) (int)(span).len, span_at(span)

struct span span_of(const char *text); /* NULL gives SPAN_NONE */
bool span_equal(struct span a, struct span b);
bool span_is(struct span a, const char *text);
int span_compare(struct span a, struct span b); /* <0, 0, >0: byte order */
bool span_starts(struct span text, struct span prefix);
bool span_ends(struct span text, struct span suffix);

/* The bytes from `from` on, at most `len` of them; past the end gives an empty span. */
struct span span_part(struct span text, size_t from, size_t len);

/* Cuts the text before the first `separator` off *rest and returns it; without one, all of it. */
struct span span_cut(struct span *rest, char separator);

/* Without blanks, tabs and line ends on both sides. */
struct span span_trim(struct span text);

/* Every byte is one of the characters of `allowed`. */
bool span_only(struct span text, const char *allowed);

#endif
