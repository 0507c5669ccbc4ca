/*
 * build and variables: tokens that anybody can compute (tests/cases/token), copies that forget
 * nothing, and variables that come back as they were.
 */
#include "common/decide/build.h"

#include "common/base/text.h"
#include "common/decide/variables.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 6

/* ---- Tokens ---------------------------------------------------------------------------------- */

static void token_case(const char *dir)
{
	struct span rest = span_of(check_read_text(dir, "identity.txt"));
	struct arena arena = { 0 };
	const char *lines[LINES_MAX];
	struct build build = { 0 };

	for (size_t i = 0; i < LINES_MAX; i++)
		lines[i] = arena_text(&arena, span_cut(&rest, '\n'));
	build.family = lines[0];
	build.pipeline_region = lines[1];
	build.pipeline = lines[2];
	build.region = lines[3];
	build.image_id = lines[4];
	build.attempt = (int)strtol(lines[5], NULL, 10);
	build_derive_token(&build);
	CHECK_TEXT(arena_printf(&arena, "%s\n", build.token), check_read_text(dir, "token.txt"));
	CHECK_INT(strlen(build.token), DIGEST_SHA256_HEX - 1);
	arena_clear(&arena);
}

TEST(a_state_of_a_later_version_is_not_known)
{
	enum build_state state = BUILD_WANTED;

	CHECK(build_state_of(SPAN("adopted"), &state) && state == BUILD_ADOPTED);
	CHECK(!build_state_of(SPAN("postponed"), &state) && state == BUILD_ADOPTED);
}

TEST(nothing_but_the_identity_counts)
{
	struct build build = {
		.family = "f", .pipeline_region = "r", .pipeline = "p", .region = "r"
	};
	struct build other = build;

	build.image_id = other.image_id = "ami-01234567";
	build.image_name = "one";
	other.image_name = "two";
	other.release = other.message_id = other.role_arn = other.variables = "other";
	other.id = other.announced_ms = other.wanted_ms = other.tries = 5;
	build_derive_token(&build);
	build_derive_token(&other);
	CHECK_TEXT(build.token, other.token);
}

/* ---- Copies ---------------------------------------------------------------------------------- */

#define FIELD(field)                                                              \
	{                                                                         \
		offsetof(struct build, field), sizeof(((struct build *)0)->field) \
	}

/* All that is no text. Whatever else there is in a build has to be copied as one. */
static const struct {
	size_t offset, size;
} no_texts[] = {
	FIELD(id),           FIELD(state),        FIELD(attempt),        FIELD(token),
	FIELD(announced_ms), FIELD(wanted_ms),    FIELD(started_ms),     FIELD(finished_ms),
	FIELD(status),       FIELD(base_written), FIELD(golden_written), FIELD(due_ms),
	FIELD(tries),        FIELD(held),         FIELD(held_ms),        FIELD(admitted),
	FIELD(withdrawn_ms), FIELD(wakes),        FIELD(watched),        FIELD(hinted),
	FIELD(failures),     FIELD(golden_moves), FIELD(n_golden_moves), FIELD(doubted),
};

static bool is_text_at(size_t offset)
{
	for (size_t i = 0; i < ARRAY_LEN(no_texts); i++) {
		if (offset < no_texts[i].offset + no_texts[i].size &&
		    no_texts[i].offset < offset + sizeof(char *))
			return false;
	}
	return true;
}

static const char *text_at(const struct build *build, size_t offset)
{
	const char *text;

	memcpy(&text, (const char *)build + offset, sizeof(text));
	return text;
}

/* A build whose every text is another one, or NULL. */
static void fill(struct build *build, struct arena *arena, bool with_texts)
{
	memset(build, 0, sizeof(*build));
	for (size_t at = 0; at + sizeof(char *) <= sizeof(*build); at += sizeof(char *)) {
		const char *text = with_texts ? arena_printf(arena, "text at %zu", at) : NULL;

		if (is_text_at(at))
			memcpy((char *)build + at, &text, sizeof(text));
	}
	build->id = 7;
	build->state = BUILD_FINISHED;
	build->attempt = 3;
	build->status = EXECUTION_STOPPED;
	build->golden_written = true;
	build->due_ms = 12345;
	memcpy(build->token, "token", sizeof("token"));
}

