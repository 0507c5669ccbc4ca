#include "common/say/change.h"

#include "common/base/limits.h"
#include "common/base/plain.h"
#include "common/say/table.h"

#include <string.h>

#include "common/base/banned.h"

enum { WIDTH_DECIDED = 47 };

/* ---- is it one? ------------------------------------------------------------------------------ */

static struct span family_of(const struct record *record)
{
	const struct family *family = record->decision->family;

	return span_of(family ? family->name : NULL);
}

bool change_is_pair(const struct record *before, const struct record *after)
{
	return span_equal(family_of(before), family_of(after)) &&
	       span_equal(span_of(before->decision->region), span_of(after->decision->region));
}

static struct span image_of(const struct record *record)
{
	const struct image *image = record->decision->image;

	return image ? image->id : SPAN_NONE;
}

static struct span token_of(const struct record *record)
{
	return span_of(record->build ? record->build->token : NULL);
}

bool change_is_one(const struct change *change)
{
	const struct record *before = change->before, *after = change->after;

	return !before || !after || before->decision->reason != after->decision->reason ||
	       !span_equal(image_of(before), image_of(after)) ||
	       !span_equal(token_of(before), token_of(after));
}

/* ---- how it is said -------------------------------------------------------------------------- */

static void add_record(struct buf *out, const char *key, const struct record *record)
{
	buf_add_text(out, key);
	if (record)
		record_json(record, out);
	else
		buf_add_text(out, "null\n");
	out->len--; /* the line goes on */
}

void change_json(const struct change *change, struct buf *out)
{
	add_record(out, "{\"before\":", change->before);
	add_record(out, ",\"after\":", change->after);
	buf_add_text(out, "}\n");
}

void change_table_head(size_t family_width, struct buf *out)
{
	table_cell(out, SPAN("FAMILY"), family_width);
	table_cell(out, SPAN("REGION"), TABLE_REGION);
	table_cell(out, SPAN("RELEASE"), TABLE_RELEASE);
	table_cell(out, SPAN("BEFORE"), WIDTH_DECIDED);
	buf_add_text(out, "AFTER\n");
}

/* What starts names its pipeline and image, what does not its reason. */
static void add_decided(struct buf *out, const struct record *record)
{
	struct span image = record ? image_of(record) : SPAN_NONE;

	if (!record) {
		buf_add_char(out, '-');
		return;
	}
	if (decision_starts(record->decision))
		buf_addf(out, "start %s", record->decision->family->pipeline.name);
	else
		buf_addf(out, "%s %s", outcome_word(reason_outcome(record->decision->reason)),
		         reason_word(record->decision->reason));
	if (image.len)
		buf_addf(out, " %.*s", SPAN_ARG(image));
}

void change_table_row(const struct change *change, size_t family_width, struct buf *out)
{
	const struct record *some = change->after ? change->after : change->before;
	struct buf decided = buf_with_max(LIMIT_AWS_BODY);

	table_cell(out, family_of(some), family_width);
	table_cell(out, span_of(some->decision->region), TABLE_REGION);
	table_cell(out, some->decision->version, TABLE_RELEASE);
	add_decided(&decided, change->before);
	table_cell(out, buf_span(&decided), WIDTH_DECIDED);
	buf_reset(&decided);
	add_decided(&decided, change->after);
	plain_add(out, buf_span(&decided));
	buf_add_char(out, '\n');
	buf_clear(&decided);
}
