#include "common/say/slack.h"

#include "common/aws/endpoint.h"
#include "common/base/limits.h"
#include "common/base/plain.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <string.h>

#include "common/base/banned.h"

/* Slack's limits are in characters; ours are in bytes and thereby on the safe side. */
enum { MAX_HEADER = 150, MAX_FIELD = 2000, MAX_SECTION = 3000, MAX_ERROR = 2500, MAX_TEXT = 3000 };

/* What parts of those may take up, escaped. */
enum { MAX_ID = 64, MAX_WORD = 100, MAX_NAME = 200, MAX_URL = 1000 };

#define ELLIPSIS   "…"
#define CODE_BLOCK "```"

const char *notice_word(enum notice_kind kind)
{
	static const char *const words[] = {
		[NOTICE_FINISHED] = "finished",
		[NOTICE_REFUSED] = "refused",
		[NOTICE_GIVEN_UP] = "given_up",
		[NOTICE_HELD] = "held",
		[NOTICE_AMBIGUOUS] = "ambiguous",
		[NOTICE_UNREADABLE] = "unreadable",
		[NOTICE_MISSED] = "missed",
		[NOTICE_WITHDRAWN] = "withdrawn",
	};

	return words[kind];
}

/* Cuts at a whole character. */
static struct span cut(struct span text, size_t max)
{
	size_t at = 0;

	while (at < text.len) {
		size_t length = text_utf8_length(span_part(text, at, 4));

		if (length == 0 || at + length > max)
			break;
		at += length;
	}
	return span_part(text, 0, at);
}

/* mrkdwn knows three characters that need escaping. */
static struct span escape_of(struct span character)
{
	switch (character.at[0]) {
	case '&':
		return SPAN("&amp;");
	case '<':
		return SPAN("&lt;");
	case '>':
		return SPAN("&gt;");
	case '`': /* would end a code block */
		return SPAN("'");
	default:
		return character;
	}
}

static size_t left_of(size_t max, size_t used)
{
	return used < max ? max - used : 0;
}

/*
 * Adds at most max bytes. What does not fit is cut off, visibly. Nothing gets shorter by this, so
 * the first max bytes of the text are enough.
 */
static void add_escaped(struct buf *out, const char *text, size_t max)
{
	struct buf clean = buf_with_max(LIMIT_MESSAGE_BODY);
	size_t room = left_of(max, strlen(ELLIPSIS));
	struct span rest;

	plain_add(&clean, span_part(span_of(text), 0, max));
	rest = buf_span(&clean);
	while (rest.len) {
		struct span character = span_part(rest, 0, text_utf8_length(rest));
		struct span shown = escape_of(character);

		if (shown.len > room) {
			buf_add_text(out, max < strlen(ELLIPSIS) ? "" : ELLIPSIS);
			break;
		}
		buf_add(out, shown);
		room -= shown.len;
		rest = span_part(rest, character.len, rest.len);
	}
	buf_clear(&clean);
}

static const char *console_host(const struct build *build)
{
	const char *partition = aws_partition_of(span_of(build->pipeline_region))->name;

	if (strcmp(partition, "aws-cn") == 0)
		return "console.amazonaws.cn";
	if (strcmp(partition, "aws-us-gov") == 0)
		return "console.amazonaws-us-gov.com";
	return "console.aws.amazon.com";
}

/* AWS's ids are UUIDs; what is none has no place in a URL. */
static bool is_execution_id(const char *id)
{
	return id && id[0] && strlen(id) <= MAX_ID && span_only(span_of(id), TEXT_HEX "-");
}

void slack_console_url(const struct build *build, struct buf *out)
{
	buf_addf(out, "https://%s/codesuite/codepipeline/pipelines/%s/", console_host(build),
	         build->pipeline);
	if (is_execution_id(build->execution_id))
		buf_addf(out, "executions/%s/timeline", build->execution_id);
	else
		buf_add_text(out, "view");
	buf_addf(out, "?region=%s", build->pipeline_region);
}

static bool failed(const struct slack_message *message)
{
	const struct build *build = message->build;

	return message->kind != NOTICE_FINISHED || build->status == EXECUTION_FAILED ||
	       build->trouble;
}

struct headline {
	const char *sign, *words;
};

