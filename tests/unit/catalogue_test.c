/*
 * The built-in publishers: what every row promises, and image names as publishers write them:
 * tests/cases/catalogue/names.tsv and order.tsv.
 */
#include "common/release/catalogue.h"

#include "common/decide/version.h"
#include "common/release/shape.h"
#include "common/sns/topic_arn.h"
#include "tests/unit/check.h"
#include "tests/unit/rows.h"

#include <fnmatch.h>
#include <regex.h>
#include <string.h>

#define CASES "tests/cases/catalogue"

static bool matches(const char *pattern, const char *name)
{
	bool taken;
	regex_t regex;

	if (!CHECK(regcomp(&regex, pattern, REG_EXTENDED) == 0, "%s", pattern))
		return false;
	taken = regexec(&regex, name, 0, NULL, 0) == 0;
	regfree(&regex);
	return taken;
}

/* The rows whose name_pattern takes it, as their names. */
static const char *takers(const char *name, struct arena *arena)
{
	const char *all = NULL;

	for (size_t i = 0; i < catalogue_size; i++) {
		const struct publisher *publisher = &catalogue[i];

		if (publisher->name_pattern && matches(publisher->name_pattern, name))
			all = all ? arena_printf(arena, "%s, %s", all, publisher->name)
			          : publisher->name;
	}
	return all ? all : "-";
}

static bool is_found(const struct publisher *publisher, const char *name)
{
	const char *const *filter = publisher->search;

	while (*filter && fnmatch(*filter, name, 0) != 0)
		filter++;
	return *filter;
}

/* Of an image with this name, in a release whose own version helps nobody. */
static struct span version_of(const struct publisher *publisher, struct span name,
                              struct arena *arena)
{
	struct release release = { .version = SPAN("other") };
	struct image *image = shape_add_image(&release);
	struct span version;

	*image = (struct image){ .region = SPAN("eu-west-1"), .name = name };
	image->id = SPAN("ami-0123456789abcdef0");
	CHECK(release_check(publisher, &release, NULL), "%.*s", SPAN_ARG(name));
	version = span_of(arena_text(arena, image_version(publisher, &release, image)));
	release_clear(&release);
	return version;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void check_example(const struct publisher *publisher, const char *name)
{
	struct arena arena = { 0 };
	struct span version = version_of(publisher, span_of(name), &arena);
	struct span architecture = architecture_of(publisher, span_of(name));

	CHECK_TEXT(takers(name, &arena), publisher->name);
	CHECK(is_found(publisher, name), "%s", name);
	CHECK(version.len && !span_is(version, "other"), "%s", name);
	CHECK(span_is(architecture, "x86_64") || span_is(architecture, "arm64"), "%s", name);
	arena_clear(&arena);
}

TEST(every_example_is_of_its_own_row_only)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		const char *const *name = catalogue[i].examples;

		CHECK(!name == !catalogue[i].name_pattern, "%s", catalogue[i].name);
		for (; name && *name; name++)
			check_example(&catalogue[i], *name);
	}
}

TEST(every_row_is_found_by_its_name)
{
	for (size_t i = 0; i < catalogue_size; i++)
		CHECK(catalogue_find(span_of(catalogue[i].name)) == &catalogue[i]);
	CHECK(!catalogue_find(SPAN("amazon-linux-")));
	CHECK(!catalogue_find(SPAN("")));
}

TEST(every_row_is_complete)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		const struct publisher *row = &catalogue[i];
		bool notice = row->shape == SHAPE_NOTICE;

		CHECK(row->title && row->notes && row->owners[0], "%s", row->name);
		CHECK(!row->topic == (row->shape == SHAPE_NONE), "%s", row->name);
		CHECK(!row->notice_pattern == !notice, "%s", row->name);
		CHECK(!row->withdraws || catalogue_find(span_of(row->withdraws)));
		CHECK(!row->search == !row->name_pattern, "%s", row->name);
		CHECK(span_starts(span_of(row->notes), SPAN("https://")), "%s", row->name);
	}
}

