#include "common/aws/wire_codepipeline.h"

#include "tests/unit/check.h"

#include <stdio.h>

#define ROOM       (64 * 1024)
#define LOOKED_FOR "GOLDEN_AMI_ID"

static struct span read_span(const char *dir, const char *file)
{
	struct span bytes;

	bytes.at = check_read(dir, file, &bytes.len);
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

/* ---- StartPipelineExecution ------------------------------------------------------------------ */

static void start_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	const char *execution_id = NULL;
	struct err err = { 0 };

	if (codepipeline_start_answer(read_span(dir, "input.json"), &arena, &execution_id, &err))
		buf_addf(&out, "execution %s\n", execution_id);
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

TEST(start_sends_variables_and_token)
{
	const struct codepipeline_variable variables[] = { { "BASE_AMI_ID", "ami-1" },
		                                           { "NAME", "al2023 \"x\"" } };
	const struct codepipeline_start start = { "golden", "00ff", variables, 2 };
	struct buf body = buf_with_max(ROOM);

	codepipeline_start_body(&start, &body);
	CHECK_TEXT(buf_text(&body), "{\"name\":\"golden\",\"variables\":["
	                            "{\"name\":\"BASE_AMI_ID\",\"value\":\"ami-1\"},"
	                            "{\"name\":\"NAME\",\"value\":\"al2023 \\\"x\\\"\"}],"
	                            "\"clientRequestToken\":\"00ff\"}");
	buf_clear(&body);
}

TEST(start_without_variables_sends_no_list)
{
	struct buf body = buf_with_max(ROOM);

	codepipeline_start_body(&(struct codepipeline_start){ "golden", "00ff", NULL, 0 }, &body);
	CHECK_TEXT(buf_text(&body), "{\"name\":\"golden\",\"clientRequestToken\":\"00ff\"}");
	buf_clear(&body);
}

/* ---- GetPipelineExecution -------------------------------------------------------------------- */

static void get_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct codepipeline_execution execution;
	struct err err = { 0 };

	if (codepipeline_get_answer(read_span(dir, "input.json"), &arena, &execution, &err))
		buf_addf(&out, "%s%s\nsummary %s\n", execution_status_word(execution.status),
		         execution_has_ended(execution.status) ? ", ended" : "",
		         execution.summary ? execution.summary : "(none)");
	for (size_t i = 0; !err.kind && i < execution.n_variables; i++)
		buf_addf(&out, "variable %s %s\n", execution.variables[i].name,
		         execution.variables[i].value);
	if (execution.trigger)
		buf_addf(&out, "trigger %s %s\n", execution.trigger,
		         execution.trigger_detail ? execution.trigger_detail : "(none)");
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

TEST(get_names_pipeline_and_execution)
{
	struct buf body = buf_with_max(ROOM);

	codepipeline_get_body("golden", "0-1-2", &body);
	CHECK_TEXT(buf_text(&body),
	           "{\"pipelineName\":\"golden\",\"pipelineExecutionId\":\"0-1-2\"}");
	buf_clear(&body);
}

TEST(statuses_read_as_they_are_written)
{
	for (int i = EXECUTION_UNKNOWN; i <= EXECUTION_CANCELLED; i++) {
		const char *word = execution_status_word((enum execution_status)i);

		CHECK_INT((int)execution_status_of(span_of(word)), i);
		CHECK_INT(execution_has_ended((enum execution_status)i), i >= EXECUTION_SUCCEEDED);
	}
	CHECK_INT((int)execution_status_of(SPAN("succeeded")), EXECUTION_UNKNOWN);
}

/* ---- ListActionExecutions -------------------------------------------------------------------- */

static void add_field(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "%s %s\n", name, value ? value : "(none)");
}

static void add_actions(struct buf *out, const struct codepipeline_actions *actions)
{
	for (size_t i = 0; i < actions->n; i++)
		buf_addf(out, "%s/%s %s %lld..%lld\n", actions->at[i].stage, actions->at[i].name,
		         action_status_word(actions->at[i].status),
		         (long long)actions->at[i].started_ms,
		         (long long)actions->at[i].updated_ms);
	add_field(out, "output", codepipeline_output(actions, LOOKED_FOR));
	add_field(out, "stage", actions->failed_stage);
	add_field(out, "action", actions->failed_action);
	add_field(out, "code", actions->error_code);
	add_field(out, "message", actions->error_message);
	add_field(out, "url", actions->error_url);
	add_field(out, "next", actions->next_token);
}

/* A case is one page, or two of which the second is page-2.json. */
static void actions_case(const char *dir)
{
	struct codepipeline_actions actions = { .n = 0 };
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct err err = { 0 };

	codepipeline_want_output(&actions, LOOKED_FOR);
	if (!codepipeline_actions_answer(read_span(dir, "input.json"), &arena, &actions, &err))
		add_refusal(&out, &err);
	add_actions(&out, &actions);
	if (!check_missing(dir, "page-2.json")) {
		CHECK(codepipeline_actions_answer(read_span(dir, "page-2.json"), &arena, &actions,
		                                  &err));
		buf_add_text(&out, "and page 2\n");
		add_actions(&out, &actions);
	}
	finish(dir, &out, &arena);
}

#define THREE_OUTPUTS                                             \
	"{\"actionExecutionDetails\":[{\"status\":\"Succeeded\"," \
	"\"output\":{\"outputVariables\":{\"A\":\"1\",\"B\":\"2\",\"C\":\"3\"}}}]}"

