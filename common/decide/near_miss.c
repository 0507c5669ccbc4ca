#include "common/decide/near_miss.h"

#include "common/decide/flavours.h"
#include "common/decide/version.h"

#include <string.h>

#include "common/base/banned.h"

struct search {
	struct wish wish;
	const struct release *release;
	struct arena *arena;
	struct near_misses found;
	size_t distance; /* of the nearest name to a pattern */
};

/* ---- What would have to be another ----------------------------------------------------------- */

static const char *without_exclusions(const struct search *search, const struct image *image)
{
	const struct pattern_set *set = &search->wish.exclude;
	struct buf text = buf_with_max(LIMIT_PATTERNS * (LIMIT_PATTERN + 16));
	size_t at = pattern_set_find(set, image->name, 0);
	const char *with = "without the exclusion ";

	for (; at < set->patterns->n; at = pattern_set_find(set, image->name, at + 1)) {
		buf_addf(&text, "%s%s", with, set->patterns->at[at].text);
		with = " and ";
	}
	with = arena_text(search->arena, buf_span(&text));
	buf_clear(&text);
	return with;
}

/* The value that the image has; empty when it has none. */
static const char *with_value(const struct search *search, const char *setting, struct span value)
{
	if (!value.len)
		return arena_printf(search->arena, "without %s", setting);
	return arena_printf(search->arena, "with %s %.*s", setting, SPAN_ARG(value));
}

static const char *with_what(const struct search *search, const struct image *image,
                             enum condition condition)
{
	const struct publisher *publisher = search->wish.family->publisher;

	switch (condition) {
	case CONDITION_REGION:
		return arena_printf(search->arena, "in %.*s", SPAN_ARG(image->region));
	case CONDITION_NAME:
		return arena_printf(search->arena, "with a pattern that takes %.*s",
		                    SPAN_ARG(image->name));
	case CONDITION_KERNEL:
		return with_value(search, "kernel", kernel_in_name(image->name));
	case CONDITION_VERSIONS:
		return with_value(search, "versions that take",
		                  image_version(publisher, search->release, image));
	case CONDITION_EXCLUDE:
		return without_exclusions(search, image);
	case CONDITION_ARCHITECTURE:
		return with_value(search, "architecture", image->architecture);
	case CONDITIONS:
		break;
	}
	return "";
}

/* ---- The best of each ------------------------------------------------------------------------ */

static void compare(struct near_miss *miss, const struct image *image, struct span version)
{
	int order = version_compare(version, miss->version);

	if (order > 0) {
		miss->image = image;
		miss->version = version;
		miss->rival = NULL;
	} else if (order == 0 && !(span_equal(image->id, miss->image->id) &&
	                           span_equal(image->name, miss->image->name))) {
		miss->rival = image;
	}
}

static struct near_miss *find(struct search *search, const char *with)
{
	for (size_t i = 0; i < search->found.n; i++) {
		if (strcmp(search->found.at[i].with, with) == 0)
			return &search->found.at[i];
	}
	return NULL;
}

static void add(struct search *search, const struct image *image, enum condition condition)
{
	struct span version = image_version(search->wish.family->publisher, search->release, image);
	const char *with = with_what(search, image, condition);
	struct near_miss *same = find(search, with);

	if (same)
		compare(same, image, version);
	else if (search->found.n < NEAR_MISSES_MOST)
		search->found.at[search->found.n++] = (struct near_miss){
			.condition = condition,
			.with = with,
			.image = image,
			.version = version,
		};
}

/* ---- Names: the one that is nearest to a pattern --------------------------------------------- */

static size_t distance_of(const struct patterns *patterns, const char *name)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *pattern = &patterns->at[i];
		size_t distance = pattern->regex ? strlen(name)
		                                 : form_distance(name, span_of(pattern->text));

		best = distance < best ? distance : best;
	}
	return best;
}

/* Among many that differ in name alone, one says enough. */
static void add_nearest(struct search *search, const struct image *image)
{
	struct near_misses *found = &search->found;
	size_t distance = distance_of(&search->wish.family->images,
	                              arena_text(search->arena, image->name));

	if (distance >= search->distance)
		return;
	if (search->distance < SIZE_MAX)
		found->n--;
	search->distance = distance;
	add(search, image, CONDITION_NAME);
}

/* ---- All images ------------------------------------------------------------------------------ */

static bool fails_alone(const struct search *search, const struct image *image,
                        enum condition condition)
{
	const struct wish *wish = &search->wish;

	return wish_fails(wish, search->release, image, CONDITION_REGION) == condition &&
	       wish_fails(wish, search->release, image, condition + 1) == CONDITIONS;
}

static bool has_region(const struct family *family, struct span region)
{
	size_t i = 0;

	while (i < family->n_regions && !span_is(region, family->regions[i]))
		i++;
	return i < family->n_regions;
}

static void consider(struct search *search, const struct image *image, enum condition condition)
{
	if (!fails_alone(search, image, condition))
		return;
	if (condition == CONDITION_NAME)
		add_nearest(search, image);
	else if (condition != CONDITION_REGION || !has_region(search->wish.family, image->region))
		add(search, image, condition);
}

struct near_misses near_misses_of(const struct family *family, struct span region,
                                  const struct release *release, struct arena *arena)
{
	struct search search = { .release = release, .arena = arena, .distance = SIZE_MAX };

	wish_init(&search.wish, family, region);
	for (int condition = CONDITIONS - 1; condition >= CONDITION_REGION; condition--) {
		for (size_t i = 0; i < release->n_images; i++)
			consider(&search, &release->images[i], (enum condition)condition);
	}
	wish_clear(&search.wish);
	return search.found;
}
