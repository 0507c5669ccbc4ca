/*
 * mem, arena and secret: who owns what, and what is left of it.
 */
#undef _FORTIFY_SOURCE /* it would put a definition of its own before our explicit_bzero() */

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/secret.h"
#include "tests/unit/check.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- mem ------------------------------------------------------------------------------------- */

TEST(fresh_memory_is_zero)
{
	unsigned char *bytes = xcalloc(100, 3);
	void *none = xcalloc(0, 8), *nothing = xcalloc(8, 0);

	for (size_t i = 0; i < 300; i++)
		CHECK_INT(bytes[i], 0);
	CHECK(none != NULL && nothing != NULL);
	free(bytes);
	free(none);
	free(nothing);
}

TEST(an_array_grows_and_shrinks)
{
	int *numbers = xreallocarray(NULL, 2, sizeof(*numbers));

	numbers[0] = 1;
	numbers[1] = 2;
	numbers = xreallocarray(numbers, 1000, sizeof(*numbers));
	CHECK(numbers[0] == 1 && numbers[1] == 2);
	numbers = xreallocarray(numbers, 0, sizeof(*numbers));
	CHECK(numbers != NULL);
	numbers = xreallocarray(numbers, 8, 0);
	CHECK(numbers != NULL);
	free(numbers);
}

TEST(copies_are_closed_by_a_nul)
{
	char *text = xstrdup("abc"), *part = xspandup(span_part(SPAN("abcdef"), 1, 2));
	char *none = xspandup(SPAN_NONE);

	CHECK_TEXT(text, "abc");
	CHECK_TEXT(part, "bc");
	CHECK_TEXT(none, "");
	free(text);
	free(part);
	free(none);
}

