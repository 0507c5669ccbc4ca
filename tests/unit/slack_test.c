/*
 * What is said on Slack. tests/cases/slack has a folder for each message: notice.json says what the
 * build came to, or what is remarked; want.json what is posted. Of every message Slack's limits are
 * checked, and that it pings and links only what we mean.
 */
#include "common/say/slack.h"

#include "common/base/reader.h"
#include "common/base/text.h"
#include "common/decide/timeline.h"
#include "common/say/slack_console.h"
#include "common/say/slack_remark.h"
#include "tests/unit/check.h"
#include "tests/unit/slack_json.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define MENTION "<!subteam^S012345>"

/* ---- What Slack takes ------------------------------------------------------------------------ */

enum { HEADER_MAX = 150, SECTION_MAX = 3000, FIELD_MAX = 2000, TEXT_MAX = 4000, TOTAL_MAX = 12000 };

enum { BLOCKS_MAX = 50, FIELDS_MAX = 10 };

/* Nothing but the mention and links of ours begins with '<'. */
static void check_markup(struct span text)
{
	for (size_t at = 0; at < text.len; at++) {
		struct span rest = span_part(text, at, text.len);

		CHECK((unsigned char)rest.at[0] >= 0x20 || rest.at[0] == '\n');
		if (span_starts(rest, SPAN(MENTION)))
			at += sizeof(MENTION) - 2;
		else if (rest.at[0] == '<')
			CHECK(span_starts(rest, SPAN("<https://")), "%.*s", SPAN_ARG(text));
	}
}

static void check_size(struct span text, size_t max)
{
	CHECK(text.len > 0);
	CHECK(text_utf8_count(text) <= max, "%zu characters", text_utf8_count(text));
}

static size_t count_of(struct span text, struct span part)
{
	size_t count = 0;

	for (size_t at = 0; at < text.len; at++)
		count += span_starts(span_part(text, at, text.len), part);
	return count;
}

/* {"type":…,"text":…}: returns its characters. */
static size_t check_text_object(struct reader *reader, size_t max)
{
	struct span key, text = SPAN_NONE, type = SPAN_NONE;
	bool verbatim = false;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, "text"))
			reader_string(reader, &text);
		else if (span_is(key, "type"))
			reader_string(reader, &type);
		else if (span_is(key, "verbatim"))
			reader_bool(reader, &verbatim);
		else
			reader_skip(reader);
	}
	check_size(text, max);
	CHECK(count_of(text, SPAN("```")) % 2 == 0, "a code block without end");
	CHECK(span_is(type, max == HEADER_MAX ? "plain_text" : "mrkdwn"));
	if (span_is(type, "mrkdwn")) {
		check_markup(text);
		CHECK(verbatim, "Slack would make links and mentions of plain words");
	}
	return text_utf8_count(text);
}

static size_t check_list(struct reader *reader, size_t max)
{
	size_t n = 0, characters = 0;

	reader_array(reader);
	for (; reader_element(reader); n++)
		characters += check_text_object(reader, max);
	CHECK(n > 0 && n <= FIELDS_MAX);
	return characters;
}

static size_t check_block(struct reader *reader)
{
	struct span key, type = SPAN_NONE;
	size_t characters = 0;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, "type"))
			reader_string(reader, &type);
		else if (span_is(key, "text"))
			characters += check_text_object(
				reader, span_is(type, "header") ? HEADER_MAX : SECTION_MAX);
		else
			characters += check_list(reader, FIELD_MAX);
	}
	return characters;
}

static void check_blocks(struct reader *reader)
{
	size_t n = 0, characters = 0;

	reader_array(reader);
	for (; reader_element(reader); n++)
		characters += check_block(reader);
	CHECK(n <= BLOCKS_MAX);
	CHECK(characters <= TOTAL_MAX, "%zu characters in all", characters);
}

static void check_message(struct span json)
{
	struct reader reader;
	struct span key, text;
	struct err err = { 0 };

	reader_init(&reader, json);
	reader_object(&reader);
	while (reader_member(&reader, &key)) {
		if (span_is(key, "blocks")) {
			check_blocks(&reader);
		} else if (span_is(key, "text")) {
			reader_string(&reader, &text);
			check_size(text, TEXT_MAX);
			check_markup(text);
		} else {
			reader_skip(&reader);
		}
	}
	CHECK(reader_done(&reader, &err), "%s", err.text);
	reader_clear(&reader);
}

