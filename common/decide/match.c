#include "common/decide/match.h"

#include "common/decide/version.h"

#include "common/base/banned.h"

static const enum reason reasons[] = {
	[CONDITION_REGION] = REASON_NO_IMAGE_IN_REGION,
	[CONDITION_NAME] = REASON_NAME_MISMATCH,
	[CONDITION_KERNEL] = REASON_NAME_MISMATCH,
	[CONDITION_VERSIONS] = REASON_NAME_MISMATCH,
	[CONDITION_EXCLUDE] = REASON_EXCLUDED,
	[CONDITION_ARCHITECTURE] = REASON_ARCHITECTURE_MISMATCH,
	[CONDITIONS] = REASON_MATCHED,
};

/* ---- One image ------------------------------------------------------------------------------- */

void wish_init(struct wish *wish, const struct family *family, struct span region)
{
	wish->family = family;
	wish->region = region;
	pattern_set_init(&wish->images, &family->images);
	pattern_set_init(&wish->exclude, &family->exclude);
}

void wish_clear(struct wish *wish)
{
	pattern_set_clear(&wish->images);
	pattern_set_clear(&wish->exclude);
}

bool match_version(const struct versions *versions, struct span version)
{
	if (!version.len)
		return !versions->min && !versions->max;
	return !(versions->min && version_compare_part(version, span_of(versions->min)) < 0) &&
	       !(versions->max && version_compare_part(version, span_of(versions->max)) > 0);
}

static bool passes(const struct wish *wish, const struct release *release,
                   const struct image *image, enum condition condition)
{
	const struct family *family = wish->family;

	switch (condition) {
	case CONDITION_REGION:
		return span_equal(image->region, wish->region);
	case CONDITION_NAME:
		return pattern_set_find(&wish->images, image->name, 0) < family->images.n;
	case CONDITION_KERNEL:
		return !family->kernel || span_is(kernel_in_name(image->name), family->kernel);
	case CONDITION_VERSIONS:
		return match_version(&family->versions,
		                     image_version(family->publisher, release, image));
	case CONDITION_EXCLUDE:
		return pattern_set_find(&wish->exclude, image->name, 0) == family->exclude.n;
	case CONDITION_ARCHITECTURE:
		return !family->architecture || span_is(image->architecture, family->architecture);
	case CONDITIONS:
		break;
	}
	return true;
}

enum condition wish_fails(const struct wish *wish, const struct release *release,
                          const struct image *image, enum condition from)
{
	while (from < CONDITIONS && passes(wish, release, image, from))
		from++;
	return from;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static bool is_other(const struct image *a, const struct image *b)
{
	return !span_equal(a->id, b->id) || !span_equal(a->name, b->name);
}

/* The image passes everything. */
static void offer(struct match *match, const struct image *image, struct span version)
{
	int order = match->image ? version_compare(version, match->version) : 1;

	if (order > 0) {
		match->image = match->nearest = image;
		match->version = version;
		match->rival = NULL;
	} else if (order == 0 && is_other(image, match->image)) {
		match->rival = image;
	}
}

static void ask(const struct wish *wish, const struct release *release, const struct image *image,
                struct match *match)
{
	enum condition failed = wish_fails(wish, release, image, CONDITION_REGION);

	if (failed > match->failed) {
		match->failed = failed;
		match->nearest = image;
	}
	if (failed == CONDITIONS)
		offer(match, image, image_version(wish->family->publisher, release, image));
}

void match_add_versions(const struct versions *versions, struct buf *out)
{
	buf_addf(out, "%s%s%s%s", versions->min ? versions->min : "",
	         versions->min && versions->max ? " to " : "", versions->max ? versions->max : "",
	         versions->min && versions->max ? ""
	         : versions->min                ? " or newer"
	                                        : " or older");
}

static void say_nearest(const struct family *family, const struct release *release,
                        const struct match *match, struct buf *detail)
{
	struct span name = match->nearest->name, kernel = kernel_in_name(name);
	struct span version = image_version(family->publisher, release, match->nearest);

	buf_addf(detail, "nearest: %.*s", SPAN_ARG(name));
	if (match->failed == CONDITION_KERNEL && kernel.len)
		buf_addf(detail, ", whose kernel is %.*s, not %s", SPAN_ARG(kernel),
		         family->kernel);
	else if (match->failed == CONDITION_KERNEL)
		buf_addf(detail, ", whose name has no kernel line; %s is wanted", family->kernel);
	if (match->failed == CONDITION_VERSIONS) {
		buf_addf(detail, ", whose version %.*s is not ", SPAN_ARG(version));
		match_add_versions(&family->versions, detail);
	}
}

static void say(const struct family *family, const struct release *release,
                const struct match *match, struct buf *detail)
{
	if (match->rival)
		buf_addf(detail, "%.*s (%.*s) and %.*s (%.*s) both fit; make the pattern narrower",
		         SPAN_ARG(match->nearest->name), SPAN_ARG(match->nearest->id),
		         SPAN_ARG(match->rival->name), SPAN_ARG(match->rival->id));
	else if (match->failed < CONDITIONS && match->nearest)
		say_nearest(family, release, match, detail);
}

struct match match_release(const struct family *family, struct span region,
                           const struct release *release, struct buf *detail)
{
	struct match match = { .failed = CONDITION_REGION };
	struct wish wish;

	wish_init(&wish, family, region);
	for (size_t i = 0; i < release->n_images; i++)
		ask(&wish, release, &release->images[i], &match);
	wish_clear(&wish);
	say(family, release, &match, detail);
	match.reason = match.rival ? REASON_SEVERAL_IMAGES : reasons[match.failed];
	if (match.rival) {
		match.image = NULL;
		match.version = SPAN_NONE;
	}
	return match;
}