/* The signal that ends `act`, 0 when it returns. Runs in a process of its own. */
static int signal_of(void (*act)(void))
{
	pid_t child;
	int status = 0;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		act();
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static volatile size_t half = SIZE_MAX / 2 + 1; /* not foreseen by the compiler */

static void grow_past_all_memory(void)
{
	free(xreallocarray(NULL, half, 2));
}

static void take_past_all_memory(void)
{
	struct arena arena = { 0 };

	memset(arena_alloc(&arena, half, 2), 1, 1);
	arena_clear(&arena);
}

/* The size that only wraps around when it is rounded up and its block's head is added. */
static void take_all_memory(void)
{
	struct arena arena = { 0 };

	memset(arena_alloc(&arena, half - 1, 2), 1, 1024);
	arena_clear(&arena);
}

static void take_nearly_all_memory(void)
{
	struct arena arena = { 0 };

	memset(arena_alloc(&arena, 1, SIZE_MAX - 32), 1, 1024);
	arena_clear(&arena);
}

TEST(sizes_that_wrap_around_abort)
{
	CHECK_INT(signal_of(grow_past_all_memory), SIGABRT);
	CHECK_INT(signal_of(take_past_all_memory), SIGABRT);
	CHECK_INT(signal_of(take_all_memory), SIGABRT);
	CHECK_INT(signal_of(take_nearly_all_memory), SIGABRT);
}

/* ---- arena ----------------------------------------------------------------------------------- */

static bool aligned(const void *at)
{
	return (uintptr_t)at % _Alignof(max_align_t) == 0;
}

TEST(arena_memory_is_zero_and_aligned)
{
	struct arena arena = { 0 };

	for (size_t size = 1; size < 200; size++) {
		char *bytes = arena_alloc(&arena, 1, size);

		CHECK(aligned(bytes), "%zu bytes are not aligned", size);
		for (size_t i = 0; i < size; i++)
			CHECK_INT(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	CHECK(aligned(arena_alloc(&arena, 0, 8)));
	CHECK(aligned(arena_alloc(&arena, 8, 0)));
	arena_clear(&arena);
}

TEST(arena_memory_does_not_overlap)
{
	enum { N = 500 };
	struct arena arena = { 0 };
	unsigned char *parts[N];

	for (size_t i = 0; i < N; i++) {
		parts[i] = arena_alloc(&arena, i % 90 + 1, 1);
		memset(parts[i], (int)(i & 0xff), i % 90 + 1);
	}
	for (size_t i = 0; i < N; i++) {
		CHECK_INT(parts[i][0], (long long)(i & 0xff));
		CHECK_INT(parts[i][i % 90], (long long)(i & 0xff));
	}
	arena_clear(&arena);
}

TEST(big_blocks_and_small_ones_live_together)
{
	struct arena arena = { 0 };
	const char *before = arena_text(&arena, SPAN("before"));
	char *big = arena_alloc(&arena, 1000, 1000);
	const char *after = arena_printf(&arena, "%s %d", "after", 1);

	memset(big, 'x', 1000000);
	CHECK_TEXT(before, "before");
	CHECK_TEXT(after, "after 1");
	arena_clear(&arena);
	CHECK(arena.blocks == NULL);
	CHECK_TEXT(arena_text(&arena, SPAN_NONE), "");
	arena_clear(&arena);
	arena_clear(&arena);
}

TEST(arena_text_is_a_copy_of_any_length)
{
	struct arena arena = { 0 };
	char long_text[5000];
	const char *printed;

	memset(long_text, 'y', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	printed = arena_printf(&arena, "<%s>", long_text);
	CHECK_INT((long long)strlen(printed), 5001);
	CHECK_TEXT(arena_text(&arena, span_of(long_text)), long_text);
	CHECK_TEXT(arena_text(&arena, span_part(SPAN("abc"), 0, 2)), "ab");
	arena_clear(&arena);
}

/* ---- secret ---------------------------------------------------------------------------------- */

TEST(a_secret_is_a_copy_that_says_its_bytes_when_asked)
{
	char source[] = "hunter2";
	struct secret secret = secret_of(span_of(source)), copy = secret_copy(&secret);

	memset(source, 'x', sizeof(source) - 1);
	CHECK(secret_is_set(&secret) && span_is(secret_reveal(&secret), "hunter2"));
	secret_clear(&secret);
	CHECK(!secret_is_set(&secret) && secret_reveal(&secret).len == 0);
	CHECK(span_is(secret_reveal(&copy), "hunter2"), "a copy has its own life");
	secret_clear(&copy);
	secret_clear(&copy);
}

TEST(an_empty_secret_is_set_and_an_absent_one_is_not)
{
	struct secret absent = { 0 }, empty = secret_of(SPAN(""));
	struct secret copy = secret_copy(&absent);

	CHECK(!secret_is_set(&absent) && !secret_is_set(&copy));
	CHECK(secret_is_set(&empty) && secret_reveal(&empty).len == 0);
	secret_clear(&empty);
}

/* ---- Overwriting: stands in for the C library's function, in both names that it goes by. ----- */

void __explicit_bzero_chk(void *at, size_t len, size_t room);

static struct {
	const void *at;
	size_t len;
} wiped;

void explicit_bzero(void *at, size_t len)
{
	memset(at, 0, len);
	wiped.at = at;
	wiped.len = len;
}

void __explicit_bzero_chk(void *at, size_t len, size_t room)
{
	CHECK(len <= room);
	explicit_bzero(at, len);
}

TEST(a_secret_is_overwritten_before_it_is_freed)
{
	struct secret secret = secret_of(SPAN("hunter2"));
	const void *at = secret_reveal(&secret).at;

	secret_clear(&secret);
	CHECK(wiped.at == at);
	CHECK_INT((long long)wiped.len, 7);
}

TEST(a_wiped_buf_is_overwritten_with_all_it_held_before)
{
	struct buf buf = buf_with_max(1000);
	const void *at;
	size_t cap;

	buf_add_text(&buf, "longer than what comes next");
	buf_reset(&buf);
	buf_add_text(&buf, "next");
	at = buf.at;
	cap = buf.cap;
	buf_wipe(&buf);
	CHECK(wiped.at == at && wiped.len == cap);
	CHECK(buf.at == NULL && buf.len == 0 && buf.max == 1000);
	buf_wipe(&buf);
}

int main(void)
{
	check_run(fresh_memory_is_zero);
	check_run(an_array_grows_and_shrinks);
	check_run(copies_are_closed_by_a_nul);
	check_run(sizes_that_wrap_around_abort);
	check_run(arena_memory_is_zero_and_aligned);
	check_run(arena_memory_does_not_overlap);
	check_run(big_blocks_and_small_ones_live_together);
	check_run(arena_text_is_a_copy_of_any_length);
	check_run(a_secret_is_a_copy_that_says_its_bytes_when_asked);
	check_run(an_empty_secret_is_set_and_an_absent_one_is_not);
	check_run(a_secret_is_overwritten_before_it_is_freed);
	check_run(a_wiped_buf_is_overwritten_with_all_it_held_before);
	return check_done();
}
