/*
 * Announcements of every shape and fault. tests/cases/release has a folder for each: message.json
 * as it arrives, publisher.txt that says who announces, want.txt with what was read.
 */
#include "common/release/release.h"

#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>

#define TEXT_MAX (1 << 22)

/* One of the user's own: nothing is known about it but its shape. */
static const struct publisher custom = { .name = "custom", .shape = SHAPE_V1 };

static void dump_span(struct buf *out, struct span text)
{
	buf_add(out, text.len ? text : SPAN("-"));
}

static void dump(const struct release *release, struct buf *out)
{
	buf_add_text(out, "version ");
	dump_span(out, release->version);
	buf_add_text(out, "\nnotes ");
	dump_span(out, release->notes);
	for (size_t i = 0; i < release->n_images; i++) {
		const struct image *image = &release->images[i];

		buf_addf(out, "\n%.*s  %.*s  %.*s  ", SPAN_ARG(image->region), SPAN_ARG(image->id),
		         SPAN_ARG(image->name));
		dump_span(out, image->architecture);
	}
	buf_add_char(out, '\n');
}

static const struct publisher *publisher_of(const char *dir)
{
	struct span name = span_trim(span_of(check_read_text(dir, "publisher.txt")));

	if (span_is(name, custom.name))
		return &custom;
	CHECK(catalogue_find(name), "no such publisher: %.*s", SPAN_ARG(name));
	return catalogue_find(name);
}

static void release_case(const char *dir)
{
	const struct publisher *publisher = publisher_of(dir);
	struct buf out = buf_with_max(TEXT_MAX);
	struct release release;
	struct reader reader;
	struct err err = { 0 };
	struct span message;

	message.at = check_read(dir, "message.json", &message.len);
	if (!publisher)
		return;
	if (release_parse(publisher, message, &reader, &release, &err))
		dump(&release, &out);
	else
		buf_addf(&out, "%s: %s\n", err.kind == ERR_MALFORMED ? "malformed" : "?", err.text);
	CHECK((err.kind == ERR_NONE) == !strstr(dir, "/bad-"));
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	release_clear(&release);
	reader_clear(&reader);
	buf_clear(&out);
}

/* ---- What no file should hold ---------------------------------------------------------------- */

/* n images in regions of a thousand. */
static void write_images(struct buf *out, int n)
{
	buf_add_text(out, "{\"v1\":{\"ImageVersion\":\"1.0\",\"Regions\":{");
	for (int i = 0; i < n; i++) {
		if (i % 1000 == 0)
			buf_addf(out, "%s\"xx-test-%d\":[", i ? "]," : "", i / 1000);
		buf_addf(out, "%s{\"Name\":\"corp-%d-arm64\",\"ImageId\":\"ami-%08x\"}",
		         i % 1000 ? "," : "", i, (unsigned)i);
	}
	buf_add_text(out, "]}}}");
}

static bool parse_images(int n, struct release *release, struct err *reterr)
{
	struct buf message = buf_with_max(TEXT_MAX);
	struct reader reader;
	bool parsed;

	write_images(&message, n);
	parsed = release_parse(&custom, buf_span(&message), &reader, release, reterr);
	if (parsed) {
		CHECK(span_is(release->images[n - 1].architecture, "arm64"));
		CHECK(span_starts(release->images[0].name, SPAN("corp-0-")));
	}
	reader_clear(&reader);
	buf_clear(&message);
	return parsed;
}

TEST(the_limit_of_images_is_exact)
{
	struct release release;
	struct err err = { 0 };

	CHECK(parse_images(LIMIT_IMAGES, &release, &err), "%s", err.text);
	CHECK_INT(release.n_images, LIMIT_IMAGES);
	release_clear(&release);
	CHECK(!parse_images(LIMIT_IMAGES + 1, &release, &err));
	CHECK_TEXT(err.text, "not an announcement in the shape v1: more than 4096 images");
	release_clear(&release);
}

TEST(a_cleared_release_is_empty)
{
	struct release release = { 0 };

	release_clear(&release);
	release_clear(&release);
	CHECK_INT(release.n_images, 0);
}

TEST(every_publisher_is_found_by_its_name)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		CHECK(catalogue_find(span_of(catalogue[i].name)) == &catalogue[i]);
		CHECK_TEXT(shape_word(catalogue[i].shape), "v1");
	}
	CHECK(!catalogue_find(SPAN("amazon-linux-")));
	CHECK(!catalogue_find(SPAN("")));
}

TEST(every_example_names_its_architecture)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		for (const char *const *name = catalogue[i].examples; *name; name++) {
			struct span found = architecture_in_name(span_of(*name));

			CHECK(span_is(found, "x86_64") || span_is(found, "arm64"), "%s", *name);
		}
	}
}

int main(void)
{
	check_cases("tests/cases/release", release_case);
	check_run(the_limit_of_images_is_exact);
	check_run(a_cleared_release_is_empty);
	check_run(every_publisher_is_found_by_its_name);
	check_run(every_example_names_its_architecture);
	return check_done();
}
