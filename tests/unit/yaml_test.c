#include "common/decide/yaml.h"

#include "common/base/limits.h"
#include "tests/unit/check.h"

#include <string.h>

struct parsed {
	struct arena arena;
	struct faults faults;
	const struct yaml_node *root;
};

static struct parsed parse(struct span text)
{
	struct parsed parsed = { { NULL }, { { NULL }, NULL, 0, 0, 0 }, NULL };

	parsed.root = yaml_parse(text, &parsed.arena, &parsed.faults);
	return parsed;
}

static void clear(struct parsed *parsed)
{
	arena_clear(&parsed->arena);
	faults_clear(&parsed->faults);
}

/* ---- A tree on one line, each value with its kind and place ---------------------------------- */

static void add_node(struct buf *out, const struct yaml_node *node);

static void add_children(struct buf *out, const struct yaml_node *node)
{
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		buf_add_text(out, child == node->first ? "" : " ");
		if (node->kind == YAML_MAP)
			buf_addf(out, "%s@%d:%d=", child->key.at, child->key_place.line,
			         child->key_place.column);
		add_node(out, child);
	}
}

static void add_node(struct buf *out, const struct yaml_node *node)
{
	static const char *const kinds[] = { "text",  "null", "bool", "int",
		                             "float", "list", "map",  "refused" };
	bool scalar = node->kind < YAML_LIST;

	buf_addf(out, "%s@%d:%d(", kinds[node->kind], node->place.line, node->place.column);
	add_children(out, node);
	buf_addf(out, "%.*s)", SPAN_ARG(scalar ? node->text : SPAN_NONE));
	if (node->kind == YAML_INTEGER || node->kind == YAML_BOOL)
		buf_addf(out, "=%lld", (long long)node->number);
}

static void check_tree(const char *text, const char *want)
{
	struct parsed parsed = parse(span_of(text));
	struct buf out = buf_with_max(4096);

	if (CHECK(parsed.root, "%s", text))
		add_node(&out, parsed.root);
	CHECK_TEXT(buf_text(&out), want);
	CHECK_INT((long long)parsed.faults.n, 0);
	buf_clear(&out);
	clear(&parsed);
}

TEST(every_value_and_key_knows_its_place)
{
	check_tree("a: 1\nbc:\n  - x\n  - {d: e}\n",
	           "map@1:1(a@1:1=int@1:4(1)=1 bc@2:1=list@3:3(text@3:5(x) "
	           "map@4:5(d@4:6=text@4:9(e))))");
}

TEST(columns_count_characters)
{
	check_tree("\xef\xbb\xbf\xc3\xa4: b\n", "map@1:1(\xc3\xa4@1:1=text@1:4(b))");
}

/* Columns of the texts in a list: of their third characters, or of the values. */
TEST(a_place_inside_a_text_is_known_where_the_file_has_it_so)
{
	static const char text[] = "- plain text\n"
				   "-   'single'  # comment\n"
				   "- \"double\"\n"
				   "- \xc3\xa4\xc3\xb6\xc3\xbc\n"
				   "- 'it''s'\n"
				   "- \"\\x41bc\"\n"
				   "- two\n  lines\n"
				   "- |\n  block\n";
	static const int columns[] = { 5, 8, 6, 5, 3, 3, 3, 3 };
	struct parsed parsed = parse(span_of(text));

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const struct yaml_node *node = yaml_element(parsed.root, i);
		size_t offset = i == 3 ? 4 : 2; /* two bytes a character */

		if (CHECK(node, "%zu", i))
			CHECK(yaml_place_in(node, offset).column == columns[i], "%zu: %d", i,
			      yaml_place_in(node, offset).column);
	}
	clear(&parsed);
}

TEST(json_is_yaml)
{
	check_tree("{\"a\": [1, \"2\", true, null, {}]}",
	           "map@1:1(a@1:2=list@1:7(int@1:8(1)=1 text@1:11(2) bool@1:16(true)=1 "
	           "null@1:22(null) map@1:28()))");
}

TEST(nothing_at_all_is_null)
{
	check_tree("", "null@1:1()");
	check_tree("# comment\n", "null@1:1()");
}

