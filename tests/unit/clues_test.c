/*
 * Which build an execution was: by its variables, by what the base parameter held, by the image.
 */
#include "common/decide/clues.h"

#include "tests/unit/check.h"

#define IMAGE   "ami-0123456789abcdef0"
#define NAME    "al2023-ami-2023.9.20251027.0-kernel-6.1-x86_64"
#define RELEASE "2023.9.20251027.0"

static struct config *config;
static struct arena arena;

static const char yaml[] =
	"families:\n"
	"  - name: web\n"
	"    publisher: amazon-linux-2023\n"
	"    images: al2023-ami-2023.*-kernel-6.1-x86_64\n"
	"    regions: [eu-west-1]\n"
	"    pipeline:\n"
	"      name: golden\n"
	"      variables: {BASE: 'id {image_id} in {region}', WHERE: '{region}',\n"
	"                  WHOSE: '{family}', RELEASE: '{release}', NAME: '{image_name}',\n"
	"                  TOKEN: '{build}'}\n";

static const struct family *web(void)
{
	return &config->families[0];
}

static struct template_values read_variable(const char *name, const char *value)
{
	const struct codepipeline_variable variable = { name, value };

	return clues_read(&web()->pipeline, &(struct codepipeline_execution){
						    .variables = &variable,
						    .n_variables = 1,
					    });
}

/* ---- variables ------------------------------------------------------------------------------- */

static const struct {
	const char *value, *id;
} ids[] = {
	{ "id " IMAGE " in eu-west-1", IMAGE },
	{ IMAGE, IMAGE },
	{ "ami-01234567", "ami-01234567" },
	{ "ami-, ami-012, then " IMAGE, IMAGE },
	{ "ami-0123456789abcdef01", "" },
	{ "ami", "" },
	{ "", "" },
};

TEST(an_image_id_is_found_among_other_words)
{
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		CHECK(span_is(read_variable("BASE", ids[i].value).image_id, ids[i].id), "%s",
		      ids[i].value);
	CHECK(span_is(read_variable("OTHER", IMAGE).image_id, ""));
}

TEST(what_names_another_line_is_not_allowed)
{
	struct template_values where = read_variable("WHERE", "eu-west-1");
	struct template_values whose = read_variable("WHOSE", "db");

	CHECK(clues_allow(&where, web(), "eu-west-1"));
	CHECK(!clues_allow(&where, web(), "us-east-1"));
	CHECK(!clues_allow(&whose, web(), "eu-west-1"));
}

/* ---- the base parameter ---------------------------------------------------------------------- */

static const struct ssm_history history = {
	.at = { { "ami-1", 1, 100000 }, { "ami-2", 2, 200000 }, { "ami-3", 3, 300000 } },
	.n = 3,
};

static const struct {
	int64_t started_ms, ended_ms;
	const char *held;
} bases[] = {
	{ 50000, 60000, NULL },     /* before there was one */
	{ 50000, 150000, "ami-1" }, /* written while it ran */
	{ 150000, 160000, "ami-1" }, { 150000, 250000, "ami-2" },
	{ 150000, 900000, "ami-2" }, /* the first that was written is its own */
	{ 190000, 191000, "ami-2" }, /* it failed at once */
	{ 350000, 900000, "ami-3" },
};

TEST(the_base_is_what_was_written_first_while_it_ran)
{
	const struct ssm_history none = { .n = 0 };

	for (size_t i = 0; i < ARRAY_LEN(bases); i++)
		CHECK_TEXT(clues_base(&history, bases[i].started_ms, bases[i].ended_ms),
		           bases[i].held);
	CHECK(!clues_base(&none, 1, 2));
	CHECK_TEXT(clues_base_before(&history, 190000), "ami-1");
	CHECK(!clues_base_before(&history, 99999));
}

/* ---- the row --------------------------------------------------------------------------------- */

static struct ec2_image image_named(const char *name)
{
	return (struct ec2_image){
		.id = IMAGE,
		.state = "available",
		.name = name,
		.architecture = "x86_64",
		.owner_id = "137112412989",
		.owner_alias = "amazon",
		.created_ms = 7000,
	};
}

static struct clues clues_of(const struct ec2_image *image)
{
	return (struct clues){
		.family = web(),
		.region = "eu-west-1",
		.image_id = IMAGE,
		.image = image,
	};
}

TEST(ec2_tells_name_and_release)
{
	const struct ec2_image image = image_named(NAME);
	const struct clues clues = clues_of(&image);
	struct build build, same = { .attempt = 0 };

	if (!CHECK(clues_build(&clues, &arena, &build)))
		return;
	CHECK_TEXT(build.image_name, NAME);
	CHECK_TEXT(build.release, RELEASE);
	CHECK_TEXT(build.pipeline_region, "eu-west-1");
	CHECK_INT(build.announced_ms, 7000);
	CHECK_INT(build.attempt, 0);
	same = build;
	build_derive_token(&same);
	CHECK_TEXT(build.token, same.token);
}

TEST(an_image_that_the_family_does_not_want_is_no_build_of_it)
{
	const struct ec2_image image = image_named("al2023-ami-minimal-2023.9.20251027.0-arm64");
	const struct clues clues = clues_of(&image);
	struct build build;

	CHECK(!clues_build(&clues, &arena, &build));
}

TEST(of_an_image_that_is_gone_the_variables_tell)
{
	struct clues clues = clues_of(NULL);
	struct build build;

	clues.values = read_variable("NAME", NAME);
	CHECK(clues_build(&clues, &arena, &build));
	CHECK_TEXT(build.release, RELEASE);
	clues.values = read_variable("RELEASE", "2023.8");
	CHECK(clues_build(&clues, &arena, &build));
	CHECK_TEXT(build.release, "2023.8");
	CHECK_TEXT(build.image_id, IMAGE);
}

TEST(a_token_tells_the_attempt)
{
	const struct ec2_image image = image_named(NAME);
	struct clues clues = clues_of(&image);
	struct build build, third;

	if (!CHECK(clues_build(&clues, &arena, &build)))
		return;
	third = build;
	third.attempt = 3;
	build_derive_token(&third);
	clues.values = read_variable("TOKEN", third.token);
	CHECK(clues_build(&clues, &arena, &build));
	CHECK_INT(build.attempt, 3);
	clues.values = read_variable("TOKEN", "of nobody");
	CHECK(clues_build(&clues, &arena, &build));
	CHECK_INT(build.attempt, 0);
}

int main(void)
{
	struct faults faults = { 0 };

	config = config_parse(span_of(yaml), "evergold.yaml", NULL, &faults);
	if (!CHECK(config, "%s", faults.n ? faults.at[0].text : ""))
		return check_done();
	check_run(an_image_id_is_found_among_other_words);
	check_run(what_names_another_line_is_not_allowed);
	check_run(the_base_is_what_was_written_first_while_it_ran);
	check_run(ec2_tells_name_and_release);
	check_run(an_image_that_the_family_does_not_want_is_no_build_of_it);
	check_run(of_an_image_that_is_gone_the_variables_tell);
	check_run(a_token_tells_the_attempt);
	faults_clear(&faults);
	config_free(config);
	arena_clear(&arena);
	return check_done();
}