static struct headline headline_of(const struct slack_message *message)
{
	if (message->kind == NOTICE_REFUSED)
		return (struct headline){ "⏳",
			                  "AWS refuses to start the build; evergold keeps trying" };
	if (message->kind == NOTICE_GIVEN_UP)
		return (struct headline){ "❌", "the build could not be started" };
	switch (message->build->status) {
	case EXECUTION_SUCCEEDED:
		return (struct headline){ "✅", "golden AMI built" };
	case EXECUTION_FAILED:
		return (struct headline){ "❌", "build failed" };
	case EXECUTION_STOPPED:
		return (struct headline){ "⏹", "build was stopped by hand" };
	case EXECUTION_SUPERSEDED:
		return (struct headline){ "⚪", "superseded by a newer execution" };
	case EXECUTION_CANCELLED:
		return (struct headline){ "⚪", "build was cancelled" };
	case EXECUTION_UNKNOWN:
	case EXECUTION_IN_PROGRESS:
	case EXECUTION_STOPPING:
		break;
	}
	return (struct headline){ "❔", "build ended" };
}

static void add_duration(struct buf *out, const struct build *build)
{
	if (build->started_ms && build->finished_ms)
		text_add_duration(out, build->finished_ms - build->started_ms);
}

static void add_failed_place(struct buf *out, const struct build *build, size_t max)
{
	if (!build->failed_stage)
		return;
	add_escaped(out, build->failed_stage, max);
	if (build->failed_action) {
		buf_add_char(out, '/');
		add_escaped(out, build->failed_action, max);
	}
}

/* "❌ al2023-web: build failed at Build/Packer", without markup. */
static void add_headline(struct buf *out, const struct slack_message *message)
{
	struct headline headline = headline_of(message);
	const struct build *build = message->build;

	buf_addf(out, "%s %s: %s", headline.sign, build->family, headline.words);
	if (message->kind == NOTICE_FINISHED && build->failed_stage) {
		buf_add_text(out, " at ");
		add_failed_place(out, build, 50);
	}
}

/* What notifications show, and all there is where blocks are not. */
static void add_text(struct buf *out, const struct slack_message *message)
{
	const struct build *build = message->build;

	if (failed(message) && message->mention)
		buf_addf(out, "%s ", message->mention);
	add_headline(out, message);
	buf_add_text(out, " · ");
	add_escaped(out, build->release, MAX_WORD);
	buf_addf(out, " · %s ", build->region);
	add_escaped(out, build->image_id, MAX_ID);
	if (build->golden_ami) {
		buf_add_text(out, " → ");
		add_escaped(out, build->golden_ami, MAX_ID);
	}
	if (build->finished_ms && build->started_ms) {
		buf_add_text(out, " · ");
		add_duration(out, build);
	}
}

/* Verbatim: otherwise Slack makes links and mentions of plain words. */
static void write_mrkdwn(struct writer *writer, const char *key, const struct buf *text)
{
	writer_object(writer, key);
	writer_text(writer, "type", "mrkdwn");
	writer_string(writer, "text", buf_span(text));
	writer_bool(writer, "verbatim", true);
	writer_end(writer);
}

static void write_field(struct writer *writer, const char *label, struct buf *value)
{
	struct buf text = buf_with_max(MAX_FIELD);

	buf_addf(&text, "*%s*\n", label);
	buf_add(&text, buf_span(value));
	if (value->len)
		write_mrkdwn(writer, NULL, &text);
	buf_clear(&text);
	buf_reset(value);
}

static void write_header(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(LIMIT_AWS_BODY);

	add_headline(&text, message);
	writer_object(writer, NULL);
	writer_text(writer, "type", "header");
	writer_object(writer, "text");
	writer_text(writer, "type", "plain_text");
	writer_string(writer, "text", cut(buf_span(&text), MAX_HEADER));
	writer_bool(writer, "emoji", true);
	writer_end(writer);
	writer_end(writer);
	buf_clear(&text);
}

/* A link only when the URL is one and cannot break out of its brackets. */
static bool linkable(const char *url)
{
	size_t length = 0;

	if (!span_starts(span_of(url), SPAN("https://")))
		return false;
	for (const char *c = url; *c && length <= MAX_URL; c++) {
		if (*c <= 0x20 || *c >= 0x7f || strchr("<>|\"`", *c))
			return false;
		length += *c == '&' ? strlen("&amp;") : 1;
	}
	return length <= MAX_URL;
}

