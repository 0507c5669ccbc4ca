/* Is a pipeline made for what its builds will ask of it? */
#include "common/decide/preflight.h"

#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLE "arn:aws:iam::444455556666:role/start"

#define MAKE_V2 " -> make its type V2, or send no variables and let it read base_parameter"
#define DECLARE                                                                       \
	" -> declare it in the pipeline, or correct pipeline.variables: CodePipeline" \
	" ignores a name that it does not know, and builds with defaults"
#define SEND                                                                      \
	"send it by pipeline.variables, or give it a default: without a value an" \
	" execution fails at once"
#define TELL                                                                           \
	" -> send {image_id} in pipeline.variables, or set base_parameter and let the" \
	" pipeline read it"
#define QUEUE                                                                       \
	"make its execution mode QUEUED or PARALLEL, which needs V2: a newer build" \
	" supersedes one that waits"

/* Each test's families; every one of them has what a family needs besides. */
struct wanted {
	const char *name, *regions, *pipeline;
};

static const char *base = ", base_parameter: /base"; /* or "" */

static struct config *config;
static struct arena arena;

static void configure(const struct wanted *wanted, size_t n)
{
	struct buf text = buf_with_max(LIMIT_CONFIG_FILE);
	struct faults faults = { 0 };

	buf_add_text(&text, "families:\n");
	for (size_t i = 0; i < n; i++)
		buf_addf(&text,
		         "  - {name: %s, publisher: amazon-linux-2023, images: al2023-*,"
		         " regions: [%s], pipeline: {%s}%s}\n",
		         wanted[i].name, wanted[i].regions, wanted[i].pipeline, base);
	config = config_parse(buf_span(&text), "f", NULL, &faults);
	if (!config) {
		fprintf(stderr, "%s\n", faults.at[0].text);
		abort();
	}
	faults_clear(&faults);
	buf_clear(&text);
}

#define CONFIGURE(...)                                    \
	configure((const struct wanted[]){ __VA_ARGS__ }, \
	          sizeof((const struct wanted[]){ __VA_ARGS__ }) / sizeof(struct wanted))

static void end(void)
{
	config_free(config);
	arena_clear(&arena);
}

/* Of the first pipeline; "VERDICT DETAIL -> HINT". */
static void check_judged(const struct pipeline_declaration *declaration, const char *want)
{
	static const char *const words[] = { "fine", "odd", "wrong" };
	struct buf told = buf_with_max(LIMIT_AWS_BODY);
	struct preflight judged;
	size_t n;

	judged = preflight_judge(
		&(struct preflight_question){
			.config = config,
			.pipeline = preflight_pipelines(config, &arena, &n),
			.declaration = declaration,
		},
		&arena);
	buf_addf(&told, "%s %s%s%s", words[judged.verdict], judged.detail,
	         judged.hint ? " -> " : "", judged.hint ? judged.hint : "");
	CHECK_TEXT(buf_text(&told), want);
	buf_clear(&told);
}

/* ---- Which there are ------------------------------------------------------------------------- */

static void check_pipelines(const char *want)
{
	struct buf told = buf_with_max(LIMIT_AWS_BODY);
	const struct preflight_pipeline *pipelines;
	size_t n;

	pipelines = preflight_pipelines(config, &arena, &n);
	for (size_t i = 0; i < n; i++)
		buf_addf(&told, "%s %s %s\n", pipelines[i].name, pipelines[i].region,
		         pipelines[i].role_arn ? pipelines[i].role_arn : "-");
	CHECK_TEXT(buf_text(&told), want);
	buf_clear(&told);
	end();
}

TEST(each_pipeline_is_listed_once)
{
	CONFIGURE({ "a", "eu-west-1, eu-west-2", "name: p" }, { "b", "eu-west-2", "name: p" },
	          { "c", "eu-west-1, us-east-1", "name: q, region: eu-west-1" });
	check_pipelines("p eu-west-1 -\np eu-west-2 -\nq eu-west-1 -\n");
}

