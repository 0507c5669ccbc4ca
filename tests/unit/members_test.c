#include "common/base/members.h"

#include "tests/unit/check.h"

#include <string.h>

struct inner {
	struct span name;
	const char *missing; /* borrowed from the table */
};

struct thing {
	struct span type, note;
	double count;
	bool done;
	struct inner inner;
	size_t elements;
};

static void read_inner(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct inner, name, "Name", true),
	};
	struct thing *thing = target;

	thing->inner.missing = members_read(reader, members, ARRAY_LEN(members), &thing->inner);
}

static void read_list(struct reader *reader, void *target)
{
	struct thing *thing = target;

	reader_array(reader);
	while (reader_element(reader)) {
		reader_skip(reader);
		thing->elements++;
	}
}

static const struct member thing_members[] = {
	MEMBER_STRING(struct thing, type, "Type", true),
	MEMBER_NUMBER(struct thing, count, "Count", true),
	MEMBER_STRING(struct thing, note, "Note", false),
	MEMBER_BOOL(struct thing, done, "Done", false),
	MEMBER_NESTED("Inner", read_inner, false),
	MEMBER_NESTED("List", read_list, false),
};

/* Reads the text into *ret_thing; returns what was wrong, "" for nothing. The spans end here. */
static const char *parse(struct span text, struct thing *ret_thing, struct reader *reader)
{
	static struct err err;

	*ret_thing = (struct thing){ 0 };
	err = (struct err){ 0 };
	reader_init(reader, text);
	if (members_parse(reader, thing_members, ARRAY_LEN(thing_members), ret_thing, &err))
		CHECK_INT(err.kind, ERR_NONE);
	else
		CHECK_INT(err.kind, ERR_MALFORMED);
	return err.text;
}

static void check_fault(struct span text, const char *want)
{
	struct thing thing;
	struct reader reader;

	CHECK_TEXT(parse(text, &thing, &reader), want);
	reader_clear(&reader);
}

TEST(every_kind_of_member_is_read_in_any_order)
{
	struct thing thing;
	struct reader reader;

	CHECK_TEXT(parse(SPAN("{\"List\":[1,{},[2]],\"Done\":true,\"Inner\":{\"Name\":\"n\"},"
	                      "\"Note\":\"a\\nb\",\"Count\":2.5,\"Type\":\"t\"}"),
	                 &thing, &reader),
	           "");
	CHECK(span_is(thing.type, "t") && span_is(thing.note, "a\nb"));
	CHECK(thing.count > 2.4 && thing.count < 2.6 && thing.done);
	CHECK(span_is(thing.inner.name, "n") && !thing.inner.missing);
	CHECK_INT((long long)thing.elements, 3);
	reader_clear(&reader);
}

TEST(members_without_a_row_are_skipped)
{
	struct thing thing;
	struct reader reader;

	CHECK_TEXT(parse(SPAN("{\"type\":1,\"Other\":{\"Type\":2,\"Count\":[]},\"Type\":\"t\","
	                      "\"Count\":1,\"\":null}"),
	                 &thing, &reader),
	           "");
	CHECK(span_is(thing.type, "t"));
	reader_clear(&reader);
}

TEST(names_match_after_unescaping)
{
	check_fault(SPAN("{\"\\u0054ype\":\"t\",\"Count\":1}"), "");
}

TEST(the_first_missing_row_is_named)
{
	check_fault(SPAN("{}"), "Type is missing");
	check_fault(SPAN("{\"Count\":1}"), "Type is missing");
	check_fault(SPAN("{\"Type\":\"t\",\"Note\":\"n\"}"), "Count is missing");
}

TEST(null_counts_as_absent)
{
	check_fault(SPAN("{\"Type\":null,\"Count\":1}"), "Type is missing");
	check_fault(SPAN("{\"Type\":\"t\",\"Count\":1,\"Note\":null,\"Inner\":null,\"List\":null}"),
	            "");
}

TEST(an_empty_string_is_there)
{
	check_fault(SPAN("{\"Type\":\"\",\"Count\":0}"), "");
}

TEST(another_type_names_the_member)
{
	check_fault(SPAN("{\"Type\":1,\"Count\":1}"), "wrong type of value for Type");
	check_fault(SPAN("{\"Type\":\"t\",\"Count\":\"1\"}"), "wrong type of value for Count");
	check_fault(SPAN("{\"Type\":\"t\",\"Count\":1,\"Done\":0}"),
	            "wrong type of value for Done");
	check_fault(SPAN("{\"Type\":\"t\",\"Count\":1,\"Inner\":[]}"),
	            "wrong type of value for Inner");
	check_fault(SPAN("{\"Type\":\"t\",\"Count\":1,\"List\":{}}"),
	            "wrong type of value for List");
	check_fault(SPAN("{\"Inner\":{\"Name\":{}},\"Type\":\"t\",\"Count\":1}"),
	            "wrong type of value for Name");
}

TEST(what_is_no_object_has_another_type)
{
	check_fault(SPAN("[]"), "wrong type of value");
	check_fault(SPAN("\"text\""), "wrong type of value");
	check_fault(SPAN("null"), "wrong type of value");
}

/* A fault is worse than another type, and that is worse than what is missing. */
TEST(the_worst_is_said)
{
	check_fault(SPAN("{\"Type\":1"),
	            "not acceptable JSON: a comma or the end is missing at byte 9");
	check_fault(SPAN("{\"Type\":1}"), "wrong type of value for Type");
	check_fault(SPAN("{\"Type\":\"t\",\"Type\":\"t\"}"),
	            "not acceptable JSON: a duplicate key at byte 18");
	check_fault(SPAN("{\"Type\":\"t\"} x"),
	            "not acceptable JSON: something follows the value at byte 13");
}

TEST(a_nested_object_says_itself_what_is_missing)
{
	struct thing thing;
	struct reader reader;

	CHECK_TEXT(parse(SPAN("{\"Inner\":{\"name\":\"n\"},\"Type\":\"t\",\"Count\":1}"), &thing,
	                 &reader),
	           "");
	CHECK_TEXT(thing.inner.missing, "Name");
	reader_clear(&reader);
}

int main(void)
{
	check_run(every_kind_of_member_is_read_in_any_order);
	check_run(members_without_a_row_are_skipped);
	check_run(names_match_after_unescaping);
	check_run(the_first_missing_row_is_named);
	check_run(null_counts_as_absent);
	check_run(an_empty_string_is_there);
	check_run(another_type_names_the_member);
	check_run(what_is_no_object_has_another_type);
	check_run(the_worst_is_said);
	check_run(a_nested_object_says_itself_what_is_missing);
	return check_done();
}
