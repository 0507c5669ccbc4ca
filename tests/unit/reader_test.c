/*
 * The reader's verdict on whole texts is data, in tests/cases/reader: what it hands out, a line a
 * token, or the fault. Here is what needs a generated text or a caller with expectations.
 */
#include "common/base/reader.h"

#include "common/base/limits.h"
#include "tests/unit/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (4 * 1024 * 1024)

/* ---- Walking any text ------------------------------------------------------------------------ */

static void dump_value(struct reader *reader, struct buf *out);

/* Control characters would break the lines; a reader that let a NUL pass would show here, too. */
static void dump_text(struct buf *out, const char *what, struct span text)
{
	buf_addf(out, "%s \"", what);
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			buf_addf(out, "\\x%02x", (unsigned)(unsigned char)text.at[i]);
		else
			buf_add_char(out, text.at[i]);
	}
	buf_add_text(out, "\"\n");
}

static void dump_object(struct reader *reader, struct buf *out)
{
	struct span key;

	buf_add_text(out, "object\n");
	reader_object(reader);
	while (reader_member(reader, &key)) {
		dump_text(out, "key", key);
		dump_value(reader, out);
	}
	buf_add_text(out, "end\n");
}

static void dump_array(struct reader *reader, struct buf *out)
{
	buf_add_text(out, "array\n");
	reader_array(reader);
	while (reader_element(reader))
		dump_value(reader, out);
	buf_add_text(out, "end\n");
}

static void dump_scalar(struct reader *reader, enum json_type type, struct buf *out)
{
	struct span text;
	double number;
	bool value;

	if (type == JSON_STRING && reader_string(reader, &text))
		dump_text(out, "string", text);
	else if (type == JSON_NUMBER && reader_number(reader, &number))
		buf_addf(out, "number %.17g\n", number);
	else if (type == JSON_BOOL && reader_bool(reader, &value))
		buf_addf(out, "bool %s\n", value ? "true" : "false");
	else if (type == JSON_NULL && reader_skip(reader))
		buf_add_text(out, "null\n");
}

static void dump_value(struct reader *reader, struct buf *out)
{
	enum json_type type = reader_peek(reader);

	if (type == JSON_OBJECT)
		dump_object(reader, out);
	else if (type == JSON_ARRAY)
		dump_array(reader, out);
	else
		dump_scalar(reader, type, out);
}

/* "syntax at 17: a colon is missing", or "" when all was well. */
static void add_fault(const struct reader *reader, struct buf *out)
{
	static const char *const names[] = { "fine", "syntax", "limit", "mismatch" };

	if (reader->fault != READER_FINE)
		buf_addf(out, "%s at %zu: %s\n", names[reader->fault], reader->fault_at,
		         reader->fault_what);
}

static void dump(struct span text, struct buf *out)
{
	struct reader reader;
	struct err err;

	reader_init(&reader, text);
	dump_value(&reader, out);
	if (!reader_done(&reader, &err)) {
		CHECK_INT(err.kind, ERR_MALFORMED);
		buf_reset(out);
		add_fault(&reader, out);
	}
	reader_clear(&reader);
}

/* Skipping must come to the same verdict, at the same byte, as reading every value. */
static void skip(struct span text, struct buf *out)
{
	struct reader reader;

	reader_init(&reader, text);
	reader_skip(&reader);
	if (!reader_done(&reader, NULL))
		add_fault(&reader, out);
	reader_clear(&reader);
}

static void reader_case(const char *dir)
{
	struct buf read = buf_with_max(ROOM), skipped = buf_with_max(ROOM);
	struct span text;

	text.at = check_read(dir, "input.json", &text.len);
	dump(text, &read);
	skip(text, &skipped);
	CHECK_FILE(dir, "want.txt", buf_text(&read));
	if (skipped.len || strstr(buf_text(&read), " at "))
		CHECK_TEXT(buf_text(&skipped), buf_text(&read));
	buf_clear(&read);
	buf_clear(&skipped);
}

