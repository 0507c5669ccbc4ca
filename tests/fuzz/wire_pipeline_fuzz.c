/*
 * wire_pipeline: what is accepted has names and ids; a refused page has no executions.
 */
#include "common/aws/wire_pipeline.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void check_pipeline(struct span json, struct arena *arena)
{
	struct pipeline_declaration pipeline = { .n_variables = 0 };
	struct err err = { 0 };

	must(pipeline_get_answer(json, arena, &pipeline, &err) == (err.kind == ERR_NONE));
	for (size_t i = 0; i < pipeline.n_variables; i++)
		must(pipeline.variables[i].name != NULL);
}

static void check_executions(struct span json, struct arena *arena)
{
	struct pipeline_executions executions;
	bool fine = pipeline_executions_answer(json, arena, &executions, NULL);

	must(fine || executions.n == 0);
	for (size_t i = 0; i < executions.n; i++)
		must(executions.at[i].id && executions.at[i].started_ms >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span json = { (const char *)data, size };
	struct arena arena = { 0 };

	check_pipeline(json, &arena);
	check_executions(json, &arena);
	arena_clear(&arena);
	return 0;
}
