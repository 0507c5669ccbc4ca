#include "common/aws/wire_codepipeline.h"

#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <string.h>

#include "common/base/banned.h"

#define PAGE        100            /* actions on one page, the API's maximum */
#define MAX_SECONDS 253402300799.0 /* the end of the year 9999 */

int64_t codepipeline_time_ms(double seconds)
{
	return seconds > 0 && seconds <= MAX_SECONDS ? (int64_t)(seconds * 1000 + 0.5) : 0;
}

/* ---- StartPipelineExecution ------------------------------------------------------------------ */

static void add_variable(struct writer *writer, const struct codepipeline_variable *variable)
{
	writer_object(writer, NULL);
	writer_text(writer, "name", variable->name);
	writer_text(writer, "value", variable->value);
	writer_end(writer);
}

/* An empty list of variables is refused, so none is no list. */
void codepipeline_start_body(const struct codepipeline_start *start, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "name", start->pipeline);
	if (start->n_variables) {
		writer_array(writer, "variables");
		for (size_t i = 0; i < start->n_variables; i++)
			add_variable(writer, &start->variables[i]);
		writer_end(writer);
	}
	writer_text(writer, "clientRequestToken", start->token);
	writer_finish(writer, out);
}

struct start_answer {
	struct span execution_id;
};

static const struct member start_members[] = {
	MEMBER_STRING(struct start_answer, execution_id, "pipelineExecutionId", true),
};

bool codepipeline_start_answer(struct span json, struct arena *arena, const char **ret_execution_id,
                               struct err *reterr)
{
	struct start_answer answer = { SPAN_NONE };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, start_members, ARRAY_LEN(start_members), &answer, reterr);
	if (fine && !text_is_uuid(answer.execution_id))
		fine = err_set(reterr, ERR_MALFORMED, "pipelineExecutionId is no UUID");
	if (fine)
		*ret_execution_id = arena_text(arena, answer.execution_id);
	reader_clear(&reader);
	return fine || err_wrap(reterr, "StartPipelineExecution");
}

/* ---- GetPipelineExecution -------------------------------------------------------------------- */

static const struct {
	const char *word;
	bool ended;
} statuses[] = {
	[EXECUTION_UNKNOWN] = { "Unknown", false },
	[EXECUTION_IN_PROGRESS] = { "InProgress", false },
	[EXECUTION_STOPPING] = { "Stopping", false },
	[EXECUTION_SUCCEEDED] = { "Succeeded", true },
	[EXECUTION_FAILED] = { "Failed", true },
	[EXECUTION_STOPPED] = { "Stopped", true },
	[EXECUTION_SUPERSEDED] = { "Superseded", true },
	[EXECUTION_CANCELLED] = { "Cancelled", true },
};

const char *execution_status_word(enum execution_status status)
{
	return statuses[status].word;
}

enum execution_status execution_status_of(struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (span_is(word, statuses[i].word))
			return (enum execution_status)i;
	}
	return EXECUTION_UNKNOWN;
}

bool execution_has_ended(enum execution_status status)
{
	return statuses[status].ended;
}

void codepipeline_get_body(const char *pipeline, const char *execution_id, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "pipelineName", pipeline);
	writer_text(writer, "pipelineExecutionId", execution_id);
	writer_finish(writer, out);
}

struct get_answer {
	struct span status, summary, trigger, trigger_detail;
	const char *missing;
	struct arena *arena;
	struct codepipeline_variable variables[LIMIT_VARIABLES];
	size_t n_variables;
};

struct resolved_variable {
	struct span name, value;
};

static const struct member resolved_members[] = {
	MEMBER_STRING(struct resolved_variable, name, "name", true),
	MEMBER_STRING(struct resolved_variable, value, "resolvedValue", true),
};

/* Texts are copied at once: the reader's are not kept. What has no value is none. */
static void read_resolved(struct reader *reader, void *target)
{
	struct get_answer *answer = target;

	reader_array(reader);
	while (reader_element(reader)) {
		struct resolved_variable variable = { SPAN_NONE, SPAN_NONE };

		if (!members_read(reader, resolved_members, ARRAY_LEN(resolved_members),
		                  &variable) &&
		    answer->n_variables < LIMIT_VARIABLES)
			answer->variables[answer->n_variables++] = (struct codepipeline_variable){
				arena_text(answer->arena, variable.name),
				arena_text(answer->arena, variable.value),
			};
	}
}

