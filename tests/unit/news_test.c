/*
 * What programs are told, and people by e-mail. tests/cases/news has a folder for each notice:
 * notice.json says what it is about, want.json and want.txt what is told.
 */
#include "common/aws/wire_sns.h"
#include "common/base/limits.h"
#include "common/base/reader.h"
#include "common/base/text.h"
#include "common/say/mail.h"
#include "tests/unit/build_json.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

struct notice {
	struct arena arena;
	struct build build;
	struct news news;
};

static enum notice_kind kind_of(const char *word)
{
	for (enum notice_kind kind = NOTICE_FINISHED; kind < NOTICE_LAST; kind++) {
		if (strcmp(notice_word(kind), word) == 0)
			return kind;
	}
	CHECK_TEXT(word, notice_word(NOTICE_LAST));
	return NOTICE_LAST;
}

static void read_member(struct reader *reader, struct span key, struct notice *notice)
{
	struct news *news = &notice->news;

	if (span_is(key, "kind"))
		news->kind = kind_of(build_json_text(reader, &notice->arena));
	else if (span_is(key, "text"))
		news->text = build_json_text(reader, &notice->arena);
	else if (span_is(key, "whose"))
		news->publisher = catalogue_find(span_of(build_json_text(reader, &notice->arena)));
	else if (span_is(key, "created"))
		news->created_ms = build_json_time(reader);
	else if (span_is(key, "id"))
		news->notice_id = build_json_number(reader);
	else if (CHECK(span_is(key, "build"), "%.*s", SPAN_ARG(key)))
		notice->build = build_json_read(reader, &notice->arena);
}

static void read_notice(const char *dir, struct notice *notice)
{
	struct reader reader;
	struct span key, json;
	struct err err = { 0 };

	json.at = check_read(dir, "notice.json", &json.len);
	*notice = (struct notice){ .news = { .build = &notice->build } };
	reader_init(&reader, json);
	reader_object(&reader);
	while (reader_member(&reader, &key))
		read_member(&reader, key, notice);
	CHECK(reader_done(&reader, &err), "%s", err.text);
	reader_clear(&reader);
}

static void check_subject(const char *subject)
{
	CHECK(strlen(subject) > 0 && strlen(subject) <= SNS_SUBJECT_MAX);
	for (const char *c = subject; *c; c++)
		CHECK(*c >= ' ' && *c < 0x7f, "%s", subject);
}

/* A line for each line of ours: what came from outside makes none. */
static void check_mail(struct span text)
{
	CHECK(text.len > 0 && text.len <= MAIL_TEXT && text_is_utf8(text), "%zu", text.len);
	for (size_t i = 0; i < text.len; i++)
		CHECK((unsigned char)text.at[i] >= ' ' || text.at[i] == '\n');
	CHECK(!text.len || text.at[text.len - 1] == '\n');
}

static void add_mail(struct buf *out, const struct news *news)
{
	char subject[MAIL_SUBJECT];
	struct buf text = buf_with_max(1 << 20);

	mail_subject(news, subject);
	mail_text(news, &text);
	check_subject(subject);
	check_mail(buf_span(&text));
	buf_addf(out, "Subject: %s\n\n", subject);
	buf_add(out, buf_span(&text));
	buf_clear(&text);
}

static void news_case(const char *dir)
{
	struct buf out = buf_with_max(1 << 20);
	struct notice notice;

	read_notice(dir, &notice);
	news_json(&notice.news, &out);
	buf_add_char(&out, '\n');
	CHECK_FILE(dir, "want.json", buf_text(&out));
	buf_reset(&out);
	add_mail(&out, &notice.news);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	arena_clear(&notice.arena);
	buf_clear(&out);
}

/* ---- Every text at its worst ----------------------------------------------------------------- */

static void fill(struct build *build, const char *text)
{
	*build = (struct build){
		.family = text,
		.pipeline_region = text,
		.pipeline = text,
		.region = text,
		.image_id = text,
		.publisher = text,
		.release = text,
		.image_name = text,
		.notes_url = text,
		.hold_detail = text,
		.execution_id = text,
		.summary = text,
		.failed_stage = text,
		.failed_action = text,
		.error_code = text,
		.error_message = text,
		.error_url = text,
		.golden_ami = text,
		.golden_previous = text,
		.trouble = text,
	};
}

/* As many stages as a row holds, each with a name of controls. */
static const char *long_timeline(struct arena *arena)
{
	struct buf text = buf_with_max(1 << 20);
	const char *kept;

	buf_add_text(&text, "{\"stages\":[");
	for (int i = 0; i < LIMIT_TIMELINE; i++) {
		buf_addf(&text, "%s{\"stage\":\"%d", i ? "," : "", i);
		for (int j = 0; j < 90; j++)
			buf_add_text(&text, "\\u0001");
		buf_add_text(&text, "\",\"action\":\"a\",\"status\":\"Succeeded\","
		                    "\"started_ms\":1760947207000,\"ended_ms\":1760948049000}");
	}
	buf_add_text(&text, "]}");
	kept = arena_text(arena, buf_span(&text));
	buf_clear(&text);
	return kept;
}

