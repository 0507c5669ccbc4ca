#include "common/base/buf.h"

#include "tests/unit/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

TEST(what_is_added_follows_and_ends_with_a_nul)
{
	struct buf buf = buf_with_max(100);

	CHECK_TEXT(buf_text(&buf), "");
	buf_add_text(&buf, "a");
	buf_add_char(&buf, 'b');
	buf_add(&buf, SPAN("cd"));
	buf_addf(&buf, "%d%s", 42, "e");
	buf_add_text(&buf, NULL);
	buf_add(&buf, SPAN_NONE);
	buf_addf(&buf, "%s", "");
	CHECK_TEXT(buf_text(&buf), "abcd42e");
	CHECK_INT((long long)buf_span(&buf).len, 7);
	CHECK(!buf.overflow);
	buf_clear(&buf);
	CHECK(buf.at == NULL && buf.len == 0 && buf.max == 100);
}

TEST(bytes_may_be_nul)
{
	struct buf buf = buf_with_max(100);

	buf_add_char(&buf, '\0');
	buf_add(&buf, SPAN("x\0y"));
	CHECK_BYTES(buf.at, buf.len, "\0x\0y", 4);
	buf_clear(&buf);
}

TEST(the_maximum_itself_fits)
{
	struct buf buf = buf_with_max(3);

	buf_add_text(&buf, "abc");
	CHECK(!buf.overflow);
	CHECK_TEXT(buf_text(&buf), "abc");
	buf_add(&buf, SPAN_NONE);
	buf_add_text(&buf, "");
	CHECK(!buf.overflow, "nothing fits everywhere");
	buf_add_char(&buf, 'd');
	CHECK(buf.overflow);
	CHECK_TEXT(buf_text(&buf), "abc");
	CHECK(buf.cap <= 4);
	buf_clear(&buf);
}

TEST(after_an_overflow_nothing_is_added)
{
	struct buf buf = buf_with_max(3);

	buf_add_text(&buf, "ab");
	buf_add_text(&buf, "cd");
	buf_add_char(&buf, 'c');
	buf_addf(&buf, "%c", 'c');
	CHECK(buf.overflow);
	CHECK_TEXT(buf_text(&buf), "ab");
	buf_reset(&buf);
	CHECK(!buf.overflow);
	buf_addf(&buf, "%03d", 7);
	CHECK_TEXT(buf_text(&buf), "007");
	buf_addf(&buf, "%c", 'c');
	CHECK(buf.overflow);
	CHECK_TEXT(buf_text(&buf), "007");
	buf_clear(&buf);
	CHECK(!buf.overflow);
}

TEST(a_buf_without_room_takes_nothing)
{
	struct buf buf = buf_with_max(0);

	CHECK(buf_reserve(&buf, 0) && !buf.overflow);
	buf_add_char(&buf, 'a');
	CHECK(buf.overflow && buf.len == 0);
	CHECK_TEXT(buf_text(&buf), "");
	buf_clear(&buf);
}

TEST(what_is_reserved_does_not_move)
{
	struct buf buf = buf_with_max(1000);
	const char *at;

	CHECK(buf_reserve(&buf, 1000));
	CHECK_TEXT(buf_text(&buf), "");
	at = buf.at;
	for (int i = 0; i < 1000; i++)
		buf_add_char(&buf, 'x');
	CHECK(buf.at == at && buf.len == 1000 && !buf.overflow);
	CHECK(!buf_reserve(&buf, 1) && buf.overflow);
	buf_clear(&buf);
}

TEST(a_reservation_counts_from_what_is_there)
{
	struct buf buf = buf_with_max(10);

	buf_add_text(&buf, "1234");
	CHECK(buf_reserve(&buf, 6) && !buf.overflow);
	CHECK(!buf_reserve(&buf, 7) && buf.overflow);
	CHECK(!buf_reserve(&buf, SIZE_MAX) && !buf_reserve(&buf, SIZE_MAX - 4));
	CHECK_TEXT(buf_text(&buf), "1234");
	buf_clear(&buf);
}

/* "No maximum" must not wrap around to an allocation of nothing. */
TEST(the_greatest_maximum_works)
{
	struct buf buf = buf_with_max(SIZE_MAX);

	buf_add_text(&buf, "grows");
	CHECK_TEXT(buf_text(&buf), "grows");
	CHECK(buf.cap > buf.len);
	buf_clear(&buf);
}

TEST(growing_keeps_what_is_there)
{
	struct buf buf = buf_with_max(100000);

	for (int i = 0; i < 10000; i++)
		buf_addf(&buf, "%04d ", i);
	CHECK_INT((long long)buf.len, 50000);
	for (size_t i = 0; i < 10000; i += 777)
		CHECK_INT(strtol(buf.at + 5 * i, NULL, 10), (long long)i);
	buf_clear(&buf);
}

TEST(taking_hands_the_text_over)
{
	struct buf buf = buf_with_max(10);
	char *text, *none;

	buf_add_text(&buf, "mine");
	text = buf_take(&buf);
	CHECK_TEXT(text, "mine");
	CHECK(buf.at == NULL && buf.len == 0 && buf.cap == 0 && buf.max == 10);
	none = buf_take(&buf);
	CHECK_TEXT(none, "");
	free(text);
	free(none);
}

int main(void)
{
	check_run(what_is_added_follows_and_ends_with_a_nul);
	check_run(bytes_may_be_nul);
	check_run(the_maximum_itself_fits);
	check_run(after_an_overflow_nothing_is_added);
	check_run(a_buf_without_room_takes_nothing);
	check_run(what_is_reserved_does_not_move);
	check_run(a_reservation_counts_from_what_is_there);
	check_run(the_greatest_maximum_works);
	check_run(growing_keeps_what_is_there);
	check_run(taking_hands_the_text_over);
	return check_done();
}
