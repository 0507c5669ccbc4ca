#include "common/say/slack.h"

#include "common/aws/endpoint.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/base/writer.h"
#include "common/say/slack_blocks.h"
#include "common/say/slack_remark.h"
#include "common/say/slack_text.h"

#include <string.h>

#include "common/base/banned.h"

enum { MAX_ERROR = 2500 }; /* of an execution's own words, escaped */

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
	return id && id[0] && strlen(id) <= SLACK_ID && span_only(span_of(id), TEXT_HEX "-");
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

static const char *held_words(const struct build *build)
{
	if (build->held == REASON_FAILING)
		return "no more builds, they keep failing";
	if (build->held == REASON_NOT_AVAILABLE_YET)
		return "the announced image is not there";
	return "a build waits";
}

static struct headline headline_of(const struct slack_message *message)
{
	if (message->kind == NOTICE_HELD)
		return (struct headline){ "⏸", held_words(message->build) };
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
	slack_add_escaped(out, build->failed_stage, max);
	if (build->failed_action) {
		buf_add_char(out, '/');
		slack_add_escaped(out, build->failed_action, max);
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
	slack_add_escaped(out, build->release, SLACK_WORD);
	buf_addf(out, " · %s ", build->region);
	slack_add_escaped(out, build->image_id, SLACK_ID);
	if (build->golden_ami) {
		buf_add_text(out, " → ");
		slack_add_escaped(out, build->golden_ami, SLACK_ID);
	}
	if (build->finished_ms && build->started_ms) {
		buf_add_text(out, " · ");
		add_duration(out, build);
	}
}

static void write_header(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(LIMIT_AWS_BODY);

	add_headline(&text, message);
	slack_write_header(writer, &text);
	buf_clear(&text);
}

static void add_image(struct buf *out, const struct build *build)
{
	slack_add_escaped(out, build->image_id, SLACK_ID);
	buf_add_char(out, '\n');
	slack_add_escaped(out, build->image_name, SLACK_NAME);
}

/* To the minute. */
static void add_held_since(struct buf *out, const struct build *build)
{
	char time[TEXT_TIME_SIZE];

	if (build->held == REASON_MATCHED || !build->held_ms)
		return;
	text_time(build->held_ms, time);
	buf_addf(out, "%.10s %.5s UTC", time, time + strlen("2026-08-18T"));
}

static void write_fields(struct writer *writer, const struct build *build)
{
	struct buf value = buf_with_max(SLACK_FIELD), url = buf_with_max(SLACK_FIELD);

	writer_object(writer, NULL);
	writer_text(writer, "type", "section");
	writer_array(writer, "fields");
	add_image(&value, build);
	slack_write_field(writer, "Base AMI", &value);
	slack_add_link(&value, build->notes_url, build->release);
	slack_write_field(writer, "Release", &value);
	slack_console_url(build, &url);
	slack_add_link(&value, buf_text(&url), build->pipeline);
	slack_write_field(writer, "Pipeline", &value);
	slack_add_escaped(&value, build->region, SLACK_ID);
	slack_write_field(writer, "Region", &value);
	slack_add_escaped(&value, build->golden_ami, SLACK_ID);
	slack_write_field(writer, "Golden AMI", &value);
	add_duration(&value, build);
	slack_write_field(writer, "Build time", &value);
	if (build->announced_ms && build->started_ms)
		text_add_duration(&value, build->started_ms - build->announced_ms);
	slack_write_field(writer, "Announcement to start", &value);
	add_held_since(&value, build);
	slack_write_field(writer, "Waits since", &value);
	writer_end(writer);
	writer_end(writer);
	buf_clear(&value);
	buf_clear(&url);
}

/* In a code block, as much as the section still has room for. */
static void add_words(struct buf *out, const char *words)
{
	size_t room = slack_room(SLACK_SECTION,
	                         out->len + strlen("\n" SLACK_CODE_BLOCK SLACK_CODE_BLOCK));

	if (room < strlen(SLACK_ELLIPSIS))
		return;
	buf_add_text(out, out->len ? "\n" SLACK_CODE_BLOCK : SLACK_CODE_BLOCK);
	slack_add_escaped(out, words, room < MAX_ERROR ? room : MAX_ERROR);
	buf_add_text(out, SLACK_CODE_BLOCK);
}

/* What people may do about it. */
static void add_advice(struct buf *out, const struct build *build)
{
	if (build->held == REASON_FAILING)
		buf_addf(out, "\nTo go on: `evergold release %s`", build->family);
	else if (build->held == REASON_NOT_AVAILABLE_YET)
		buf_add_text(out,
		             "\nevergold keeps looking, and builds it as soon as it is there.");
}

static void add_hold(struct buf *out, const struct slack_message *message)
{
	const struct build *build = message->build;

	if (message->mention)
		buf_addf(out, "%s ", message->mention);
	slack_add_escaped(out, build->hold_detail, SLACK_NAME);
	add_advice(out, build);
}

static void add_trouble(struct buf *out, const struct slack_message *message)
{
	const struct build *build = message->build;
	const char *words = build->trouble         ? build->trouble
	                    : build->error_message ? build->error_message
	                                           : build->summary;

	if (message->mention)
		buf_addf(out, "%s ", message->mention);
	add_failed_place(out, build, SLACK_WORD);
	if (build->error_code) {
		buf_add_text(out, build->failed_stage ? ": " : "");
		slack_add_escaped(out, build->error_code, SLACK_WORD);
	}
	if (slack_can_link(build->error_url)) {
		buf_add_text(out, "  ");
		slack_add_link(out, build->error_url, "open the log");
	}
	if (words && words[0])
		add_words(out, words);
}

static void write_trouble(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(SLACK_SECTION);

	if (message->kind == NOTICE_HELD)
		add_hold(&text, message);
	else
		add_trouble(&text, message);
	slack_write_section(writer, &text);
	buf_clear(&text);
}

static void write_context(struct writer *writer, const struct build *build)
{
	struct buf text = buf_with_max(SLACK_FIELD);

	buf_add_text(&text, "execution ");
	slack_add_escaped(&text, build->execution_id ? build->execution_id : "none", SLACK_ID);
	buf_addf(&text, " · build %.12s", build->token);
	slack_write_context(writer, &text);
	buf_clear(&text);
}

static void write_build_text(struct writer *writer, const struct slack_message *message)
{
	struct buf text = buf_with_max(LIMIT_AWS_BODY);

	add_text(&text, message);
	writer_string(writer, "text", slack_cut(buf_span(&text), SLACK_TEXT));
	buf_clear(&text);
}

static void write_build_blocks(struct writer *writer, const struct slack_message *message)
{
	if (message->part == SLACK_ROOT) {
		write_header(writer, message);
		write_fields(writer, message->build);
	}
	if (failed(message))
		write_trouble(writer, message);
	write_context(writer, message->build);
}

/* An edit without blocks would leave the old ones where they are. */
static void write_content(struct writer *writer, const struct slack_message *message)
{
	if (message->text)
		slack_write_remark_text(writer, message);
	else
		write_build_text(writer, message);
	if (message->plain && !message->ts)
		return;
	writer_array(writer, "blocks");
	if (message->text && !message->plain)
		slack_write_remark_blocks(writer, message);
	else if (!message->plain)
		write_build_blocks(writer, message);
	writer_end(writer);
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
	if (message->part == SLACK_DETAILS && !message->ts && failed(message))
		writer_bool(writer, "reply_broadcast", true);
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
	struct writer *writer = writer_new();

	write_place(writer, message);
	write_content(writer, message);
	if (!message->ts)
		writer_bool(writer, "unfurl_links", false);
	if (message->post_id)
		write_metadata(writer, message->post_id);
	writer_finish(writer, out);
}