TEST(texts_may_have_many_forms)
{
	check_tree("'it''s'", "text@1:1(it's)");
	check_tree("\"a\\tb\\u00e9\"", "text@1:1(a\tb\xc3\xa9)");
	check_tree("|\n  one\n  two\n", "text@1:1(one\ntwo\n)");
	check_tree(">-\n  one\n  two\n", "text@1:1(one two)");
}

/* ---- The core schema ------------------------------------------------------------------------- */

static const struct {
	const char *text;
	enum yaml_kind kind;
	long long number;
} scalars[] = {
	{ "null", YAML_NULL, 0 },
	{ "Null", YAML_NULL, 0 },
	{ "NULL", YAML_NULL, 0 },
	{ "~", YAML_NULL, 0 },
	{ "nULL", YAML_TEXT, 0 },
	{ "true", YAML_BOOL, 1 },
	{ "True", YAML_BOOL, 1 },
	{ "FALSE", YAML_BOOL, 0 },
	{ "tRUE", YAML_TEXT, 0 },
	{ "yes", YAML_TEXT, 0 },
	{ "on", YAML_TEXT, 0 },
	{ "n", YAML_TEXT, 0 },
	{ "0", YAML_INTEGER, 0 },
	{ "-0", YAML_INTEGER, 0 },
	{ "+12", YAML_INTEGER, 12 },
	{ "-7", YAML_INTEGER, -7 },
	{ "012", YAML_INTEGER, 12 },
	{ "0o17", YAML_INTEGER, 15 },
	{ "0x1F", YAML_INTEGER, 31 },
	{ "0o18", YAML_TEXT, 0 },
	{ "0xg", YAML_TEXT, 0 },
	{ "0x", YAML_TEXT, 0 },
	{ "-0x1", YAML_TEXT, 0 },
	{ "1_000", YAML_TEXT, 0 },
	{ "9223372036854775807", YAML_INTEGER, 9223372036854775807LL },
	{ "9223372036854775808", YAML_FLOAT, 9223372036854775807LL },
	{ "1.5", YAML_FLOAT, 0 },
	{ "-.5e+3", YAML_FLOAT, 0 },
	{ "5.", YAML_FLOAT, 0 },
	{ "1e3", YAML_FLOAT, 0 },
	{ ".inf", YAML_FLOAT, 0 },
	{ "-.Inf", YAML_FLOAT, 0 },
	{ ".NaN", YAML_FLOAT, 0 },
	{ "inf", YAML_TEXT, 0 },
	{ "nan", YAML_TEXT, 0 },
	{ ".", YAML_TEXT, 0 },
	{ "+", YAML_TEXT, 0 },
	{ "e3", YAML_TEXT, 0 },
	{ "1.2.3", YAML_TEXT, 0 },
	{ "2023-01-02", YAML_TEXT, 0 },
	{ "12:30", YAML_TEXT, 0 },
	{ "6h", YAML_TEXT, 0 },
};

static void check_scalar(const struct yaml_node *node, size_t row)
{
	if (!CHECK(node, "%s", scalars[row].text))
		return;
	CHECK(node->kind == scalars[row].kind, "%s is %d", scalars[row].text, (int)node->kind);
	CHECK(node->number == scalars[row].number, "%s", scalars[row].text);
	CHECK(span_is(node->text, scalars[row].text), "%s", scalars[row].text);
}

TEST(plain_scalars_follow_the_core_schema)
{
	for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
		struct parsed parsed = parse(span_of(scalars[i].text));
		struct yaml_node made = yaml_scalar(scalars[i].text);

		check_scalar(parsed.root, i);
		check_scalar(&made, i);
		clear(&parsed);
	}
}

TEST(quoted_scalars_are_text)
{
	check_tree("[\"5\", 'true', \"null\", \"\", '~']",
	           "list@1:1(text@1:2(5) text@1:7(true) text@1:15(null) text@1:23() text@1:27(~))");
}

/* ---- Refused --------------------------------------------------------------------------------- */

