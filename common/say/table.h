/*
 * table: cells and times of what people read in a terminal.
 */
#ifndef EVERGOLD_SAY_TABLE_H
#define EVERGOLD_SAY_TABLE_H

#include "common/base/buf.h"
#include "common/base/span.h"

#include <stdint.h>

/* Columns that every table has alike. */
enum { TABLE_REGION = 15, TABLE_RELEASE = 20, TABLE_IMAGE = 22, TABLE_TIME = 17 };

/*
 * The text, made plain (common/base/plain.h), or "-" for none, and blanks up to the width, one at
 * least. What is too long pushes the rest.
 */
void table_cell(struct buf *out, struct span text, size_t width);

/* "2026-08-18 01:00", in UTC. */
void table_add_time(struct buf *out, int64_t ms);
void table_time_cell(struct buf *out, int64_t ms); /* 0: none */

#endif
