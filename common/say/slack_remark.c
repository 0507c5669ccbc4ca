#include "common/say/slack_remark.h"

#include "common/say/slack_blocks.h"
#include "common/say/slack_text.h"

#include "common/base/banned.h"

static const struct remark_words {
	const char *sign, *headline;
	bool calls_people; /* somebody has to do something about it */
} words[] = {
	[NOTICE_AMBIGUOUS] = { "🔀", "several images fit, none is built", true },
	[NOTICE_UNREADABLE] = { "❔", "an announcement cannot be read", true },
	[NOTICE_MISSED] = { "🔭", "a release was not announced to us", false },
	[NOTICE_WITHDRAWN] = { "⛔", "images were withdrawn", true },
	[NOTICE_UNRESOLVED] = { "🕳️", "what was announced was not found", true },
	[NOTICE_DIGEST] = { "📅", "weekly digest", false },
	[NOTICE_OTHER_EXECUTION] = { "👥", "somebody else runs the pipeline", false },
};

/* "⛔ windows: images were withdrawn", without markup. */
static void add_headline(struct buf *out, const struct slack_message *message)
{
	const char *family = message->build->family;

	buf_addf(out, "%s ", words[message->kind].sign);
	slack_add_escaped(out, family, SLACK_ID);
	buf_addf(out, "%s%s", family ? ": " : "", words[message->kind].headline);
}

static void add_mention(struct buf *out, const struct slack_message *message)
{
	if (message->mention && words[message->kind].calls_people)
		buf_addf(out, "%s ", message->mention);
}

void slack_write_remark_text(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(SLACK_TEXT);

	add_mention(&text, message);
	add_headline(&text, message);
	buf_add_text(&text, "\n");
	slack_add_lines(&text, message->text, slack_room(SLACK_TEXT, text.len));
	writer_string(writer, "text", buf_span(&text));
	buf_clear(&text);
}

static void write_header(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(SLACK_HEADER + SLACK_WORD);

	add_headline(&text, message);
	slack_write_header(writer, &text);
	buf_clear(&text);
}

static void write_section(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(SLACK_SECTION);

	add_mention(&text, message);
	slack_add_lines(&text, message->text, slack_room(SLACK_SECTION, text.len));
	slack_write_section(writer, &text);
	buf_clear(&text);
}

/* Whose images they are, with a link to what it says about them. */
static void write_context(struct writer *writer, const struct slack_message *message)
{
	const struct publisher *publisher = message->publisher;
	struct buf text = buf_with_max(SLACK_FIELD);

	if (publisher)
		slack_add_link(&text, publisher->notes,
		               publisher->title ? publisher->title : publisher->name);
	slack_write_context(writer, &text);
	buf_clear(&text);
}

void slack_write_remark_blocks(struct writer *writer, const struct slack_message *message)
{
	write_header(writer, message);
	write_section(writer, message);
	write_context(writer, message);
}