/* The fault of a text, "" for none. */
static void check_fault(struct buf *text, const char *want)
{
	struct buf got = buf_with_max(ROOM);

	CHECK(!text->overflow);
	skip(buf_span(text), &got);
	CHECK_TEXT(buf_text(&got), want);
	buf_clear(&got);
	buf_clear(text);
}

/* ---- Limits ---------------------------------------------------------------------------------- */

static struct buf nested(size_t depth, const char *open, const char *inside, const char *close)
{
	struct buf text = buf_with_max(ROOM);

	for (size_t i = 0; i < depth; i++)
		buf_add_text(&text, open);
	buf_add_text(&text, inside);
	for (size_t i = 0; i < depth; i++)
		buf_add_text(&text, close);
	return text;
}

TEST(depth_is_limited)
{
	struct buf deep;

	deep = nested(LIMIT_JSON_DEPTH, "[", "", "]");
	check_fault(&deep, "");
	deep = nested(LIMIT_JSON_DEPTH, "{\"a\":", "null", "}");
	check_fault(&deep, "");
	deep = nested(LIMIT_JSON_DEPTH + 1, "[", "", "]");
	check_fault(&deep, "limit at 33: nested too deeply\n");
	deep = nested(LIMIT_JSON_DEPTH + 1, "{\"a\":", "null", "}");
	check_fault(&deep, "limit at 161: nested too deeply\n");
	deep = nested(100000, "[", "", "]");
	check_fault(&deep, "limit at 33: nested too deeply\n");
	deep = nested(100000, "{\"a\":[", "", "");
	check_fault(&deep, "limit at 97: nested too deeply\n");
}

/* An array of n times the same value: n + 1 tokens. */
static struct buf copies(const char *value, size_t n)
{
	struct buf text = buf_with_max(ROOM);

	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%c%s", i ? ',' : '[', value);
	buf_add_char(&text, ']');
	return text;
}

TEST(tokens_are_limited)
{
	static const char *const values[] = { "1", "\"\"", "true", "false", "null", "[]", "{}" };

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct buf many = copies(values[i], LIMIT_JSON_TOKENS - 1);
		struct buf want = buf_with_max(ROOM);

		check_fault(&many, "");
		buf_addf(&want, "limit at %zu: too many values\n",
		         1 + (LIMIT_JSON_TOKENS - 1) * (strlen(values[i]) + 1));
		many = copies(values[i], LIMIT_JSON_TOKENS);
		check_fault(&many, buf_text(&want));
		buf_clear(&want);
	}
}

TEST(keys_are_tokens)
{
	struct buf many;

	many = copies("{\"k\":1}", (LIMIT_JSON_TOKENS - 1) / 3);
	check_fault(&many, "");
	many = copies("[{\"k\":1}]", LIMIT_JSON_TOKENS / 4);
	check_fault(&many, "limit at 163837: too many values\n");
	many = copies("{\"k\":[1,1,1,1]}", LIMIT_JSON_TOKENS / 7 + 1); /* the last key is one */
	check_fault(&many, "limit at 149794: too many values\n");
}

static struct buf members(size_t n)
{
	struct buf text = buf_with_max(ROOM);

	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%s\"%03zu\":1", i ? "," : "{", i);
	buf_add_char(&text, '}');
	return text;
}

TEST(members_are_limited)
{
	struct buf many;

	many = members(LIMIT_JSON_MEMBERS);
	check_fault(&many, "");
	many = members(LIMIT_JSON_MEMBERS + 1);
	check_fault(&many, "limit at 2054: too many members in an object\n");
}

TEST(members_of_each_object_count_alone)
{
	struct buf text = buf_with_max(ROOM), one = members(LIMIT_JSON_MEMBERS);

	buf_addf(&text, "[%s,{\"a\":%s,\"b\":%s},%s]", buf_text(&one), buf_text(&one),
	         buf_text(&one), buf_text(&one));
	buf_clear(&one);
	check_fault(&text, "");
}

