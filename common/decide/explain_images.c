#include "common/decide/explain_images.h"

#include "common/base/banned.h"

#define REGIONS_SHOWN 5

struct explaining {
	const struct explain_question *question;
	const struct family *family;
	struct arena *arena;
	struct wish wish;
	size_t left[CONDITIONS + 1]; /* images that passed all conditions before this one */
	struct match match;
	struct explanation *out;
};

static void add(struct explaining *explaining, const struct explained *explained)
{
	if (explaining->out->n < EXPLAINED_MOST)
		explaining->out->conditions[explaining->out->n++] = *explained;
}

/* ---- An announcement that has no images to be judged ----------------------------------------- */

static bool names_images(const struct release *release)
{
	return !release->unresolved && !release->withdrawal;
}

static void explain_announcement(struct explaining *explaining)
{
	add(explaining, &(struct explained){
				.condition = "announcement",
				.mark = MARK_FAILED,
				.text = explaining->question->decision->detail,
			});
}

/* ---- Images ---------------------------------------------------------------------------------- */

static void count_images(struct explaining *explaining)
{
	const struct release *release = explaining->question->release;

	for (size_t i = 0; i < release->n_images; i++) {
		enum condition failed = wish_fails(&explaining->wish, release, &release->images[i],
		                                   CONDITION_REGION);

		for (int passed = 0; passed <= (int)failed; passed++)
			explaining->left[passed]++;
	}
}

static enum mark mark_of(const struct explaining *explaining, enum condition condition)
{
	enum condition failed = explaining->match.failed;

	if (!names_images(explaining->question->release) || failed < condition)
		return MARK_NOT_REACHED;
	return failed == condition ? MARK_FAILED : MARK_PASSED;
}

static const char *elsewhere(const struct explaining *explaining)
{
	const struct release *release = explaining->question->release;
	struct buf text = buf_with_max(REGIONS_SHOWN * 40);
	struct span last = SPAN_NONE;
	const char *copy;
	size_t n = 0;

	for (size_t i = 0; i < release->n_images; i++) {
		struct span region = release->images[i].region;

		if (!span_equal(region, last) && n++ < REGIONS_SHOWN)
			buf_addf(&text, "%s%.*s", n > 1 ? ", " : "", SPAN_ARG(region));
		last = region;
	}
	if (n > REGIONS_SHOWN)
		buf_addf(&text, " and %zu more", n - REGIONS_SHOWN);
	copy = arena_text(explaining->arena, buf_span(&text));
	buf_clear(&text);
	return copy;
}

/* What is wanted of images, in words. */
static const char *wanted(const struct explaining *explaining, enum condition condition)
{
	const struct family *family = explaining->family;
	struct buf versions = buf_with_max(200);
	const char *copy;

	if (condition == CONDITION_REGION)
		return explaining->question->decision->region;
	if (condition == CONDITION_KERNEL)
		return arena_printf(explaining->arena, "kernel %s", family->kernel);
	if (condition == CONDITION_ARCHITECTURE)
		return family->architecture;
	if (condition != CONDITION_VERSIONS)
		return "";
	match_add_versions(&family->versions, &versions);
	copy = arena_printf(explaining->arena, "version %s", buf_text(&versions));
	buf_clear(&versions);
	return copy;
}

/* What the image that came furthest has instead. */
static const char *instead(const struct explaining *explaining, enum condition condition)
{
	const struct image *image = explaining->match.nearest;
	struct span has = image->architecture;

	if (condition == CONDITION_KERNEL)
		has = kernel_in_name(image->name);
	else if (condition == CONDITION_VERSIONS)
		has = image_version(explaining->family->publisher, explaining->question->release,
		                    image);
	return arena_printf(explaining->arena, "%.*s has %.*s", SPAN_ARG(image->name),
	                    SPAN_ARG(has.len ? has : SPAN("none")));
}

