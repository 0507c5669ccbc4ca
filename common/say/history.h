/*
 * history: builds, as JSON lines for scripts and as a table for people.
 *
 * The keys, their order and their meaning are fixed; the manual page has them. Keys that do not
 * apply are null. Times are RFC 3339, in UTC.
 */
#ifndef EVERGOLD_SAY_HISTORY_H
#define EVERGOLD_SAY_HISTORY_H

#include "common/base/buf.h"
#include "common/base/writer.h"
#include "common/decide/build.h"

/* One line with its end. */
void history_json(const struct build *build, struct buf *out);

/* Its members, into an object that is open. */
void history_write(struct writer *writer, const struct build *build);

/* Whole ones between two times; null: one of them is not known. */
void history_write_seconds(struct writer *writer, const char *key, int64_t from_ms, int64_t to_ms);

struct history_row {
	const struct build *build;
	int64_t now_ms;
	size_t family_width; /* of that column; what is longer pushes the rest */
};

void history_table_head(size_t family_width, struct buf *out);
void history_table_row(const struct history_row *row, struct buf *out);

/* Why it waits, or what came of it: the last cell of a row. What others wrote is made plain. */
void history_add_cause(const struct build *build, struct buf *out);

#endif
