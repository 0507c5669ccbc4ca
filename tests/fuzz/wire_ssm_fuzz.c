/*
 * wire_ssm: what is accepted has a value and a version from 1 on.
 */
#include "common/aws/wire_ssm.h"

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
	struct span json = { (const char *)data, size };
	struct ssm_parameter parameter = { NULL, 0 };
	struct arena arena = { 0 };
	struct err err = { 0 };
	int64_t version = 0;

	if (ssm_get_answer(json, &arena, &parameter, &err))
		must(parameter.value && parameter.version >= 1);
	else
		must(err.kind == ERR_MALFORMED && err.text[0]);
	must(ssm_put_answer(json, &version, NULL) == (version >= 1));
	arena_clear(&arena);
	return 0;
}
