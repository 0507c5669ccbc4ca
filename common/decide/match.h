/*
 * match: which image of a release a family wants in one region.
 *
 * The conditions are asked in this order, and the first that no image passes is the reason:
 * an image in the region, its name, no exclusion, its architecture. Of several that pass all, the
 * newest version is taken; when versions do not decide, it is ambiguous and nobody guesses.
 */
#ifndef EVERGOLD_DECIDE_MATCH_H
#define EVERGOLD_DECIDE_MATCH_H

#include "common/base/buf.h"
#include "common/base/reason.h"
#include "common/decide/config.h"
#include "common/release/release.h"

struct match {
	enum reason reason;        /* matched, several_images, or the first condition that failed */
	const struct image *image; /* when matched; borrowed from the release */
	struct span version;       /* of that image */
};

/* Appends to *detail what people should know about the outcome; nothing when it is plain. */
struct match match_release(const struct family *family, struct span region,
                           const struct release *release, struct buf *detail);

bool patterns_match_any(const struct patterns *patterns, struct span name);

#endif