TEST(a_name_is_another_pipeline_in_each_region_and_role)
{
	CONFIGURE({ "a", "eu-west-1", "name: p" }, { "b", "eu-west-2", "name: p" },
	          { "c", "eu-west-1", "name: p, role_arn: \"" ROLE "\"" },
	          { "d", "eu-west-1", "name: p, role_arn: \"" ROLE "2\"" },
	          { "e", "eu-west-1", "name: p, role_arn: \"" ROLE "\"" });
	check_pipelines("p eu-west-1 -\np eu-west-2 -\np eu-west-1 " ROLE "\np eu-west-1 " ROLE
	                "2\n");
}

/* ---- Variables ------------------------------------------------------------------------------- */

#define SENDS(names) "name: p, variables: {" names "}"

static const struct pipeline_declaration takes_base = {
	.takes_variables = true,
	.mode = PIPELINE_QUEUED,
	.variables = { { "BASE_AMI_ID", false }, { "NOTE", true } },
	.n_variables = 2,
};

TEST(what_is_declared_and_sent_is_fine)
{
	CONFIGURE({ "a", "eu-west-1", SENDS("BASE_AMI_ID: \"{image_id}\"") });
	check_judged(&takes_base, "fine V2, QUEUED");
	end();
	CONFIGURE({ "a", "eu-west-1", SENDS("BASE_AMI_ID: x, NOTE: y") });
	check_judged(&takes_base, "fine V2, QUEUED");
	end();
}

TEST(a_v1_pipeline_takes_no_variables)
{
	struct pipeline_declaration v1 = { .mode = PIPELINE_SUPERSEDED };

	CONFIGURE({ "a", "eu-west-1", "name: q" }, { "b", "eu-west-1", SENDS("X: y") });
	check_judged(&v1, "fine V1, SUPERSEDED");
	end();
	CONFIGURE({ "a", "eu-west-1", SENDS("X: y") });
	check_judged(&v1, "wrong V1, SUPERSEDED, ignores the variables that 'a' sends" MAKE_V2);
	end();
}

TEST(an_undeclared_variable_is_named_with_the_nearest)
{
	CONFIGURE({ "a", "eu-west-1", SENDS("BASE_AMI_ID: x, NOET: y, base_ami_id: z") });
	check_judged(&takes_base, "wrong V2, QUEUED, does not declare 'NOET' that 'a' sends"
	                          " (did you mean 'NOTE'?), does not declare 'base_ami_id' that 'a'"
	                          " sends" DECLARE);
	end();
}

TEST(what_several_families_send_is_told_once)
{
	CONFIGURE({ "a", "eu-west-1", SENDS("BASE_AMI_ID: x") },
	          { "b", "eu-west-1", SENDS("BASE_AMI_ID: x, MORE: y") },
	          { "c", "eu-west-1", SENDS("BASE_AMI_ID: x, MORE: y") });
	check_judged(&takes_base,
	             "wrong V2, QUEUED, does not declare 'MORE' that 'b' sends" DECLARE);
	end();
}

TEST(another_pipeline_s_families_do_not_count)
{
	CONFIGURE({ "a", "eu-west-1", SENDS("BASE_AMI_ID: x") },
	          { "b", "eu-west-2", SENDS("MORE: y") },
	          { "c", "eu-west-1", "name: q, variables: {MORE: y}" },
	          { "d", "eu-west-1", SENDS("MORE: y") ", role_arn: \"" ROLE "\"" });
	check_judged(&takes_base, "fine V2, QUEUED");
	end();
}

TEST(a_variable_without_value_is_wrong)
{
	CONFIGURE({ "a", "eu-west-1", SENDS("BASE_AMI_ID: x") },
	          { "b", "eu-west-1", SENDS("NOTE: y") }, { "c", "eu-west-1", "name: p" });
	check_judged(&takes_base, "wrong V2, QUEUED, 'BASE_AMI_ID' has no default and 'b' does not"
	                          " send it -> " SEND);
	end();
}

