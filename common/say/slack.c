#include "common/say/slack.h"

#include "common/base/writer.h"
#include "common/say/slack_build.h"
#include "common/say/slack_remark.h"
#include "common/say/slack_text.h"

#include "common/base/banned.h"

const char *notice_word(enum notice_kind kind)
{
	static const char *const words[] = {
		[NOTICE_FINISHED] = "finished",
		[NOTICE_STARTED] = "started",
		[NOTICE_SUPERSEDED] = "superseded",
		[NOTICE_REFUSED] = "refused",
		[NOTICE_GIVEN_UP] = "given_up",
		[NOTICE_HELD] = "held",
		[NOTICE_AMBIGUOUS] = "ambiguous",
		[NOTICE_UNREADABLE] = "unreadable",
		[NOTICE_MISSED] = "missed",
		[NOTICE_WITHDRAWN] = "withdrawn",
		[NOTICE_UNRESOLVED] = "unresolved",
		[NOTICE_DIGEST] = "digest",
		[NOTICE_OTHER_EXECUTION] = "other_execution",
	};

	return words[kind];
}

bool slack_has_details(const struct build *build)
{
	return build->state == BUILD_FINISHED;
}

/* Which message it is, or where it goes. */
static void write_place(struct writer *writer, const struct slack_message *message)
{
	if (message->channel)
		writer_text(writer, "channel", message->channel);
	if (message->ts)
		writer_text(writer, "ts", message->ts);
	else if (message->thread_ts)
		writer_text(writer, "thread_ts", message->thread_ts);
}

static void write_text(struct writer *writer, const struct slack_page *page)
{
	struct buf text = buf_with_max(SLACK_TEXT);

	slack_page_text(page, &text);
	writer_string(writer, "text", buf_span(&text));
	buf_clear(&text);
}

/* An edit that says nothing of blocks would leave the old ones where they are. */
static void write_blocks(struct writer *writer, const struct slack_message *message,
                         const struct slack_page *page)
{
	if (message->plain && !message->ts)
		return;
	writer_array(writer, "blocks");
	if (!message->plain)
		slack_page_blocks(page, writer);
	writer_end(writer);
}

/*
 * An edit is parsed as a person's typing unless it says otherwise. A reply that calls somebody is
 * shown in the channel, too; an edit leaves that as it was.
 */
static void write_manner(struct writer *writer, const struct slack_message *message)
{
	bool reply = message->part == SLACK_DETAILS && message->thread_ts;

	if (message->channel)
		writer_text(writer, "parse", "none");
	if (message->ts)
		return;
	if (reply && slack_build_calls(message->build))
		writer_bool(writer, "reply_broadcast", true);
	writer_bool(writer, "unfurl_links", false);
	writer_bool(writer, "unfurl_media", false);
}

static void write_metadata(struct writer *writer, const char *post_id)
{
	writer_object(writer, "metadata");
	writer_text(writer, "event_type", "evergold");
	writer_object(writer, "event_payload");
	writer_text(writer, "post", post_id);
	writer_end(writer);
	writer_end(writer);
}

void slack_message_json(const struct slack_message *message, struct buf *out)
{
	struct arena arena = { 0 };
	struct slack_page page = message->text ? slack_remark_page(message, &arena)
	                                       : slack_build_page(message, &arena);
	struct writer *writer = writer_new();

	write_place(writer, message);
	write_text(writer, &page);
	write_blocks(writer, message, &page);
	write_manner(writer, message);
	if (message->post_id)
		write_metadata(writer, message->post_id);
	writer_finish(writer, out);
	arena_clear(&arena);
}
