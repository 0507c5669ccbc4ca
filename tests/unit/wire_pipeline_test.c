#include "common/aws/wire_pipeline.h"

#include "common/base/text.h"
#include "tests/unit/check.h"

#define ROOM (64 * 1024)

static struct span read_input(const char *dir)
{
	struct span bytes;

	bytes.at = check_read(dir, "input.json", &bytes.len);
	return bytes;
}

static void add_refusal(struct buf *out, const struct err *err)
{
	buf_addf(out, "refused: %s\n", err->text);
	CHECK_INT(err->kind, ERR_MALFORMED);
}

static void finish(const char *dir, struct buf *out, struct arena *arena)
{
	CHECK_FILE(dir, "want.txt", buf_text(out));
	buf_clear(out);
	arena_clear(arena);
}

/* ---- GetPipeline ----------------------------------------------------------------------------- */

static void add_pipeline(struct buf *out, const struct pipeline_declaration *pipeline)
{
	static const char *const modes[] = { "superseded", "queued", "parallel", "other" };

	buf_addf(out, "%s variables, %s\n", pipeline->takes_variables ? "takes" : "no",
	         modes[pipeline->mode]);
	for (size_t i = 0; i < pipeline->n_variables; i++)
		buf_addf(out, "%s%s\n", pipeline->variables[i].name,
		         pipeline->variables[i].has_default ? "" : ", needed");
}

static void get_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct pipeline_declaration pipeline;
	struct err err = { 0 };

	if (pipeline_get_answer(read_input(dir), &arena, &pipeline, &err))
		add_pipeline(&out, &pipeline);
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

static bool read_with_variables(size_t n, struct err *reterr)
{
	struct buf json = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct pipeline_declaration pipeline;
	bool fine;

	buf_add_text(&json, "{\"pipeline\":{\"variables\":[{\"name\":\"A\"}");
	while (--n)
		buf_add_text(&json, ",{\"name\":\"A\"}");
	buf_add_text(&json, "]}}");
	fine = pipeline_get_answer(buf_span(&json), &arena, &pipeline, reterr);
	buf_clear(&json);
	arena_clear(&arena);
	return fine;
}

TEST(variables_have_their_limit)
{
	struct err err = { 0 };

	CHECK(read_with_variables(LIMIT_VARIABLES, NULL));
	CHECK(!read_with_variables(LIMIT_VARIABLES + 1, &err));
	CHECK_TEXT(err.text, "GetPipeline: more than 50 variables");
}

/* ---- ListPipelineExecutions ------------------------------------------------------------------ */

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void add_execution(struct buf *out, const struct pipeline_execution *execution)
{
	char started[TEXT_TIME_SIZE] = "-";

	if (execution->started_ms)
		text_time(execution->started_ms, started);
	buf_addf(out, "%s %s %s\n", execution->id, execution_status_word(execution->status),
	         started);
	buf_addf(out, "  summary %s\n  trigger %s %s\n", or_none(execution->summary),
	         or_none(execution->trigger_type), or_none(execution->trigger_detail));
}

static void executions_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct pipeline_executions executions;
	struct err err = { 0 };

	if (pipeline_executions_answer(read_input(dir), &arena, &executions, &err)) {
		for (size_t i = 0; i < executions.n; i++)
			add_execution(&out, &executions.at[i]);
		buf_addf(&out, "next %s\n", or_none(executions.next_token));
	} else {
		add_refusal(&out, &err);
		CHECK_INT(executions.n, 0);
	}
	finish(dir, &out, &arena);
}

static bool read_with_executions(size_t n, struct err *reterr)
{
	struct buf json = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct pipeline_executions executions;
	bool fine;

	buf_add_text(&json, "{\"pipelineExecutionSummaries\":["
	                    "{\"pipelineExecutionId\":\"a\",\"status\":\"Failed\"}");
	while (--n)
		buf_add_text(&json, ",{\"pipelineExecutionId\":\"a\",\"status\":\"Failed\"}");
	buf_add_text(&json, "]}");
	fine = pipeline_executions_answer(buf_span(&json), &arena, &executions, reterr);
	buf_clear(&json);
	arena_clear(&arena);
	return fine;
}

TEST(executions_have_their_limit)
{
	struct err err = { 0 };

	CHECK(read_with_executions(LIMIT_EXECUTIONS, NULL));
	CHECK(!read_with_executions(LIMIT_EXECUTIONS + 1, &err));
	CHECK_TEXT(err.text, "ListPipelineExecutions: more than 100 executions");
}

TEST(bodies_name_the_pipeline_and_the_page)
{
	struct buf body = buf_with_max(ROOM);

	pipeline_get_body("golden", &body);
	pipeline_executions_body("golden", NULL, &body);
	pipeline_executions_body("golden", "to\"ken", &body);
	CHECK_TEXT(buf_text(&body), "{\"name\":\"golden\"}"
	                            "{\"pipelineName\":\"golden\",\"maxResults\":100}"
	                            "{\"pipelineName\":\"golden\",\"maxResults\":100,"
	                            "\"nextToken\":\"to\\\"ken\"}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_pipeline/get", get_case);
	check_run(variables_have_their_limit);
	check_cases("tests/cases/wire_pipeline/executions", executions_case);
	check_run(executions_have_their_limit);
	check_run(bodies_name_the_pipeline_and_the_page);
	return check_done();
}