static const char *say_region(const struct explaining *explaining, enum mark mark)
{
	const char *region = explaining->question->decision->region;

	if (mark == MARK_PASSED)
		return arena_printf(explaining->arena, "%s has %zu of %zu images", region,
		                    explaining->left[1], explaining->left[0]);
	return arena_printf(explaining->arena, "%s has no image; there are some in %s", region,
	                    elsewhere(explaining));
}

static const char *say_property(const struct explaining *explaining, enum condition condition,
                                enum mark mark)
{
	size_t before = explaining->left[condition], after = explaining->left[condition + 1];
	const char *what = wanted(explaining, condition);

	if (mark == MARK_PASSED)
		return arena_printf(explaining->arena, "%zu of %zu: %s", after, before, what);
	if (mark == MARK_FAILED)
		return arena_printf(explaining->arena, "none of %zu: %s is wanted, %s", before,
		                    what, instead(explaining, condition));
	return what;
}

/* Which pattern counts: the one that took the nearest image, else the first. */
static const struct pattern *pattern_of(const struct pattern_set *set, const struct image *nearest)
{
	size_t at = nearest ? pattern_set_find(set, nearest->name, 0) : set->patterns->n;

	return &set->patterns->at[at < set->patterns->n ? at : 0];
}

static const char *say_name(const struct explaining *explaining, enum mark mark)
{
	const struct patterns *patterns = &explaining->family->images;
	const char *text = pattern_of(&explaining->wish.images, explaining->match.nearest)->text;
	size_t before = explaining->left[CONDITION_NAME];

	if (mark == MARK_PASSED)
		return arena_printf(explaining->arena, "%zu of %zu: %s",
		                    explaining->left[CONDITION_NAME + 1], before, text);
	if (mark == MARK_FAILED && patterns->n > 1)
		return arena_printf(explaining->arena, "none of %zu: taken by none of %zu patterns",
		                    before, patterns->n);
	if (mark == MARK_FAILED)
		return arena_printf(explaining->arena, "none of %zu: %s", before, text);
	return text;
}

static const char *say_exclude(const struct explaining *explaining, enum mark mark)
{
	const char *text = pattern_of(&explaining->wish.exclude, explaining->match.nearest)->text;
	size_t before = explaining->left[CONDITION_EXCLUDE];

	if (mark == MARK_PASSED)
		return arena_printf(explaining->arena, "%zu of %zu are left",
		                    explaining->left[CONDITION_EXCLUDE + 1], before);
	if (mark == MARK_FAILED)
		return arena_printf(explaining->arena, "none of %zu is left: %s takes %.*s out",
		                    before, text, SPAN_ARG(explaining->match.nearest->name));
	return text;
}

static const char *say(const struct explaining *explaining, enum condition condition,
                       enum mark mark)
{
	if (condition == CONDITION_REGION && mark != MARK_NOT_REACHED)
		return say_region(explaining, mark);
	if (condition == CONDITION_NAME)
		return say_name(explaining, mark);
	if (condition == CONDITION_EXCLUDE)
		return say_exclude(explaining, mark);
	return condition == CONDITION_REGION ? wanted(explaining, condition)
	                                     : say_property(explaining, condition, mark);
}

static bool is_set(const struct family *family, enum condition condition)
{
	const struct versions *versions = &family->versions;

	switch (condition) {
	case CONDITION_KERNEL:
		return family->kernel;
	case CONDITION_VERSIONS:
		return versions->min || versions->max;
	case CONDITION_EXCLUDE:
		return family->exclude.n;
	case CONDITION_ARCHITECTURE:
		return family->architecture;
	case CONDITION_REGION:
	case CONDITION_NAME:
	case CONDITIONS:
		break;
	}
	return true;
}

/* The end that the nearest image is beyond; the first that is set, when it is in the range. */
static struct place place_of_versions(const struct explaining *explaining)
{
	const struct versions *versions = &explaining->family->versions;
	const struct versions only_min = { .min = versions->min };
	const struct image *image = explaining->match.nearest;
	bool new_enough = image &&
	                  match_version(&only_min,
	                                image_version(explaining->family->publisher,
	                                              explaining->question->release, image));

