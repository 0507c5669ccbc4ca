/*
 * How far a shell pattern is from the form of a name. What is made of it, suggestions and faults,
 * is in tests/cases/config and tests/cases/explain.
 */
#include "common/decide/flavours.h"

#include "tests/unit/check.h"

#include <stdint.h>
#include <string.h>

/* "#" stands for any number. */
static size_t distance(const char *form, const char *pattern)
{
	char text[256];
	size_t n = strlen(form);

	for (size_t i = 0; i <= n; i++)
		text[i] = form[i];
	for (char *at = strchr(text, '#'); at; at = strchr(at, '#'))
		*at = FLAVOUR_NUMBER;
	return form_distance(text, span_of(pattern));
}

TEST(a_pattern_takes_a_form)
{
	CHECK_INT(distance("al2023-ami-#-x86_64", "al2023-ami-2023.*-x86_64"), 1);
	CHECK_INT(distance("corp-#-x86_64", "corp-[0-9]*-x86_64"), 0);
	CHECK_INT(distance("corp-#", "corp-??"), 0);
	CHECK_INT(distance("", "*"), 0);
	CHECK_INT(distance("", ""), 0);
}

TEST(brackets_take_one_character)
{
	CHECK_INT(distance("b", "[!a]"), 0);
	CHECK_INT(distance("b", "[^a]"), 0);
	CHECK_INT(distance("a", "[!a]"), 1);
	CHECK_INT(distance("]", "[]a]"), 0);
	CHECK_INT(distance("a", "[]a]"), 0);
	CHECK_INT(distance("b", "[]a]"), 1);
	CHECK_INT(distance("b", "[!]a]"), 0);
}

TEST(what_is_no_bracket_stands_for_itself)
{
	CHECK_INT(distance("[ab", "[ab"), 0);
	CHECK_INT(distance("[", "["), 0);
	CHECK_INT(distance("[!", "[!"), 0);
	CHECK_INT(distance("[]", "[]"), 0);
	CHECK_INT(distance("ab", "[ab"), 1);
}

TEST(a_backslash_takes_the_next_character_as_it_is)
{
	CHECK_INT(distance("*", "\\*"), 0);
	CHECK_INT(distance("a", "\\*"), 1);
	CHECK_INT(distance("\\", "\\"), 0);
}

TEST(a_long_form_is_infinitely_far)
{
	char form[130] = "";

	memset(form, 'a', sizeof(form) - 2);
	CHECK_INT(form_distance(form, SPAN("*")), 0);
	form[sizeof(form) - 2] = 'a';
	form[sizeof(form) - 1] = '\0';
	CHECK(form_distance(form, SPAN("*")) == SIZE_MAX);
}

TEST(a_version_is_taken_out_of_a_name)
{
	static const char *const examples[] = { "2024.1-corp-x64", NULL };
	const struct publisher publisher = { .name = "corp", .examples = examples };
	struct flavours flavours = flavours_of(&publisher);

	CHECK_INT(flavours.n, 1);
	CHECK_TEXT(flavours.at[0].to_come, "\1.\1-corp-x\1");
	flavours_clear(&flavours);
	flavours = flavours_of(&(struct publisher){ .name = "silent" });
	CHECK_INT(flavours.n, 0);
	flavours_clear(&flavours);
}

int main(void)
{
	check_run(a_pattern_takes_a_form);
	check_run(brackets_take_one_character);
	check_run(what_is_no_bracket_stands_for_itself);
	check_run(a_backslash_takes_the_next_character_as_it_is);
	check_run(a_long_form_is_infinitely_far);
	check_run(a_version_is_taken_out_of_a_name);
	return check_done();
}
