/*
 * JSON pointers: RFC 6901's own examples, and what points to nothing.
 */
#include "common/base/pointer.h"

#include "tests/unit/check.h"

static const char document[] = "{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"c%d\": 2,"
			       " \"e^f\": 3, \"g|h\": 4, \"i\\\\j\": 5, \"k\\\"l\": 6, \" \": 7,"
			       " \"m~n\": 8, \"~1\": 9, \"deep\": {\"er\": [[], {\"\": {}}]},"
			       " \"twelve\": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}";

static void check_finds(const char *pointer, const char *want)
{
	struct span value = SPAN_NONE;

	CHECK(pointer_is_valid(span_of(pointer)), "%s", pointer);
	CHECK(pointer_find(span_of(document), span_of(pointer), &value), "%s", pointer);
	CHECK(span_is(value, want), "%s: %.*s", pointer, SPAN_ARG(value));
}

TEST(pointers_find_values)
{
	check_finds("", document);
	check_finds("/foo", "[\"bar\", \"baz\"]");
	check_finds("/foo/0", "\"bar\"");
	check_finds("/foo/1", "\"baz\"");
	check_finds("/", "0");
	check_finds("/a~1b", "1");
	check_finds("/c%d", "2");
	check_finds("/e^f", "3");
	check_finds("/g|h", "4");
	check_finds("/i\\j", "5");
	check_finds("/k\"l", "6");
	check_finds("/ ", "7");
	check_finds("/m~0n", "8");
	check_finds("/~01", "9");
	check_finds("/deep/er/0", "[]");
	check_finds("/deep/er/1/", "{}");
	check_finds("/twelve/11", "11");
}

TEST(pointers_find_nothing)
{
	static const char *const nowhere[] = {
		"/fo",
		"/fooo",
		"/foo/2",
		"/foo/-",
		"/foo/00",
		"/foo/01",
		"/foo/",
		"/foo/x",
		"/foo/ 0",
		"/foo/0/bar",
		"//",
		"/deep/er/1/x",
		"/FOO",
		"/foo/+0",
		"/twelve/99999999999999999999",
		"/foo/4294967296",
	};
	struct span value;

	for (size_t i = 0; i < ARRAY_LEN(nowhere); i++) {
		CHECK(pointer_is_valid(span_of(nowhere[i])), "%s", nowhere[i]);
		CHECK(!pointer_find(span_of(document), span_of(nowhere[i]), &value), "%s",
		      nowhere[i]);
	}
	CHECK(!pointer_find(SPAN("7"), SPAN("/a"), &value));
	CHECK(!pointer_find(SPAN("{\"a\":tru}"), SPAN("/a"), &value));
	CHECK(!pointer_find(SPAN("{\"a\":[1,}"), SPAN("/a"), &value));
	CHECK(!pointer_find(SPAN("[]"), SPAN("/0"), &value));
	CHECK(!pointer_find(SPAN("{}"), SPAN("/"), &value));
}

TEST(what_is_no_pointer)
{
	static const char *const wrong[] = { "a", "#/a", " /a", "/~", "/a~", "/~2", "/a~/b", "~0" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!pointer_is_valid(span_of(wrong[i])), "%s", wrong[i]);
}

int main(void)
{
	check_run(pointers_find_values);
	check_run(pointers_find_nothing);
	check_run(what_is_no_pointer);
	return check_done();
}
