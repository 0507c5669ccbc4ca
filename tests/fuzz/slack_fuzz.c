/*
 * Any bytes as every foreign text of a Slack message, and as an answer of Slack's. The message
 * stays JSON of a size that Slack takes; tests/unit/slack_test.c looks at the limits of its parts.
 */
#include "common/say/slack.h"

#include "common/base/reader.h"
#include "common/base/text.h"
#include "common/say/slack_answer.h"

#include <stdlib.h>

#define TOTAL_MAX 16000 /* 12,000 of text, and the keys around it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
	if (!promise)
		abort();
}

static void check_message(const char *text, enum notice_kind kind)
{
	const struct build build = {
		.family = "web",
		.pipeline = "golden",
		.pipeline_region = "eu-west-1",
		.region = "eu-west-1",
		.image_id = text,
		.image_name = text,
		.release = text,
		.notes_url = text,
		.execution_id = text,
		.failed_stage = text,
		.failed_action = text,
		.error_code = text,
		.error_message = text,
		.error_url = text,
		.golden_ami = text,
		.hold_detail = text,
		.status = EXECUTION_FAILED,
	};
	const struct publisher publisher = { .name = "any", .notes = text };
	struct buf out = buf_with_max(1 << 20);
	struct reader reader;

	slack_message_json(
		&(struct slack_message){
			.kind = kind,
			.build = &build,
			.text = kind == NOTICE_WITHDRAWN ? text : NULL,
			.publisher = &publisher,
			.channel = "#c",
			.mention = "<!here>",
		},
		&out);
	reader_init(&reader, buf_span(&out));
	reader_skip(&reader);
	require(reader_done(&reader, NULL) && out.len < TOTAL_MAX);
	reader_clear(&reader);
	buf_clear(&out);
}

static void check_answer(struct span body, int status, bool webhook)
{
	const struct slack_reply reply = { .status = status, .body = body, .retry_after = body };
	struct slack_answer answer;

	slack_read_answer(&reply, webhook, &answer);
	require((answer.fault == SLACK_FINE) == (answer.err.kind == ERR_NONE));
	require(answer.fault == SLACK_FINE ||
	        (answer.err.text[0] && text_is_utf8(span_of(answer.err.text))));
	require(answer.retry_after_ms >= -1 && answer.retry_after_ms <= 86400000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data, size };
	struct arena arena = { 0 };
	const char *text = arena_text(&arena, bytes);

	check_message(text, size % 2 ? NOTICE_FINISHED : NOTICE_HELD);
	check_message(text, NOTICE_WITHDRAWN);
	for (int webhook = 0; webhook <= 1; webhook++) {
		check_answer(bytes, 200, webhook);
		check_answer(bytes, 404, webhook);
		check_answer(bytes, 429, webhook);
	}
	arena_clear(&arena);
	return 0;
}
