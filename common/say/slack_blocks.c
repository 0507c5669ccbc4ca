#include "common/say/slack_blocks.h"

#include "common/say/slack_text.h"

#include "common/base/banned.h"

/* Verbatim: otherwise Slack makes links and mentions of plain words. */
static void write_mrkdwn(struct writer *writer, const char *key, const struct buf *text)
{
	writer_object(writer, key);
	writer_text(writer, "type", "mrkdwn");
	writer_string(writer, "text", buf_span(text));
	writer_bool(writer, "verbatim", true);
	writer_end(writer);
}

void slack_write_header(struct writer *writer, const struct buf *text)
{
	writer_object(writer, NULL);
	writer_text(writer, "type", "header");
	writer_object(writer, "text");
	writer_text(writer, "type", "plain_text");
	writer_string(writer, "text", buf_span(text));
	writer_bool(writer, "emoji", true);
	writer_end(writer);
	writer_end(writer);
}

void slack_write_section(struct writer *writer, const struct buf *text)
{
	if (text->len == 0)
		return;
	writer_object(writer, NULL);
	writer_text(writer, "type", "section");
	write_mrkdwn(writer, "text", text);
	writer_end(writer);
}

void slack_write_context(struct writer *writer, const struct buf *text)
{
	if (text->len == 0)
		return;
	writer_object(writer, NULL);
	writer_text(writer, "type", "context");
	writer_array(writer, "elements");
	write_mrkdwn(writer, NULL, text);
	writer_end(writer);
	writer_end(writer);
}

void slack_write_field(struct writer *writer, const char *label, struct buf *value)
{
	struct buf text = buf_with_max(SLACK_FIELD);

	buf_addf(&text, "*%s*\n", label);
	buf_add(&text, buf_span(value));
	if (value->len)
		write_mrkdwn(writer, NULL, &text);
	buf_clear(&text);
	buf_reset(value);
}
