#include "common/base/argv.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "tests/unit/check.h"

/* Each word between angle brackets, or what is wrong. */
static void check_split(const char *command, const char *want)
{
	struct arena arena = { 0 };
	struct buf got = buf_with_max(4096);
	const char *const *argv;
	struct err err;

	if (argv_split(span_of(command), &arena, &argv, &err)) {
		for (size_t i = 0; argv[i]; i++)
			buf_addf(&got, "<%s>", argv[i]);
	} else {
		buf_add_text(&got, err.text);
	}
	CHECK_TEXT(buf_text(&got), want);
	buf_clear(&got);
	arena_clear(&arena);
}

TEST(blanks_separate)
{
	check_split("one", "<one>");
	check_split(" \tone  two\tthree ", "<one><two><three>");
	check_split("one #two ;", "<one><#two><;>");
}

TEST(quotes_hold_together)
{
	check_split("a 'b c' \"d e\"", "<a><b c><d e>");
	check_split("a'b'\"c\"d", "<abcd>");
	check_split("a '' \"\"", "<a><><>");
	check_split("a '\"' \"'\"", "<a><\"><'>");
}

TEST(backslashes_escape)
{
	check_split("a\\ b", "<a b>");
	check_split("a \\\\ \\' \\\"", "<a><\\><'><\">");
	check_split("a \"\\\" \\\\ \\n\"", "<a><\" \\ \\n>");
	check_split("a '\\'", "<a><\\>");
}

TEST(faults)
{
	check_split("", "no program is named");
	check_split("  ", "no program is named");
	check_split("'' a", "no program is named");
	check_split("a 'b", "a quotation mark is not closed");
	check_split("a \"b\\\"", "a quotation mark is not closed");
	check_split("a \"b\\", "a quotation mark is not closed");
	check_split("a \\", "nothing follows the last backslash");
}

TEST(too_many_words)
{
	struct buf command = buf_with_max(4096);

	for (int i = 0; i <= LIMIT_PROCESS_ARGUMENTS; i++)
		buf_add_text(&command, "x ");
	check_split(buf_text(&command), "too many words");
	buf_clear(&command);
}

int main(void)
{
	check_run(blanks_separate);
	check_run(quotes_hold_together);
	check_run(backslashes_escape);
	check_run(faults);
	check_run(too_many_words);
	return check_done();
}
