#include "common/aws/wire_sqs.h"

#include "common/base/digest.h"
#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

/* ---- ReceiveMessage -------------------------------------------------------------------------- */

void sqs_receive_body(const struct sqs_receive *receive, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_string(writer, "QueueUrl", receive->queue_url);
	writer_integer(writer, "MaxNumberOfMessages", receive->max_messages);
	writer_integer(writer, "WaitTimeSeconds", receive->wait_s);
	writer_integer(writer, "VisibilityTimeout", receive->visibility_timeout_s);
	writer_array(writer, "MessageSystemAttributeNames");
	writer_text(writer, NULL, "All");
	writer_end(writer);
	writer_finish(writer, out);
}

struct received {
	struct sqs_message message;
	struct span receive_count, sent; /* all attributes are strings */
};

struct received_batch {
	struct sqs_messages *messages;
	const char *missing; /* the first needed member that a message lacks */
	bool too_many;
};

static const struct member attribute_members[] = {
	MEMBER_STRING(struct received, receive_count, "ApproximateReceiveCount", false),
	MEMBER_STRING(struct received, sent, "SentTimestamp", false),
};

static void read_attributes(struct reader *reader, void *target)
{
	(void)members_read(reader, attribute_members, ARRAY_LEN(attribute_members), target);
}

static const struct member message_members[] = {
	MEMBER_STRING(struct received, message.message_id, "MessageId", true),
	MEMBER_STRING(struct received, message.receipt_handle, "ReceiptHandle", false),
	MEMBER_STRING(struct received, message.md5_of_body, "MD5OfBody", false),
	MEMBER_STRING(struct received, message.body, "Body", true),
	MEMBER_NESTED("Attributes", read_attributes, false),
};

static int64_t number_or_none(struct span text, uint64_t max)
{
	uint64_t number;

	return text_number(text, max, &number) ? (int64_t)number : 0;
}

static void read_message(struct reader *reader, struct received_batch *batch)
{
	struct received received = { 0 };
	size_t start = reader->at;
	const char *missing = members_read(reader, message_members, ARRAY_LEN(message_members),
	                                   &received);
	struct sqs_message *message = &received.message;

	message->raw = span_trim(span_part(reader->text, start, reader->at - start));
	message->receive_count = (int)number_or_none(received.receive_count, INT_MAX);
	message->sent_ms = number_or_none(received.sent, INT64_MAX);
	if (!batch->missing)
		batch->missing = missing;
	if (batch->messages->n < LIMIT_BATCH)
		batch->messages->at[batch->messages->n++] = *message;
	else
		batch->too_many = true;
}

static void read_messages(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_message(reader, target);
}

static const struct member batch_members[] = {
	MEMBER_NESTED("Messages", read_messages, false),
};

static bool body_is_intact(const struct sqs_message *message)
{
	char digest[DIGEST_MD5_HEX];

	if (!message->md5_of_body.at)
		return true;
	digest_md5_hex(message->body, digest);
	return span_is(message->md5_of_body, digest);
}

bool sqs_receive_answer(struct span json, struct reader *reader, struct sqs_messages *ret_messages,
                        struct err *reterr)
{
	struct received_batch batch = { .messages = ret_messages };

	ret_messages->n = 0;
	reader_init(reader, json);
	if (!members_parse(reader, batch_members, ARRAY_LEN(batch_members), &batch, reterr))
		return err_wrap(reterr, "ReceiveMessage");
	if (batch.too_many)
		return err_set(reterr, ERR_MALFORMED, "ReceiveMessage: more than %d messages",
		               LIMIT_BATCH);
	if (batch.missing)
		return err_set(reterr, ERR_MALFORMED, "ReceiveMessage: a message without %s",
		               batch.missing);
	for (size_t i = 0; i < ret_messages->n; i++) {
		if (!body_is_intact(&ret_messages->at[i]))
			return err_set(reterr, ERR_MALFORMED,
			               "ReceiveMessage: MD5OfBody does not fit the body of %.*s",
			               SPAN_ARG(ret_messages->at[i].message_id));
	}
	return true;
}

