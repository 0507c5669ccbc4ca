/*
 * What a week has brought, from the rows that a ledger has.
 */
#include "common/say/week.h"

#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define FROM   INT64_C(1794816000000) /* 2026-11-16T08:00:00Z */
#define TO     (FROM + 7 * DAY)

static struct build ended(enum execution_status status, int64_t finished_ms)
{
	return (struct build){
		.state = BUILD_FINISHED,
		.family = "web",
		.region = "eu-west-1",
		.publisher = "amazon-linux-2023",
		.release = "2023.9.20261116.0",
		.execution_id = "e-1",
		.announced_ms = finished_ms - HOUR,
		.wanted_ms = finished_ms - HOUR,
		.finished_ms = finished_ms,
		.status = status,
	};
}

static void check_week(const struct overview *overview, const struct build *builds, size_t n,
                       const char *want)
{
	struct arena arena = { 0 };

	CHECK_TEXT(week_text(&(struct week){ FROM, TO, overview, builds, n }, &arena), want);
	arena_clear(&arena);
}

TEST(a_week_without_anything_says_so)
{
	check_week(&(struct overview){ .n_lines = 0 }, NULL, 0,
	           "2026-11-16 to 2026-11-23\nNo new release\n"
	           "0 golden AMIs built, 0 builds failed");
}

TEST(a_week_tells_what_it_has_brought_and_how_it_stands)
{
	const struct build open = { .state = BUILD_WANTED, .family = "arm" };
	struct build builds[] = {
		ended(EXECUTION_SUCCEEDED, FROM + 2 * DAY),
		ended(EXECUTION_SUCCEEDED, FROM + 3 * DAY),
		ended(EXECUTION_FAILED, FROM + 4 * DAY),
		ended(EXECUTION_UNKNOWN, TO - 1),
	};
	const struct overview_line lines[] = {
		{ .family = "arm", .region = "eu-west-1", .open = &open, .n_open = 1 },
		{ .family = "web", .region = "eu-west-1", .built = &builds[0], .failures = 2 },
		{ .family = "web", .region = "us-east-1", .built = &builds[1], .failures = 2 },
	};
	const struct family_hold hold = { "arm", "until the audit is over", FROM };
	const struct overview overview = {
		.lines = lines, .n_lines = ARRAY_LEN(lines), .holds = &hold, .n_holds = 1
	};

	builds[1].region = "us-east-1";
	builds[1].announced_ms -= 20 * MINUTE;
	builds[2].release = "2023.9.20261118.0";
	builds[2].failed_stage = "Test";
	builds[3].state = BUILD_SUPERSEDED;
	builds[3].hold_detail = "release 2023.9.20261118.0 is newer";
	check_week(&overview, builds, ARRAY_LEN(builds),
	           "2026-11-16 to 2026-11-23\n"
	           "New releases: amazon-linux-2023 2023.9.20261116.0, amazon-linux-2023 "
	           "2023.9.20261118.0\n"
	           "2 golden AMIs built, 1 build failed, 1 left out\n"
	           "From announcement to golden AMI on average 1h 10m\n"
	           "The oldest golden AMI: web in eu-west-1, built on 2026-11-18\n"
	           "1 build waits\n"
	           "• failed: web in eu-west-1, 2023.9.20261118.0: Test\n"
	           "• left out: web in eu-west-1, 2023.9.20261116.0: release 2023.9.20261118.0 is "
	           "newer\n"
	           "• keeps failing: web, 2 in a row\n"
	           "• on hold: arm since 2026-11-16: until the audit is over");
}

TEST(what_is_of_another_week_is_passed_over)
{
	const struct build builds[] = {
		ended(EXECUTION_SUCCEEDED, FROM - 1),
		ended(EXECUTION_FAILED, TO + HOUR),
	};

	check_week(&(struct overview){ .n_lines = 0 }, builds, ARRAY_LEN(builds),
	           "2026-11-16 to 2026-11-23\nNo new release\n"
	           "0 golden AMIs built, 0 builds failed");
}

