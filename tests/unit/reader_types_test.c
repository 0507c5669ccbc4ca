/*
 * The reader as its callers see it: types asked for and not found, and what is handed out.
 */
#include "common/base/limits.h"
#include "common/base/reader.h"
#include "tests/unit/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (4 * 1024 * 1024)

/* ---- Types ----------------------------------------------------------------------------------- */

TEST(peek_names_the_type_and_moves_nothing)
{
	static const enum json_type want[] = { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER,
		                               JSON_NUMBER, JSON_BOOL,  JSON_BOOL,   JSON_NULL };
	struct reader reader;

	reader_init(&reader, SPAN("[{}, [], \"\", 0, -1, true, false, null]"));
	reader_array(&reader);
	for (size_t i = 0; reader_element(&reader); i++) {
		CHECK_INT(reader_peek(&reader), want[i]);
		CHECK_INT(reader_peek(&reader), want[i]);
		reader_skip(&reader);
	}
	CHECK(reader_done(&reader, NULL));
	reader_clear(&reader);
}

/* Asks for one type of each element, all of another type; the text itself stays readable. */
static void check_all_mismatched(struct span text, bool (*read)(struct reader *), size_t n)
{
	struct reader reader;
	struct err err = { 0 };
	size_t elements = 0;

	reader_init(&reader, text);
	reader_array(&reader);
	while (reader_element(&reader)) {
		CHECK(!read(&reader));
		elements++;
	}
	CHECK_INT((long long)elements, (long long)n);
	CHECK(!reader_done(&reader, &err));
	CHECK_INT(reader_fault(&reader), READER_MISMATCH);
	CHECK_TEXT(err.text, "wrong type of value");
	reader_clear(&reader);
}

static bool ask_string(struct reader *reader)
{
	struct span text;

	return reader_string(reader, &text);
}

static bool ask_number(struct reader *reader)
{
	double number;

	return reader_number(reader, &number);
}

static bool ask_bool(struct reader *reader)
{
	bool value;

	return reader_bool(reader, &value);
}

static bool ask_object(struct reader *reader)
{
	struct span key;
	bool any = false;

	reader_object(reader);
	while (reader_member(reader, &key))
		any = true;
	return any;
}

static bool ask_array(struct reader *reader)
{
	bool any = false;

	reader_array(reader);
	while (reader_element(reader))
		any = true;
	return any;
}

TEST(another_type_is_a_mismatch_and_is_skipped)
{
	check_all_mismatched(SPAN("[1,true,null,{\"a\":[\"b\"]},[{}]]"), ask_string, 5);
	check_all_mismatched(SPAN("[\"1\",true,null,{\"a\":[1]},[1]]"), ask_number, 5);
	check_all_mismatched(SPAN("[\"true\",1,null,{\"a\":true},[true]]"), ask_bool, 5);
	check_all_mismatched(SPAN("[\"{}\",1,null,true,[{\"a\":1}]]"), ask_object, 5);
	check_all_mismatched(SPAN("[\"[]\",1,null,true,{\"a\":[1]}]"), ask_array, 5);
}

TEST(after_a_mismatch_the_outer_object_goes_on)
{
	struct reader reader;
	struct span key, last = SPAN_NONE;
	struct err err = { 0 };

	reader_init(&reader, SPAN("{\"list\":{\"x\":[1,2]},\"name\":\"n\"}"));
	reader_object(&reader);
	while (reader_member(&reader, &key)) {
		if (span_is(key, "list"))
			CHECK(!ask_array(&reader));
		else
			CHECK(reader_string(&reader, &last));
	}
	CHECK(span_is(last, "n"));
	CHECK(!reader_done(&reader, &err));
	CHECK_TEXT(err.text, "wrong type of value for list");
	reader_clear(&reader);
}

TEST(a_root_of_another_type_reads_as_empty)
{
	struct reader reader;
	struct err err = { 0 };

	reader_init(&reader, SPAN(" \"text\" "));
	CHECK(!ask_object(&reader));
	CHECK(!reader_done(&reader, &err));
	CHECK_TEXT(err.text, "wrong type of value");
	reader_clear(&reader);
	reader_init(&reader, SPAN("[1] ]"));
	CHECK(!ask_object(&reader));
	CHECK(!reader_done(&reader, &err));
	CHECK_TEXT(err.text, "not acceptable JSON: something follows the value at byte 4");
	reader_clear(&reader);
}