/* ---- A message as a file --------------------------------------------------------------------- */

static void write_part(const struct slack_message *message, enum slack_part part, struct buf *out)
{
	struct slack_message one = *message;
	struct buf json = buf_with_max(1 << 20);

	one.part = part;
	slack_message_json(&one, &json);
	check_message(buf_span(&json));
	buf_add(out, buf_span(&json));
	buf_add_char(out, '\n');
	buf_clear(&json);
}

/* Of a build that has ended the details, too. */
static void slack_case(const char *dir)
{
	struct buf out = buf_with_max(1 << 20);
	struct arena arena = { 0 };
	struct slack_message message;
	struct reader reader;
	struct span json;

	json.at = check_read(dir, "notice.json", &json.len);
	reader_init(&reader, json);
	message = slack_json_read(&reader, &arena);
	CHECK(reader_done(&reader, NULL));
	write_part(&message, SLACK_ROOT, &out);
	if (!message.text && message.channel && slack_has_details(message.build))
		write_part(&message, SLACK_DETAILS, &out);
	CHECK_FILE(dir, "want.json", buf_text(&out));
	reader_clear(&reader);
	arena_clear(&arena);
	buf_clear(&out);
}

/* ---- Every text at its worst ----------------------------------------------------------------- */

static const char *const fillers[] = {
	"a",
	"&",
	"<",
	"`",
	"<!channel>",
	"\n",
	"\033[31m",
	"\xe2\x80\xae",
	"\xf0\x9f\x94\xa5",
	"\xff",
	"é",
	"https://example.com/?a&",
	"https://example.com/><!here>",
	"*_~:fire:",
};

static const size_t lengths[] = { 0, 1, 50, 64, 100, 150, 200, 500, 999, 1000, 1001, 100000 };

#define TEXT(field) offsetof(struct build, field)

static const size_t foreign[] = {
	TEXT(image_id),      TEXT(image_name),      TEXT(publisher),   TEXT(release),
	TEXT(notes_url),     TEXT(execution_id),    TEXT(summary),     TEXT(failed_stage),
	TEXT(failed_action), TEXT(error_code),      TEXT(error_url),   TEXT(error_message),
	TEXT(golden_ami),    TEXT(golden_previous), TEXT(hold_detail), TEXT(base_previous),
	TEXT(trouble),
};

/* Names of the configuration have been checked, so they have none of it. */
static void fill(struct build *build, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		memcpy((char *)build + foreign[i], &text, sizeof(text));
	build->family = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
	build->pipeline = build->family;
	build->region = build->pipeline_region = "eu-west-1";
	build->base_written = build->golden_written = true;
	build->announced_ms = build->held_ms = build->started_ms = 1;
	build->withdrawn_ms = 1;
	build->failures = build->attempt = INT_MAX - 1;
}

static void check_written(const struct slack_message *message)
{
	struct buf out = buf_with_max(1 << 20);

	slack_message_json(message, &out);
	check_message(buf_span(&out));
	buf_clear(&out);
}

/* In the channel and in its thread, as a webhook's, and without blocks. */
static void check_everywhere(const struct slack_message *message)
{
	struct slack_message other = *message;

	check_written(&other);
	other.part = SLACK_DETAILS;
	check_written(&other);
	other.plain = true;
	check_written(&other);
	other.part = SLACK_ROOT;
	other.channel = NULL;
	check_written(&other);
	other.plain = false;
	check_written(&other);
}

static void check_remark(const char *text, enum notice_kind kind)
{
	const struct publisher publisher = { .title = text, .notes = text };
	const struct build none = { .family = NULL };

	check_written(&(struct slack_message){
		.kind = kind,
		.build = &none,
		.text = text,
		.publisher = &publisher,
		.channel = "#c",
		.mention = MENTION,
	});
}

static void check_states(const char *text, const char *timeline)
{
	const struct publisher publisher = { .title = text };
	struct build build = { .timeline = timeline };
	const struct slack_message message = {
		.build = &build, .publisher = &publisher, .channel = "#c", .mention = MENTION
	};

	fill(&build, text);
	for (build.state = BUILD_WANTED; build.state <= BUILD_SUPERSEDED; build.state++) {
		for (build.held = REASON_MATCHED; build.held <= REASON_FAILING; build.held++)
			check_everywhere(&message);
	}
	build.state = BUILD_FINISHED;
	build.finished_ms = INT64_MAX;
	for (build.status = EXECUTION_UNKNOWN; build.status <= EXECUTION_CANCELLED; build.status++)
		check_everywhere(&message);
}

