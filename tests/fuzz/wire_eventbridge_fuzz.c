/*
 * wire_eventbridge: an event was taken, or there is a reason why not.
 */
#include "common/aws/wire_eventbridge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[EVENTBRIDGE_ID];
	struct err err = { 0 };

	if (eventbridge_put_answer((struct span){ (const char *)data, size }, id, &err))
		must(strlen(id) < sizeof(id));
	else
		must(err.kind != ERR_NONE && err.text[0]);
	return 0;
}