TEST(lesser_faults_leave_a_tree)
{
	struct parsed parsed = parse(SPAN("a: &x 1\nb: *x\na: 2\nc: !t 3\n"));

	CHECK_INT((long long)parsed.faults.n_errors, 4);
	if (CHECK(parsed.root)) {
		CHECK_INT((long long)parsed.root->n, 3);
		CHECK_INT(yaml_child(parsed.root, "a")->number, 1);
		CHECK(yaml_child(parsed.root, "b")->kind == YAML_REFUSED);
		CHECK_INT(yaml_child(parsed.root, "c")->number, 3);
	}
	clear(&parsed);
}

static void check_refused(struct span text, struct place place, const char *why)
{
	struct parsed parsed = parse(text);

	CHECK(!parsed.root);
	if (CHECK_INT((long long)parsed.faults.n, 1)) {
		CHECK_INT(parsed.faults.at[0].place.line, place.line);
		CHECK_INT(parsed.faults.at[0].place.column, place.column);
		CHECK(strstr(parsed.faults.at[0].text, why), "%s", parsed.faults.at[0].text);
	}
	clear(&parsed);
}

TEST(what_is_no_yaml_is_refused)
{
	check_refused(SPAN("a: [1, 2\n"), (struct place){ 2, 1 }, "not YAML");
	check_refused(SPAN("a:\n\tb: 1\n"), (struct place){ 2, 1 }, "spaces, not tabs");
	check_refused(SPAN("\xc3\xa4: b\xff\n"), (struct place){ 1, 5 }, "UTF-8");
	check_refused(SPAN("a: \0\n"), (struct place){ 1, 4 }, "control character");
	check_refused(SPAN("\xff\xfe"
	                   "a\0"),
	              (struct place){ 1, 1 }, "UTF-8");
}

TEST(what_is_too_large_is_refused)
{
	struct buf text = buf_with_max(LIMIT_CONFIG_FILE + 1);

	for (int i = 0; i < LIMIT_CONFIG_NODES; i++)
		buf_add_text(&text, "- 1\n");
	check_refused(buf_span(&text), (struct place){ LIMIT_CONFIG_NODES, 3 }, "20000 values");
	while (text.len <= LIMIT_CONFIG_FILE)
		buf_add_char(&text, '\n');
	check_refused(buf_span(&text), (struct place){ 0, 0 }, "1024 KiB");
	buf_clear(&text);
}

TEST(depth_has_a_limit)
{
	char text[3 * LIMIT_CONFIG_DEPTH] = { 0 };
	struct parsed parsed;

	memset(text, '[', LIMIT_CONFIG_DEPTH);
	memset(text + LIMIT_CONFIG_DEPTH, ']', LIMIT_CONFIG_DEPTH);
	parsed = parse(span_of(text));
	CHECK(parsed.root);
	clear(&parsed);
	memset(text, '[', LIMIT_CONFIG_DEPTH + 1);
	check_refused(span_of(text), (struct place){ 1, LIMIT_CONFIG_DEPTH + 1 }, "nested deeper");
}

TEST(children_are_found)
{
	struct parsed parsed = parse(SPAN("a: [x, y]\nb: 2\n"));
	const struct yaml_node *list = yaml_child(parsed.root, "a");

	CHECK(span_is(yaml_element(list, 1)->text, "y"));
	CHECK(!yaml_element(list, 2));
	CHECK(!yaml_child(list, "a"));
	CHECK(!yaml_child(parsed.root, "c"));
	CHECK(!yaml_element(parsed.root, 0));
	CHECK(!yaml_child(NULL, "a"));
	CHECK(!yaml_element(NULL, 0));
	clear(&parsed);
}

int main(void)
{
	check_run(every_value_and_key_knows_its_place);
	check_run(columns_count_characters);
	check_run(a_place_inside_a_text_is_known_where_the_file_has_it_so);
	check_run(json_is_yaml);
	check_run(nothing_at_all_is_null);
	check_run(texts_may_have_many_forms);
	check_run(plain_scalars_follow_the_core_schema);
	check_run(quoted_scalars_are_text);
	check_run(lesser_faults_leave_a_tree);
	check_run(what_is_no_yaml_is_refused);
	check_run(what_is_too_large_is_refused);
	check_run(depth_has_a_limit);
	check_run(children_are_found);
	return check_done();
}
