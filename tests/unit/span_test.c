#include "common/base/span.h"

#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

TEST(no_text_is_an_empty_span)
{
	CHECK(span_of(NULL).at == NULL && span_of(NULL).len == 0);
	CHECK_INT((long long)span_of("").len, 0);
	CHECK_INT((long long)SPAN("four").len, 4);
}

TEST(printf_is_never_given_nothing)
{
	char text[8];

	snprintf(text, sizeof(text), "<%.*s>", SPAN_ARG(SPAN_NONE));
	CHECK_TEXT(text, "<>");
	snprintf(text, sizeof(text), "<%.*s>", SPAN_ARG(span_part(SPAN("abc"), 1, 1)));
	CHECK_TEXT(text, "<b>");
}

TEST(equality_is_of_bytes)
{
	CHECK(span_equal(SPAN("a\0b"), SPAN("a\0b")));
	CHECK(!span_equal(SPAN("a\0b"), SPAN("a\0c")));
	CHECK(!span_equal(SPAN("a"), SPAN("ab")));
	CHECK(span_equal(SPAN_NONE, SPAN("")) && span_equal(SPAN_NONE, SPAN_NONE));
	CHECK(span_is(SPAN("Type"), "Type") && !span_is(SPAN("Type"), "type"));
	CHECK(span_is(SPAN_NONE, "") && span_is(SPAN_NONE, NULL));
}

TEST(order_is_of_unsigned_bytes)
{
	CHECK(span_compare(SPAN("a"), SPAN("b")) < 0);
	CHECK(span_compare(SPAN("b"), SPAN("a")) > 0);
	CHECK(span_compare(SPAN("a"), SPAN("aa")) < 0);
	CHECK(span_compare(SPAN("aa"), SPAN("a")) > 0);
	CHECK(span_compare(SPAN("\xff"), SPAN("a")) > 0);
	CHECK_INT(span_compare(SPAN("same"), SPAN("same")), 0);
	CHECK_INT(span_compare(SPAN_NONE, SPAN("")), 0);
	CHECK(span_compare(SPAN_NONE, SPAN("a")) < 0);
}

TEST(starts_and_ends)
{
	CHECK(span_starts(SPAN("arn:aws"), SPAN("arn:")) && !span_starts(SPAN("ar"), SPAN("arn:")));
	CHECK(!span_starts(SPAN("aws:arn:"), SPAN("arn:")) &&
	      !span_ends(SPAN(".pem?"), SPAN(".pem")));
	CHECK(span_starts(SPAN("x"), SPAN_NONE) && span_starts(SPAN_NONE, SPAN_NONE));
	CHECK(span_ends(SPAN("key.pem"), SPAN(".pem")) && !span_ends(SPAN("pem"), SPAN(".pem")));
	CHECK(span_ends(SPAN("x"), SPAN("")) && span_ends(SPAN_NONE, SPAN_NONE));
	CHECK(!span_ends(SPAN_NONE, SPAN("x")) && !span_starts(SPAN_NONE, SPAN("x")));
}

TEST(a_part_never_leaves_its_span)
{
	struct span text = SPAN("012345");

	CHECK(span_is(span_part(text, 0, 2), "01"));
	CHECK(span_is(span_part(text, 4, 2), "45"));
	CHECK(span_is(span_part(text, 4, 3), "45"));
	CHECK(span_is(span_part(text, 1, (size_t)-1), "12345"));
	CHECK_INT((long long)span_part(text, 6, 1).len, 0);
	CHECK_INT((long long)span_part(text, (size_t)-1, (size_t)-1).len, 0);
	CHECK_INT((long long)span_part(SPAN_NONE, 0, 1).len, 0);
}

TEST(cutting_walks_a_list)
{
	struct span rest = SPAN("a::bc");

	CHECK(span_is(span_cut(&rest, ':'), "a"));
	CHECK(span_is(span_cut(&rest, ':'), "") && rest.len == 2);
	CHECK(span_is(span_cut(&rest, ':'), "bc") && rest.len == 0);
	CHECK(span_is(span_cut(&rest, ':'), "") && rest.len == 0);
	rest = SPAN("last:");
	CHECK(span_is(span_cut(&rest, ':'), "last") && rest.len == 0);
}

TEST(trimming_takes_blanks_off_both_sides)
{
	CHECK(span_is(span_trim(SPAN(" \t\r\n a b \n")), "a b"));
	CHECK(span_is(span_trim(SPAN("a")), "a"));
	CHECK(span_is(span_trim(SPAN("\va\f")), "\va\f"));
	CHECK_INT((long long)span_trim(SPAN(" \n ")).len, 0);
	CHECK_INT((long long)span_trim(SPAN_NONE).len, 0);
}

TEST(only_looks_at_every_byte)
{
	CHECK(span_only(SPAN("2023.5"), "0123456789."));
	CHECK(!span_only(SPAN("2023-5"), "0123456789."));
	CHECK(!span_only(SPAN("-5"), "0123456789.") && !span_only(SPAN("5-"), "0123456789."));
	CHECK(!span_only(SPAN("5\0"), "0123456789"), "the end of `allowed` is no character of it");
	CHECK(span_only(SPAN_NONE, "x"));
}

int main(void)
{
	check_run(no_text_is_an_empty_span);
	check_run(printf_is_never_given_nothing);
	check_run(equality_is_of_bytes);
	check_run(order_is_of_unsigned_bytes);
	check_run(starts_and_ends);
	check_run(a_part_never_leaves_its_span);
	check_run(cutting_walks_a_list);
	check_run(trimming_takes_blanks_off_both_sides);
	check_run(only_looks_at_every_byte);
	return check_done();
}
