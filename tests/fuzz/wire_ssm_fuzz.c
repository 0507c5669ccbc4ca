/*
 * wire_ssm: what is accepted has a value and a version from 1 on; a refused page is empty.
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

static void check_page(struct span json, struct arena *arena)
{
	struct ssm_page page;

	must(ssm_path_answer(json, arena, &page, NULL) ==
	     ssm_names_answer(json, arena, &page, NULL));
	must(ssm_path_answer(json, arena, &page, NULL) || page.n == 0);
	for (size_t i = 0; i < page.n; i++)
		must(page.at[i].name && page.at[i].parameter.value &&
		     page.at[i].parameter.version >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span json = { (const char *)data, size };
	struct ssm_parameter parameter = { .value = NULL };
	struct arena arena = { 0 };
	struct err err = { 0 };
	int64_t version = 0;

	if (ssm_get_answer(json, &arena, &parameter, &err))
		must(parameter.value && parameter.version >= 1);
	else
		must(err.kind == ERR_MALFORMED && err.text[0]);
	must(ssm_put_answer(json, &version, NULL) == (version >= 1));
	check_page(json, &arena);
	arena_clear(&arena);
	return 0;
}