static void read_trigger(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct get_answer, trigger, "triggerType", false),
		MEMBER_STRING(struct get_answer, trigger_detail, "triggerDetail", false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

static const struct member execution_members[] = {
	MEMBER_STRING(struct get_answer, status, "status", true),
	MEMBER_STRING(struct get_answer, summary, "statusSummary", false),
	MEMBER_NESTED("trigger", read_trigger, false),
	MEMBER_NESTED("variables", read_resolved, false),
};

static void read_execution(struct reader *reader, void *target)
{
	struct get_answer *answer = target;

	answer->missing = members_read(reader, execution_members, ARRAY_LEN(execution_members),
	                               answer);
}

static const struct member get_members[] = {
	MEMBER_NESTED("pipelineExecution", read_execution, true),
};

/* NULL when absent. */
static const char *text_or_null(struct arena *arena, struct span text)
{
	return text.at ? arena_text(arena, text) : NULL;
}

static const struct codepipeline_variable *keep_variables(const struct get_answer *answer)
{
	struct codepipeline_variable *kept = arena_alloc(answer->arena, answer->n_variables + 1,
	                                                 sizeof(*kept));

	for (size_t i = 0; i < answer->n_variables; i++)
		kept[i] = answer->variables[i];
	return kept;
}

bool codepipeline_get_answer(struct span json, struct arena *arena,
                             struct codepipeline_execution *ret_execution, struct err *reterr)
{
	struct get_answer answer = { .arena = arena };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, get_members, ARRAY_LEN(get_members), &answer, reterr);
	if (fine && answer.missing)
		fine = err_set(reterr, ERR_MALFORMED, "an execution without %s", answer.missing);
	if (fine) {
		ret_execution->status = execution_status_of(answer.status);
		ret_execution->summary = text_or_null(arena, answer.summary);
		ret_execution->trigger = text_or_null(arena, answer.trigger);
		ret_execution->trigger_detail = text_or_null(arena, answer.trigger_detail);
		ret_execution->variables = keep_variables(&answer);
		ret_execution->n_variables = answer.n_variables;
	}
	reader_clear(&reader);
	return fine || err_wrap(reterr, "GetPipelineExecution");
}

/* ---- ListActionExecutions -------------------------------------------------------------------- */

void codepipeline_actions_body(const char *pipeline, const char *execution_id,
                               const char *next_token, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "pipelineName", pipeline);
	writer_object(writer, "filter");
	writer_text(writer, "pipelineExecutionId", execution_id);
	writer_end(writer);
	writer_integer(writer, "maxResults", PAGE);
	if (next_token)
		writer_text(writer, "nextToken", next_token);
	writer_finish(writer, out);
}

static const char *const action_words[] = {
	[ACTION_UNKNOWN] = "Unknown",     [ACTION_SUCCEEDED] = "Succeeded",
	[ACTION_ABANDONED] = "Abandoned", [ACTION_IN_PROGRESS] = "InProgress",
	[ACTION_FAILED] = "Failed",
};

const char *action_status_word(enum action_status status)
{
	return action_words[status];
}

enum action_status action_status_of(struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(action_words); i++) {
		if (span_is(word, action_words[i]))
			return (enum action_status)i;
	}
	return ACTION_UNKNOWN;
}

static void want(struct codepipeline_actions *actions, struct codepipeline_output output)
{
	for (size_t i = 0; i < actions->n_outputs; i++) {
		if (strcmp(actions->outputs[i].name, output.name) == 0)
			return;
	}
	if (actions->n_outputs < LIMIT_OUTPUTS)
		actions->outputs[actions->n_outputs++] = output;
}

void codepipeline_want_output(struct codepipeline_actions *actions, const char *name)
{
	want(actions, (struct codepipeline_output){ .name = name });
}

void codepipeline_want_any_output(struct codepipeline_actions *actions, const char *name)
{
	want(actions, (struct codepipeline_output){ .name = name, .of_failed = true });
}

const char *codepipeline_output(const struct codepipeline_actions *actions, const char *name)
{
	for (size_t i = 0; i < actions->n_outputs; i++) {
		if (strcmp(actions->outputs[i].name, name) == 0)
			return actions->outputs[i].value;
	}
	return NULL;
}

/* One action of a page. */
struct action {
	const struct codepipeline_actions *wanted;
	struct span values[LIMIT_OUTPUTS]; /* of the outputs that are wanted */
	struct span stage, name, status;
	struct span summary, url, code, message;
	double started_s, updated_s;
};

static const struct member error_members[] = {
	MEMBER_STRING(struct action, code, "code", false),
	MEMBER_STRING(struct action, message, "message", false),
};

static void read_error(struct reader *reader, void *target)
{
	(void)members_read(reader, error_members, ARRAY_LEN(error_members), target);
}

static const struct member result_members[] = {
	MEMBER_STRING(struct action, summary, "externalExecutionSummary", false),
	MEMBER_STRING(struct action, url, "externalExecutionUrl", false),
	MEMBER_NESTED("errorDetails", read_error, false),
};