TEST(a_mismatch_at_the_greatest_depth_is_no_limit)
{
	struct buf text = buf_with_max(ROOM);
	struct reader reader;

	for (int i = 0; i < 2 * LIMIT_JSON_DEPTH; i++)
		buf_add_text(&text, i < LIMIT_JSON_DEPTH    ? "["
		                    : i == LIMIT_JSON_DEPTH ? "1]"
		                                            : "]");
	reader_init(&reader, buf_span(&text));
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++) {
		reader_array(&reader);
		CHECK(reader_element(&reader));
	}
	CHECK(!ask_object(&reader));
	for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
		CHECK(!reader_element(&reader));
	CHECK(!reader_done(&reader, NULL));
	CHECK_INT(reader_fault(&reader), READER_MISMATCH);
	reader_clear(&reader);
	buf_clear(&text);
}

TEST(a_fault_after_a_mismatch_wins)
{
	struct reader reader;
	struct err err = { 0 };
	struct span key;

	reader_init(&reader, SPAN("{\"a\":1,\"b\":[1,}"));
	reader_object(&reader);
	while (reader_member(&reader, &key))
		CHECK(!ask_string(&reader));
	CHECK(!reader_done(&reader, &err));
	CHECK_INT(reader_fault(&reader), READER_SYNTAX);
	CHECK_TEXT(err.text, "not acceptable JSON: a value is missing at byte 14");
	reader_clear(&reader);
}

TEST(a_fault_inside_a_mismatched_value_wins)
{
	struct reader reader;

	reader_init(&reader, SPAN("{\"a\":1,\"a\":2}"));
	CHECK(!ask_array(&reader));
	CHECK(!reader_done(&reader, NULL));
	CHECK_INT(reader_fault(&reader), READER_SYNTAX);
	reader_clear(&reader);
}

/* The message names the member whose value it was, not the key that happened to come before. */
TEST(a_mismatch_names_its_member)
{
	struct reader reader;
	struct err err = { 0 };
	struct span key;

	reader_init(&reader, SPAN("{\"list\":[{\"inner\":1},2]}"));
	reader_object(&reader);
	CHECK(reader_member(&reader, &key));
	reader_array(&reader);
	CHECK(reader_element(&reader));
	reader_skip(&reader);
	CHECK(reader_element(&reader));
	CHECK(!ask_string(&reader));
	CHECK(!reader_element(&reader));
	CHECK(!reader_member(&reader, &key));
	CHECK(!reader_done(&reader, &err));
	CHECK_TEXT(err.text, "wrong type of value for list");
	reader_clear(&reader);
}

/* Names of 62 to 66 characters: one byte more than there is room for is the one that hurts. */
TEST(a_long_name_is_cut_in_the_message)
{
	for (int len = 62; len <= 66; len++) {
		struct buf text = buf_with_max(ROOM), want = buf_with_max(ROOM);
		struct reader reader;
		struct err err = { 0 };
		struct span key;

		buf_addf(&text, "{\"%0*d\":1}", len, 7);
		buf_addf(&want, "wrong type of value for %.63s", buf_text(&text) + 2);
		want.at[want.len - (len < 63 ? 1 : 0)] = '\0';
		reader_init(&reader, buf_span(&text));
		reader_object(&reader);
		while (reader_member(&reader, &key))
			CHECK(!ask_string(&reader));
		CHECK(!reader_done(&reader, &err));
		CHECK_TEXT(err.text, buf_text(&want));
		reader_clear(&reader);
		buf_clear(&text);
		buf_clear(&want);
	}
}

/* ---- What is handed out ---------------------------------------------------------------------- */

