#include "common/base/writer.h"

#include "common/base/limits.h"
#include "common/base/reader.h"
#include "tests/unit/check.h"

#include <stdint.h>
#include <string.h>

#define ROOM (1024 * 1024)

static bool acceptable(struct span text)
{
	struct reader reader;
	bool fine;

	reader_init(&reader, text);
	reader_skip(&reader);
	fine = reader_done(&reader, NULL);
	reader_clear(&reader);
	return fine;
}

/* Finishes the writer and compares; what it wrote must also pass our own reader. */
static void check_written(struct writer *writer, const char *want)
{
	struct buf out = buf_with_max(ROOM);

	writer_finish(writer, &out);
	CHECK_TEXT(buf_text(&out), want);
	CHECK(acceptable(buf_span(&out)));
	buf_clear(&out);
}

TEST(nothing_written_is_an_empty_object)
{
	check_written(writer_new(), "{}");
}

TEST(every_kind_of_value)
{
	struct writer *writer = writer_new();

	writer_string(writer, "span", SPAN("a span"));
	writer_text(writer, "text", "a text");
	writer_integer(writer, "number", -42);
	writer_bool(writer, "yes", true);
	writer_bool(writer, "no", false);
	writer_null(writer, "null");
	check_written(writer, "{\"span\":\"a span\",\"text\":\"a text\",\"number\":-42,"
	                      "\"yes\":true,\"no\":false,\"null\":null}");
}

/* Our own reader hands out doubles and refuses what none of them holds for certain. */
TEST(a_time_is_text_and_none_is_null)
{
	struct writer *writer = writer_new();

	writer_time(writer, "then", 1787014800123);
	writer_time(writer, "never", 0);
	check_written(writer, "{\"then\":\"2026-08-18T01:00:00.123Z\",\"never\":null}");
}

TEST(integers_are_written_in_full)
{
	struct writer *writer = writer_new();
	struct buf out = buf_with_max(ROOM);

	writer_integer(writer, "least", INT64_MIN);
	writer_integer(writer, "most", INT64_MAX);
	writer_finish(writer, &out);
	CHECK_TEXT(buf_text(&out), "{\"least\":-9223372036854775808,\"most\":9223372036854775807}");
	buf_clear(&out);
}

TEST(keys_keep_the_order_in_which_they_came)
{
	struct writer *writer = writer_new();

	writer_integer(writer, "zebra", 1);
	writer_integer(writer, "ant", 2);
	writer_object(writer, "mole");
	writer_integer(writer, "b", 3);
	writer_integer(writer, "a", 4);
	writer_end(writer);
	writer_integer(writer, "Ant", 5);
	check_written(writer, "{\"zebra\":1,\"ant\":2,\"mole\":{\"b\":3,\"a\":4},\"Ant\":5}");
}

TEST(hundreds_of_keys_keep_their_order)
{
	struct writer *writer = writer_new();
	struct buf want = buf_with_max(ROOM);
	char key[16] = "";

	for (int i = 0; i < LIMIT_JSON_MEMBERS; i++) {
		key[0] = (char)('a' + i * 7 % 26);
		key[1] = (char)('a' + i * 11 % 26);
		key[2] = (char)('A' + i / 26);
		writer_integer(writer, key, i);
		buf_addf(&want, "%c\"%s\":%d", i ? ',' : '{', key, i);
	}
	buf_add_char(&want, '}');
	check_written(writer, buf_text(&want));
	buf_clear(&want);
}

TEST(arrays_and_objects_nest)
{
	struct writer *writer = writer_new();

	writer_array(writer, "Entries");
	writer_object(writer, NULL);
	writer_text(writer, "Id", "0");
	writer_end(writer);
	writer_array(writer, NULL);
	writer_end(writer);
	writer_object(writer, NULL);
	writer_end(writer);
	writer_integer(writer, NULL, 1);
	writer_text(writer, NULL, NULL);
	writer_bool(writer, NULL, true);
	writer_null(writer, NULL);
	writer_end(writer);
	writer_integer(writer, "after", 2);
	check_written(writer, "{\"Entries\":[{\"Id\":\"0\"},[],{},1,null,true,null],\"after\":2}");
}

TEST(as_deep_as_the_reader_goes)
{
	struct writer *writer = writer_new();
	struct buf want = buf_with_max(ROOM);

	for (int i = 1; i < LIMIT_JSON_DEPTH; i++) {
		writer_object(writer, "k");
		buf_add_text(&want, "{\"k\":");
	}
	buf_add_text(&want, "{");
	for (int i = 1; i < LIMIT_JSON_DEPTH; i++) {
		writer_end(writer);
		buf_add_char(&want, '}');
	}
	buf_add_char(&want, '}');
	check_written(writer, buf_text(&want));
	buf_clear(&want);
}

TEST(no_text_is_null_and_empty_text_is_empty)
{
	struct writer *writer = writer_new();

	writer_text(writer, "none", NULL);
	writer_string(writer, "no span", SPAN_NONE);
	writer_text(writer, "empty", "");
	writer_string(writer, "empty span", SPAN(""));
	check_written(writer,
	              "{\"none\":null,\"no span\":null,\"empty\":\"\",\"empty span\":\"\"}");
}

