/*
 * record: decision records, as JSON lines for scripts and as a table for people.
 *
 * The keys, their order and their meaning are fixed. Keys that do not apply are null.
 */
#ifndef EVERGOLD_SAY_RECORD_H
#define EVERGOLD_SAY_RECORD_H

#include "common/decide/decide.h"

struct record {
	const char *source; /* the file it was read from; NULL */
	const struct announcement *announcement;
	enum trust trust;
	const struct decision *decision;
	const struct build *build; /* when it starts; NULL */
};

/* One line with its end. */
void record_json(const struct record *record, struct buf *out);

/*
 * A table of what all records have; one that concerns no family names its source, too. The names of
 * the families fit into family_width characters; any other value that is too long pushes the rest.
 * What others wrote is made plain (common/base/plain.h).
 */
void record_table_head(size_t family_width, struct buf *out);
void record_table_row(const struct record *record, size_t family_width, struct buf *out);

#endif