static size_t check_copied(const struct build *build, const struct build *copy)
{
	size_t texts = 0;

	for (size_t at = 0; at + sizeof(char *) <= sizeof(*build); at += sizeof(char *)) {
		if (!is_text_at(at))
			continue;
		texts++;
		CHECK(text_at(copy, at) != text_at(build, at), "the text at %zu is borrowed", at);
		CHECK_TEXT(text_at(copy, at), text_at(build, at));
	}
	return texts;
}

TEST(a_copy_has_all_texts_of_its_own)
{
	struct arena arena = { 0 }, other = { 0 };
	struct build build, copy;

	fill(&build, &arena, true);
	copy = build_copy(&build, &other);
	CHECK(check_copied(&build, &copy) > 20);
	for (size_t i = 0; i < ARRAY_LEN(no_texts); i++)
		CHECK(memcmp((const char *)&build + no_texts[i].offset,
		             (const char *)&copy + no_texts[i].offset, no_texts[i].size) == 0);
	arena_clear(&arena);
	CHECK_TEXT(copy.family,
	           arena_printf(&other, "text at %zu", offsetof(struct build, family)));
	CHECK_TEXT(copy.trouble,
	           arena_printf(&other, "text at %zu", offsetof(struct build, trouble)));
	arena_clear(&other);
}

TEST(what_is_absent_stays_absent)
{
	struct arena arena = { 0 };
	struct build build, copy;

	fill(&build, &arena, false);
	copy = build_copy(&build, &arena);
	CHECK(memcmp(&copy, &build, sizeof(build)) == 0);
	CHECK(!arena.blocks);
	arena_clear(&arena);
}

TEST(every_state_has_its_word)
{
	CHECK_TEXT(build_state_word(BUILD_WANTED), "wanted");
	CHECK_TEXT(build_state_word(BUILD_STARTED), "started");
	CHECK_TEXT(build_state_word(BUILD_FINISHED), "finished");
}

/* ---- Variables ------------------------------------------------------------------------------- */

static const struct template_values values = {
	.image_id = { "ami-0123456789abcdef0", 21 },
	.image_name = { "quote \" back \\ slash / \xc3\xa9t\xc3\xa9", 28 },
	.release = { "2023.9.20251020.0", 17 },
};

