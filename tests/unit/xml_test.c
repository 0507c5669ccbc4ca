/*
 * A case is a text: its events in order, a line each, or why it is refused. What is too much of
 * something is made here, because it would be large on disk.
 */
#include "common/base/xml.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "tests/unit/check.h"

#define ROOM (64 * 1024)

static void on_open(void *ctx, struct span path)
{
	buf_addf(ctx, "open  %.*s\n", SPAN_ARG(path));
}

static void on_leaf(void *ctx, struct span path, struct span text)
{
	buf_addf(ctx, "leaf  %.*s \"%.*s\"\n", SPAN_ARG(path), SPAN_ARG(text));
}

static void on_close(void *ctx, struct span path)
{
	buf_addf(ctx, "close %.*s\n", SPAN_ARG(path));
}

static void xml_case(const char *dir)
{
	static const struct xml_events events = { on_open, on_leaf, on_close };
	struct buf out = buf_with_max(ROOM);
	struct span text;
	struct err err = { 0 };

	text.at = check_read(dir, "input.xml", &text.len);
	if (!xml_read(text, &events, &out, &err)) {
		CHECK_INT(err.kind, ERR_MALFORMED);
		buf_reset(&out);
		buf_addf(&out, "refused: %s\n", err.text);
	}
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

/* ---- As much as is allowed, and one more ----------------------------------------------------- */

static void add_times(struct buf *out, const char *text, size_t n)
{
	while (n--)
		buf_add_text(out, text);
}

static void check_refused(struct buf *text, const char *why)
{
	static const struct xml_events none = { .on_leaf = NULL };
	struct err err = { 0 };
	bool fine = xml_read(buf_span(text), &none, NULL, &err);

	CHECK_TEXT(fine ? "fine" : err.text, why);
	buf_clear(text);
}

static struct buf nested(size_t depth)
{
	struct buf text = buf_with_max(ROOM);

	add_times(&text, "<a>", depth);
	add_times(&text, "</a>", depth);
	return text;
}

TEST(depth_has_its_limit)
{
	struct buf most = nested(LIMIT_XML_DEPTH), more = nested(LIMIT_XML_DEPTH + 1);

	check_refused(&most, "fine");
	check_refused(&more, "line 1: too deep");
}

static void on_any(void *ctx, struct span path, struct span text)
{
	(void)path;
	(void)text;
	++*(int *)ctx;
}

/* An empty element ends where it begins, so that Expat ends it although it was told to stop. */
TEST(nothing_is_told_after_a_fault)
{
	static const struct xml_events events = { .on_leaf = on_any };
	struct buf text = buf_with_max(ROOM);
	int leaves = 0;

	add_times(&text, "<a>", LIMIT_XML_DEPTH);
	buf_add_text(&text, "<a/>");
	add_times(&text, "</a>", LIMIT_XML_DEPTH);
	CHECK(!xml_read(buf_span(&text), &events, &leaves, NULL));
	CHECK_INT(leaves, 0);
	buf_clear(&text);
}

static struct buf wide(size_t elements)
{
	struct buf text = buf_with_max(LIMIT_XML_SIZE);

	buf_add_text(&text, "<a>");
	add_times(&text, "<b/>", elements - 1);
	buf_add_text(&text, "</a>");
	return text;
}

TEST(elements_have_their_limit)
{
	struct buf most = wide(LIMIT_XML_ELEMENTS), more = wide(LIMIT_XML_ELEMENTS + 1);

	check_refused(&most, "fine");
	check_refused(&more, "line 1: too many elements");
}

static struct buf long_leaf(size_t len)
{
	struct buf text = buf_with_max(LIMIT_XML_SIZE);

	buf_add_text(&text, "<a>");
	add_times(&text, "t", len);
	buf_add_text(&text, "</a>");
	return text;
}

TEST(text_has_its_limit)
{
	struct buf most = long_leaf(LIMIT_XML_LEAF), more = long_leaf(LIMIT_XML_LEAF + 1);

	check_refused(&most, "fine");
	check_refused(&more, "line 1: too much text in one element");
}

TEST(names_have_their_limit)
{
	struct buf text = buf_with_max(ROOM);

	buf_add_char(&text, '<');
	add_times(&text, "n", LIMIT_XML_PATH + 1);
	buf_add_text(&text, "/>");
	check_refused(&text, "line 1: names too long");
}

TEST(size_has_its_limit)
{
	struct buf text = buf_with_max(LIMIT_XML_SIZE + 1);

	buf_add_text(&text, "<a/>");
	add_times(&text, " ", LIMIT_XML_SIZE - text.len);
	CHECK(xml_read(buf_span(&text), &(struct xml_events){ .on_leaf = NULL }, NULL, NULL));
	buf_add_char(&text, ' ');
	check_refused(&text, "too big");
}

/* ---- Binding --------------------------------------------------------------------------------- */

struct bound {
	const char *name, *note;
	struct secret token;
};

static const struct xml_field fields[] = {
	XML_TEXT(struct bound, name, "Name", true),
	XML_TEXT(struct bound, note, "More/Note", false),
	XML_SECRET(struct bound, token, "Token", true),
};

static void check_bound(const char *text, const char *want)
{
	struct arena arena = { 0 };
	struct bound bound = { .name = NULL };
	struct xml_binding binding = { .root = "A/B/",
		                       .fields = fields,
		                       .n_fields = ARRAY_LEN(fields),
		                       .arena = &arena,
		                       .target = &bound };
	struct buf out = buf_with_max(ROOM);
	struct err err = { 0 };

	if (xml_fields(span_of(text), &binding, &err))
		buf_addf(&out, "%s %s %.*s", bound.name, bound.note ? bound.note : "-",
		         SPAN_ARG(secret_reveal(&bound.token)));
	CHECK_TEXT(err.kind ? err.text : buf_text(&out), want);
	buf_clear(&out);
	secret_clear(&bound.token);
	arena_clear(&arena);
}

TEST(leaves_find_their_fields)
{
	check_bound("<A><B><Name>n</Name><Token>t</Token></B></A>", "n - t");
	check_bound("<A><B><Token>t</Token><More><Note>&lt;</Note></More><Name>n</Name></B></A>",
	            "n < t");
	check_bound("<A><B><Name>n</Name><Token>t</Token><Other>o</Other></B><Name>x</Name></A>",
	            "n - t");
}

TEST(empty_is_absent)
{
	check_bound("<A><B><Name>n</Name><Token>t</Token><More><Note/></More></B></A>", "n - t");
	check_bound("<A><B><Name></Name><Token>t</Token></B></A>", "Name is missing");
	check_bound("<A><B><Name>n</Name><Token/></B></A>", "Token is missing");
}

TEST(fields_come_once_and_in_their_place)
{
	check_bound("<A><B><Name>n</Name><Name>m</Name><Token>t</Token></B></A>",
	            "Name comes twice");
	check_bound("<A><B><Name>n</Name><Token>t</Token><Token>u</Token></B></A>",
	            "Token comes twice");
	check_bound("<A><C><Name>n</Name><Token>t</Token></C></A>", "Name is missing");
	check_bound("<A><B><Name>n<b/></Name></B></A>", "line 1: text beside elements");
	check_bound("<A><B><Name>n</Name><Token>t</Token></B>", "line 1: no element found");
}

int main(void)
{
	check_cases("tests/cases/xml", xml_case);
	check_run(depth_has_its_limit);
	check_run(nothing_is_told_after_a_fault);
	check_run(elements_have_their_limit);
	check_run(text_has_its_limit);
	check_run(names_have_their_limit);
	check_run(size_has_its_limit);
	check_run(leaves_find_their_fields);
	check_run(empty_is_absent);
	check_run(fields_come_once_and_in_their_place);
	return check_done();
}
