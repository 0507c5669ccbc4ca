/*
 * Any bytes as the message of an announcement. What is read keeps the promises of release.h, and
 * what is not read says why.
 */
#include "common/release/release.h"

#include "common/base/limits.h"
#include "common/base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
	if (!promise)
		abort();
}

static bool is_plain(struct span text, size_t min, size_t max)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < 0x20 || text.at[i] > 0x7e)
			return false;
	}
	return text.len >= min && text.len <= max;
}

static void check_image(const struct image *image)
{
	require(is_plain(image->region, 1, 32));
	require(is_plain(image->name, 1, 128));
	require(image_id_is_valid(image->id) && (image->id.len == 12 || image->id.len == 21));
	require(is_plain(image->architecture, 0, 32));
	require(span_equal(image->architecture, architecture_canonical(image->architecture)));
}

static void check_version(struct span version, bool may_be_empty)
{
	require(is_plain(version, may_be_empty ? 0 : 1, 64));
}

static void check_release(const struct publisher *publisher, const struct release *release)
{
	check_version(release->version, release->unresolved);
	require(is_plain(release->notes, 0, 499));
	require(!release->notes.len || span_starts(release->notes, SPAN("https://")));
	require(release->n_images <= LIMIT_IMAGES);
	require((release->n_images == 0) == release->unresolved);
	for (size_t i = 0; i < release->n_images; i++) {
		check_image(&release->images[i]);
		require(is_plain(image_version(publisher, release, &release->images[i]), 0, 128));
	}
}

static void parse(const struct publisher *publisher, const struct release_text *text)
{
	struct release release;
	struct err err = { 0 };

	if (release_parse(publisher, text, &release, &err))
		check_release(publisher, &release);
	else
		require(err.kind == ERR_MALFORMED && err.text[0]);
	release_clear(&release);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct publisher customs[] = {
		{ .name = "custom", .shape = SHAPE_V1 },
		{ .name = "generic",
		  .shape = SHAPE_GENERIC,
		  .pointers = { "/release", "/images", "/name", "/ami" } },
		{ .name = "generic-deep",
		  .shape = SHAPE_GENERIC,
		  .pointers = { "/a~1b/1/~0version", "/a~1b/0", "/names/0", "/names/1/id" } },
		{ .name = "generic-bare",
		  .shape = SHAPE_GENERIC,
		  .pointers = { "/", "/amis", "", "" } },
	};
	struct span message = { (const char *)data, size };
	struct release_text text = { span_part(message, 0, 100), message };

	for (size_t i = 0; i < catalogue_size; i++)
		parse(&catalogue[i], &text);
	for (size_t i = 0; i < ARRAY_LEN(customs); i++)
		parse(&customs[i], &text);
	return 0;
}