static void check_variables(const char *json, struct arena *arena, const char *want)
{
	struct variables read = { .n = 0 };
	struct buf out = buf_with_max(4000);
	struct err err = { 0 };

	CHECK(variables_read(json, arena, &read, &err), "%s", err.text);
	for (size_t i = 0; i < read.n; i++)
		buf_addf(&out, "%s=%s\n", read.at[i].name, read.at[i].value);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(variables_come_back_as_they_were)
{
	static const struct variable variables[] = {
		{ .name = "BASE_AMI_ID", .value = "{image_id}" },
		{ .name = "Z", .value = "first in, first out" },
		{ .name = "A", .value = "{image_name}" },
		{ .name = "EMPTY", .value = "{notes_url}" },
		{ .name = "BOTH", .value = "{release}/{notes_url}{image_id}" },
	};
	const struct pipeline pipeline = { .variables = variables,
		                           .n_variables = ARRAY_LEN(variables) };
	struct arena arena = { 0 };
	const char *json = variables_write(&pipeline, &values, &arena);

	CHECK_TEXT(json, "{\"BASE_AMI_ID\":\"ami-0123456789abcdef0\",\"Z\":\"first in, first out\","
	                 "\"A\":\"quote \\\" back \\\\ slash / \xc3\xa9t\xc3\xa9\","
	                 "\"BOTH\":\"2023.9.20251020.0/ami-0123456789abcdef0\"}");
	check_variables(json, &arena,
	                "BASE_AMI_ID=ami-0123456789abcdef0\nZ=first in, first out\n"
	                "A=quote \" back \\ slash / \xc3\xa9t\xc3\xa9\n"
	                "BOTH=2023.9.20251020.0/ami-0123456789abcdef0\n");
	arena_clear(&arena);
}

TEST(no_variables_are_an_empty_object)
{
	const struct pipeline pipeline = { .name = "golden" };
	struct arena arena = { 0 };
	const char *json = variables_write(&pipeline, &values, &arena);

	CHECK_TEXT(json, "{}");
	check_variables(json, &arena, "");
	arena_clear(&arena);
}

/* As many as there may be, each as long as a template can make it: CodePipeline has to see them. */
TEST(the_largest_variables_are_not_lost)
{
	struct variable variables[LIMIT_VARIABLES];
	struct variables read = { .n = 0 };
	struct err err = { 0 };
	const struct pipeline pipeline = { .variables = variables, .n_variables = LIMIT_VARIABLES };
	struct arena arena = { 0 };
	struct buf value = buf_with_max(LIMIT_CONFIG_TEXT);
	char name[129];

	memset(name, '"', 128); /* two bytes each in JSON */
	name[128] = '\0';
	while (value.len + 12 <= LIMIT_CONFIG_TEXT)
		buf_add_text(&value, "{image_name}");
	for (size_t i = 0; i < LIMIT_VARIABLES; i++)
		variables[i] = (struct variable){ .name = arena_printf(&arena, "V%zu", i),
			                          .value = buf_text(&value) };
	CHECK(variables_read(
		variables_write(&pipeline, &(struct template_values){ .image_name = span_of(name) },
	                        &arena),
		&arena, &read, &err));
	CHECK_INT((long long)read.n, LIMIT_VARIABLES);
	for (size_t i = 0; i < read.n; i++)
		CHECK(strlen(read.at[i].value) > 1000, "V%zu", i);
	buf_clear(&value);
	arena_clear(&arena);
}

TEST(what_is_not_readable_is_said)
{
	static const char *const texts[] = {
		NULL,
		"",
		"null",
		"[]",
		"{\"A\":1}",
		"{\"A\":\"1\",\"B\":null}",
		"{\"A\":\"1\"",
		"{\"A\":\"1\"}x",
		"{\"A\":{\"B\":\"1\"}}",
		"{\"A\":\"1\",\"A\":\"2\"}",
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct variables read;
		struct err err = { 0 };

		CHECK(!variables_read(texts[i], &arena, &read, &err), "%s", texts[i]);
		CHECK(err.kind == ERR_MALFORMED && strstr(err.text, "the build's variables"));
	}
	arena_clear(&arena);
}

TEST(more_variables_than_there_may_be_are_refused)
{
	struct variables read;
	struct err err = { 0 };
	struct arena arena = { 0 };
	struct buf json = buf_with_max(4000);

	for (int i = 0; i < LIMIT_VARIABLES + 1; i++)
		buf_addf(&json, "%c\"V%d\":\"%d\"", i ? ',' : '{', i, i);
	buf_add_char(&json, '}');
	CHECK(!variables_read(buf_text(&json), &arena, &read, &err));
	CHECK_TEXT(err.text, "the build's variables: 51, more than 50");
	buf_clear(&json);
	arena_clear(&arena);
}

int main(void)
{
	check_cases("tests/cases/token", token_case);
	check_run(nothing_but_the_identity_counts);
	check_run(a_state_of_a_later_version_is_not_known);
	check_run(a_copy_has_all_texts_of_its_own);
	check_run(what_is_absent_stays_absent);
	check_run(every_state_has_its_word);
	check_run(variables_come_back_as_they_were);
	check_run(no_variables_are_an_empty_object);
	check_run(the_largest_variables_are_not_lost);
	check_run(what_is_not_readable_is_said);
	check_run(more_variables_than_there_may_be_are_refused);
	return check_done();
}
