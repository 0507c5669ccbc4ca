/*
 * wire_codepipeline: an answer is accepted whole or leaves nothing behind.
 */
#include "common/aws/wire_codepipeline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void start_and_get(struct span json, struct arena *arena)
{
	struct codepipeline_execution execution;
	const char *execution_id = NULL;
	struct err err = { 0 };

	must(codepipeline_start_answer(json, arena, &execution_id, &err) == (execution_id != NULL));
	must(execution_id || err.kind == ERR_MALFORMED);
	if (codepipeline_get_answer(json, arena, &execution, NULL))
		must(execution_status_word(execution.status)[0]);
}

static void actions(struct span json, struct arena *arena)
{
	struct codepipeline_actions actions = { .n = 0 }, before;
	struct err err = { 0 };
	bool fine;

	codepipeline_want_output(&actions, "GOLDEN_AMI_ID");
	before = actions;
	fine = codepipeline_actions_answer(json, arena, &actions, &err);
	must(fine || memcmp(&actions, &before, sizeof actions) == 0);
	must(fine || err.kind == ERR_MALFORMED);
	must(!actions.failed_stage == !actions.failed_action);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span json = { (const char *)data, size };
	struct arena arena = { 0 };

	start_and_get(json, &arena);
	actions(json, &arena);
	arena_clear(&arena);
	return 0;
}
