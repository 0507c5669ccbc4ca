/*
 * What is said on Slack. tests/cases/slack has a folder for each message: notice.json says what the
 * build came to, or what is remarked; want.json what is posted. Of every message Slack's limits are
 * checked, and that it pings and links only what we mean.
 */
#include "common/say/slack.h"

#include "common/base/reader.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>

#define MENTION "<!subteam^S012345>"

/* ---- What Slack takes ------------------------------------------------------------------------ */

enum { HEADER_MAX = 150, SECTION_MAX = 3000, FIELD_MAX = 2000, TOTAL_MAX = 12000 };

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

static size_t check_block(struct reader *reader, size_t number)
{
	struct span key;
	size_t characters = 0;

	reader_object(reader);
	while (reader_member(reader, &key)) {
		if (span_is(key, "text"))
			characters += check_text_object(reader, number ? SECTION_MAX : HEADER_MAX);
		else if (span_is(key, "fields") || span_is(key, "elements"))
			characters += check_list(reader, FIELD_MAX);
		else
			reader_skip(reader);
	}
	return characters;
}

static void check_blocks(struct reader *reader)
{
	size_t n = 0, characters = 0;

	reader_array(reader);
	for (; reader_element(reader); n++)
		characters += check_block(reader, n);
	CHECK(n >= 1 && n <= BLOCKS_MAX);
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
			check_size(text, SECTION_MAX);
			check_markup(text);
		} else {
			reader_skip(&reader);
		}
	}
	CHECK(reader_done(&reader, &err), "%s", err.text);
	reader_clear(&reader);
}

/* ---- A notice as a file ---------------------------------------------------------------------- */

#define TEXT(field)                                   \
	{                                             \
#field, offsetof(struct build, field) \
	}

static const struct place_of_text {
	const char *key;
	size_t offset;
} texts[] = {
	TEXT(family),        TEXT(pipeline_region), TEXT(pipeline),      TEXT(region),
	TEXT(image_id),      TEXT(publisher),       TEXT(release),       TEXT(image_name),
	TEXT(architecture),  TEXT(message_id),      TEXT(notes_url),     TEXT(execution_id),
	TEXT(summary),       TEXT(failed_stage),    TEXT(failed_action), TEXT(error_code),
	TEXT(error_message), TEXT(error_url),       TEXT(golden_ami),    TEXT(trouble),
	TEXT(hold_detail),
};

struct notice {
	struct slack_message message;
	struct build build;
	struct arena arena;
};

static const char *read_text(struct reader *reader, struct arena *arena)
{
	struct span text = SPAN_NONE;

	CHECK(reader_string(reader, &text));
	return arena_text(arena, text);
}

static bool read_build_text(struct reader *reader, struct notice *notice, struct span key)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (span_is(key, texts[i].key)) {
			const char *text = read_text(reader, &notice->arena);

			memcpy((char *)&notice->build + texts[i].offset, &text, sizeof(text));
			return true;
		}
	}
	return false;
}

static bool read_build_time(struct reader *reader, struct build *build, struct span key)
{
	int64_t *time_ms = span_is(key, "announced_ms")  ? &build->announced_ms
	                   : span_is(key, "started_ms")  ? &build->started_ms
	                   : span_is(key, "finished_ms") ? &build->finished_ms
	                   : span_is(key, "held_ms")     ? &build->held_ms
	                                                 : NULL;
	double number = 0;

	if (time_ms && CHECK(reader_number(reader, &number)))
		*time_ms = (int64_t)number;
	return time_ms != NULL;
}

static enum notice_kind kind_of(const char *word)
{
	for (enum notice_kind kind = NOTICE_FINISHED; kind < NOTICE_LAST; kind++) {
		if (strcmp(notice_word(kind), word) == 0)
			return kind;
	}
	CHECK_TEXT(word, notice_word(NOTICE_LAST));
	return NOTICE_LAST;
}

