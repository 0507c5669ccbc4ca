/*
 * timeline: what an execution's actions told, as a row keeps it, and back.
 */
#include "common/decide/timeline.h"

#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define T0 INT64_C(1795419000000)

static struct codepipeline_actions actions; /* as they are listed: the newest first */
static struct timeline timeline, back;
static struct arena arena;

static void begin(void)
{
	actions = (struct codepipeline_actions){ .n = 0 };
	arena = (struct arena){ 0 };
	timeline_want_tests(&actions);
}

static void end(void)
{
	arena_clear(&arena);
}

static void add(const char *stage, const char *name, enum action_status status, int64_t started_s,
                int64_t ended_s)
{
	actions.at[actions.n++] = (struct codepipeline_action){
		.stage = stage,
		.name = name,
		.status = status,
		.started_ms = T0 + started_s * 1000,
		.updated_ms = T0 + ended_s * 1000,
	};
}

static void set_output(const char *name, const char *value)
{
	for (size_t i = 0; i < actions.n_outputs; i++) {
		if (strcmp(actions.outputs[i].name, name) == 0)
			actions.outputs[i].value = value;
	}
}

static const char *written(void)
{
	timeline_make(&actions, &timeline);
	return timeline_write(&timeline, &arena);
}

TEST(actions_stand_in_the_order_in_which_they_started)
{
	begin();
	add("Test", "Smoke", ACTION_IN_PROGRESS, 900, 950);
	add("Build", "Second", ACTION_FAILED, 60, 800);
	add("Build", "First", ACTION_SUCCEEDED, 60, 900);
	add("Source", "S3", ACTION_SUCCEEDED, 0, 5);
	CHECK_TEXT(written(),
	           "{\"stages\":[{\"stage\":\"Source\",\"action\":\"S3\",\"status\":\"Succeeded\","
	           "\"started_ms\":1795419000000,\"ended_ms\":1795419005000},"
	           "{\"stage\":\"Build\",\"action\":\"First\",\"status\":\"Succeeded\","
	           "\"started_ms\":1795419060000,\"ended_ms\":1795419900000},"
	           "{\"stage\":\"Build\",\"action\":\"Second\",\"status\":\"Failed\","
	           "\"started_ms\":1795419060000,\"ended_ms\":1795419800000},"
	           "{\"stage\":\"Test\",\"action\":\"Smoke\",\"status\":\"InProgress\","
	           "\"started_ms\":1795419900000,\"ended_ms\":0}],"
	           "\"tests\":{\"passed\":null,\"failed\":null,\"skipped\":null,\"report\":null}}");
	end();
}

TEST(actions_that_start_together_stand_in_the_order_of_their_names)
{
	const char *text;

	begin();
	add("Build", "B", ACTION_SUCCEEDED, 60, 900);
	add("Build", "A", ACTION_SUCCEEDED, 60, 800);
	add("Source", "Z", ACTION_SUCCEEDED, 60, 60);
	text = written();
	actions.n = 0;
	add("Build", "A", ACTION_SUCCEEDED, 60, 800);
	add("Build", "B", ACTION_SUCCEEDED, 60, 900);
	add("Source", "Z", ACTION_SUCCEEDED, 60, 60);
	CHECK_TEXT(written(), text);
	CHECK_TEXT(timeline.actions[0].stage, "Source");
	CHECK_TEXT(timeline.actions[1].action, "A");
	end();
}

TEST(what_was_written_is_read)
{
	const char *text;

	begin();
	add("Build \xc3\xa9", "Packer \"x\"", ACTION_ABANDONED, 60, 900);
	add("Source", "S3", ACTION_UNKNOWN, 0, 5);
	set_output("TESTS_PASSED", "12");
	set_output("TESTS_FAILED", " 0\n");
	set_output("TESTS_REPORT_URL", "https://example.com/report");
	text = written();
	CHECK(timeline_read(text, &arena, &back));
	CHECK_INT((int)back.n_actions, 2);
	CHECK_TEXT(back.actions[1].stage, "Build \xc3\xa9");
	CHECK_TEXT(back.actions[1].action, "Packer \"x\"");
	CHECK_INT((int)back.actions[1].status, ACTION_ABANDONED);
	CHECK_INT(back.actions[1].started_ms, T0 + 60000);
	CHECK_INT(back.actions[1].ended_ms, T0 + 900000);
	CHECK_INT((int)back.actions[0].status, ACTION_UNKNOWN);
	CHECK_INT(back.actions[0].ended_ms, 0);
	CHECK_INT(back.tests.passed, 12);
	CHECK_INT(back.tests.failed, 0);
	CHECK_INT(back.tests.skipped, -1);
	CHECK_TEXT(back.tests.report, "https://example.com/report");
	CHECK_TEXT(timeline_write(&back, &arena), text);
	end();
}

TEST(what_is_no_count_is_not_told)
{
	static const char *const values[] = {
		"", "-1", "1.0", "many", "0x10", "1000000000", "99999999999999999999", "1 2",
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		begin();
		set_output("TESTS_PASSED", values[i]);
		CHECK_TEXT(written(), NULL);
		CHECK(!timeline_has_tests(&timeline), "%s", values[i]);
		end();
	}
}

TEST(tests_alone_are_worth_telling)
{
	begin();
	set_output("TESTS_SKIPPED", "999999999");
	CHECK(timeline_read(written(), &arena, &back));
	CHECK(timeline_has_tests(&back));
	CHECK_INT(back.tests.skipped, 999999999);
	CHECK_INT((int)back.n_actions, 0);
	end();
}