TEST(of_very_many_only_some_are_named)
{
	struct build builds[40];
	struct arena arena = { 0 };
	const char *text;

	for (size_t i = 0; i < ARRAY_LEN(builds); i++) {
		builds[i] = ended(EXECUTION_FAILED, FROM + DAY);
		builds[i].release = arena_printf(&arena, "2023.9.%zu", i);
	}
	text = week_text(&(struct week){ FROM, TO, &(struct overview){ .n_lines = 0 }, builds,
	                                 ARRAY_LEN(builds) },
	                 &arena);
	CHECK(strstr(text, "2023.9.9 and 30 more\n"), "%s", text);
	CHECK(strstr(text, "• failed: 30 more"), "%s", text);
	CHECK(!strstr(text, "2023.9.10"));
	arena_clear(&arena);
}

/* A retry and an adopted image are no new release; what ended otherwise is no failure. */
TEST(only_what_the_week_made_counts)
{
	struct build builds[] = {
		ended(EXECUTION_SUCCEEDED, FROM + DAY), ended(EXECUTION_SUCCEEDED, FROM + DAY),
		ended(EXECUTION_STOPPED, FROM + DAY),   ended(EXECUTION_SUCCEEDED, FROM + DAY),
		ended(EXECUTION_SUCCEEDED, FROM + DAY), ended(EXECUTION_UNKNOWN, FROM - DAY),
	};

	builds[0].attempt = 1;
	builds[1].state = BUILD_ADOPTED;
	builds[3].announced_ms = 0;
	builds[3].publisher = NULL;
	builds[3].release = NULL;
	builds[4].announced_ms = TO; /* clocks disagree */
	builds[4].publisher = "corp";
	builds[5].state = BUILD_SUPERSEDED;
	check_week(
		&(struct overview){ .n_lines = 0 }, builds, ARRAY_LEN(builds),
		"2026-11-16 to 2026-11-23\n"
		"New releases: amazon-linux-2023 2023.9.20261116.0, ? ?, corp 2023.9.20261116.0\n"
		"3 golden AMIs built, 0 builds failed");
}

TEST(what_could_not_be_started_has_failed)
{
	struct build build = ended(EXECUTION_UNKNOWN, FROM + DAY);

	build.execution_id = NULL;
	build.release = NULL;
	check_week(&(struct overview){ .n_lines = 0 }, &build, 1,
	           "2026-11-16 to 2026-11-23\nNew releases: amazon-linux-2023 ?\n"
	           "0 golden AMIs built, 1 build failed\n"
	           "• failed: web in eu-west-1, ?");
}

TEST(the_oldest_and_the_failing_are_named_once)
{
	const struct build adopted = { .state = BUILD_ADOPTED, .family = "a" };
	const struct build later = ended(EXECUTION_SUCCEEDED, FROM + 2 * DAY);
	const struct build first = ended(EXECUTION_SUCCEEDED, FROM - 20 * DAY);
	const struct build open[] = { { .state = BUILD_WANTED }, { .state = BUILD_WANTED } };
	const struct overview_line lines[] = {
		{ .family = "a", .built = &adopted, .failures = 3 },
		{ .family = "b", .built = &later, .failures = 2 },
		{ .family = "web", .built = &first, .open = open, .n_open = 2 },
	};
	const struct family_hold hold = { "web", "", FROM };

	check_week(&(struct overview){ lines, 3, &hold, 1, NULL, 0, NULL, 0 }, NULL, 0,
	           "2026-11-16 to 2026-11-23\nNo new release\n"
	           "0 golden AMIs built, 0 builds failed\n"
	           "The oldest golden AMI: web in eu-west-1, built on 2026-10-27\n"
	           "2 builds wait\n"
	           "• keeps failing: a, 3 in a row\n"
	           "• keeps failing: b, 2 in a row\n"
	           "• on hold: web since 2026-11-16");
}

int main(void)
{
	check_run(a_week_without_anything_says_so);
	check_run(a_week_tells_what_it_has_brought_and_how_it_stands);
	check_run(what_is_of_another_week_is_passed_over);
	check_run(of_very_many_only_some_are_named);
	check_run(only_what_the_week_made_counts);
	check_run(what_could_not_be_started_has_failed);
	check_run(the_oldest_and_the_failing_are_named_once);
	return check_done();
}