TEST(what_is_given_is_copied)
{
	struct writer *writer = writer_new();
	char key[] = "key", text[] = "text";

	writer_text(writer, key, text);
	memset(key, 'x', 3);
	memset(text, 'x', 4);
	check_written(writer, "{\"key\":\"text\"}");
}

TEST(a_writer_that_is_not_finished_is_freed)
{
	struct writer *writer = writer_new();

	writer_array(writer, "open");
	writer_text(writer, NULL, "text");
	writer_free(writer);
	writer_free(NULL);
}

TEST(the_text_is_appended)
{
	struct writer *writer = writer_new();
	struct buf out = buf_with_max(ROOM);

	buf_add_text(&out, "body=");
	writer_finish(writer, &out);
	CHECK_TEXT(buf_text(&out), "body={}");
	buf_clear(&out);
}

TEST(what_does_not_fit_overflows)
{
	struct writer *writer = writer_new();
	struct buf out = buf_with_max(5);

	writer_text(writer, "key", "value");
	writer_finish(writer, &out);
	CHECK(out.overflow && out.len == 0);
	buf_clear(&out);
}

/* Writes one string, reads it back. */
static void check_text_written(struct span text, struct span want)
{
	struct writer *writer = writer_new();
	struct buf out = buf_with_max(ROOM);
	struct reader reader;
	struct span key, got = SPAN_NONE;

	writer_string(writer, "t", text);
	writer_finish(writer, &out);
	reader_init(&reader, buf_span(&out));
	reader_object(&reader);
	while (reader_member(&reader, &key))
		reader_string(&reader, &got);
	CHECK(reader_done(&reader, NULL), "%s", buf_text(&out));
	CHECK_BYTES(got.at, got.len, want.at, want.len);
	reader_clear(&reader);
	buf_clear(&out);
}

TEST(utf8_comes_back_as_it_was)
{
	static const char text[] = "\x01\t\n\"\\/\x7f a\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"
				   "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf";

	check_text_written(span_of(text), span_of(text));
	check_text_written(SPAN(""), SPAN(""));
}

TEST(each_wrong_byte_is_replaced)
{
#define BAD "\xef\xbf\xbd"
	check_text_written(SPAN("a\xff"
	                        "b"),
	                   SPAN("a" BAD "b"));
	check_text_written(SPAN("\x80"), SPAN(BAD));
	check_text_written(SPAN("\xc3"), SPAN(BAD));
	check_text_written(SPAN("\xe2\x82"), SPAN(BAD BAD));
	check_text_written(SPAN("\xe2\x82x"), SPAN(BAD BAD "x"));
	check_text_written(SPAN("\xc0\x80"), SPAN(BAD BAD));
	check_text_written(SPAN("\xed\xa0\x80"), SPAN(BAD BAD BAD));
	check_text_written(SPAN("\xf5\x80\x80\x80\xc3\xa9"), SPAN(BAD BAD BAD BAD "\xc3\xa9"));
#undef BAD
}

/* Our reader takes no NUL, others may; either way the text is not cut. */
TEST(a_nul_is_escaped)
{
	struct writer *writer = writer_new();
	struct buf out = buf_with_max(ROOM);

	writer_string(writer, "t", SPAN("a\0b"));
	writer_finish(writer, &out);
	CHECK_TEXT(buf_text(&out), "{\"t\":\"a\\u0000b\"}");
	buf_clear(&out);
}

TEST(a_long_text_is_cut_between_characters)
{
	struct writer *writer = writer_new();

	writer_text(writer, "before", "abcdefg");
	writer_cut(writer, 4);
	writer_text(writer, "fits", "abcd");
	writer_text(writer, "cut", "abcde");
	writer_text(writer, "inside", "ab\xe2\x82\xac");
	writer_text(writer, "broken", "\x80\x80\x80\x80\x80");
	writer_text(writer, "none", NULL);
	check_written(writer, "{\"before\":\"abcdefg\",\"fits\":\"abcd\",\"cut\":\"abcd…\","
	                      "\"inside\":\"ab…\",\"broken\":\"����…\",\"none\":null}");
}

int main(void)
{
	check_run(nothing_written_is_an_empty_object);
	check_run(every_kind_of_value);
	check_run(a_time_is_text_and_none_is_null);
	check_run(integers_are_written_in_full);
	check_run(keys_keep_the_order_in_which_they_came);
	check_run(hundreds_of_keys_keep_their_order);
	check_run(arrays_and_objects_nest);
	check_run(as_deep_as_the_reader_goes);
	check_run(no_text_is_null_and_empty_text_is_empty);
	check_run(what_is_given_is_copied);
	check_run(a_writer_that_is_not_finished_is_freed);
	check_run(the_text_is_appended);
	check_run(what_does_not_fit_overflows);
	check_run(utf8_comes_back_as_it_was);
	check_run(each_wrong_byte_is_replaced);
	check_run(a_nul_is_escaped);
	check_run(a_long_text_is_cut_between_characters);
	return check_done();
}