TEST(long_numbers_are_refused)
{
	struct buf text;

	text = nested(62, "", "0.", "1");
	CHECK_INT((long long)text.len, 64);
	check_fault(&text, "");
	text = nested(63, "", "0.", "1");
	CHECK_INT((long long)text.len, 65);
	check_fault(&text, "syntax at 0: not a number\n");
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

TEST(every_beginning_of_a_text_is_refused)
{
	static const char whole[] = " {\"a\\u00e9\":[1,-2.5e+3,true,false,null,\"x\\n\xc3\xa9\"],"
				    "\"b\":{\"c\":{}},\"d\":[]}";

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		struct buf fault = buf_with_max(ROOM);
		char *copy = calloc(1, len ? len : 1); /* exact, so that an overread is seen */

		if (copy)
			memcpy(copy, whole, len);
		skip((struct span){ copy, len }, &fault);
		CHECK(fault.len > 0, "the first %zu bytes were accepted", len);
		buf_clear(&fault);
		free(copy);
	}
}

TEST(every_control_character_in_a_string_is_refused)
{
	for (int c = 0; c < 0x20; c++) {
		struct buf text = buf_with_max(ROOM);

		buf_add_text(&text, "[\"a");
		buf_add_char(&text, (char)c);
		buf_add_text(&text, "\"]");
		check_fault(&text, "syntax at 3: a control character\n");
	}
}

/* Nothing but its eight letters and u may follow a backslash. */
TEST(every_other_escape_is_refused)
{
	for (int c = 1; c < 0x80; c++) {
		struct buf text = buf_with_max(ROOM);

		if (strchr("\"\\/bfnrtu", c))
			continue;
		buf_add_text(&text, "[\"\\");
		buf_add_char(&text, (char)c);
		buf_add_text(&text, "\"]");
		check_fault(&text, "syntax at 5: a wrong escape in a string\n");
	}
}

TEST(a_text_that_nobody_reads_is_no_value)
{
	struct reader reader;
	struct err err = { 0 };

	reader_init(&reader, SPAN("1"));
	CHECK(!reader_done(&reader, &err));
	CHECK_TEXT(err.text, "not acceptable JSON: it ends too early at byte 0");
	reader_clear(&reader);
	reader_init(&reader, SPAN_NONE);
	CHECK(!reader_done(&reader, NULL));
	CHECK_INT(reader_fault(&reader), READER_SYNTAX);
	reader_clear(&reader);
}

TEST(a_value_that_was_not_left_ends_too_early)
{
	struct reader reader;
	struct err err = { 0 };

	reader_init(&reader, SPAN("[]"));
	reader_array(&reader);
	CHECK(!reader_done(&reader, &err));
	CHECK_TEXT(err.text, "not acceptable JSON: it ends too early at byte 1");
	reader_clear(&reader);
}

TEST(the_root_is_read_once)
{
	struct reader reader;
	double number = 0;

	reader_init(&reader, SPAN("7 "));
	CHECK(reader_number(&reader, &number) && fabs(number - 7) < 0.5);
	CHECK_INT(reader_peek(&reader), JSON_END);
	CHECK_INT(reader_fault(&reader), READER_FINE);
	CHECK(!reader_number(&reader, &number));
	CHECK_INT(reader_fault(&reader), READER_SYNTAX);
	reader_clear(&reader);
}

int main(void)
{
	check_cases("tests/cases/reader", reader_case);
	check_run(depth_is_limited);
	check_run(tokens_are_limited);
	check_run(keys_are_tokens);
	check_run(members_are_limited);
	check_run(members_of_each_object_count_alone);
	check_run(long_numbers_are_refused);
	check_run(every_beginning_of_a_text_is_refused);
	check_run(every_control_character_in_a_string_is_refused);
	check_run(every_other_escape_is_refused);
	check_run(a_text_that_nobody_reads_is_no_value);
	check_run(the_root_is_read_once);
	check_run(a_value_that_was_not_left_ends_too_early);
	return check_done();
}
