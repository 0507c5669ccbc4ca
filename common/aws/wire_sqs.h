/*
 * wire_sqs: Amazon SQS in its JSON protocol: bodies that we send and answers that we read.
 *
 * Source: the SQS API reference; limits and oddities as botocore's model has them. Bodies are
 * appended to *out. Members that we do not know are ignored, and null counts as absent. A hostile
 * message cannot make the answer around it unreadable: SQS lets no character through that the
 * reader refuses, and a body is one string, however deep the JSON in it.
 */
#ifndef EVERGOLD_AWS_WIRE_SQS_H
#define EVERGOLD_AWS_WIRE_SQS_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/base/reader.h"

struct sqs_receive {
	struct span queue_url;
	int max_messages;         /* 1..10 */
	int wait_s;               /* 0..20 */
	int visibility_timeout_s; /* 0..43200 */
};

void sqs_receive_body(const struct sqs_receive *receive, struct buf *out);

struct sqs_message {
	struct span message_id, receipt_handle, body, md5_of_body;
	struct span raw;   /* all of it, as it is written in the answer */
	int receive_count; /* ApproximateReceiveCount; 0 when absent or no number */
	int64_t sent_ms;   /* SentTimestamp, ms since 1970; likewise */
};

struct sqs_messages {
	struct sqs_message at[LIMIT_BATCH];
	size_t n;
};

/*
 * Reads the answer of ReceiveMessage, from the wire or as `aws sqs receive-message` saved it.
 * No Messages, null and [] all mean none. More than LIMIT_BATCH, a missing MessageId or Body, or
 * an MD5OfBody that does not fit: ERR_MALFORMED. The spans are borrowed from the text and the
 * reader, which is initialised here and which the caller clears in any case.
 */
bool sqs_receive_answer(struct span json, struct reader *reader, struct sqs_messages *ret_messages,
                        struct err *reterr) MUST_USE;

/* One entry of a batch; Ids on the wire are the decimal index. */
struct sqs_entry {
	struct span receipt_handle;
	int visibility_timeout_s; /* ChangeMessageVisibilityBatch only */
};

void sqs_delete_batch_body(struct span queue_url, const struct sqs_entry *entries, size_t n,
                           struct buf *out);
void sqs_visibility_batch_body(struct span queue_url, const struct sqs_entry *entries, size_t n,
                               struct buf *out);

/* What a batch answer says of each entry, by its index. */
struct sqs_batch_result {
	bool done[LIMIT_BATCH];
	bool sender_fault[LIMIT_BATCH]; /* of those not done: asking again will not help */
	char code[LIMIT_BATCH][64];     /* of those not done; "" when the answer names none */
};

/*
 * n entries were asked about, at most LIMIT_BATCH. Those that the answer does not mention, or
 * mentions both ways, count as not done. No JSON, or of another shape: ERR_MALFORMED, none is done.
 */
bool sqs_batch_answer(struct span json, size_t n, struct sqs_batch_result *ret_result,
                      struct err *reterr) MUST_USE;

#endif
