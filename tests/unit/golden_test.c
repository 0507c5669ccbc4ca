/*
 * Where a golden AMI goes, and what is said of one that goes nowhere. How moves are brought to
 * their end is in tests/flows.
 */
#include "common/decide/golden.h"

#include "tests/unit/check.h"

#define ROLE  "arn:aws:iam::444455556666:role/evergold-write"
#define OTHER "arn:aws:iam::777788889999:role/evergold-share"
#define AMI   "ami-0123456789abcdef0"

/* ---- Words ----------------------------------------------------------------------------------- */

TEST(a_state_has_a_word)
{
	for (enum golden_state state = GOLDEN_WAITING; state <= GOLDEN_LEFT; state++)
		CHECK_INT(golden_state_of(span_of(golden_state_word(state))), state);
	CHECK_INT(golden_state_of(SPAN("of a later version")), GOLDEN_LEFT);
}

TEST(a_copy_has_texts_of_its_own)
{
	char value[] = AMI;
	const struct golden_move move = { .build = 7, .name = "/golden/web", .value = value };
	struct arena arena = { 0 };
	struct golden_move copy = golden_copy(&move, &arena);

	value[0] = 'x';
	CHECK_INT(copy.build, 7);
	CHECK_TEXT(copy.name, "/golden/web");
	CHECK_TEXT(copy.value, AMI);
	CHECK(!copy.previous && !copy.detail && !copy.role_arn, "what was absent stays so");
	arena_clear(&arena);
}

/* ---- What goes where ------------------------------------------------------------------------- */

static const struct build build = {
	.id = 7, .region = "eu-west-1", .pipeline_region = "us-east-1", .role_arn = ROLE
};

static struct codepipeline_actions actions_with(const char *output, const char *value)
{
	return (struct codepipeline_actions){ .outputs = { { output, false, value } },
		                              .n_outputs = 1 };
}

TEST(a_parameter_is_where_the_image_is_unless_it_says_otherwise)
{
	const struct golden_parameter parameters[] = {
		{ .name = "/golden/web" },
		{ .name = "/golden/web", .region = "us-east-1", .role_arn = OTHER },
	};
	const struct family family = { .golden_output = "build.AMI",
		                       .golden_parameters = parameters,
		                       .n_golden_parameters = ARRAY_LEN(parameters) };
	const struct codepipeline_actions actions = actions_with("build.AMI", AMI);
	struct golden_move moves[LIMIT_GOLDEN];
	struct arena arena = { 0 };

	CHECK_INT(golden_make(&(struct golden_plan){ &build, &family, &actions, 1000 }, &arena,
	                      moves),
	          2);
	CHECK_TEXT(moves[0].target, "eu-west-1:444455556666:/golden/web");
	CHECK_TEXT(moves[0].role_arn, ROLE);
	CHECK_TEXT(moves[0].value, AMI);
	CHECK_INT(moves[0].state, GOLDEN_WAITING);
	CHECK_INT(moves[0].at_ms, 1000);
	CHECK_TEXT(moves[1].target, "us-east-1:777788889999:/golden/web");
	CHECK_TEXT(moves[1].role_arn, OTHER);
	CHECK_INT(moves[1].position, 1);
	arena_clear(&arena);
}

static void check_left(const struct codepipeline_actions *actions, const char *why)
{
	static const struct golden_parameter parameter = { .name = "/golden/web",
		                                           .output = "share.AMI" };
	static const struct family family = { .golden_output = "build.AMI",
		                              .golden_parameters = &parameter,
		                              .n_golden_parameters = 1 };
	struct golden_move moves[LIMIT_GOLDEN];
	struct arena arena = { 0 };

	CHECK_INT(golden_make(&(struct golden_plan){ &build, &family, actions, 1 }, &arena, moves),
	          1);
	CHECK_INT(moves[0].state, GOLDEN_LEFT);
	CHECK_TEXT(moves[0].detail, why);
	CHECK(!moves[0].value);
	arena_clear(&arena);
}

TEST(without_an_image_a_parameter_is_left_alone)
{
	const struct codepipeline_actions other = actions_with("build.AMI", AMI);
	const struct codepipeline_actions wrong = actions_with("share.AMI", "none");

	check_left(NULL, "its outputs are unknown");
	check_left(&other, "no action has the output variable share.AMI");
	check_left(&wrong, "share.AMI is none, which is no image id");
}

TEST(a_family_that_is_gone_has_no_parameters)
{
	struct golden_move moves[LIMIT_GOLDEN];
	struct arena arena = { 0 };

	CHECK_INT(golden_make(&(struct golden_plan){ .build = &build }, &arena, moves), 0);
	arena_clear(&arena);
}

/* ---- What came of it ------------------------------------------------------------------------- */

TEST(an_image_is_there_when_it_is_available)
{
	static const struct {
		const char *state;
		enum golden_image want;
	} rows[] = {
		{ "available", GOLDEN_THERE },    { "pending", GOLDEN_NOT_YET },
		{ "transient", GOLDEN_NOT_YET },  { "failed", GOLDEN_NEVER },
		{ "deregistered", GOLDEN_NEVER },
	};

	CHECK_INT(golden_judge(NULL), GOLDEN_UNKNOWN);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(golden_judge(&(struct ec2_image){ .state = rows[i].state }),
		          rows[i].want);
}

static void check_trouble(const struct golden_move *moves, size_t n, const char *want)
{
	struct arena arena = { 0 };
	const char *trouble = golden_trouble(moves, n, &arena);

	if (!want)
		CHECK(!trouble, "%s", trouble);
	else if (CHECK(trouble, "none instead of: %s", want))
		CHECK_TEXT(trouble, want);
	arena_clear(&arena);
}

TEST(people_are_told_of_what_was_left_alone)
{
	const struct golden_move moves[] = {
		{ .name = "/a", .region = "eu-west-1", .state = GOLDEN_WRITTEN },
		{ .name = "/b",
		  .region = "eu-west-1",
		  .state = GOLDEN_LEFT,
		  .detail = "it is denied" },
		{ .name = "/c", .region = "eu-west-2", .state = GOLDEN_LEFT, .role_arn = ROLE },
		{ .name = "/d", .region = "eu-west-1", .state = GOLDEN_WAITING },
		{ .name = "/e",
		  .region = "eu-west-3",
		  .state = GOLDEN_LEFT,
		  .detail = "it is full" },
		{ .name = "/f", .region = "eu-west-3", .state = GOLDEN_LEFT },
		{ .name = "/g", .region = "eu-west-3", .state = GOLDEN_LEFT },
	};

	check_trouble(moves, 1, NULL);
	check_trouble(moves, 2, "/b in eu-west-1 was not written: it is denied");
	check_trouble(moves, ARRAY_LEN(moves),
	              "/b in eu-west-1 was not written: it is denied; "
	              "/c in eu-west-2 of 444455556666 was not written: no reason is known; "
	              "/e in eu-west-3 was not written: it is full; and 2 more were not");
}

int main(void)
{
	check_run(a_state_has_a_word);
	check_run(a_copy_has_texts_of_its_own);
	check_run(a_parameter_is_where_the_image_is_unless_it_says_otherwise);
	check_run(without_an_image_a_parameter_is_left_alone);
	check_run(a_family_that_is_gone_has_no_parameters);
	check_run(an_image_is_there_when_it_is_available);
	check_run(people_are_told_of_what_was_left_alone);
	return check_done();
}