/* As many actions as a row keeps, each called as the text. */
static const char *timeline_of(const char *text, struct arena *arena)
{
	struct timeline timeline = { .tests = { INT_MAX, INT_MAX, INT_MAX, text } };

	for (; timeline.n_actions < LIMIT_TIMELINE; timeline.n_actions++)
		timeline.actions[timeline.n_actions] =
			(struct timeline_action){ text, text, ACTION_FAILED, 1, 1000000 };
	return timeline_write(&timeline, arena);
}

TEST(no_text_breaks_a_limit_or_its_bounds)
{
	for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
		for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
			struct buf filling = buf_with_max(lengths[k] + 100);
			struct arena arena = { 0 };

			while (filling.len < lengths[k])
				buf_add_text(&filling, fillers[i]);
			check_states(buf_text(&filling), timeline_of(buf_text(&filling), &arena));
			for (enum notice_kind kind = NOTICE_AMBIGUOUS; kind <= NOTICE_LAST; kind++)
				check_remark(buf_text(&filling), kind);
			buf_clear(&filling);
			arena_clear(&arena);
		}
	}
}

/* A mention that leaves hardly any room, or none. */
TEST(no_mention_breaks_a_limit)
{
	char mention[3001];
	const struct build build = { .state = BUILD_FINISHED,
		                     .family = "web",
		                     .pipeline = "golden",
		                     .pipeline_region = "eu-west-1",
		                     .region = "eu-west-1",
		                     .token = "0123456789abcdef",
		                     .trouble = "exit status 1, and some more" };

	for (size_t length = 2800; length < sizeof(mention); length++) {
		memset(mention, 'm', length);
		mention[length] = '\0';
		check_everywhere(&(struct slack_message){
			.build = &build, .channel = "#c", .mention = mention });
	}
}

TEST(a_publisher_without_title_is_called_by_its_name)
{
	const struct publisher publisher = { .name = "corp-linux" };
	const struct build build = { .family = "web" };
	const struct slack_message message = {
		.kind = NOTICE_WITHDRAWN, .build = &build, .text = "gone", .publisher = &publisher
	};
	struct arena arena = { 0 };

	CHECK_TEXT(slack_remark_page(&message, &arena).source, "corp-linux");
	arena_clear(&arena);
}

TEST(the_console_of_a_pipeline_or_an_execution)
{
	struct build build = { .pipeline = "golden", .pipeline_region = "eu-west-1" };
	struct buf out = buf_with_max(1000);

	slack_console_url(&build, &out);
	CHECK_TEXT(buf_text(&out),
	           "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/"
	           "golden/view?region=eu-west-1");
	buf_reset(&out);
	build.execution_id = "6f1a52cc-3c0e-4a86-9d3e-2f0c7f2b7a10";
	slack_console_url(&build, &out);
	CHECK_TEXT(
		buf_text(&out),
		"https://console.aws.amazon.com/codesuite/codepipeline/pipelines/golden/executions/"
		"6f1a52cc-3c0e-4a86-9d3e-2f0c7f2b7a10/timeline?region=eu-west-1");
	buf_clear(&out);
}

TEST(every_kind_has_its_word)
{
	CHECK_TEXT(notice_word(NOTICE_FINISHED), "finished");
	CHECK_TEXT(notice_word(NOTICE_REFUSED), "refused");
	CHECK_TEXT(notice_word(NOTICE_GIVEN_UP), "given_up");
	CHECK_TEXT(notice_word(NOTICE_HELD), "held");
	CHECK_TEXT(notice_word(NOTICE_AMBIGUOUS), "ambiguous");
	CHECK_TEXT(notice_word(NOTICE_UNREADABLE), "unreadable");
	CHECK_TEXT(notice_word(NOTICE_MISSED), "missed");
	CHECK_TEXT(notice_word(NOTICE_WITHDRAWN), "withdrawn");
	CHECK_TEXT(notice_word(NOTICE_DIGEST), "digest");
}

int main(void)
{
	check_cases("tests/cases/slack", slack_case);
	check_run(no_text_breaks_a_limit_or_its_bounds);
	check_run(no_mention_breaks_a_limit);
	check_run(a_publisher_without_title_is_called_by_its_name);
	check_run(the_console_of_a_pipeline_or_an_execution);
	check_run(every_kind_has_its_word);
	return check_done();
}
