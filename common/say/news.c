#include "common/say/news.h"

#include "common/aws/endpoint.h"
#include "common/aws/role_arn.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/base/writer.h"
#include "common/say/history.h"
#include "common/say/slack_build.h"
#include "common/say/slack_console.h"
#include "common/say/slack_remark.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/banned.h"

enum { TEXT_MAX = 4000, TEXT_LEAST = 60 }; /* bytes of one text; with the least all fits */

enum { IMAGE_ID_MAX = 32 };

static bool is_remark(const struct news *news)
{
	return news->text;
}

void news_type(const struct news *news, struct buf *out)
{
	buf_addf(out, "%s.%s", is_remark(news) ? "remark" : "build", notice_word(news->kind));
}

void news_id(const struct news *news, char ret_id[NEWS_ID])
{
	struct buf identity = buf_with_max(LIMIT_MESSAGE_BODY);
	char hex[DIGEST_SHA256_HEX];

	buf_addf(&identity, "evergold/1\n%" PRId64 "\n%" PRId64 "\n%s\n%s\n", news->notice_id,
	         news->created_ms, notice_word(news->kind),
	         is_remark(news) ? news->text : news->build->token);
	digest_sha256_hex(buf_span(&identity), hex);
	snprintf(ret_id, NEWS_ID, "msg_%.32s", hex);
	buf_clear(&identity);
}

void news_words(const struct news *news, struct buf *out)
{
	struct buf type = buf_with_max(100);

	news_type(news, &type);
	buf_add_text(out, "evergold ");
	for (size_t i = 0; i < type.len; i++)
		buf_add_char(out, type.at[i] == '.' || type.at[i] == '_' ? ' ' : type.at[i]);
	buf_clear(&type);
}

struct slack_page news_page(const struct news *news, struct arena *arena)
{
	const struct slack_message message = {
		.kind = news->kind,
		.build = news->build,
		.text = news->text,
		.publisher = news->publisher,
		.several_regions = news->several_regions,
	};

	return is_remark(news) ? slack_remark_page(&message, arena)
	                       : slack_build_page(&message, arena);
}

/* ---- What it is about ------------------------------------------------------------------------ */

/* "ami-" and hex; what is none has no place in an ARN. */
static bool is_image_id(const char *id)
{
	struct span text = span_of(id);

	return span_starts(text, SPAN("ami-")) && text.len <= IMAGE_ID_MAX &&
	       span_only(span_part(text, 4, text.len), TEXT_HEX);
}

static void add_image(struct news_resources *resources, const struct build *build, const char *id,
                      struct arena *arena)
{
	if (is_image_id(id))
		resources->at[resources->n++] = arena_printf(
			arena, "arn:%s:ec2:%s::image/%s",
			aws_partition_of(span_of(build->region))->name, build->region, id);
}

static void add_pipeline(struct news_resources *resources, const struct build *build,
                         struct arena *arena)
{
	struct span account = role_arn_account(span_of(build->role_arn));

	if (account.len)
		resources->at[resources->n++] = arena_printf(
			arena, "arn:%s:codepipeline:%s:%.*s:%s",
			aws_partition_of(span_of(build->pipeline_region))->name,
			build->pipeline_region, SPAN_ARG(account), build->pipeline);
}

void news_resources(const struct news *news, struct arena *arena,
                    struct news_resources *ret_resources)
{
	*ret_resources = (struct news_resources){ .n = 0 };
	if (is_remark(news))
		return;
	add_pipeline(ret_resources, news->build, arena);
	add_image(ret_resources, news->build, news->build->image_id, arena);
	add_image(ret_resources, news->build, news->build->golden_ami, arena);
}

/* ---- The document ---------------------------------------------------------------------------- */

static void write_title(struct writer *writer, const struct news *news)
{
	struct arena arena = { 0 };

	writer_text(writer, "title", news_page(news, &arena).headline);
	arena_clear(&arena);
}

static void write_head(struct writer *writer, const struct news *news)
{
	struct buf type = buf_with_max(100);
	char id[NEWS_ID];

	news_type(news, &type);
	news_id(news, id);
	writer_integer(writer, "version", 1);
	writer_text(writer, "id", id);
	writer_string(writer, "type", buf_span(&type));
	writer_time(writer, "timestamp", news->created_ms);
	writer_text(writer, "kind", notice_word(news->kind));
	writer_text(writer, "family", news->build->family);
	writer_text(writer, "region", news->build->region);
	write_title(writer, news);
	writer_text(writer, "text", news->text);
	buf_clear(&type);
}

static void write_console(struct writer *writer, const struct build *build)
{
	struct buf url = buf_with_max(LIMIT_URL);

	slack_console_url(build, &url);
	writer_string(writer, "console_url", buf_span(&url));
	buf_clear(&url);
}

static void write_build(struct writer *writer, const struct build *build)
{
	writer_object(writer, "build");
	history_write(writer, build);
	writer_end(writer);
	writer_text(writer, "notes_url", build->notes_url);
	write_console(writer, build);
	history_write_seconds(writer, "wait_seconds", build->announced_ms, build->started_ms);
	history_write_seconds(writer, "build_seconds", build->started_ms, build->finished_ms);
	writer_text(writer, "previous_golden_ami", build->golden_previous);
}

static void write_no_build(struct writer *writer)
{
	static const char *const keys[] = {
		"build",        "notes_url",     "console_url",
		"wait_seconds", "build_seconds", "previous_golden_ami"
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		writer_null(writer, keys[i]);
}

static void write(const struct news *news, size_t longest, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_cut(writer, longest);
	write_head(writer, news);
	if (is_remark(news))
		write_no_build(writer);
	else
		write_build(writer, news->build);
	writer_finish(writer, out);
}

void news_json(const struct news *news, struct buf *out)
{
	struct buf document = buf_with_max(LIMIT_MESSAGE_BODY);
	size_t longest = TEXT_MAX;

	write(news, longest, &document);
	while (document.len > LIMIT_NEWS && longest > TEXT_LEAST) {
		longest = longest / 4 > TEXT_LEAST ? longest / 4 : TEXT_LEAST;
		buf_reset(&document);
		write(news, longest, &document);
	}
	buf_add(out, buf_span(&document));
	buf_clear(&document);
}