TEST(what_is_not_wanted_is_not_told)
{
	struct codepipeline_actions actions = { .n = 0 };
	struct arena arena = { 0 };

	codepipeline_want_output(&actions, "C");
	codepipeline_want_output(&actions, "A");
	codepipeline_want_output(&actions, "C");
	codepipeline_want_output(&actions, "D");
	CHECK_INT((int)actions.n_outputs, 3);
	CHECK(codepipeline_actions_answer(SPAN(THREE_OUTPUTS), &arena, &actions, NULL));
	CHECK_TEXT(codepipeline_output(&actions, "A"), "1");
	CHECK_TEXT(codepipeline_output(&actions, "B"), NULL);
	CHECK_TEXT(codepipeline_output(&actions, "C"), "3");
	CHECK_TEXT(codepipeline_output(&actions, "D"), NULL);
	arena_clear(&arena);
}

TEST(what_failed_tells_only_what_is_wanted_of_all)
{
	struct codepipeline_actions actions = { .n = 0 };
	struct arena arena = { 0 };

	codepipeline_want_output(&actions, "A");
	codepipeline_want_any_output(&actions, "B");
	CHECK(codepipeline_actions_answer(
		SPAN("{\"actionExecutionDetails\":[{\"status\":\"Failed\","
	             "\"output\":{\"outputVariables\":{\"A\":\"1\",\"B\":\"2\"}}}]}"),
		&arena, &actions, NULL));
	CHECK_TEXT(codepipeline_output(&actions, "A"), NULL);
	CHECK_TEXT(codepipeline_output(&actions, "B"), "2");
	arena_clear(&arena);
}

TEST(no_more_is_wanted_than_there_is_room_for)
{
	struct codepipeline_actions actions = { .n = 0 };
	char names[LIMIT_OUTPUTS + 1][8];

	for (int i = 0; i <= LIMIT_OUTPUTS; i++) {
		snprintf(names[i], sizeof(names[i]), "V%d", i);
		codepipeline_want_output(&actions, names[i]);
	}
	CHECK_INT((int)actions.n_outputs, LIMIT_OUTPUTS);
}

/* A page of so many actions, each another one; and how many of them are kept. */
TEST(more_actions_than_there_is_room_for_are_left_out)
{
	struct codepipeline_actions actions = { .n = 0 };
	struct buf page = buf_with_max(ROOM);
	struct arena arena = { 0 };

	codepipeline_want_output(&actions, LOOKED_FOR);
	buf_add_text(&page, "{\"actionExecutionDetails\":[");
	for (int i = 0; i < LIMIT_ACTIONS + 1; i++)
		buf_addf(&page, "%s{\"actionName\":\"A%d\",\"status\":\"Succeeded\"}", i ? "," : "",
		         i);
	buf_add_text(&page, ",{\"actionName\":\"B\",\"status\":\"Succeeded\",\"output\":"
	                    "{\"outputVariables\":{\"" LOOKED_FOR "\":\"ami-1\"}}}]}");
	CHECK(codepipeline_actions_answer(buf_span(&page), &arena, &actions, NULL));
	CHECK_INT((int)actions.n, LIMIT_ACTIONS);
	CHECK_TEXT(codepipeline_output(&actions, LOOKED_FOR), "ami-1");
	buf_clear(&page);
	arena_clear(&arena);
}

TEST(action_statuses_read_as_they_are_written)
{
	for (int i = ACTION_UNKNOWN; i <= ACTION_FAILED; i++) {
		const char *word = action_status_word((enum action_status)i);

		CHECK_INT((int)action_status_of(span_of(word)), i);
	}
	CHECK_INT((int)action_status_of(SPAN("failed")), ACTION_UNKNOWN);
	CHECK_INT((int)action_status_of(SPAN_NONE), ACTION_UNKNOWN);
}

TEST(actions_of_one_execution_are_asked_for)
{
	struct buf body = buf_with_max(ROOM);

	codepipeline_actions_body("golden", "0-1-2", NULL, &body);
	CHECK_TEXT(buf_text(&body), "{\"pipelineName\":\"golden\","
	                            "\"filter\":{\"pipelineExecutionId\":\"0-1-2\"},"
	                            "\"maxResults\":100}");
	buf_reset(&body);
	codepipeline_actions_body("golden", "0-1-2", "more==", &body);
	CHECK_TEXT(buf_text(&body), "{\"pipelineName\":\"golden\","
	                            "\"filter\":{\"pipelineExecutionId\":\"0-1-2\"},"
	                            "\"maxResults\":100,\"nextToken\":\"more==\"}");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_codepipeline/start", start_case);
	check_run(start_sends_variables_and_token);
	check_run(start_without_variables_sends_no_list);
	check_cases("tests/cases/wire_codepipeline/get", get_case);
	check_run(get_names_pipeline_and_execution);
	check_run(statuses_read_as_they_are_written);
	check_cases("tests/cases/wire_codepipeline/actions", actions_case);
	check_run(what_is_not_wanted_is_not_told);
	check_run(what_failed_tells_only_what_is_wanted_of_all);
	check_run(no_more_is_wanted_than_there_is_room_for);
	check_run(more_actions_than_there_is_room_for_are_left_out);
	check_run(action_statuses_read_as_they_are_written);
	check_run(actions_of_one_execution_are_asked_for);
	return check_done();
}