static void read_setting(struct reader *reader, struct notice *notice, struct span key)
{
	const char *word = read_text(reader, &notice->arena);

	if (span_is(key, "kind"))
		notice->message.kind = kind_of(word);
	else if (span_is(key, "status"))
		notice->build.status = execution_status_of(span_of(word));
	else if (span_is(key, "held"))
		CHECK(reason_of(span_of(word), &notice->build.held), "%s", word);
	else if (span_is(key, "text"))
		notice->message.text = word;
	else if (span_is(key, "whose"))
		notice->message.publisher = catalogue_find(span_of(word));
	else if (span_is(key, "channel"))
		notice->message.channel = word;
	else if (CHECK(span_is(key, "mention"), "%.*s", SPAN_ARG(key)))
		notice->message.mention = word;
}

static void read_notice(const char *dir, struct notice *notice)
{
	struct reader reader;
	struct span key, json;
	struct err err = { 0 };

	json.at = check_read(dir, "notice.json", &json.len);
	*notice = (struct notice){ .message = { .build = &notice->build } };
	memcpy(notice->build.token, "0123456789abcdef", 17);
	reader_init(&reader, json);
	reader_object(&reader);
	while (reader_member(&reader, &key)) {
		if (!read_build_text(&reader, notice, key) &&
		    !read_build_time(&reader, &notice->build, key))
			read_setting(&reader, notice, key);
	}
	CHECK(reader_done(&reader, &err), "%s", err.text);
	reader_clear(&reader);
}

static void slack_case(const char *dir)
{
	struct buf out = buf_with_max(1 << 20);
	struct notice notice;

	read_notice(dir, &notice);
	slack_message_json(&notice.message, &out);
	check_message(buf_span(&out));
	buf_add_char(&out, '\n');
	CHECK_FILE(dir, "want.json", buf_text(&out));
	arena_clear(&notice.arena);
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

static void check_filled(const struct buf *filling, enum notice_kind kind)
{
	struct build build = { .status = EXECUTION_FAILED,
		               .started_ms = 1,
		               .finished_ms = INT64_MAX };
	const char *text = buf_text(filling);
	const struct publisher publisher = { .title = text, .notes = text };
	const struct slack_message message = {
		.kind = kind,
		.build = &build,
		.text = kind > NOTICE_HELD ? text : NULL,
		.publisher = &publisher,
		.channel = "#c",
		.mention = MENTION,
	};
	struct buf out = buf_with_max(1 << 20);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		memcpy((char *)&build + texts[i].offset, &text, sizeof(text));
	/* these are checked words of the configuration */
	build.family = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
	build.pipeline = build.family;
	build.region = build.pipeline_region = "eu-west-1";
	slack_message_json(&message, &out);
	check_message(buf_span(&out));
	buf_clear(&out);
}

TEST(no_text_breaks_a_limit_or_its_bounds)
{
	for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
		for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
			struct buf filling = buf_with_max(lengths[k] + 100);

			while (filling.len < lengths[k])
				buf_add_text(&filling, fillers[i]);
			for (enum notice_kind kind = NOTICE_FINISHED; kind <= NOTICE_LAST; kind++)
				check_filled(&filling, kind);
			buf_clear(&filling);
		}
	}
}

/* A mention that leaves hardly any room, or none. */
TEST(a_code_block_is_closed_or_left_out)
{
	char mention[3001];
	const struct build build = { .family = "web",
		                     .status = EXECUTION_FAILED,
		                     .pipeline = "golden",
		                     .pipeline_region = "eu-west-1",
		                     .region = "eu-west-1",
		                     .token = "0123456789abcdef",
		                     .error_message = "exit status 1, and some more" };

	for (size_t length = 2900; length < sizeof(mention); length++) {
		const struct slack_message message = { .kind = NOTICE_FINISHED,
			                               .build = &build,
			                               .channel = "#c",
			                               .mention = mention };
		struct buf out = buf_with_max(1 << 20);

		memset(mention, 'm', length);
		mention[length] = '\0';
		slack_message_json(&message, &out);
		check_message(buf_span(&out));
		CHECK_INT(count_of(buf_span(&out), SPAN("``````")), 0);
		buf_clear(&out);
	}
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
	check_run(a_code_block_is_closed_or_left_out);
	check_run(the_console_of_a_pipeline_or_an_execution);
	check_run(every_kind_has_its_word);
	return check_done();
}
