/*
 * wire_sqs: what is accepted is a batch within its bounds, each message named; entries are done
 * only when the whole answer was read.
 */
#include "common/aws/wire_sqs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void receive(struct span json)
{
	struct sqs_messages messages;
	struct reader reader;
	struct err err = { 0 };
	bool fine = sqs_receive_answer(json, &reader, &messages, &err);

	must(fine || (err.kind == ERR_MALFORMED && err.text[0]));
	for (size_t i = 0; fine && i < messages.n; i++)
		must(messages.at[i].message_id.at && messages.at[i].body.at &&
		     messages.at[i].receive_count >= 0 && messages.at[i].sent_ms >= 0);
	must(messages.n <= LIMIT_BATCH);
	reader_clear(&reader);
}

static void batch(struct span json, size_t n)
{
	struct sqs_batch_result result;
	struct err err = { 0 };
	bool fine = sqs_batch_answer(json, n, &result, &err);

	must(fine || (err.kind == ERR_MALFORMED && err.text[0]));
	for (size_t i = 0; i < LIMIT_BATCH; i++) {
		must(!result.done[i] || (fine && i < n));
		must(memchr(result.code[i], '\0', sizeof result.code[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span json = { (const char *)data, size };

	receive(json);
	batch(json, LIMIT_BATCH);
	batch(json, 1);
	return 0;
}
