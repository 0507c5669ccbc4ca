/*
 * Stands in for libFuzzer in the ordinary profiles: feeds every file of tests/cases and of the
 * target's folder in tests/fuzz/corpus, whole and cut short at some thirty places, to the target.
 * So `make test` runs all fuzz targets over all data, with any compiler, and what a fuzzer once
 * found and became a case stays found.
 */
#define _XOPEN_SOURCE 700 /* nftw */

#include "tests/unit/check.h"

#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CUTS         32
#define OPEN_FOLDERS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly this size, so that the sanitizer sees an overread. */
static void feed(const char *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int feed_file(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	size_t size = (size_t)about->st_size;
	FILE *f = kind == FTW_F ? fopen(path, "rb") : NULL;
	char *bytes;

	(void)place;
	if (!f)
		return 0;
	bytes = malloc(size + 1);
	if (!bytes || fread(bytes, 1, size, f) != size)
		abort();
	fclose(f);
	feed(bytes, size);
	for (size_t cut = 0; cut < size; cut += size / CUTS + 1)
		feed(bytes, cut);
	free(bytes);
	return 0;
}

TEST(every_case_file)
{
	CHECK_INT(nftw("tests/cases", feed_file, OPEN_FOLDERS, FTW_PHYS), 0);
}

static const char *corpus; /* NULL: this target has none */

TEST(every_corpus_file)
{
	CHECK_INT(nftw(corpus, feed_file, OPEN_FOLDERS, FTW_PHYS), 0);
}

int main(int argc, char **argv)
{
	char folder[PATH_MAX];
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", slash ? slash + 1 : "");
	corpus = slash && access(folder, F_OK) == 0 ? folder : NULL;
	check_run(every_case_file);
	if (corpus)
		check_run(every_corpus_file);
	return check_done();
}
