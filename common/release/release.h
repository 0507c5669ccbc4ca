/*
 * release: what an announcement says: a version, and one AMI per region and flavour.
 *
 * The message is untrusted text even when it was signed: sizes are capped, ids, names and regions
 * are checked for their form, and an unknown shape is an error, never a guess. Members that we do
 * not know are ignored.
 */
#ifndef EVERGOLD_RELEASE_RELEASE_H
#define EVERGOLD_RELEASE_RELEASE_H

#include "common/base/err.h"
#include "common/base/reader.h"
#include "common/release/catalogue.h"

struct image {
	struct span region;       /* "eu-west-1": a word of 1..32 bytes */
	struct span name;         /* 1..128 bytes of printable ASCII */
	struct span id;           /* "ami-" and 8 or 17 lower-case hex digits */
	struct span architecture; /* "x86_64", "arm64", "i386"; empty: not said, not in the name */
};

struct release {
	struct span version; /* "2023.9.20251014.0": ImageVersion; 1..64 bytes of ASCII */
	struct span notes; /* URL of the release notes; the publisher's when the message has none */
	struct image *images; /* owned; grouped by region as announced */
	size_t n_images;
};

void release_clear(struct release *release);

/*
 * Reads the message of an announcement by the publisher's shape. Kind ERR_MALFORMED. The spans live
 * as long as the text and the reader, which the caller clears; release_clear() is owed in any case.
 */
bool release_parse(const struct publisher *publisher, struct span message, struct reader *reader,
                   struct release *ret_release, struct err *reterr) MUST_USE;

/* "amd64" is "x86_64", "aarch64" is "arm64"; other words stay as they are. */
struct span architecture_canonical(struct span word);

/* The first architecture that an image's name holds; empty when it holds none. */
struct span architecture_in_name(struct span name);

bool image_id_is_valid(struct span id);

#endif
