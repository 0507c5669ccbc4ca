#include "common/decide/pattern.h"

#include "common/base/limits.h"
#include "tests/unit/check.h"

#include <string.h>

static const char *const good[] = {
	"^al2023-ami-2023[.][0-9]+[.][0-9]{8}[.][0-9]+-kernel-6[.]1-x86_64$",
	"^amzn2-ami-(minimal-|kernel-5\\.10-)?hvm-2\\.0\\.[0-9]{8}(\\.[0-9]+)?-(x86_64|arm64)-gp2$",
	"^(a|b){2,4}$",
	"[]a{9}]{3}",
	"[^]x]+",
	"[[:digit:]]{1,8}",
	"a{1,}",
	"((((((((a))))))))",
	"\\{9999\\}",
	"a{0}",
	"[a[b]{2}",
	"a)",
};

TEST(sensible_expressions_are_fine)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct err err = { 0 };

		CHECK(pattern_check_regex(span_of(good[i]), &err), "%s: %s", good[i], err.text);
	}
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "empty" },
	{ "(a", "not a regular expression" },
	{ "[a", "not a regular expression" },
	{ "a{2,1}", "not a regular expression" },
	{ "(a)\\1", "too costly" },
	{ "((a{100}){100}){100}", "too costly" },
	{ "(a{1,50}){50,}", "too costly" },
	{ "a++++++++++++++++++++++++++++++", "too costly" },
	{ "a?????????????????????????????????+++", "too costly" },
	{ "a*?", "too costly" },
	{ "((((a+)+)+)+b{30}){60}", "too costly" },
	{ "a{32767}", "too costly" },
	{ "(ab)*{30000}", "too costly" },
	{ "a?{300}", "too costly" },
	{ "a*{30}{30}", "too costly" },
	{ "a{0,200}", "too costly" },
	{ ".*[ab].{150}", "too costly" },
	{ "(.{0,9}.{0,9}){0,9}", "too costly" },
	{ "a{99999999999999999999}", "too costly" },
	{ "(((((((((a)))))))))", "too costly" },
	{ "[[:alpha:]]{50}[[:alpha:]]{50}([[:alpha:]]{50}){50}", "too costly" },
};

TEST(costly_or_wrong_ones_are_refused)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };

		CHECK(!pattern_check_regex(span_of(bad[i].text), &err), "%s", bad[i].text);
		CHECK(strstr(err.text, bad[i].why), "%s: %s", bad[i].text, err.text);
		CHECK(err.kind == ERR_MALFORMED);
	}
}

TEST(a_shell_pattern_has_some_length)
{
	char text[LIMIT_PATTERN + 1];

	memset(text, '*', sizeof(text));
	CHECK(pattern_check_shell((struct span){ text, LIMIT_PATTERN }, NULL));
	CHECK(!pattern_check_shell((struct span){ text, LIMIT_PATTERN + 1 }, NULL));
	CHECK(!pattern_check_shell(SPAN_NONE, NULL));
}

int main(void)
{
	check_run(sensible_expressions_are_fine);
	check_run(costly_or_wrong_ones_are_refused);
	check_run(a_shell_pattern_has_some_length);
	return check_done();
}