TEST(after_a_fault_every_call_does_nothing)
{
	struct reader reader;
	struct span text = SPAN("as it was"), key = text;
	double number = 7;
	bool value = true;

	reader_init(&reader, SPAN("[1 2, \"x\", true, {\"a\":1}]"));
	reader_array(&reader);
	CHECK(reader_element(&reader) && reader_skip(&reader));
	CHECK(!reader_element(&reader));
	CHECK(!reader_string(&reader, &text) && span_is(text, "as it was"));
	CHECK(!reader_raw(&reader, &text) && span_is(text, "as it was"));
	CHECK(!reader_number(&reader, &number) && number > 6);
	CHECK(!reader_bool(&reader, &value) && value);
	reader_object(&reader);
	CHECK(!reader_member(&reader, &key) && span_is(key, "as it was"));
	CHECK(!reader_skip(&reader));
	CHECK_INT(reader_peek(&reader), JSON_END);
	CHECK_INT((long long)reader.fault_at, 3);
	reader_clear(&reader);
}

#define STRINGS 2000

/* Each string is as long as its escaped source allows, so that the memory fills to the brim. */
TEST(strings_stay_where_they_are)
{
	static struct span kept[STRINGS];
	struct buf text = buf_with_max(ROOM), want = buf_with_max(ROOM);
	struct reader reader;
	size_t n = 0;

	for (size_t i = 0; i < STRINGS; i++)
		buf_addf(&text, "%s\"\\n%zu\\\"\"", i ? "," : "[", i);
	buf_add_char(&text, ']');
	reader_init(&reader, buf_span(&text));
	reader_array(&reader);
	while (reader_element(&reader) && n < STRINGS)
		CHECK(reader_string(&reader, &kept[n++]));
	CHECK(reader_done(&reader, NULL));
	for (size_t i = 0; i < n; i++) {
		buf_reset(&want);
		buf_addf(&want, "\n%zu\"", i);
		CHECK(span_equal(kept[i], buf_span(&want)), "string %zu has changed", i);
	}
	CHECK_INT((long long)n, STRINGS);
	reader_clear(&reader);
	buf_clear(&text);
	buf_clear(&want);
}

TEST(strings_without_escapes_are_spans_into_the_text)
{
	static const char text[] = "[\"plain\",\"\"]";
	struct reader reader;
	struct span got;

	reader_init(&reader, span_of(text));
	reader_array(&reader);
	CHECK(reader_element(&reader) && reader_string(&reader, &got));
	CHECK(got.at == text + 2 && got.len == 5);
	CHECK(reader_element(&reader) && reader_string(&reader, &got));
	CHECK(got.at != NULL && got.len == 0, "an empty string is still a string");
	reader_clear(&reader);
}

TEST(raw_is_the_values_own_bytes)
{
	static const char *const want[] = {
		"{\"a\" : [ 1 ]}", "\"x\\u0041\"", "-1.50e2", "null", "[]", "true"
	};
	struct reader reader;
	struct span json;

	reader_init(&reader, SPAN("[ {\"a\" : [ 1 ]} ,\t\"x\\u0041\",\n-1.50e2 , null,[],true ]"));
	reader_array(&reader);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		CHECK(reader_element(&reader) && reader_raw(&reader, &json));
		CHECK_BYTES(json.at, json.len, want[i], strlen(want[i]));
	}
	CHECK(!reader_element(&reader) && reader_done(&reader, NULL));
	reader_clear(&reader);
}

TEST(raw_is_checked)
{
	struct reader reader;
	struct span json = SPAN("as it was");

	reader_init(&reader, SPAN("{\"a\":[1,{\"b\":tru}]}"));
	CHECK(!reader_raw(&reader, &json) && span_is(json, "as it was"));
	CHECK(!reader_done(&reader, NULL));
	CHECK_INT((long long)reader.fault_at, 13);
	reader_clear(&reader);
}

int main(void)
{
	check_run(peek_names_the_type_and_moves_nothing);
	check_run(another_type_is_a_mismatch_and_is_skipped);
	check_run(after_a_mismatch_the_outer_object_goes_on);
	check_run(a_root_of_another_type_reads_as_empty);
	check_run(a_mismatch_at_the_greatest_depth_is_no_limit);
	check_run(a_fault_after_a_mismatch_wins);
	check_run(a_fault_inside_a_mismatched_value_wins);
	check_run(a_mismatch_names_its_member);
	check_run(a_long_name_is_cut_in_the_message);
	check_run(after_a_fault_every_call_does_nothing);
	check_run(strings_stay_where_they_are);
	check_run(strings_without_escapes_are_spans_into_the_text);
	check_run(raw_is_the_values_own_bytes);
	check_run(raw_is_checked);
	return check_done();
}
