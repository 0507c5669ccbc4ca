/*
 * near_miss: images that a family would take if just one of its conditions were another.
 *
 * Each condition is relaxed by itself: an image counts when it fails that one and passes all the
 * others.
 */
#ifndef EVERGOLD_DECIDE_NEAR_MISS_H
#define EVERGOLD_DECIDE_NEAR_MISS_H

#include "common/decide/match.h"

#define NEAR_MISSES_MOST 5

struct near_miss {
	enum condition condition;  /* the one that it fails */
	const char *with;          /* "with architecture arm64": completes "would match" */
	const struct image *image; /* the newest of those that would fit then */
	const struct image *rival; /* as new as that: it would be ambiguous; NULL */
	struct span version;
};

struct near_misses {
	struct near_miss at[NEAR_MISSES_MOST]; /* the condition that is asked last comes first */
	size_t n;
};

/* Images are borrowed from the release, texts are in the arena. */
struct near_misses near_misses_of(const struct family *family, struct span region,
                                  const struct release *release, struct arena *arena);

#endif
