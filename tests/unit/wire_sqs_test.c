#include "common/aws/wire_sqs.h"

#include "common/base/digest.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <string.h>

#define ROOM  (64 * 1024)
#define QUEUE SPAN("https://sqs.eu-west-1.amazonaws.com/111122223333/ami")

static struct span read_input(const char *dir)
{
	struct span bytes;

	bytes.at = check_read(dir, "input.json", &bytes.len);
	return bytes;
}

/* ---- ReceiveMessage -------------------------------------------------------------------------- */

static void add_message(struct buf *out, const struct sqs_message *message)
{
	buf_addf(out, "message %.*s\n", SPAN_ARG(message->message_id));
	buf_addf(out, "\thandle %.*s\n", SPAN_ARG(message->receipt_handle));
	buf_addf(out, "\tmd5 %.*s\n", SPAN_ARG(message->md5_of_body));
	buf_addf(out, "\treceived %d sent %" PRId64 "\n", message->receive_count, message->sent_ms);
	buf_addf(out, "\tbody %.*s\n", SPAN_ARG(message->body));
}

static void receive_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct sqs_messages messages;
	struct reader reader;
	struct err err = { 0 };

	if (sqs_receive_answer(read_input(dir), &reader, &messages, &err)) {
		buf_addf(&out, "%zu messages\n", messages.n);
		for (size_t i = 0; i < messages.n; i++)
			add_message(&out, &messages.at[i]);
	} else {
		buf_addf(&out, "refused: %s\n", err.text);
		CHECK_INT(err.kind, ERR_MALFORMED);
	}
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	reader_clear(&reader);
	buf_clear(&out);
}

TEST(receive_asks_for_all_that_is_needed)
{
	struct buf body = buf_with_max(ROOM);

	sqs_receive_body(&(struct sqs_receive){ QUEUE, 10, 20, 120 }, &body);
	CHECK_TEXT(buf_text(&body),
	           "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/111122223333/ami\","
	           "\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":20,\"VisibilityTimeout\":120,"
	           "\"MessageSystemAttributeNames\":[\"All\"]}");
	buf_clear(&body);
}

/* A body of `size` bytes, every second one escaped, as one message of an answer. */
static void add_large_message(struct buf *json, size_t size)
{
	struct buf body = buf_with_max(size);
	char md5[DIGEST_MD5_HEX];

	while (body.len < size)
		buf_add_text(&body, "\"a");
	digest_md5_hex(buf_span(&body), md5);
	buf_addf(json, "{\"MessageId\":\"m\",\"MD5OfBody\":\"%s\",\"Body\":\"", md5);
	for (size_t i = 0; i < size; i += 2)
		buf_add_text(json, "\\\"a");
	buf_add_text(json, "\"}");
	buf_clear(&body);
}

TEST(ten_messages_of_the_largest_size_fit)
{
	struct buf json = buf_with_max((size_t)2 * LIMIT_BATCH * LIMIT_MESSAGE_BODY);
	struct sqs_messages messages = { .n = 0 };
	struct reader reader;
	struct err err = { 0 };

	buf_add_text(&json, "{\"Messages\":[");
	for (int i = 0; i < LIMIT_BATCH; i++) {
		buf_add_text(&json, i ? "," : "");
		add_large_message(&json, LIMIT_MESSAGE_BODY);
	}
	buf_add_text(&json, "]}");
	CHECK(sqs_receive_answer(buf_span(&json), &reader, &messages, &err), "%s", err.text);
	CHECK(messages.n == LIMIT_BATCH);
	CHECK(messages.at[LIMIT_BATCH - 1].body.len == LIMIT_MESSAGE_BODY);
	reader_clear(&reader);
	buf_clear(&json);
}

/* ---- Batches --------------------------------------------------------------------------------- */

static void batch_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct sqs_batch_result result;
	struct err err = { 0 };

	if (!sqs_batch_answer(read_input(dir), 4, &result, &err)) {
		buf_addf(&out, "refused: %s\n", err.text);
		CHECK_INT(err.kind, ERR_MALFORMED);
	}
	for (size_t i = 0; i < 4; i++)
		buf_addf(&out, "%zu %s%s %s\n", i, result.done[i] ? "done" : "not done",
		         result.sender_fault[i] ? ", our fault" : "", result.code[i]);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	buf_clear(&out);
}

TEST(an_answer_to_nothing_has_no_entry_of_ours)
{
	struct sqs_batch_result result;

	CHECK(sqs_batch_answer(SPAN("{\"Successful\":[{\"Id\":\"0\"}]}"), 0, &result, NULL));
	CHECK(!result.done[0]);
}

TEST(delete_names_entries_by_their_index)
{
	const struct sqs_entry entries[] = { { SPAN("h/1+"), 0 }, { SPAN("h\"2"), 0 } };
	struct buf body = buf_with_max(ROOM);

	sqs_delete_batch_body(QUEUE, entries, 2, &body);
	CHECK_TEXT(buf_text(&body),
	           "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/111122223333/ami\","
	           "\"Entries\":[{\"Id\":\"0\",\"ReceiptHandle\":\"h/1+\"},"
	           "{\"Id\":\"1\",\"ReceiptHandle\":\"h\\\"2\"}]}");
	buf_clear(&body);
}

TEST(visibility_adds_the_timeout)
{
	const struct sqs_entry entries[] = { { SPAN("a"), 0 }, { SPAN("b"), 43200 } };
	struct buf body = buf_with_max(ROOM);

	sqs_visibility_batch_body(SPAN("q"), entries, 2, &body);
	CHECK_TEXT(buf_text(&body),
	           "{\"QueueUrl\":\"q\",\"Entries\":["
	           "{\"Id\":\"0\",\"ReceiptHandle\":\"a\",\"VisibilityTimeout\":0},"
	           "{\"Id\":\"1\",\"ReceiptHandle\":\"b\",\"VisibilityTimeout\":43200}]}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_sqs/receive", receive_case);
	check_run(receive_asks_for_all_that_is_needed);
	check_run(ten_messages_of_the_largest_size_fit);
	check_cases("tests/cases/wire_sqs/batch", batch_case);
	check_run(delete_names_entries_by_their_index);
	check_run(an_answer_to_nothing_has_no_entry_of_ours);
	check_run(visibility_adds_the_timeout);
	return check_done();
}
