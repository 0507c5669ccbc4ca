/*
 * change: what another configuration decides otherwise about one announcement, family and region.
 */
#ifndef EVERGOLD_SAY_CHANGE_H
#define EVERGOLD_SAY_CHANGE_H

#include "common/say/record.h"

/* One of the two may be NULL: only the other configuration decides about this family and region. */
struct change {
	const struct record *before, *after;
};

/* Do both decide about the same family and region? */
bool change_is_pair(const struct record *before, const struct record *after);

/* Does the outcome, the reason, the image or the token differ, or is one missing? */
bool change_is_one(const struct change *change);

/* {"before": record or null, "after": record or null}, one line with its end. */
void change_json(const struct change *change, struct buf *out);

/* A table; the names of the families fit into family_width characters. */
void change_table_head(size_t family_width, struct buf *out);
void change_table_row(const struct change *change, size_t family_width, struct buf *out);

#endif
