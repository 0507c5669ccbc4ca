#include "common/aws/wire_pipeline.h"

#include "common/base/members.h"
#include "common/base/writer.h"

#include "common/base/banned.h"

static const char *text_or_null(struct arena *arena, struct span text)
{
	return text.at ? arena_text(arena, text) : NULL;
}

/* ---- GetPipeline ----------------------------------------------------------------------------- */

void pipeline_get_body(const char *pipeline, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "name", pipeline);
	writer_finish(writer, out);
}

struct pipeline_answer {
	struct pipeline_declaration pipeline;
	struct span type, mode;
	struct arena *arena;
	const char *missing; /* what a variable lacks */
	bool too_many;
};

struct variable_answer {
	struct span name, value;
};

static const struct member variable_members[] = {
	MEMBER_STRING(struct variable_answer, name, "name", true),
	MEMBER_STRING(struct variable_answer, value, "defaultValue", false),
};

static void read_variable(struct reader *reader, struct pipeline_answer *answer)
{
	struct pipeline_declaration *pipeline = &answer->pipeline;
	struct variable_answer variable = { .name = SPAN_NONE };
	const char *missing = members_read(reader, variable_members, ARRAY_LEN(variable_members),
	                                   &variable);

	if (!answer->missing)
		answer->missing = missing;
	if (pipeline->n_variables < LIMIT_VARIABLES)
		pipeline->variables[pipeline->n_variables++] = (struct pipeline_variable){
			.name = arena_text(answer->arena, variable.name),
			.has_default = variable.value.at != NULL,
		};
	else
		answer->too_many = true;
}

static void read_variables(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_variable(reader, target);
}

static const struct member pipeline_members[] = {
	MEMBER_STRING(struct pipeline_answer, type, "pipelineType", false),
	MEMBER_STRING(struct pipeline_answer, mode, "executionMode", false),
	MEMBER_NESTED("variables", read_variables, false),
};

static void read_pipeline(struct reader *reader, void *target)
{
	(void)members_read(reader, pipeline_members, ARRAY_LEN(pipeline_members), target);
}

static const struct member get_members[] = {
	MEMBER_NESTED("pipeline", read_pipeline, true),
};

static enum pipeline_mode mode_of(struct span word)
{
	static const char *const words[] = {
		[PIPELINE_SUPERSEDED] = "SUPERSEDED",
		[PIPELINE_QUEUED] = "QUEUED",
		[PIPELINE_PARALLEL] = "PARALLEL",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (span_is(word, words[i]))
			return (enum pipeline_mode)i;
	}
	return word.at ? PIPELINE_OTHER : PIPELINE_SUPERSEDED;
}

static bool parse_pipeline(struct reader *reader, struct pipeline_answer *answer,
                           struct err *reterr)
{
	if (!members_parse(reader, get_members, ARRAY_LEN(get_members), answer, reterr))
		return false;
	if (answer->missing)
		return err_set(reterr, ERR_MALFORMED, "a variable without %s", answer->missing);
	if (answer->too_many)
		return err_set(reterr, ERR_MALFORMED, "more than %d variables", LIMIT_VARIABLES);
	answer->pipeline.takes_variables = span_is(answer->type, "V2");
	answer->pipeline.mode = mode_of(answer->mode);
	return true;
}

bool pipeline_get_answer(struct span json, struct arena *arena,
                         struct pipeline_declaration *ret_pipeline, struct err *reterr)
{
	struct pipeline_answer answer = { .arena = arena };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = parse_pipeline(&reader, &answer, reterr);
	if (fine)
		*ret_pipeline = answer.pipeline;
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetPipeline");
}

/* ---- ListPipelineExecutions ------------------------------------------------------------------ */

void pipeline_executions_body(const char *pipeline, const char *next_token, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "pipelineName", pipeline);
	writer_integer(writer, "maxResults", LIMIT_EXECUTIONS);
	if (next_token)
		writer_text(writer, "nextToken", next_token);
	writer_finish(writer, out);
}

struct execution_answer {
	struct span id, status, summary, trigger_type, trigger_detail;
	double started_s, updated_s;
};

static const struct member trigger_members[] = {
	MEMBER_STRING(struct execution_answer, trigger_type, "triggerType", false),
	MEMBER_STRING(struct execution_answer, trigger_detail, "triggerDetail", false),
};

static void read_trigger(struct reader *reader, void *target)
{
	(void)members_read(reader, trigger_members, ARRAY_LEN(trigger_members), target);
}

static const struct member execution_members[] = {
	MEMBER_STRING(struct execution_answer, id, "pipelineExecutionId", true),
	MEMBER_STRING(struct execution_answer, status, "status", true),
	MEMBER_STRING(struct execution_answer, summary, "statusSummary", false),
	MEMBER_NUMBER(struct execution_answer, started_s, "startTime", false),
	MEMBER_NUMBER(struct execution_answer, updated_s, "lastUpdateTime", false),
	MEMBER_NESTED("trigger", read_trigger, false),
};

struct page {
	struct pipeline_executions *executions;
	struct arena *arena;
	struct span next_token;
	const char *missing;
	bool too_many;
};

static struct pipeline_execution kept(struct arena *arena, const struct execution_answer *answer)
{
	return (struct pipeline_execution){
		.id = arena_text(arena, answer->id),
		.status = execution_status_of(answer->status),
		.summary = text_or_null(arena, answer->summary),
		.trigger_type = text_or_null(arena, answer->trigger_type),
		.trigger_detail = text_or_null(arena, answer->trigger_detail),
		.started_ms = codepipeline_time_ms(answer->started_s),
		.updated_ms = codepipeline_time_ms(answer->updated_s),
	};
}

static void read_execution(struct reader *reader, struct page *page)
{
	struct pipeline_executions *executions = page->executions;
	struct execution_answer answer = { .started_s = 0 };
	const char *missing = members_read(reader, execution_members, ARRAY_LEN(execution_members),
	                                   &answer);

	if (!page->missing)
		page->missing = missing;
	if (executions->n < LIMIT_EXECUTIONS)
		executions->at[executions->n++] = kept(page->arena, &answer);
	else
		page->too_many = true;
}

static void read_executions(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_execution(reader, target);
}

static const struct member page_members[] = {
	MEMBER_NESTED("pipelineExecutionSummaries", read_executions, false),
	MEMBER_STRING(struct page, next_token, "nextToken", false),
};

static bool parse_executions(struct reader *reader, struct page *page, struct err *reterr)
{
	if (!members_parse(reader, page_members, ARRAY_LEN(page_members), page, reterr))
		return false;
	if (page->missing)
		return err_set(reterr, ERR_MALFORMED, "an execution without %s", page->missing);
	if (page->too_many)
		return err_set(reterr, ERR_MALFORMED, "more than %d executions", LIMIT_EXECUTIONS);
	return true;
}

bool pipeline_executions_answer(struct span json, struct arena *arena,
                                struct pipeline_executions *ret_executions, struct err *reterr)
{
	struct page page = { .executions = ret_executions, .arena = arena };
	struct reader reader;
	bool fine;

	*ret_executions = (struct pipeline_executions){ .n = 0 };
	reader_init(&reader, json);
	fine = parse_executions(&reader, &page, reterr);
	if (fine)
		ret_executions->next_token = text_or_null(arena, page.next_token);
	else
		ret_executions->n = 0;
	reader_clear(&reader);
	return fine || err_wrap(reterr, "ListPipelineExecutions");
}
