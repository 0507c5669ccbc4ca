/*
 * What the ledger keeps as text, and saved records: timelines, variables, expectations. What is
 * read stays within its bounds, and a timeline says the same when it is written again.
 */
#include "common/decide/timeline.h"
#include "common/decide/variables.h"
#include "common/say/expectation.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void check_stages(const struct timeline *timeline)
{
	static struct timeline_stages stages;

	timeline_stages(timeline, &stages);
	must(stages.n <= timeline->n_actions && (stages.n > 0) == (timeline->n_actions > 0));
	for (size_t i = 0; i < stages.n; i++)
		must(stages.at[i].name != NULL);
}

static void read_timeline(const char *text, struct arena *arena)
{
	static struct timeline timeline, again;
	const char *written;

	if (!timeline_read(text, arena, &timeline))
		must(timeline.n_actions == 0);
	must(timeline.n_actions <= LIMIT_TIMELINE && timeline.tests.passed >= -1);
	check_stages(&timeline);
	written = timeline_write(&timeline, arena);
	if (written)
		must(timeline_read(written, arena, &again) &&
		     strcmp(timeline_write(&again, arena), written) == 0);
}

static void read_variables(const char *text, struct arena *arena)
{
	struct variables variables;
	struct err err = { 0 };

	if (!variables_read(text, arena, &variables, &err)) {
		must(err.kind == ERR_MALFORMED && err.text[0]);
		return;
	}
	must(variables.n <= LIMIT_VARIABLES);
	for (size_t i = 0; i < variables.n; i++)
		must(variables.at[i].name && variables.at[i].value);
}

static void read_expectation(struct span line)
{
	struct buf out = buf_with_max(LIMIT_EXPECTED_LINE * 4);
	struct expectation expectation;
	struct err err = { 0 };

	if (expectation_read(line, &expectation, &err)) {
		must(expectation_is_about(&expectation, &expectation));
		expectation_differences(&expectation, &expectation, &out);
		must(out.len == 0);
		expectation_add_subject(&expectation, &out);
		expectation_add_decision(&expectation, &out);
	} else {
		must(err.kind == ERR_MALFORMED && err.text[0]);
	}
	expectation_clear(&expectation);
	buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data, size };
	struct arena arena = { 0 };
	const char *text = arena_text(&arena, bytes);

	read_timeline(text, &arena);
	read_variables(text, &arena);
	read_expectation(bytes);
	arena_clear(&arena);
	return 0;
}