/* ---- The base -------------------------------------------------------------------------------- */

static void check_base(const char *pipeline, const char *want)
{
	struct pipeline_declaration declaration = {
		.takes_variables = true,
		.mode = PIPELINE_QUEUED,
		.variables = { { "X", true } },
		.n_variables = 1,
	};

	CONFIGURE({ "a", "eu-west-1", pipeline });
	check_judged(&declaration, want);
	end();
}

TEST(a_pipeline_is_told_which_image_it_builds_on)
{
	check_base(SENDS("X: y"), "fine V2, QUEUED");
	base = "";
	check_base(SENDS("X: \"{image_id}\""), "fine V2, QUEUED");
	check_base(SENDS("X: \"name={image_name}\""), "fine V2, QUEUED");
	check_base(SENDS("X: \"{release}\""),
	           "odd V2, QUEUED, is not told which image 'a' builds on" TELL);
	check_base("name: p", "odd V2, QUEUED, is not told which image 'a' builds on" TELL);
	base = ", base_parameter: /base";
}

/* ---- One start ------------------------------------------------------------------------------- */

/* NULL: it may start. */
static void check_start(const struct variables *sent, const struct pipeline_declaration *declared,
                        const char *want)
{
	const struct build build = { .pipeline = "golden", .pipeline_region = "eu-west-1" };
	char detail[LIMIT_WHY] = "";

	CHECK_INT(preflight_may_start(&(struct preflight_start){ &build, sent, declared }, detail),
	          want == NULL);
	CHECK_TEXT(detail, want ? want : "");
}

#define SENT(...)                                                                          \
	&(struct variables)                                                                \
	{                                                                                  \
		{ __VA_ARGS__ }, sizeof((struct codepipeline_variable[]){ __VA_ARGS__ }) / \
					 sizeof(struct codepipeline_variable)              \
	}

static const struct variables nothing = { .n = 0 };

TEST(a_start_must_be_honoured)
{
	const struct pipeline_declaration v1 = { .mode = PIPELINE_SUPERSEDED };

	check_start(SENT({ "BASE_AMI_ID", "ami-1" }), &takes_base, NULL);
	check_start(SENT({ "NOTE", "n" }, { "BASE_AMI_ID", "ami-1" }), &takes_base, NULL);
	check_start(&nothing, &v1, NULL);
	check_start(SENT({ "BASE_AMI_ID", "ami-1" }), &v1,
	            "pipeline golden in eu-west-1 is of type V1, which ignores variables: make it"
	            " V2, or send none");
	check_start(SENT({ "BASE_AMI", "ami-1" }), &takes_base,
	            "pipeline golden in eu-west-1 does not declare BASE_AMI (did you mean"
	            " BASE_AMI_ID?)");
	check_start(SENT({ "BASE_AMI_ID", "ami-1" }, { "OWNER", "x" }), &takes_base,
	            "pipeline golden in eu-west-1 does not declare OWNER, which the build sends");
	check_start(SENT({ "NOTE", "n" }), &takes_base,
	            "pipeline golden in eu-west-1 has no default for BASE_AMI_ID, which is not"
	            " sent");
	check_start(&nothing, NULL, "pipeline golden in eu-west-1 does not exist");
}

TEST(long_names_leave_room_for_what_is_wrong)
{
	static char name[101], variable[33], near[33];
	const struct build build = { .pipeline = name, .pipeline_region = "ap-southeast-3" };
	const struct variables sent = { { { variable, "x" } }, 1 };
	const struct pipeline_declaration declared = {
		.takes_variables = true,
		.variables = { { near, true } },
		.n_variables = 1,
	};
	char detail[LIMIT_WHY] = "";

	memset(name, 'n', sizeof(name) - 1);
	memset(variable, 'v', sizeof(variable) - 1);
	memset(near, 'v', sizeof(near) - 2);
	CHECK(!preflight_may_start(&(struct preflight_start){ &build, &sent, &declared }, detail));
	CHECK(strstr(detail, "vvv?)") != NULL, "%s", detail);
}