TEST(one_count_is_told_and_a_report_alone_is)
{
	begin();
	set_output("TESTS_FAILED", "3");
	CHECK(timeline_read(written(), &arena, &back));
	CHECK(timeline_has_tests(&back));
	CHECK_INT(back.tests.failed, 3);
	CHECK_INT(back.tests.passed, -1);
	end();
	begin();
	set_output("TESTS_REPORT_URL", "https://ci.example.org/1");
	CHECK(timeline_read(written(), &arena, &back));
	CHECK(!timeline_has_tests(&back));
	CHECK_TEXT(back.tests.report, "https://ci.example.org/1");
	end();
}

TEST(a_report_that_is_no_link_is_left_out)
{
	static char url[LIMIT_URL + 2];

	begin();
	memset(url, 'x', LIMIT_URL + 1);
	set_output("TESTS_REPORT_URL", url);
	CHECK_TEXT(written(), NULL);
	set_output("TESTS_REPORT_URL", "");
	CHECK_TEXT(written(), NULL);
	end();
}

/* Names as long as an answer has room for, of nothing but what JSON escapes. */
TEST(the_longest_timeline_is_not_lost)
{
	static char name[4096], url[LIMIT_URL + 1];

	begin();
	memset(name, '\x01', sizeof(name) - 1);
	memset(url, '"', LIMIT_URL);
	for (int i = LIMIT_ACTIONS; i > 0; i--)
		add(name, name, ACTION_SUCCEEDED, i, i + 1);
	set_output("TESTS_REPORT_URL", url);
	CHECK(timeline_read(written(), &arena, &back));
	CHECK_INT((int)back.n_actions, LIMIT_TIMELINE);
	CHECK_INT((int)strlen(back.actions[0].stage), LIMIT_STAGE_NAME);
	CHECK_INT(back.actions[LIMIT_TIMELINE - 1].started_ms, T0 + LIMIT_ACTIONS * 1000);
	CHECK_TEXT(back.tests.report, url);
	end();
}

TEST(what_is_no_timeline_is_empty)
{
	static const char *const texts[] = {
		NULL,
		"",
		"[]",
		"{\"stages\":[{}]",
		"{\"stages\":[{\"stage\":\"A\",\"action\":\"B\",\"status\":\"C\"},7]}",
		"{\"stages\":{}}",
		"{\"tests\":{\"passed\":\"1\"}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		begin();
		back.n_actions = 7;
		CHECK(!timeline_read(texts[i], &arena, &back), "%s", texts[i]);
		CHECK_INT((int)back.n_actions, 0);
		CHECK(!timeline_has_tests(&back));
		end();
	}
}

TEST(numbers_beyond_all_bounds_are_not_told)
{
	begin();
	CHECK(timeline_read("{\"stages\":[{\"stage\":\"A\",\"action\":\"B\",\"status\":\"Failed\","
	                    "\"started_ms\":1e300,\"ended_ms\":-5}],"
	                    "\"tests\":{\"passed\":1e300,\"failed\":-2}}",
	                    &arena, &back));
	CHECK_INT(back.actions[0].started_ms, 0);
	CHECK_INT(back.actions[0].ended_ms, 0);
	CHECK(!timeline_has_tests(&back));
	end();
}

/* ---- stages ---------------------------------------------------------------------------------- */

static void check_stage(const struct timeline_stage *stage, const char *want)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s %lld..%lld", stage->name,
	         action_status_word(stage->status), (long long)(stage->started_ms - T0) / 1000,
	         stage->ended_ms ? (long long)(stage->ended_ms - T0) / 1000 : 0);
	CHECK_TEXT(text, want);
}

TEST(a_stage_lasts_from_its_first_action_to_its_last)
{
	struct timeline_stages stages;

	begin();
	add("Test", "Slow", ACTION_IN_PROGRESS, 910, 950);
	add("Test", "Later", ACTION_SUCCEEDED, 930, 940);
	add("Test", "Quick", ACTION_ABANDONED, 900, 920);
	add("Build", "Second", ACTION_SUCCEEDED, 70, 800);
	add("Build", "Broken", ACTION_FAILED, 65, 80);
	add("Build", "First", ACTION_SUCCEEDED, 60, 900);
	add("Source", "S3", ACTION_SUCCEEDED, 0, 5);
	timeline_make(&actions, &timeline);
	timeline_stages(&timeline, &stages);
	CHECK_INT((int)stages.n, 3);
	check_stage(&stages.at[0], "Source Succeeded 0..5");
	check_stage(&stages.at[1], "Build Failed 60..900");
	check_stage(&stages.at[2], "Test InProgress 900..0");
	end();
}

TEST(nothing_has_no_stages)
{
	struct timeline_stages stages;

	begin();
	timeline_make(&actions, &timeline);
	timeline_stages(&timeline, &stages);
	CHECK_INT((int)stages.n, 0);
	end();
}

int main(void)
{
	check_run(actions_stand_in_the_order_in_which_they_started);
	check_run(actions_that_start_together_stand_in_the_order_of_their_names);
	check_run(what_was_written_is_read);
	check_run(what_is_no_count_is_not_told);
	check_run(tests_alone_are_worth_telling);
	check_run(a_report_that_is_no_link_is_left_out);
	check_run(one_count_is_told_and_a_report_alone_is);
	check_run(the_longest_timeline_is_not_lost);
	check_run(what_is_no_timeline_is_empty);
	check_run(numbers_beyond_all_bounds_are_not_told);
	check_run(a_stage_lasts_from_its_first_action_to_its_last);
	check_run(nothing_has_no_stages);
	return check_done();
}
