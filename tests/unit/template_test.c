#include "common/decide/template.h"

#include "tests/unit/check.h"

#include <string.h>

static const struct template_values values = {
	.image_id = { "ami-1", 5 },
	.image_name = { "al2023", 6 },
	.release = { "2023.9", 6 },
	.region = { "eu-west-1", 9 },
	.architecture = { "arm64", 5 },
	.family = { "web", 3 },
	.publisher = { "amazon", 6 },
	.message_id = { "m-1", 3 },
	.notes_url = { "https://n", 9 },
	.build = { "42", 2 },
};

static const struct {
	const char *text, *filled;
} good[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "{image_id}", "ami-1" },
	{ "{image_id}{image_name}", "ami-1al2023" },
	{ "a {release} b {region} c", "a 2023.9 b eu-west-1 c" },
	{ "{architecture}/{family}/{publisher}", "arm64/web/amazon" },
	{ "{message_id} {notes_url} #{build}", "m-1 https://n #42" },
};

TEST(names_are_filled_in)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct buf out = buf_with_max(200);
		struct err err = { 0 };

		CHECK(template_check(span_of(good[i].text), &err), "%s: %s", good[i].text,
		      err.text);
		template_fill(span_of(good[i].text), &values, &out);
		CHECK_TEXT(buf_text(&out), good[i].filled);
		buf_clear(&out);
	}
}

TEST(what_is_not_known_becomes_nothing)
{
	const struct template_values none = { .image_id = { "ami-1", 5 } };
	struct buf out = buf_with_max(200);

	template_fill(SPAN("<{image_id}{notes_url}>"), &none, &out);
	CHECK_TEXT(buf_text(&out), "<ami-1>");
	buf_clear(&out);
}

TEST(what_is_filled_in_is_no_template)
{
	const struct template_values odd = { .image_name = { "{image_id}", 10 } };
	struct buf out = buf_with_max(200);

	template_fill(SPAN("{image_name}"), &odd, &out);
	CHECK_TEXT(buf_text(&out), "{image_id}");
	buf_clear(&out);
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ "{image}", "{image} is nothing to fill in (did you mean {image_id}?)" },
	{ "{zebra}", "{zebra} is nothing to fill in" },
	{ "{}", "{} is nothing to fill in" },
	{ "{ image_id }", "{ image_id } is nothing to fill in (did you mean {image_id}?)" },
	{ "{Region}", "{Region} is nothing to fill in (did you mean {region}?)" },
	{ "{region", "'{' without its '}'" },
	{ "ok {region} {", "'{' without its '}'" },
	{ "region}", "'}' without its '{'" },
	{ "{region}}", "'}' without its '{'" },
	{ "{{region}}", "{{region} is nothing to fill in (did you mean {region}?)" },
	{ "{\"json\": 1}", "{\"json\": 1} is nothing to fill in" },
};

TEST(anything_else_in_braces_is_refused)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };

		CHECK(!template_check(span_of(bad[i].text), &err), "%s", bad[i].text);
		CHECK_TEXT(err.text, bad[i].why);
		CHECK(err.kind == ERR_MALFORMED);
	}
}

TEST(what_is_refused_stays_as_written)
{
	struct buf out = buf_with_max(200);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (strstr(bad[i].text, "{region}"))
			continue;
		buf_reset(&out);
		template_fill(span_of(bad[i].text), &values, &out);
		CHECK_TEXT(buf_text(&out), bad[i].text);
	}
	buf_clear(&out);
}

/* ---- read back ------------------------------------------------------------------------------- */

static const struct {
	const char *text, *filled, *image_id, *region;
} read_back[] = {
	{ "{image_id}", "ami-1", "ami-1", "" },
	{ "base={image_id}!", "base=ami-1!", "ami-1", "" },
	{ "in {region}", "in eu-west-1", "", "eu-west-1" },
	{ "base={image_id}!", "base=ami-1", "", "" },
	{ "base={image_id}!", "ami-1!", "", "" },
	{ "base={image_id}!", "base=!", "", "" },
	{ "{image_id}{region}", "ami-1eu-west-1", "", "" },
	{ "{imageid}", "ami-1", "", "" },
	{ "plain", "plain", "", "" },
	{ "", "ami-1", "", "" },
};

TEST(what_was_filled_in_is_read_back)
{
	for (size_t i = 0; i < ARRAY_LEN(read_back); i++) {
		struct template_values got = { .image_id = SPAN_NONE };

		template_read(span_of(read_back[i].text), span_of(read_back[i].filled), &got);
		CHECK(span_is(got.image_id, read_back[i].image_id), "%s", read_back[i].text);
		CHECK(span_is(got.region, read_back[i].region), "%s", read_back[i].text);
	}
}

int main(void)
{
	check_run(what_was_filled_in_is_read_back);
	check_run(names_are_filled_in);
	check_run(what_is_not_known_becomes_nothing);
	check_run(what_is_filled_in_is_no_template);
	check_run(anything_else_in_braces_is_refused);
	check_run(what_is_refused_stays_as_written);
	return check_done();
}
