/*
 * wire_ec2: every image of an accepted page has an id and a state.
 */
#include "common/aws/wire_ec2.h"

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
	struct ec2_images images = { .n = 0 };
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (!ec2_describe_images_answer(xml, &arena, &images, &err))
		must(err.kind == ERR_MALFORMED && err.text[0] && images.n == 0);
	for (size_t i = 0; i < images.n; i++)
		must(images.at[i].id[0] && images.at[i].state[0]);
	must(!images.next_token || images.next_token[0]);
	arena_clear(&arena);
	return 0;
}
