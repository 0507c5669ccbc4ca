/*
 * match: which image of a release a family wants in one region.
 *
 * The conditions are asked in the order of enum condition, and the first that no image passes is
 * the reason. Of several images that pass all, the newest version is taken; when versions do not
 * decide, it is ambiguous and nobody guesses.
 */
#ifndef EVERGOLD_DECIDE_MATCH_H
#define EVERGOLD_DECIDE_MATCH_H

#include "common/base/buf.h"
#include "common/base/reason.h"
#include "common/decide/config.h"
#include "common/decide/pattern.h"
#include "common/release/release.h"

enum condition {
	CONDITION_REGION,
	CONDITION_NAME,
	CONDITION_KERNEL,   /* exactly; an image without kernel line in its name does not fit */
	CONDITION_VERSIONS, /* of a max of few fields, all that begin with them */
	CONDITION_EXCLUDE,
	CONDITION_ARCHITECTURE,
	CONDITIONS,
};

/* What is asked of every image, ready for many of them. */
struct wish {
	const struct family *family;
	struct span region;
	struct pattern_set images, exclude;
};

/* Family and region are borrowed until wish_clear(). */
void wish_init(struct wish *wish, const struct family *family, struct span region);
void wish_clear(struct wish *wish);

/* The first condition from `from` on that the image fails; CONDITIONS: it passes them all. */
enum condition wish_fails(const struct wish *wish, const struct release *release,
                          const struct image *image, enum condition from);

struct match {
	enum reason reason;        /* matched, several_images, or the first condition that failed */
	const struct image *image; /* when matched; borrowed from the release */
	struct span version;       /* of that image */
	enum condition failed;     /* that no image passed; CONDITIONS: some image passed all */
	const struct image *nearest, *rival; /* came as far as any; as new as `nearest`; or NULL */
};

/* Appends to *detail what people should know about the outcome; nothing when it is plain. */
struct match match_release(const struct family *family, struct span region,
                           const struct release *release, struct buf *detail);

/* Is the version in the range? One that is not known, empty, is in none. */
bool match_version(const struct versions *versions, struct span version);

/* "2023.9 to 2023.12", "2023.9 or newer", "2023.12 or older"; there is at least one end. */
void match_add_versions(const struct versions *versions, struct buf *out);

#endif
