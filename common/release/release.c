#include "common/release/release.h"

#include "common/base/text.h"
#include "common/release/groups.h"
#include "common/release/shape.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

static shape_parse_fn *const shapes[] = {
	[SHAPE_V1] = shape_v1_parse,         [SHAPE_NONE] = NULL,
	[SHAPE_ECS] = shape_ecs_parse,       [SHAPE_GENERIC] = shape_generic_parse,
	[SHAPE_NOTICE] = shape_notice_parse,
};

void release_clear(struct release *release)
{
	free(release->images);
	reader_clear(&release->reader);
	arena_clear(&release->arena);
	*release = (struct release){ 0 };
}

struct span architecture_canonical(struct span word)
{
	if (span_is(word, "amd64"))
		return SPAN("x86_64");
	if (span_is(word, "aarch64") || span_is(word, "ARM64"))
		return SPAN("arm64");
	return word;
}

struct span architecture_in_name(struct span name)
{
	const struct span words[] = { SPAN("x86_64"),  SPAN("amd64"), SPAN("arm64"),
		                      SPAN("aarch64"), SPAN("ARM64"), SPAN("i386") };

	for (size_t at = 0; at < name.len; at++) {
		for (size_t i = 0; i < ARRAY_LEN(words); i++) {
			struct span word = words[i];

			if (name.at[at] == word.at[0] && /* spares nearly all of the calls */
			    span_starts(span_part(name, at, name.len), word))
				return architecture_canonical(word);
		}
	}
	return SPAN_NONE;
}

struct span architecture_of(const struct publisher *publisher, struct span name)
{
	struct span found = architecture_in_name(name);

	return found.len ? found : span_of(publisher->architecture);
}

bool image_id_is_valid(struct span id)
{
	struct span digits = span_part(id, 4, id.len);

	return span_starts(id, SPAN("ami-")) && (digits.len == 8 || digits.len == 17) &&
	       span_only(digits, TEXT_HEX);
}

/* EC2 takes letters, digits and some ASCII punctuation in a name (API reference, RegisterImage). */
static bool plain(struct span text, size_t max)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < 0x20 || text.at[i] > 0x7e)
			return false;
	}
	return text.len > 0 && text.len <= max;
}

static bool is_word(struct span text)
{
	return plain(text, 32) && span_only(text, "abcdefghijklmnopqrstuvwxyz0123456789-_");
}

static bool check_image(const struct image *image, struct err *reterr)
{
	if (!is_word(image->region))
		return err_set(reterr, ERR_MALFORMED, "a region's name is not one");
	if (!plain(image->name, 128))
		return err_set(reterr, ERR_MALFORMED,
		               "an image name in %.*s is empty, too long or not plain ASCII",
		               SPAN_ARG(image->region));
	if (!image_id_is_valid(image->id))
		return err_set(reterr, ERR_MALFORMED, "the id of %.*s in %.*s is no image id",
		               SPAN_ARG(image->name), SPAN_ARG(image->region));
	if (image->architecture.len && !is_word(image->architecture))
		return err_set(reterr, ERR_MALFORMED, "the architecture of %.*s in %.*s is no word",
		               SPAN_ARG(image->name), SPAN_ARG(image->region));
	return true;
}

static bool check_release(const struct release *release, struct err *reterr)
{
	if (!plain(release->version, 64) && !(release->unresolved && release->version.len == 0))
		return err_set(reterr, ERR_MALFORMED,
		               "the version is empty, too long or not plain ASCII");
	if (release->too_many)
		return err_set(reterr, ERR_MALFORMED, "more than %d images", LIMIT_IMAGES);
	if (release->n_images == 0 && !release->unresolved)
		return err_set(reterr, ERR_MALFORMED, "it names no image");
	for (size_t i = 0; i < release->n_images; i++) {
		if (!check_image(&release->images[i], reterr))
			return false;
	}
	return true;
}

static void complete_images(const struct publisher *publisher, struct release *release)
{
	struct groups groups;

	groups_init(&groups, publisher->version_pattern);
	for (size_t i = 0; i < release->n_images; i++) {
		struct image *image = &release->images[i];

		image->architecture = image->architecture.len
		                              ? architecture_canonical(image->architecture)
		                              : architecture_of(publisher, image->name);
		if (publisher->version_pattern)
			image->version = groups_join(&groups, image->name, &release->arena);
	}
	groups_clear(&groups);
}

static size_t link_length(struct span text)
{
	size_t len = 0;

	while (len < text.len && text.at[len] > 0x20 && text.at[len] < 0x7f &&
	       !strchr("\"<>", text.at[len]))
		len++;
	while (len && strchr(".,;:!?)]'", text.at[len - 1])) /* belongs to the sentence around it */
		len--;
	return len;
}

/* Publishers write prose around the link, or no link at all. */
static struct span link_in(struct span text)
{
	const struct span scheme = SPAN("https://");

	for (size_t at = 0; at < text.len; at++) {
		struct span rest = span_part(text, at, text.len);
		size_t len = span_starts(rest, scheme) ? link_length(rest) : 0;

		if (len > scheme.len)
			return len < 500 ? span_part(rest, 0, len) : SPAN_NONE;
	}
	return SPAN_NONE;
}

bool release_check(const struct publisher *publisher, struct release *release, struct err *reterr)
{
	if (!check_release(release, reterr))
		return false;
	complete_images(publisher, release);
	release->notes = link_in(release->notes);
	if (release->notes.len == 0)
		release->notes = span_of(publisher->notes);
	return true;
}

bool release_parse(const struct publisher *publisher, const struct release_text *text,
                   struct release *ret_release, struct err *reterr)
{
	shape_parse_fn *parse = shapes[publisher->shape];

	*ret_release = (struct release){ .withdrawal = publisher->withdraws };
	if (!parse)
		return err_set(reterr, ERR_MALFORMED, "%s announces nothing", publisher->name);
	if (!parse(publisher, text, ret_release, reterr) ||
	    !release_check(publisher, ret_release, reterr))
		return err_wrap(reterr, "not an announcement in the shape %s",
		                shape_word(publisher->shape));
	return true;
}
