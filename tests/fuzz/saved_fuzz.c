/*
 * Any bytes as a saved document and as an event. Every item lies in the document or in its reader,
 * there are no more of them than bytes, and what is no document is one item as it is.
 */
#include "common/decide/saved.h"

#include "common/aws/event.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sum_of; /* keeps the compiler from reading nothing */

static void touch(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		sum_of += (unsigned char)text.at[i];
}

static void read_event(struct span text)
{
	struct event event;

	if (event_parse(text, &event)) {
		touch(event.source);
		touch(event.detail_type);
		touch(event.account);
		touch(event.region);
		touch(event.pipeline);
		touch(event.execution_id);
		touch(event.state);
		if (!saved_is_document(text))
			abort();
	}
	event_clear(&event);
}

static void read_saved(struct span text)
{
	struct saved saved;
	struct saved_item item;
	size_t n = 0;

	saved_open(&saved, text);
	while (saved_next(&saved, &item)) {
		touch(item.body);
		if (++n > text.len + 1)
			abort();
	}
	if (saved_next(&saved, &item))
		abort();
	saved_close(&saved);
	if (!saved_is_document(text) && n != 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };

	read_event(text);
	read_saved(text);
	return 0;
}
