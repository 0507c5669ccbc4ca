/* Is what EC2 describes the image that was announced? */
#include "common/decide/fit.h"

#include "tests/unit/check.h"

#include <string.h>

#define NAME "al2023-ami-2023.9.20251027.0-kernel-6.1-x86_64"
#define LONG                                                                                       \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaa"                                                                                   \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" \
	"bbbbbb"                                                                                   \
	"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" \
	"cccccc"

static const char *const owners[] = { "137112412989", "amazon", NULL };
static const struct publisher publisher = { .name = "amazon-linux-2023", .owners = owners };

static struct build build;
static struct ec2_image image;
static struct fit_question question;
static char detail[LIMIT_WHY];

/* It fits. */
static void begin(void)
{
	build = (struct build){
		.publisher = "amazon-linux-2023",
		.region = "eu-west-1",
		.image_id = "ami-0123456789abcdef0",
		.image_name = NAME,
		.architecture = "x86_64",
	};
	image = (struct ec2_image){
		.id = "ami-0123456789abcdef0",
		.state = "available",
		.name = NAME,
		.architecture = "x86_64",
		.owner_id = "137112412989",
		.owner_alias = "amazon",
	};
	question = (struct fit_question){ &build, &publisher, &image };
}

static void check_fit(enum fit fit, const char *part)
{
	memset(detail, '#', sizeof(detail));
	CHECK_INT(fit_judge(&question, detail), fit);
	if (fit != FIT_YES)
		CHECK(memchr(detail, '\0', sizeof(detail)) && strstr(detail, part), "%s", part);
}

TEST(what_was_announced_fits)
{
	begin();
	check_fit(FIT_YES, NULL);
}

TEST(what_is_not_there_may_still_come)
{
	static const char *const states[] = { "pending",   "deregistered", "disabled",
		                              "transient", "failed",       "" };

	begin();
	question.image = NULL;
	check_fit(FIT_NOT_YET, "not there");
	question.image = &image;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		image.state = states[i];
		check_fit(FIT_NOT_YET, states[i]);
	}
}

TEST(an_owner_is_an_account_or_an_alias)
{
	begin();
	image.owner_alias = NULL;
	check_fit(FIT_YES, NULL);
	image.owner_id = "801119661308";
	image.owner_alias = "amazon";
	check_fit(FIT_YES, NULL);
	image.owner_id = NULL;
	check_fit(FIT_YES, NULL);
}

TEST(somebody_elses_image_never_fits)
{
	begin();
	image.owner_id = "666666666666";
	image.owner_alias = NULL;
	check_fit(FIT_NEVER, "owned by 666666666666");
	image.owner_alias = "aws-marketplace";
	check_fit(FIT_NEVER, "no owner of amazon-linux-2023");
	image.owner_id = "amazon-";
	check_fit(FIT_NEVER, "amazon-");
	image.owner_id = image.owner_alias = NULL;
	check_fit(FIT_NEVER, "nobody");
}

TEST(nobody_owns_what_no_publisher_has)
{
	static const char *const none[] = { NULL };
	const struct publisher poor = { .name = "poor", .owners = none };
	const struct publisher poorer = { .name = "poorer" };

	begin();
	question.publisher = NULL;
	check_fit(FIT_NEVER, "no owner");
	question.publisher = &poor;
	check_fit(FIT_NEVER, "no owner");
	question.publisher = &poorer;
	check_fit(FIT_NEVER, "no owner");
}

TEST(a_name_must_be_the_announced_one_to_the_byte)
{
	static const char *const names[] = { NAME " ", "AL2023", "", "%s%n" };

	begin();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		image.name = names[i];
		check_fit(FIT_NEVER, "not what was announced");
	}
	image.name = NULL;
	check_fit(FIT_NEVER, "without name");
	image.architecture = NULL;
	check_fit(FIT_NEVER, "(unknown)");
}

TEST(an_architecture_counts_where_both_say_one)
{
	begin();
	image.architecture = "arm64";
	check_fit(FIT_NEVER, "(arm64)");
	build.architecture = "";
	check_fit(FIT_YES, NULL);
	build.architecture = NULL;
	check_fit(FIT_YES, NULL);
	build.architecture = "arm64";
	check_fit(FIT_YES, NULL);
	image.architecture = NULL;
	check_fit(FIT_YES, NULL);
}

TEST(long_texts_are_cut_where_they_are_told)
{
	begin();
	image.name = image.architecture = LONG;
	check_fit(FIT_NEVER, "not what was announced");
	image.owner_id = image.owner_alias = LONG;
	check_fit(FIT_NEVER, "aaaa");
	image.state = LONG;
	check_fit(FIT_NOT_YET, "aaaa");
}

int main(void)
{
	check_run(what_was_announced_fits);
	check_run(what_is_not_there_may_still_come);
	check_run(an_owner_is_an_account_or_an_alias);
	check_run(somebody_elses_image_never_fits);
	check_run(nobody_owns_what_no_publisher_has);
	check_run(a_name_must_be_the_announced_one_to_the_byte);
	check_run(an_architecture_counts_where_both_say_one);
	check_run(long_texts_are_cut_where_they_are_told);
	return check_done();
}
