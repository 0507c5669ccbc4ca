/*
 * Announcements of every shape and fault. tests/cases/release has a folder for each: message.json
 * as it arrives, subject.txt that may come with it, publisher.txt that says who announces, want.txt
 * with what was read.
 */
#include "common/release/release.h"

#include "common/release/shape.h"
#include "tests/unit/check.h"

#include <string.h>

#define TEXT_MAX (1 << 22)

/* Two of the user's own: nothing is known about them but their shape. */
static const struct publisher customs[] = {
	{ .name = "custom", .shape = SHAPE_V1 },
	{
		.name = "generic",
		.shape = SHAPE_GENERIC,
		.pointers = { "/release", "/images", "/name", "/ami" },
	},
	{
		.name = "generic-deep",
		.shape = SHAPE_GENERIC,
		.pointers = { "/a~1b/1/~0version", "/a~1b/0", "/names/0", "/names/1/id" },
	},
	{
		.name = "generic-bare",
		.shape = SHAPE_GENERIC,
		.pointers = { "/", "/amis", "", "" },
	},
};

static void dump_span(struct buf *out, struct span text)
{
	buf_add(out, text.len ? text : SPAN("-"));
}

static void dump_image(const struct publisher *publisher, const struct image *image,
                       struct buf *out)
{
	buf_addf(out, "\n%.*s  %.*s  %.*s  ", SPAN_ARG(image->region), SPAN_ARG(image->id),
	         SPAN_ARG(image->name));
	dump_span(out, image->architecture);
	if (publisher->version_pattern) {
		buf_add_text(out, "  ");
		dump_span(out, image->version);
	}
}

static void dump(const struct publisher *publisher, const struct release *release, struct buf *out)
{
	buf_add_text(out, "version ");
	dump_span(out, release->version);
	buf_add_text(out, "\nnotes ");
	dump_span(out, release->notes);
	if (release->unresolved)
		buf_addf(out, "\n%s", release->withdrawal ? "withdrawal" : "unresolved");
	for (size_t i = 0; i < release->n_images; i++)
		dump_image(publisher, &release->images[i], out);
	buf_add_char(out, '\n');
}

static const struct publisher *publisher_of(const char *dir)
{
	struct span name = span_trim(span_of(check_read_text(dir, "publisher.txt")));

	for (size_t i = 0; i < ARRAY_LEN(customs); i++) {
		if (span_is(name, customs[i].name))
			return &customs[i];
	}
	CHECK(catalogue_find(name), "no such publisher: %.*s", SPAN_ARG(name));
	return catalogue_find(name);
}

static void release_case(const char *dir)
{
	const struct publisher *publisher = publisher_of(dir);
	struct buf out = buf_with_max(TEXT_MAX);
	struct release_text text = { 0 };
	struct release release;
	struct err err = { 0 };

	text.body.at = check_read(dir, "message.json", &text.body.len);
	if (!check_missing(dir, "subject.txt"))
		text.subject = span_trim(span_of(check_read_text(dir, "subject.txt")));
	if (!publisher)
		return;
	if (release_parse(publisher, &text, &release, &err))
		dump(publisher, &release, &out);
	else
		buf_addf(&out, "%s: %s\n", err.kind == ERR_MALFORMED ? "malformed" : "?", err.text);
	CHECK((err.kind == ERR_NONE) == !strstr(dir, "bad-"));
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	release_clear(&release);
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
	struct release_text text;
	bool parsed;

	write_images(&message, n);
	text = (struct release_text){ .body = buf_span(&message) };
	parsed = release_parse(&customs[0], &text, release, reterr);
	if (parsed) {
		CHECK(span_is(release->images[n - 1].architecture, "arm64"));
		CHECK(span_starts(release->images[0].name, SPAN("corp-0-")));
	}
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

TEST(who_announces_nothing_has_no_shape)
{
	struct release_text text = { .body = SPAN("{\"v1\":{}}") };
	struct release release;
	struct err err = { 0 };

	CHECK(!release_parse(catalogue_find(SPAN("ubuntu")), &text, &release, &err));
	CHECK_TEXT(err.text, "ubuntu announces nothing");
	release_clear(&release);
}

/* As one is put together from what AWS answers. */
TEST(a_release_of_another_making_is_completed)
{
	const struct publisher *publisher = catalogue_find(SPAN("ubuntu"));
	struct release release = { .version = SPAN("20251015") };
	struct err err = { 0 };
	struct image *image = shape_add_image(&release);

	image->region = SPAN("eu-west-1");
	image->id = SPAN("ami-0123456789abcdef0");
	image->name = SPAN("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20251015.1");
	CHECK(release_check(publisher, &release, &err), "%s", err.text);
	CHECK(span_is(image_version(publisher, &release, image), "24.04.20251015.1"));
	CHECK(span_is(image->architecture, "arm64"));
	CHECK(span_is(release.notes, publisher->notes));
	image->id = SPAN("ami-");
	CHECK(!release_check(publisher, &release, &err));
	release_clear(&release);
}

int main(void)
{
	check_cases("tests/cases/release", release_case);
	check_run(the_limit_of_images_is_exact);
	check_run(a_cleared_release_is_empty);
	check_run(who_announces_nothing_has_no_shape);
	check_run(a_release_of_another_making_is_completed);
	return check_done();
}