/* The text alone when the URL would not do. */
static void add_link(struct buf *out, const char *url, const char *text)
{
	if (!linkable(url)) {
		add_escaped(out, text, MAX_NAME);
		return;
	}
	buf_add_char(out, '<');
	add_escaped(out, url, MAX_URL + strlen(ELLIPSIS));
	buf_add_char(out, '|');
	add_escaped(out, text, MAX_NAME);
	buf_add_char(out, '>');
}

static void add_image(struct buf *out, const struct build *build)
{
	add_escaped(out, build->image_id, MAX_ID);
	buf_add_char(out, '\n');
	add_escaped(out, build->image_name, MAX_NAME);
}

static void write_fields(struct writer *writer, const struct build *build)
{
	struct buf value = buf_with_max(MAX_FIELD), url = buf_with_max(MAX_FIELD);

	writer_object(writer, NULL);
	writer_text(writer, "type", "section");
	writer_array(writer, "fields");
	add_image(&value, build);
	write_field(writer, "Base AMI", &value);
	add_link(&value, build->notes_url, build->release);
	write_field(writer, "Release", &value);
	slack_console_url(build, &url);
	add_link(&value, buf_text(&url), build->pipeline);
	write_field(writer, "Pipeline", &value);
	add_escaped(&value, build->region, MAX_ID);
	write_field(writer, "Region", &value);
	add_escaped(&value, build->golden_ami, MAX_ID);
	write_field(writer, "Golden AMI", &value);
	add_duration(&value, build);
	write_field(writer, "Build time", &value);
	if (build->announced_ms && build->started_ms)
		text_add_duration(&value, build->started_ms - build->announced_ms);
	write_field(writer, "Announcement to start", &value);
	writer_end(writer);
	writer_end(writer);
	buf_clear(&value);
	buf_clear(&url);
}

/* In a code block, as much as the section still has room for. */
static void add_words(struct buf *out, const char *words)
{
	size_t room = left_of(MAX_SECTION, out->len + strlen("\n" CODE_BLOCK CODE_BLOCK));

	if (room < strlen(ELLIPSIS))
		return;
	buf_add_text(out, out->len ? "\n" CODE_BLOCK : CODE_BLOCK);
	add_escaped(out, words, room < MAX_ERROR ? room : MAX_ERROR);
	buf_add_text(out, CODE_BLOCK);
}

static void add_trouble(struct buf *out, const struct slack_message *message)
{
	const struct build *build = message->build;
	const char *words = build->trouble         ? build->trouble
	                    : build->error_message ? build->error_message
	                                           : build->summary;

	if (message->mention)
		buf_addf(out, "%s ", message->mention);
	add_failed_place(out, build, MAX_WORD);
	if (build->error_code) {
		buf_add_text(out, build->failed_stage ? ": " : "");
		add_escaped(out, build->error_code, MAX_WORD);
	}
	if (linkable(build->error_url)) {
		buf_add_text(out, "  ");
		add_link(out, build->error_url, "open the log");
	}
	if (words && words[0])
		add_words(out, words);
}

static void write_trouble(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(MAX_SECTION);

	add_trouble(&text, message);
	if (text.len) {
		writer_object(writer, NULL);
		writer_text(writer, "type", "section");
		write_mrkdwn(writer, "text", &text);
		writer_end(writer);
	}
	buf_clear(&text);
}

static void write_context(struct writer *writer, const struct build *build)
{
	struct buf text = buf_with_max(MAX_FIELD);

	buf_add_text(&text, "execution ");
	add_escaped(&text, build->execution_id ? build->execution_id : "none", MAX_ID);
	buf_addf(&text, " · build %.12s", build->token);
	writer_object(writer, NULL);
	writer_text(writer, "type", "context");
	writer_array(writer, "elements");
	write_mrkdwn(writer, NULL, &text);
	writer_end(writer);
	writer_end(writer);
	buf_clear(&text);
}

void slack_message_json(const struct slack_message *message, struct buf *out)
{
	struct writer *writer = writer_new();
	struct buf text = buf_with_max(LIMIT_AWS_BODY);

	add_text(&text, message);
	if (message->channel)
		writer_text(writer, "channel", message->channel);
	writer_string(writer, "text", cut(buf_span(&text), MAX_TEXT));
	writer_array(writer, "blocks");
	write_header(writer, message);
	write_fields(writer, message->build);
	if (failed(message))
		write_trouble(writer, message);
	write_context(writer, message->build);
	writer_end(writer);
	writer_bool(writer, "unfurl_links", false);
	writer_finish(writer, out);
	buf_clear(&text);
}
