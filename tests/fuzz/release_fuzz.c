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

static void parse(const struct publisher *publisher, struct span message)
{
	struct release release;
	struct reader reader;
	struct err err = { 0 };

	if (release_parse(publisher, message, &reader, &release, &err)) {
		require(is_plain(release.version, 1, 64));
		require(is_plain(release.notes, 0, 499));
		require(!release.notes.len || span_starts(release.notes, SPAN("https://")));
		require(release.n_images > 0 && release.n_images <= LIMIT_IMAGES);
		for (size_t i = 0; i < release.n_images; i++)
			check_image(&release.images[i]);
	} else {
		require(err.kind == ERR_MALFORMED && err.text[0]);
	}
	release_clear(&release);
	reader_clear(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct publisher custom = { .name = "custom", .shape = SHAPE_V1 };
	struct span message = { (const char *)data, size };

	for (size_t i = 0; i < catalogue_size; i++)
		parse(&catalogue[i], message);
	parse(&custom, message);
	return 0;
}
