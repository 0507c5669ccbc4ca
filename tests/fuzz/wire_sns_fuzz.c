/*
 * wire_sns: an accepted subscription says of what and to where; an ARN is one; a message that was
 * taken has an id.
 */
#include "common/aws/wire_sns.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span xml = { (const char *)data, size };
	struct sns_subscription subscription = { .raw = false };
	struct arena arena = { 0 };
	const char *arn = NULL;
	struct err err = { 0 };

	if (sns_subscribe_answer(xml, &arena, &arn, &err))
		must(!arn || span_starts(span_of(arn), SPAN("arn:")));
	else
		must(err.kind == ERR_MALFORMED && err.text[0]);
	if (sns_subscription_answer(xml, &arena, &subscription, NULL))
		must(subscription.topic_arn[0] && subscription.endpoint[0] &&
		     subscription.protocol[0]);
	if (sns_publish_answer(xml, &arena, &arn, NULL))
		must(arn[0]);
	arena_clear(&arena);
	return 0;
}