static size_t check_topics(const struct publisher *row)
{
	const char *const *topic = row->more_topics;
	struct topic_arn arn;
	size_t n = 0;

	if (row->topic)
		CHECK(topic_arn_parse(span_of(row->topic), &arn), "%s", row->topic);
	for (; topic && *topic; topic++, n++)
		CHECK(topic_arn_parse(span_of(*topic), &arn), "%s", *topic);
	return n + (row->topic ? 1 : 0);
}

static size_t announcers_on(const char *topic)
{
	size_t n = 0;

	for (size_t i = 0; i < catalogue_size; i++)
		n += publisher_has_topic(&catalogue[i], span_of(topic));
	return n;
}

TEST(every_topic_has_one_row)
{
	size_t n = 0;

	for (size_t i = 0; i < catalogue_size; i++) {
		const char *const *topic = catalogue[i].more_topics;

		n += check_topics(&catalogue[i]);
		if (catalogue[i].topic)
			CHECK_INT(announcers_on(catalogue[i].topic), 1);
		for (; topic && *topic; topic++)
			CHECK_INT(announcers_on(*topic), 1);
		CHECK(!publisher_has_topic(&catalogue[i], SPAN_NONE));
	}
	CHECK(n <= CATALOGUE_TOPICS, "%zu topics", n);
}

static size_t holders_of(const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < catalogue_size; i++) {
		const struct public_parameter *parameter = catalogue[i].parameters;

		for (; parameter && parameter->path; parameter++)
			n += strcmp(parameter->path, path) == 0;
	}
	return n;
}

TEST(every_parameter_is_public_and_has_one_row)
{
	for (size_t i = 0; i < catalogue_size; i++) {
		const struct public_parameter *parameter = catalogue[i].parameters;

		for (; parameter && parameter->path; parameter++) {
			CHECK(matches("^/aws/service(/[A-Za-z0-9_.-]+)+$", parameter->path), "%s",
			      parameter->path);
			CHECK_INT(holders_of(parameter->path), 1);
		}
	}
}

/* ---- Names ----------------------------------------------------------------------------------- */

static void name_row(const struct row *row)
{
	const struct publisher *publisher = catalogue_find(row->cells[0]);
	struct arena arena = { 0 };
	const char *name = arena_text(&arena, row->cells[1]);

	CHECK_TEXT(takers(name, &arena), arena_text(&arena, row->cells[0]));
	if (publisher) {
		CHECK(is_found(publisher, name), "line %d", row->line);
		CHECK_TEXT(arena_text(&arena, version_of(publisher, row->cells[1], &arena)),
		           arena_text(&arena, row->cells[2]));
	}
	arena_clear(&arena);
}

TEST(names_are_of_one_publisher_and_say_their_version)
{
	rows_each(CASES, "names.tsv", name_row);
}

static void order_row(const struct row *row)
{
	const struct publisher *publisher = catalogue_find(row->cells[0]);
	struct arena arena = { 0 };
	struct span older, newer;
	bool equal = span_is(row->cells[2], "=");

	if (!CHECK(publisher, "line %d", row->line))
		return;
	older = version_of(publisher, row->cells[1], &arena);
	newer = version_of(publisher, row->cells[3], &arena);
	CHECK((version_compare(older, newer) == 0) == equal, "line %d: %.*s, %.*s", row->line,
	      SPAN_ARG(older), SPAN_ARG(newer));
	CHECK(version_compare(older, newer) <= 0, "line %d: %.*s, %.*s", row->line, SPAN_ARG(older),
	      SPAN_ARG(newer));
	arena_clear(&arena);
}

TEST(names_are_ordered)
{
	rows_each(CASES, "order.tsv", order_row);
}

int main(void)
{
	check_run(every_row_is_found_by_its_name);
	check_run(every_row_is_complete);
	check_run(every_topic_has_one_row);
	check_run(every_parameter_is_public_and_has_one_row);
	check_run(every_example_is_of_its_own_row_only);
	check_run(names_are_of_one_publisher_and_say_their_version);
	check_run(names_are_ordered);
	return check_done();
}
