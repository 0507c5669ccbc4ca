#include "common/decide/match.h"

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/decide/version.h"

#include <fnmatch.h>
#include <regex.h>

#include "common/base/banned.h"

/* Patterns that are ready to be matched against many names. */
struct compiled {
	const struct patterns *patterns;
	regex_t regexes[LIMIT_PATTERNS];
	bool usable[LIMIT_PATTERNS]; /* of regexes */
};

/* The configuration was checked: an expression is unusable only for want of memory. */
static void compile(struct compiled *compiled, const struct patterns *patterns)
{
	compiled->patterns = patterns;
	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *pattern = &patterns->at[i];

		compiled->usable[i] = pattern->regex &&
		                      regcomp(&compiled->regexes[i], pattern->text,
		                              REG_EXTENDED | REG_NOSUB) == 0;
	}
}

static void discard(struct compiled *compiled)
{
	for (size_t i = 0; i < compiled->patterns->n; i++) {
		if (compiled->usable[i])
			regfree(&compiled->regexes[i]);
	}
}

static bool matches(const struct compiled *compiled, size_t at, const char *name)
{
	const struct pattern *pattern = &compiled->patterns->at[at];

	if (pattern->regex)
		return compiled->usable[at] &&
		       regexec(&compiled->regexes[at], name, 0, NULL, 0) == 0;
	return fnmatch(pattern->text, name, 0) == 0;
}

static bool any_matches(const struct compiled *compiled, struct span name)
{
	struct arena arena = { 0 };
	const char *text = arena_text(&arena, name);
	size_t at = 0;

	while (at < compiled->patterns->n && !matches(compiled, at, text))
		at++;
	arena_clear(&arena);
	return at < compiled->patterns->n;
}

bool patterns_match_any(const struct patterns *patterns, struct span name)
{
	struct compiled compiled;
	bool any;

	compile(&compiled, patterns);
	any = any_matches(&compiled, name);
	discard(&compiled);
	return any;
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

struct wish {
	const char *architecture; /* NULL: any */
	struct span region;
	struct compiled images, exclude;
};

static enum stage stage_of(const struct wish *wish, const struct image *image)
{
	if (!span_equal(image->region, wish->region))
		return STAGE_NONE;
	if (!any_matches(&wish->images, image->name))
		return STAGE_REGION;
	if (any_matches(&wish->exclude, image->name))
		return STAGE_NAME;
	if (wish->architecture && !span_is(image->architecture, wish->architecture))
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
	struct wish wish;

	wish.architecture = family->architecture;
	wish.region = region;
	compile(&wish.images, &family->images);
	compile(&wish.exclude, &family->exclude);
	for (size_t i = 0; i < release->n_images; i++) {
		const struct image *image = &release->images[i];
		enum stage stage = stage_of(&wish, image);

		if (stage > search.furthest) {
			search.furthest = stage;
			search.nearest = image;
		}
		if (stage == STAGE_FITS)
			offer(&search, image, image_version(family->publisher, release, image));
	}
	discard(&wish.images);
	discard(&wish.exclude);
	explain(&search, detail);
	if (search.rival)
		return (struct match){ .reason = REASON_SEVERAL_IMAGES };
	return (struct match){
		.reason = reason_of_stage[search.furthest],
		.image = search.best,
		.version = search.version,
	};
}
