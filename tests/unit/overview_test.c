/*
 * What a ledger knows, and when a quarantine is over.
 */
#include "common/decide/overview.h"

#include "tests/unit/check.h"

#define R9  "2023.9.20260801.0"
#define R10 "2023.10.20260901.0"

static bool in_force(const struct overview_line *lines, size_t n, struct quarantine quarantine)
{
	const struct overview overview = { .lines = lines, .n_lines = n };

	return overview_in_force(&overview, &quarantine);
}

static struct overview_line line(const char *family, const char *publisher, const char *newest)
{
	return (struct overview_line){
		.family = family, .region = "eu-west-1", .publisher = publisher, .newest = newest
	};
}

static struct quarantine of(const char *family, const char *release, const char *publisher)
{
	return (struct quarantine){ .family = family,
		                    .what = "ami-1",
		                    .reason = "",
		                    .release = release,
		                    .publisher = publisher };
}

TEST(a_line_is_found_by_family_and_region)
{
	const struct overview_line lines[] = { line("api", "al", NULL), line("web", "al", NULL) };
	const struct overview overview = { .lines = lines, .n_lines = 2 };

	CHECK(overview_line(&overview, "web", "eu-west-1") == &lines[1]);
	CHECK(overview_line(&overview, "web", "us-east-1") == NULL);
	CHECK(overview_line(&overview, "db", "eu-west-1") == NULL);
}

TEST(a_quarantine_is_over_with_a_newer_release)
{
	struct overview_line web = line("web", "al", R9);

	CHECK(in_force(&web, 1, of("web", R9, NULL)));
	CHECK(in_force(&web, 1, of("web", R10, NULL)));
	web.newest = R10; /* as numbers, not as text */
	CHECK(!in_force(&web, 1, of("web", R9, NULL)));
	web.newest = NULL;
	CHECK(in_force(&web, 1, of("web", R9, NULL)));
}

TEST(what_is_not_known_yet_stays_in_quarantine)
{
	const struct overview_line web = line("web", "al", R10);

	CHECK(in_force(NULL, 0, of("web", R9, NULL)));
	CHECK(in_force(&web, 1, of("web", NULL, NULL)));
	CHECK(in_force(&web, 1, of("", R9, NULL)));
	CHECK(in_force(&web, 1, of("db", R9, NULL)));
}

TEST(every_line_that_it_is_about_must_have_moved_on)
{
	struct overview_line lines[] = { line("api", "al", R10), line("web", "al", R9),
		                         line("win", "windows", "2024.01.10") };

	CHECK(!in_force(lines, 3, of("api", R9, NULL)));
	CHECK(in_force(lines, 3, of("", R9, "al")));
	lines[1].newest = R10;
	CHECK(!in_force(lines, 3, of("", R9, "al")));
	lines[2].newest = NULL; /* another publisher's, and its versions are others */
	CHECK(!in_force(lines, 3, of("", R9, "al")));
	CHECK(in_force(lines, 3, of("", R9, "windows")));
}

int main(void)
{
	check_run(a_line_is_found_by_family_and_region);
	check_run(a_quarantine_is_over_with_a_newer_release);
	check_run(what_is_not_known_yet_stays_in_quarantine);
	check_run(every_line_that_it_is_about_must_have_moved_on);
	return check_done();
}
