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

/* Columns of a fixed width; a value that is too long pushes the rest. Control bytes are escaped. */
void record_table_head(struct buf *out);
void record_table_row(const struct record *record, struct buf *out);

#endif