	return versions->min && !(new_enough && versions->max) ? versions->min_place
	                                                       : versions->max_place;
}

static struct place place_of(const struct explaining *explaining, enum condition condition)
{
	const struct family *family = explaining->family;
	const struct image *nearest = explaining->match.nearest;

	switch (condition) {
	case CONDITION_REGION:
		return family->places.regions;
	case CONDITION_NAME:
		return pattern_of(&explaining->wish.images, nearest)->place;
	case CONDITION_KERNEL:
		return family->places.kernel;
	case CONDITION_VERSIONS:
		return place_of_versions(explaining);
	case CONDITION_EXCLUDE:
		return pattern_of(&explaining->wish.exclude, nearest)->place;
	case CONDITION_ARCHITECTURE:
		return family->places.architecture;
	case CONDITIONS:
		break;
	}
	return (struct place){ 0 };
}

static void explain_conditions(struct explaining *explaining)
{
	static const char *const words[] = {
		[CONDITION_REGION] = "regions",  [CONDITION_NAME] = "images",
		[CONDITION_KERNEL] = "kernel",   [CONDITION_VERSIONS] = "versions",
		[CONDITION_EXCLUDE] = "exclude", [CONDITION_ARCHITECTURE] = "architecture",
	};

	for (int i = CONDITION_REGION; i < CONDITIONS; i++) {
		enum condition condition = (enum condition)i;
		enum mark mark = mark_of(explaining, condition);

		if (!is_set(explaining->family, condition))
			continue;
		add(explaining, &(struct explained){
					.condition = words[i],
					.mark = mark,
					.place = place_of(explaining, condition),
					.text = say(explaining, condition, mark),
				});
	}
}

/* ---- One of them ----------------------------------------------------------------------------- */

static const char *say_newest(const struct explaining *explaining, enum mark mark)
{
	const struct image *one = explaining->match.nearest, *other = explaining->match.rival;

	if (mark == MARK_NOT_REACHED)
		return "one image alone is the newest";
	if (mark == MARK_PASSED)
		return arena_printf(explaining->arena, "%.*s is the newest", SPAN_ARG(one->name));
	return arena_printf(explaining->arena, "%.*s (%.*s) and %.*s (%.*s) are equally new",
	                    SPAN_ARG(one->name), SPAN_ARG(one->id), SPAN_ARG(other->name),
	                    SPAN_ARG(other->id));
}

static enum mark mark_newest(const struct explaining *explaining)
{
	if (!names_images(explaining->question->release) || explaining->match.failed < CONDITIONS)
		return MARK_NOT_REACHED;
	return explaining->match.rival ? MARK_FAILED : MARK_PASSED;
}

static void explain_newest(struct explaining *explaining)
{
	enum mark mark = mark_newest(explaining);

	add(explaining, &(struct explained){
				.condition = "newest",
				.mark = mark,
				.text = say_newest(explaining, mark),
			});
}

bool explain_images(const struct explain_question *question, struct arena *arena,
                    struct explanation *explanation)
{
	struct explaining explaining = {
		.question = question,
		.family = question->decision->family,
		.arena = arena,
		.out = explanation,
	};
	struct span region = span_of(question->decision->region);
	struct buf detail = buf_with_max(2000);

	wish_init(&explaining.wish, explaining.family, region);
	explaining.match = match_release(explaining.family, region, question->release, &detail);
	count_images(&explaining);
	if (!names_images(question->release))
		explain_announcement(&explaining);
	explain_conditions(&explaining);
	explain_newest(&explaining);
	if (names_images(question->release) && explaining.match.failed < CONDITIONS)
		explanation->near = near_misses_of(explaining.family, region, question->release,
		                                   arena);
	wish_clear(&explaining.wish);
	buf_clear(&detail);
	return mark_newest(&explaining) == MARK_PASSED;
}
