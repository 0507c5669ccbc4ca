/*
 * check: the harness of every C test.
 *
 *	TEST(empty_text_has_no_lines)
 *	{
 *		CHECK_INT(count_lines(""), 0);
 *	}
 *
 *	static void envelope_case(const char *dir)
 *	{
 *		size_t len;
 *		const char *bytes = check_read(dir, "input.json", &len);
 *
 *		if (!CHECK(envelope_parse(bytes, len, &envelope, &err), "%s", err.text))
 *			return;
 *		CHECK_FILE(dir, "want.txt", envelope_text(&envelope));
 *	}
 *
 *	int main(void)
 *	{
 *		check_run(empty_text_has_no_lines);
 *		check_cases("tests/cases/envelope", envelope_case);
 *		return check_done();
 *	}
 *
 * A test is one function, or one case folder; it fails when any of its checks does. Checks do not
 * stop a test: each is an expression that is true when it held, so that a test may return early.
 * Failures are printed with file and line; what passed is printed with V=1 in the environment.
 * Paths are relative to the repository's root, where tests are run. One thread only.
 */
#ifndef EVERGOLD_TESTS_CHECK_H
#define EVERGOLD_TESTS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define TEST(name) static void name(void)

/* CHECK(condition) or CHECK(condition, "format", values…), up to six values. */
#define CHECK(...)                                                                                \
	CHECK_PICK(__VA_ARGS__, CHECK_SAY, CHECK_SAY, CHECK_SAY, CHECK_SAY, CHECK_SAY, CHECK_SAY, \
	           CHECK_SAY, CHECK_BARE, 0)                                                      \
	(__VA_ARGS__)
#define CHECK_INT(got, want)  check_int((long long)(got), (long long)(want), #got, CHECK_HERE)
#define CHECK_TEXT(got, want) check_text((got), (want), #got, CHECK_HERE)
#define CHECK_BYTES(got, got_len, want, want_len) \
	check_bytes((got), (got_len), (want), (want_len), #got, CHECK_HERE)

/* Compares text with a file of the case; UPDATE=1 in the environment writes the file instead. */
#define CHECK_FILE(dir, file, got) check_file((dir), (file), (got), #got, CHECK_HERE)

#define check_run(test) check_run_named(#test, test)

/* Runs `run_case` over each sub-folder of `folder` in name order; none at all is a failure. */
void check_cases(const char *folder, void (*run_case)(const char *dir));

/* Has a check of the test that runs failed by now? */
bool check_failing(void);

/* Prints "PROGRAM: N passed, N failed"; returns 0 if some test ran and none failed. */
int check_done(void);

/*
 * A file of the case. Its bytes are borrowed until the test ends; no NUL follows them, so that the
 * sanitizer sees a parser read one byte too far. An absent file fails the test and reads as empty.
 */
const char *check_read(const char *dir, const char *file, size_t *ret_len);

/* The same as text, closed by a NUL. */
const char *check_read_text(const char *dir, const char *file);

/* For files that a case may have or not. */
bool check_missing(const char *dir, const char *file);

/* What the macros above expand to. */
struct check_where {
	const char *file;
	int line;
};

#define CHECK_HERE ((struct check_where){ __FILE__, __LINE__ })

#define CHECK_PICK(_1, _2, _3, _4, _5, _6, _7, _8, pick, ...) pick

#define CHECK_BARE(condition)     check_that((condition), #condition, CHECK_HERE, "%s", "")
#define CHECK_SAY(condition, ...) check_that((condition), #condition, CHECK_HERE, __VA_ARGS__)

void check_run_named(const char *name, void (*test)(void));
bool check_that(bool held, const char *what, struct check_where where, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
bool check_int(long long got, long long want, const char *what, struct check_where where);
bool check_text(const char *got, const char *want, const char *what, struct check_where where);
bool check_bytes(const void *got, size_t got_len, const void *want, size_t want_len,
                 const char *what, struct check_where where);
bool check_file(const char *dir, const char *file, const char *got, const char *what,
                struct check_where where);

#endif
