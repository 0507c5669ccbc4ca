#define _GNU_SOURCE /* program_invocation_short_name */
#include "tests/unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READS_PER_TEST 64
#define PATH_SPACE     512

static struct {
	int passed, failed;
	const char *name; /* the test that runs */
	bool failing;
	char *reads[READS_PER_TEST]; /* its files, freed when it ends */
	size_t n_reads;
} run;

_Noreturn static void give_up(const char *what, const char *path)
{
	fprintf(stderr, "%s: %s %s: %s\n", program_invocation_short_name, what, path,
	        strerror(errno));
	exit(2);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void begin(const char *name)
{
	run.name = name;
	run.failing = false;
	run.n_reads = 0;
}

static void end(void)
{
	while (run.n_reads)
		free(run.reads[--run.n_reads]);
	if (run.failing)
		run.failed++;
	else
		run.passed++;
	if (run.failing || getenv("V"))
		printf("%s %s\n", run.failing ? "FAILED" : "ok", run.name);
	fflush(stdout);
}

void check_run_named(const char *name, void (*test)(void))
{
	begin(name);
	test();
	end();
}

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static void run_folder(const char *folder, const char *name, void (*run_case)(const char *dir))
{
	const char *module = strrchr(folder, '/');
	char dir[PATH_SPACE], label[PATH_SPACE];

	snprintf(dir, sizeof dir, "%s/%s", folder, name);
	snprintf(label, sizeof label, "%s/%s", module ? module + 1 : folder, name);
	begin(label);
	run_case(dir);
	end();
}

void check_cases(const char *folder, void (*run_case)(const char *dir))
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_case, alphasort);

	if (n < 0)
		give_up("cannot list", folder);
	if (n == 0) {
		printf("FAILED %s: holds no case\n", folder);
		run.failed++;
	}
	for (int i = 0; i < n; i++) {
		run_folder(folder, entries[i]->d_name, run_case);
		free(entries[i]);
	}
	free(entries);
}

bool check_failing(void)
{
	return run.failing;
}

int check_done(void)
{
	printf("%s: %d passed, %d failed\n", program_invocation_short_name, run.passed, run.failed);
	return run.failed || !run.passed;
}

/* ---- Files ----------------------------------------------------------------------------------- */

static FILE *open_in(const char *dir, const char *file, const char *mode)
{
	char path[PATH_SPACE];

	snprintf(path, sizeof path, "%s/%s", dir, file);
	return fopen(path, mode);
}

/* Room that lasts until the test ends; exactly as much as asked for, so that overreads are seen. */
static char *hold(size_t size)
{
	char *room = calloc(1, size ? size : 1);

	if (!room || run.n_reads == READS_PER_TEST)
		give_up("no room", "for this test's files");
	run.reads[run.n_reads++] = room;
	return room;
}

static size_t size_of(FILE *f)
{
	long size;

	if (fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
		give_up("cannot measure", "a test's file");
	return (size_t)size;
}

/* The whole file, and `extra` zero bytes behind it. */
static char *slurp(const char *dir, const char *file, size_t extra, size_t *ret_len)
{
	FILE *f = open_in(dir, file, "rb");
	char *bytes;
	size_t size;

	*ret_len = 0;
	if (!f) {
		check_that(false, "cannot read", (struct check_where){ dir, 0 }, "%s", file);
		return hold(extra);
	}
	size = size_of(f);
	bytes = hold(size + extra);
	*ret_len = fread(bytes, 1, size, f);
	fclose(f);
	return bytes;
}

const char *check_read(const char *dir, const char *file, size_t *ret_len)
{
	return slurp(dir, file, 0, ret_len);
}

const char *check_read_text(const char *dir, const char *file)
{
	size_t len;

	return slurp(dir, file, 1, &len);
}

bool check_missing(const char *dir, const char *file)
{
	FILE *f = open_in(dir, file, "rb");

	if (f)
		fclose(f);
	return !f;
}

static void rewrite(const char *dir, const char *file, const char *text)
{
	FILE *f = open_in(dir, file, "wb");

	if (!f || fputs(text, f) < 0 || fclose(f))
		give_up("cannot write", file);
	printf("wrote %s/%s\n", dir, file);
}

/* ---- Checks ---------------------------------------------------------------------------------- */

bool check_that(bool held, const char *what, struct check_where where, const char *format, ...)
{
	va_list values;

	if (held)
		return true;
	run.failing = true;
	printf("%s:%d: %s: %s ", where.file, where.line, run.name, what);
	va_start(values, format);
	vprintf(format, values);
	va_end(values);
	putchar('\n');
	return false;
}

bool check_int(long long got, long long want, const char *what, struct check_where where)
{
	return check_that(got == want, what, where, "is %lld, not %lld", got, want);
}

static int line_length(const char *text)
{
	return (int)strcspn(text, "\n");
}

/* Says the first line in which two texts differ. */
static bool differ(const char *got, const char *want, const char *what, struct check_where where)
{
	int line = 1;

	for (size_t i = 0; got[i] && got[i] == want[i]; i++) {
		if (got[i] != '\n')
			continue;
		got += i + 1;
		want += i + 1;
		i = (size_t)-1;
		line++;
	}
	return check_that(false, what, where, "differs in line %d\n\twant: %.*s%s\n\tgot:  %.*s%s",
	                  line, line_length(want), want, strchr(want, '\n') ? "" : " (the end)",
	                  line_length(got), got, strchr(got, '\n') ? "" : " (the end)");
}

bool check_text(const char *got, const char *want, const char *what, struct check_where where)
{
	if (!got || !want)
		return check_that(got == want, what, where, "is %s", got ? got : "(null)");
	return strcmp(got, want) == 0 || differ(got, want, what, where);
}

bool check_bytes(const void *got, size_t got_len, const void *want, size_t want_len,
                 const char *what, struct check_where where)
{
	bool same = got_len == want_len && (!want_len || memcmp(got, want, want_len) == 0);

	return check_that(same, what, where, "is %zu bytes \"%.*s\", not %zu bytes \"%.*s\"",
	                  got_len, (int)got_len, (const char *)got, want_len, (int)want_len,
	                  (const char *)want);
}

bool check_file(const char *dir, const char *file, const char *got, const char *what,
                struct check_where where)
{
	if (!getenv("UPDATE"))
		return check_text(got, check_read_text(dir, file), what, where);
	if (check_missing(dir, file) || strcmp(got, check_read_text(dir, file)) != 0)
		rewrite(dir, file, got);
	return true;
}
