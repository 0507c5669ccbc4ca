#include "tests/unit/rows.h"

#include "tests/unit/check.h"

static struct row cut_cells(struct span line, int number)
{
	struct row row = { .line = number };

	for (size_t i = 0; i < ROWS_CELLS && line.len; i++)
		row.cells[i] = span_cut(&line, '\t');
	return row;
}

void rows_each(const char *dir, const char *file, void (*on_row)(const struct row *row))
{
	struct span rest;
	int number = 0, found = 0;

	rest.at = check_read(dir, file, &rest.len);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		struct row row = cut_cells(line, ++number);

		if (line.len == 0 || span_starts(line, SPAN("#")))
			continue;
		on_row(&row);
		found++;
	}
	CHECK(found > 0, "%s/%s holds no row", dir, file);
}