TEST(as_many_variables_as_there_can_be)
{
	static char names[LIMIT_VARIABLES][8];
	struct pipeline_declaration full = { .takes_variables = true, .mode = PIPELINE_PARALLEL };

	for (; full.n_variables < LIMIT_VARIABLES; full.n_variables++) {
		snprintf(names[full.n_variables], sizeof(names[0]), "V%zu", full.n_variables);
		full.variables[full.n_variables] =
			(struct pipeline_variable){ names[full.n_variables], true };
	}
	CONFIGURE({ "a", "eu-west-1", SENDS("V49: x, ODD: y") });
	check_judged(&full, "wrong V2, PARALLEL, does not declare 'ODD' that 'a' sends" DECLARE);
	end();
}

/* ---- Mode ------------------------------------------------------------------------------------ */

static struct pipeline_declaration in_mode(enum pipeline_mode mode)
{
	return (struct pipeline_declaration){ .takes_variables = true, .mode = mode };
}

static void check_modes(const char *superseded)
{
	struct pipeline_declaration declaration = in_mode(PIPELINE_QUEUED);

	check_judged(&declaration, "fine V2, QUEUED");
	declaration = in_mode(PIPELINE_PARALLEL);
	check_judged(&declaration, "fine V2, PARALLEL");
	declaration = in_mode(PIPELINE_OTHER);
	check_judged(&declaration, "fine V2, an unknown mode");
	declaration = in_mode(PIPELINE_SUPERSEDED);
	check_judged(&declaration, superseded);
	end();
}

TEST(builds_of_a_shared_pipeline_must_not_supersede_each_other)
{
	CONFIGURE({ "a", "eu-west-1, eu-west-2", "name: p" });
	check_modes("fine V2, SUPERSEDED");
	CONFIGURE({ "a", "eu-west-1, eu-west-2", "name: p, region: eu-west-1" });
	check_modes("odd V2, SUPERSEDED, shared by 2 regions -> " QUEUE);
	CONFIGURE({ "a", "eu-west-1", "name: p" }, { "b", "eu-west-1", "name: p" },
	          { "c", "eu-west-2", "name: p, region: eu-west-1" });
	check_modes("odd V2, SUPERSEDED, shared by 3 families -> " QUEUE);
}

TEST(the_worst_counts_and_all_is_told)
{
	struct pipeline_declaration declaration = takes_base;

	declaration.mode = PIPELINE_SUPERSEDED;
	CONFIGURE({ "a", "eu-west-1", SENDS("MORE: x") }, { "b", "eu-west-1", SENDS("NOTE: x") });
	check_judged(&declaration,
	             "wrong V2, SUPERSEDED, does not declare 'MORE' that 'a' sends,"
	             " 'BASE_AMI_ID' has no default and 'a' does not send it, shared by 2"
	             " families" DECLARE "; " SEND "; " QUEUE);
	end();
}

int main(void)
{
	check_run(each_pipeline_is_listed_once);
	check_run(a_name_is_another_pipeline_in_each_region_and_role);
	check_run(what_is_declared_and_sent_is_fine);
	check_run(a_v1_pipeline_takes_no_variables);
	check_run(an_undeclared_variable_is_named_with_the_nearest);
	check_run(what_several_families_send_is_told_once);
	check_run(another_pipeline_s_families_do_not_count);
	check_run(a_variable_without_value_is_wrong);
	check_run(a_pipeline_is_told_which_image_it_builds_on);
	check_run(a_start_must_be_honoured);
	check_run(long_names_leave_room_for_what_is_wrong);
	check_run(as_many_variables_as_there_can_be);
	check_run(builds_of_a_shared_pipeline_must_not_supersede_each_other);
	check_run(the_worst_counts_and_all_is_told);
	return check_done();
}
