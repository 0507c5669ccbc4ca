/*
 * rows: a table of small cases, one a line, cells parted by tabs. Empty lines and those that begin
 * with '#' say something to readers.
 */
#ifndef TESTS_UNIT_ROWS_H
#define TESTS_UNIT_ROWS_H

#include "common/base/span.h"

#define ROWS_CELLS 5

struct row {
	int line;
	struct span cells[ROWS_CELLS]; /* those that are not there are empty */
};

/* Calls on_row for each row of a file of the running test; a table without rows fails it. */
void rows_each(const char *dir, const char *file, void (*on_row)(const struct row *row));

#endif
