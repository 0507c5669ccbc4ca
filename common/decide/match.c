#include "common/decide/match.h"

#include "common/base/arena.h"
#include "common/decide/version.h"

#include <fnmatch.h>
#include <regex.h>

#include "common/base/banned.h"

static bool regex_matches(const char *text, const char *name)
{
	regex_t regex;
	bool matches;

	if (regcomp(&regex, text, REG_EXTENDED | REG_NOSUB) != 0)
		return false; /* the configuration was checked: only for want of memory */
	matches = regexec(&regex, name, 0, NULL, 0) == 0;
	regfree(&regex);
	return matches;
}

bool pattern_matches(const struct pattern *pattern, struct span name)
{
	struct arena arena = { 0 };
	const char *text = arena_text(&arena, name);
	bool matches = pattern->regex ? regex_matches(pattern->text, text)
	                              : fnmatch(pattern->text, text, 0) == 0;

	arena_clear(&arena);
	return matches;
}

bool patterns_match_any(const struct patterns *patterns, struct span name)
{
	for (size_t i = 0; i < patterns->n; i++) {
		if (pattern_matches(&patterns->at[i], name))
			return true;
	}
	return false;
}

/* How far an image gets; a later stage is a nearer miss. */
enum stage { STAGE_NONE, STAGE_REGION, STAGE_NAME, STAGE_NOT_EXCLUDED, STAGE_FITS };

static const enum reason reason_of_stage[] = {
	[STAGE_NONE] = REASON_NO_IMAGE_IN_REGION,
	[STAGE_REGION] = REASON_NAME_MISMATCH,
	[STAGE_NAME] = REASON_EXCLUDED,
	[STAGE_NOT_EXCLUDED] = REASON_ARCHITECTURE_MISMATCH,
	[STAGE_FITS] = REASON_MATCHED,
};

static enum stage stage_of(const struct family *family, struct span region,
                           const struct image *image)
{
	if (!span_equal(image->region, region))
		return STAGE_NONE;
	if (!patterns_match_any(&family->images, image->name))
		return STAGE_REGION;
	if (patterns_match_any(&family->exclude, image->name))
		return STAGE_NAME;
	if (family->architecture && !span_is(image->architecture, family->architecture))
		return STAGE_NOT_EXCLUDED;
	return STAGE_FITS;
}

struct search {
	enum stage furthest;
	const struct image *nearest, *best, *rival; /* rival: as new as the best, but another */
	struct span version;
};

static void offer(struct search *search, const struct image *image, struct span version)
{
	int order = search->best ? version_compare(version, search->version) : 1;

	if (order > 0) {
		search->best = image;
		search->version = version;
		search->rival = NULL;
	} else if (order == 0 && !(span_equal(image->id, search->best->id) &&
	                           span_equal(image->name, search->best->name))) {
		search->rival = image;
	}
}

static void explain(const struct search *search, struct buf *detail)
{
	if (search->rival)
		buf_addf(detail, "%.*s (%.*s) and %.*s (%.*s) both fit; make the pattern narrower",
		         SPAN_ARG(search->best->name), SPAN_ARG(search->best->id),
		         SPAN_ARG(search->rival->name), SPAN_ARG(search->rival->id));
	else if (search->furthest < STAGE_FITS && search->nearest)
		buf_addf(detail, "nearest: %.*s", SPAN_ARG(search->nearest->name));
}

struct match match_release(const struct family *family, struct span region,
                           const struct release *release, struct buf *detail)
{
	struct search search = { 0 };

	for (size_t i = 0; i < release->n_images; i++) {
		const struct image *image = &release->images[i];
		enum stage stage = stage_of(family, region, image);

		if (stage > search.furthest) {
			search.furthest = stage;
			search.nearest = image;
		}
		if (stage == STAGE_FITS)
			offer(&search, image, version_in_name(image->name, release->version));
	}
	explain(&search, detail);
	if (search.rival)
		return (struct match){ .reason = REASON_SEVERAL_IMAGES };
	return (struct match){
		.reason = reason_of_stage[search.furthest],
		.image = search.best,
		.version = search.version,
	};
}
