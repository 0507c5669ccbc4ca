#include "common/say/record.h"

#include "common/base/plain.h"
#include "common/base/writer.h"
#include "common/say/table.h"

#include "common/base/banned.h"

static struct span or_null(struct span text)
{
	return text.len ? text : SPAN_NONE;
}

static void write_image(struct writer *writer, const struct image *image)
{
	writer_string(writer, "image_id", image ? image->id : SPAN_NONE);
	writer_string(writer, "image_name", image ? image->name : SPAN_NONE);
}

/* The pipeline is named wherever a family is; the token only when it would be used. */
static void write_pipeline(struct writer *writer, const struct record *record)
{
	const struct decision *decision = record->decision;
	const struct pipeline *pipeline = decision->family ? &decision->family->pipeline : NULL;
	const char *region = pipeline && pipeline->region ? pipeline->region : decision->region;

	writer_text(writer, "pipeline", pipeline ? pipeline->name : NULL);
	writer_text(writer, "pipeline_region", pipeline ? region : NULL);
	writer_text(writer, "token", record->build ? record->build->token : NULL);
}

void record_json(const struct record *record, struct buf *out)
{
	const struct announcement *announcement = record->announcement;
	const struct decision *decision = record->decision;
	const struct publisher *publisher = announcement->publisher;
	struct writer *writer = writer_new();

	writer_text(writer, "source", record->source);
	writer_string(writer, "message_id", or_null(announcement->message_id));
	writer_string(writer, "topic", or_null(announcement->topic));
	writer_text(writer, "trust", trust_word(record->trust));
	writer_text(writer, "publisher", publisher ? publisher->name : NULL);
	writer_string(writer, "release", or_null(decision->version));
	writer_text(writer, "family", decision->family ? decision->family->name : NULL);
	writer_text(writer, "region", decision->region);
	writer_text(writer, "outcome", outcome_word(reason_outcome(decision->reason)));
	writer_text(writer, "reason", reason_word(decision->reason));
	write_image(writer, decision->image);
	write_pipeline(writer, record);
	writer_string(writer, "detail", or_null(span_of(decision->detail)));
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

enum { WIDTH_OUTCOME = 10, WIDTH_REASON = 22 };

void record_table_head(size_t family_width, struct buf *out)
{
	table_cell(out, SPAN("OUTCOME"), WIDTH_OUTCOME);
	table_cell(out, SPAN("REASON"), WIDTH_REASON);
	table_cell(out, SPAN("FAMILY"), family_width);
	table_cell(out, SPAN("REGION"), TABLE_REGION);
	table_cell(out, SPAN("RELEASE"), TABLE_RELEASE);
	buf_add_text(out, "IMAGE, OR WHY NOT\n");
}

/* What a person needs to find the message that concerns no family. */
static void add_origin(struct buf *out, const struct record *record)
{
	struct span topic = record->announcement->topic;
	enum reason reason = record->decision->reason;

	if (topic.len && (reason == REASON_TOPIC_NOT_ALLOWED || reason == REASON_NO_FAMILY)) {
		buf_add_text(out, ": ");
		plain_add(out, topic);
	}
	if (record->source) {
		buf_add_text(out, "  (");
		plain_add(out, span_of(record->source));
		buf_add_char(out, ')');
	}
}

static void add_explanation(struct buf *out, const struct record *record)
{
	const struct decision *decision = record->decision;

	if (decision->image)
		plain_add(out, decision->image->id);
	if (decision->image && decision->detail[0])
		buf_add_text(out, "  ");
	plain_add(out, span_of(decision->detail));
	if (!decision->image && !decision->detail[0])
		buf_add_char(out, '-');
	if (!decision->family)
		add_origin(out, record);
	if (record->trust == TRUST_UNCHECKED)
		buf_add_text(out, "  (signature unchecked)");
}

void record_table_row(const struct record *record, size_t family_width, struct buf *out)
{
	const struct decision *decision = record->decision;

	table_cell(out, span_of(outcome_word(reason_outcome(decision->reason))), WIDTH_OUTCOME);
	table_cell(out, span_of(reason_word(decision->reason)), WIDTH_REASON);
	table_cell(out, span_of(decision->family ? decision->family->name : NULL), family_width);
	table_cell(out, span_of(decision->region), TABLE_REGION);
	table_cell(out, decision->version, TABLE_RELEASE);
	add_explanation(out, record);
	buf_add_char(out, '\n');
}
