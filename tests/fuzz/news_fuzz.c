/*
 * Any bytes as every foreign text of a notice. As a document it is JSON of a bounded size; as an
 * e-mail it is UTF-8 whose lines are ours, with a subject of printable ASCII.
 */
#include "common/base/limits.h"
#include "common/base/reader.h"
#include "common/base/text.h"
#include "common/say/mail.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
	if (!promise)
		abort();
}

static void check_document(const struct news *news)
{
	struct buf out = buf_with_max(1 << 20);
	struct reader reader;

	news_json(news, &out);
	require(out.len <= LIMIT_NEWS);
	reader_init(&reader, buf_span(&out));
	reader_skip(&reader);
	require(reader_done(&reader, NULL));
	reader_clear(&reader);
	buf_clear(&out);
}

static void check_mail(const struct news *news)
{
	char subject[MAIL_SUBJECT];
	struct buf out = buf_with_max(1 << 20);

	mail_subject(news, subject);
	for (const char *c = subject; *c; c++)
		require(*c >= ' ' && *c < 0x7f);
	mail_text(news, &out);
	require(out.len > 0 && out.len <= MAIL_TEXT && text_is_utf8(buf_span(&out)));
	for (size_t i = 0; i < out.len; i++)
		require((unsigned char)out.at[i] >= ' ' || out.at[i] == '\n');
	buf_clear(&out);
}

static void check(const char *text, enum notice_kind kind)
{
	const struct build build = {
		.family = "web",
		.pipeline = "golden",
		.pipeline_region = "eu-west-1",
		.region = "eu-west-1",
		.publisher = text,
		.image_id = text,
		.image_name = text,
		.release = text,
		.notes_url = text,
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
		.timeline = text,
		.state = BUILD_FINISHED,
		.status = EXECUTION_FAILED,
	};
	const struct news news = {
		.kind = kind,
		.build = &build,
		.text = kind == NOTICE_WITHDRAWN ? text : NULL,
	};

	check_document(&news);
	check_mail(&news);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	const void *end = memchr(data, 0, size);
	size_t length = end ? (size_t)((const uint8_t *)end - data) : size;
	const char *text = arena_text(&arena, (struct span){ (const char *)data, length });

	check(text, NOTICE_FINISHED);
	check(text, NOTICE_WITHDRAWN);
	arena_clear(&arena);
	return 0;
}
