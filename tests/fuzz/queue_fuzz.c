/*
 * What SQS tells of a queue, and the policy in it: any bytes are a policy that is judged, and one
 * that lets nobody in does not let somebody in when more is asked of it.
 */
#include "common/aws/wire_queue.h"
#include "common/decide/queue_policy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void judge(struct span policy)
{
	const struct queue_policy_question question = {
		.policy = policy,
		.service = "sns.amazonaws.com",
		.source_arn = "arn:aws:sns:us-east-1:111122223333:ami-updates",
		.queue_arn = "arn:aws:sqs:us-east-1:111122223333:announcements",
	};
	struct queue_policy_question nobody = question;

	nobody.service = "nobody.example";
	if (!policy.len)
		must(queue_policy_judge(&question) == QUEUE_POLICY_SILENT);
	must(queue_policy_judge(&question) <= QUEUE_POLICY_OPEN);
	must(queue_policy_judge(&nobody) <= QUEUE_POLICY_OPEN);
}

static void read_attributes(struct span json)
{
	struct sqs_attributes attributes = { .arn = NULL };
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (sqs_attributes_answer(json, &arena, &attributes, &err)) {
		must(attributes.arn && attributes.max_receives >= -1 && attributes.waiting >= -1);
		must(attributes.dead_letter_arn || attributes.max_receives == -1);
		judge(span_of(attributes.policy));
	} else {
		must(err.kind == ERR_MALFORMED && err.text[0]);
	}
	arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };

	read_attributes(text);
	judge(text);
	return 0;
}