/* ---- Batches --------------------------------------------------------------------------------- */

static void add_entry(struct writer *writer, size_t index, const struct sqs_entry *entry,
                      bool with_visibility)
{
	char id[24];

	snprintf(id, sizeof id, "%zu", index);
	writer_object(writer, NULL);
	writer_text(writer, "Id", id);
	writer_string(writer, "ReceiptHandle", entry->receipt_handle);
	if (with_visibility)
		writer_integer(writer, "VisibilityTimeout", entry->visibility_timeout_s);
	writer_end(writer);
}

static struct writer *begin_batch(struct span queue_url)
{
	struct writer *writer = writer_new();

	writer_string(writer, "QueueUrl", queue_url);
	writer_array(writer, "Entries");
	return writer;
}

static void finish_batch(struct writer *writer, struct buf *out)
{
	writer_end(writer);
	writer_finish(writer, out);
}

void sqs_delete_batch_body(struct span queue_url, const struct sqs_entry *entries, size_t n,
                           struct buf *out)
{
	struct writer *writer = begin_batch(queue_url);

	for (size_t i = 0; i < n; i++)
		add_entry(writer, i, &entries[i], false);
	finish_batch(writer, out);
}

void sqs_visibility_batch_body(struct span queue_url, const struct sqs_entry *entries, size_t n,
                               struct buf *out)
{
	struct writer *writer = begin_batch(queue_url);

	for (size_t i = 0; i < n; i++)
		add_entry(writer, i, &entries[i], true);
	finish_batch(writer, out);
}

struct entry_answer {
	struct span id, code;
	bool sender_fault;
};

struct batch_answer {
	struct sqs_batch_result *result;
	size_t n;
	bool failed[LIMIT_BATCH];
};

static const struct member entry_members[] = {
	MEMBER_STRING(struct entry_answer, id, "Id", false),
	MEMBER_STRING(struct entry_answer, code, "Code", false),
	MEMBER_BOOL(struct entry_answer, sender_fault, "SenderFault", false),
};

/* False: it is none of our entries. */
static bool read_entry(struct reader *reader, size_t n, struct entry_answer *ret_entry,
                       uint64_t *ret_index)
{
	*ret_entry = (struct entry_answer){ 0 };
	(void)members_read(reader, entry_members, ARRAY_LEN(entry_members), ret_entry);
	return n && text_number(ret_entry->id, n - 1, ret_index);
}

static void read_successful(struct reader *reader, void *target)
{
	struct batch_answer *answer = target;
	struct entry_answer entry;
	uint64_t index;

	reader_array(reader);
	while (reader_element(reader)) {
		if (read_entry(reader, answer->n, &entry, &index))
			answer->result->done[index] = true;
	}
}

static void read_failed(struct reader *reader, void *target)
{
	struct batch_answer *answer = target;
	struct entry_answer entry;
	uint64_t index;

	reader_array(reader);
	while (reader_element(reader)) {
		if (!read_entry(reader, answer->n, &entry, &index))
			continue;
		answer->failed[index] = true;
		answer->result->sender_fault[index] = entry.sender_fault;
		snprintf(answer->result->code[index], sizeof answer->result->code[index], "%.*s",
		         SPAN_ARG(entry.code));
	}
}

static const struct member answer_members[] = {
	MEMBER_NESTED("Successful", read_successful, false),
	MEMBER_NESTED("Failed", read_failed, false),
};

bool sqs_batch_answer(struct span json, size_t n, struct sqs_batch_result *ret_result,
                      struct err *reterr)
{
	struct batch_answer answer = { .result = ret_result, .n = n };
	struct reader reader;
	bool fine;

	assert(n <= LIMIT_BATCH);
	*ret_result = (struct sqs_batch_result){ 0 };
	reader_init(&reader, json);
	fine = members_parse(&reader, answer_members, ARRAY_LEN(answer_members), &answer, reterr);
	reader_clear(&reader);
	for (size_t i = 0; i < n; i++)
		ret_result->done[i] = fine && ret_result->done[i] && !answer.failed[i];
	return fine || err_wrap(reterr, "batch");
}
