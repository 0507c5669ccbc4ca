/*
 * release: what an announcement says: a version, and one AMI per region and flavour.
 *
 * The message is untrusted text even when it was signed: sizes are capped, ids, names and regions
 * are checked for their form, and an unknown shape is an error, never a guess. Members that we do
 * not know are ignored.
 */
#ifndef EVERGOLD_RELEASE_RELEASE_H
#define EVERGOLD_RELEASE_RELEASE_H

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/reader.h"
#include "common/release/catalogue.h"

struct image {
	struct span region;       /* "eu-west-1": a word of 1..32 bytes */
	struct span name;         /* 1..128 bytes of printable ASCII */
	struct span id;           /* "ami-" and 8 or 17 lower-case hex digits */
	struct span architecture; /* "x86_64", "arm64", "i386"; empty: not known */
	struct span version;      /* by the publisher's version_pattern; ask image_version() */
};

struct release {
	struct span version; /* "2023.9.20251014.0": ImageVersion; 1..64 bytes of ASCII */
	struct span notes; /* URL of the release notes; the publisher's when the message has none */
	struct image *images; /* owned; grouped by region as announced */
	size_t n_images;
	bool unresolved; /* names no images: AWS is to be asked; the version may be empty */
	bool withdrawal; /* takes images of publisher->withdraws back */
	bool too_many;   /* more than LIMIT_IMAGES were named */

	/* Owned: what the spans point into, besides the text. */
	struct reader reader;
	struct arena arena;
};

/* What an announcement is read from. */
struct release_text {
	struct span subject; /* may be empty */
	struct span body;
};

void release_clear(struct release *release);

/*
 * Reads an announcement by the publisher's shape. Kind ERR_MALFORMED; the text says which shape was
 * expected and what is wrong. The spans live until release_clear(), which is owed in any case, and
 * as long as the text.
 */
bool release_parse(const struct publisher *publisher, const struct release_text *text,
                   struct release *ret_release, struct err *reterr) MUST_USE;

/*
 * The last part of it, for a release that was put together in another way: checks the form of
 * everything, and completes architectures, versions and notes.
 */
bool release_check(const struct publisher *publisher, struct release *release, struct err *reterr)
	MUST_USE;

/*
 * Which version an image is of, wherever one is needed: what the publisher's version_pattern finds
 * in its name; without a pattern version_in_name(). Empty when the name does not fit the pattern:
 * older than any other.
 */
struct span image_version(const struct publisher *publisher, const struct release *release,
                          const struct image *image);

/*
 * The version inside an image's name: the release's own if the name holds it (no digit touches it),
 * else the longest part of digits and dots with two dots or more, else the release's.
 */
struct span version_in_name(struct span name, struct span release);

/* "amd64" is "x86_64", "aarch64" is "arm64"; other words stay as they are. */
struct span architecture_canonical(struct span word);

/* The first architecture that an image's name holds; empty when it holds none. */
struct span architecture_in_name(struct span name);

/* The kernel line that a name holds: "6.1" of …-kernel-6.1-x86_64; empty when it holds none. */
struct span kernel_in_name(struct span name);

/* The one in the name, else the publisher's; empty when neither is known. */
struct span architecture_of(const struct publisher *publisher, struct span name);

bool image_id_is_valid(struct span id);

#endif