static void check_small(const struct news *news)
{
	struct buf out = buf_with_max(1 << 20);
	struct reader reader;

	news_json(news, &out);
	CHECK(out.len <= LIMIT_NEWS, "%zu bytes", out.len);
	reader_init(&reader, buf_span(&out));
	reader_skip(&reader);
	CHECK(reader_done(&reader, NULL));
	reader_clear(&reader);
	buf_reset(&out);
	add_mail(&out, news);
	buf_clear(&out);
}

TEST(a_document_is_small_whatever_is_in_it)
{
	static const char *const fillers[] = { "a", "\001", "\"", "\\", "\xff", "é", "𝄞", "\x80" };
	struct arena arena = { 0 };
	struct build build;

	for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
		struct buf text = buf_with_max(200000);

		while (text.len < 100000)
			buf_add_text(&text, fillers[i]);
		fill(&build, buf_text(&text));
		build.timeline = long_timeline(&arena);
		check_small(&(struct news){ .kind = NOTICE_FINISHED, .build = &build });
		check_small(&(struct news){
			.kind = NOTICE_WITHDRAWN, .build = &build, .text = buf_text(&text) });
		buf_clear(&text);
	}
	arena_clear(&arena);
}

/* ---- Who it is ------------------------------------------------------------------------------- */

TEST(an_id_is_of_one_notice_alone)
{
	struct build build = { .family = "web", .token = "0123" };
	struct news news = { 7, 1000, NOTICE_FINISHED, &build, NULL, NULL, false };
	char first[NEWS_ID], again[NEWS_ID], other[NEWS_ID];

	news_id(&news, first);
	build.golden_ami = "ami-1"; /* a row moves on */
	news_id(&news, again);
	CHECK_TEXT(again, first);
	CHECK(strlen(first) == NEWS_ID - 1 && strncmp(first, "msg_", 4) == 0);
	CHECK(strspn(first + 4, "0123456789abcdef") == 32, "%s", first);
	news.notice_id = 8;
	news_id(&news, other);
	CHECK(strcmp(other, first) != 0);
	news = (struct news){ 7, 1001, NOTICE_FINISHED, &build, NULL, NULL, false };
	news_id(&news, other);
	CHECK(strcmp(other, first) != 0);
}

/* ---- What it is about ------------------------------------------------------------------------ */

static void check_words(const struct news *news, const char *want)
{
	struct buf out = buf_with_max(100);

	news_words(news, &out);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(its_kind_in_words)
{
	const struct build build = { .family = "web" };

	check_words(&(struct news){ .kind = NOTICE_GIVEN_UP, .build = &build },
	            "evergold build given up");
	check_words(&(struct news){ .kind = NOTICE_WITHDRAWN, .build = &build, .text = "gone" },
	            "evergold remark withdrawn");
}

TEST(a_remark_is_about_no_resource)
{
	const struct build build = { .region = "eu-west-1", .image_id = "ami-1" };
	struct news_resources resources;
	struct arena arena = { 0 };

	news_resources(&(struct news){ .build = &build, .text = "gone" }, &arena, &resources);
	CHECK_INT(resources.n, 0);
	arena_clear(&arena);
}

TEST(a_build_is_about_its_pipeline_and_its_images)
{
	const struct build build = { .region = "cn-north-1",
		                     .image_id = "ami-0123456789abcdef0",
		                     .golden_ami = "ami-0fedcba9876543210",
		                     .pipeline = "golden",
		                     .pipeline_region = "eu-west-1",
		                     .role_arn = "arn:aws:iam::444455556666:role/start" };
	struct news_resources resources;
	struct arena arena = { 0 };

	news_resources(&(struct news){ .build = &build }, &arena, &resources);
	CHECK_INT(resources.n, 3);
	CHECK_TEXT(resources.at[0], "arn:aws:codepipeline:eu-west-1:444455556666:golden");
	CHECK_TEXT(resources.at[1], "arn:aws-cn:ec2:cn-north-1::image/ami-0123456789abcdef0");
	CHECK_TEXT(resources.at[2], "arn:aws-cn:ec2:cn-north-1::image/ami-0fedcba9876543210");
	arena_clear(&arena);
}

/* Own credentials tell no account; what is no image id has no place in an ARN. */
TEST(what_has_no_arn_is_not_named)
{
	static const char *const ids[] = { NULL, "none", "ami-x/*",
		                           "ami-00000000000000000000000000000000000000" };
	struct build build = { .region = "eu-west-1",
		               .pipeline_region = "eu-west-1",
		               .pipeline = "golden" };
	struct news_resources resources;
	struct arena arena = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		build.image_id = ids[i];
		news_resources(&(struct news){ .build = &build }, &arena, &resources);
		CHECK_INT(resources.n, 0);
	}
	arena_clear(&arena);
}

int main(void)
{
	check_cases("tests/cases/news", news_case);
	check_run(a_document_is_small_whatever_is_in_it);
	check_run(an_id_is_of_one_notice_alone);
	check_run(its_kind_in_words);
	check_run(a_remark_is_about_no_resource);
	check_run(a_build_is_about_its_pipeline_and_its_images);
	check_run(what_has_no_arn_is_not_named);
	return check_done();
}