static void read_result(struct reader *reader, void *target)
{
	(void)members_read(reader, result_members, ARRAY_LEN(result_members), target);
}

/* Where the value of a variable goes; NULL: nobody wants it. */
static struct span *wanted_value(struct action *action, struct span name)
{
	for (size_t i = 0; i < action->wanted->n_outputs; i++) {
		if (span_is(name, action->wanted->outputs[i].name))
			return &action->values[i];
	}
	return NULL;
}

static void read_variables(struct reader *reader, void *target)
{
	struct span name, *value;

	reader_object(reader);
	while (reader_member(reader, &name)) {
		value = wanted_value(target, name);
		if (value && reader_peek(reader) == JSON_STRING)
			reader_string(reader, value);
		else
			reader_skip(reader);
	}
}

static const struct member output_members[] = {
	MEMBER_NESTED("outputVariables", read_variables, false),
	MEMBER_NESTED("executionResult", read_result, false),
};

static void read_output(struct reader *reader, void *target)
{
	(void)members_read(reader, output_members, ARRAY_LEN(output_members), target);
}

static const struct member action_members[] = {
	MEMBER_STRING(struct action, stage, "stageName", false),
	MEMBER_STRING(struct action, name, "actionName", false),
	MEMBER_STRING(struct action, status, "status", false),
	MEMBER_NUMBER(struct action, started_s, "startTime", false),
	MEMBER_NUMBER(struct action, updated_s, "lastUpdateTime", false),
	MEMBER_NESTED("output", read_output, false),
};

struct page {
	struct codepipeline_actions *actions;
	struct arena *arena;
	struct span next_token;
};

static void note_failure(const struct page *page, const struct action *action)
{
	struct codepipeline_actions *actions = page->actions;
	struct span message = action->message.len ? action->message : action->summary;

	actions->failed_stage = arena_text(page->arena, action->stage);
	actions->failed_action = arena_text(page->arena, action->name);
	actions->error_code = text_or_null(page->arena, action->code);
	actions->error_message = text_or_null(page->arena, message);
	actions->error_url = text_or_null(page->arena, action->url);
}

static void note_outputs(const struct page *page, const struct action *action)
{
	struct codepipeline_actions *actions = page->actions;
	bool succeeded = span_is(action->status, "Succeeded");

	for (size_t i = 0; i < actions->n_outputs; i++) {
		struct codepipeline_output *output = &actions->outputs[i];

		if (!output->value && (succeeded || output->of_failed))
			output->value = text_or_null(page->arena, action->values[i]);
	}
}

/* Actions come newest first, so one that is there already was tried again. */
static bool was_tried_again(const struct codepipeline_actions *actions, const struct action *action)
{
	for (size_t i = 0; i < actions->n; i++) {
		if (span_is(action->stage, actions->at[i].stage) &&
		    span_is(action->name, actions->at[i].name))
			return true;
	}
	return false;
}

static void keep(const struct page *page, const struct action *action)
{
	struct codepipeline_actions *actions = page->actions;

	if (actions->n == LIMIT_ACTIONS)
		return;
	actions->at[actions->n++] = (struct codepipeline_action){
		.stage = arena_text(page->arena, action->stage),
		.name = arena_text(page->arena, action->name),
		.status = action_status_of(action->status),
		.started_ms = codepipeline_time_ms(action->started_s),
		.updated_ms = codepipeline_time_ms(action->updated_s),
	};
}

static void read_action(struct reader *reader, struct page *page)
{
	struct codepipeline_actions *actions = page->actions;
	struct action action = { .wanted = actions };

	(void)members_read(reader, action_members, ARRAY_LEN(action_members), &action);
	if (was_tried_again(actions, &action))
		return;
	keep(page, &action);
	if (span_is(action.status, "Failed") && !actions->failed_stage)
		note_failure(page, &action);
	note_outputs(page, &action);
}

static void read_actions(struct reader *reader, void *target)
{
	reader_array(reader);
	while (reader_element(reader))
		read_action(reader, target);
}

static const struct member page_members[] = {
	MEMBER_NESTED("actionExecutionDetails", read_actions, false),
	MEMBER_STRING(struct page, next_token, "nextToken", false),
};

bool codepipeline_actions_answer(struct span json, struct arena *arena,
                                 struct codepipeline_actions *actions, struct err *reterr)
{
	struct codepipeline_actions before = *actions;
	struct page page = { .actions = actions, .arena = arena };
	struct reader reader;
	bool fine;

	reader_init(&reader, json);
	fine = members_parse(&reader, page_members, ARRAY_LEN(page_members), &page, reterr);
	if (fine)
		actions->next_token = text_or_null(arena, page.next_token);
	else
		*actions = before;
	reader_clear(&reader);
	return fine || err_wrap(reterr, "ListActionExecutions");
}
