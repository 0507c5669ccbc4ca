/* The commands that repair what a check found. */
#include "common/say/repair.h"

#include "tests/unit/check.h"

#include <string.h>

static const char *const actions[] = { "sqs:ReceiveMessage", "sqs:DeleteMessage", NULL };

#define QUEUE "arn:aws-cn:sqs:cn-north-1:111122223333:ami"
#define DOCUMENT                                                                          \
	" --policy-name evergold-sqs-ami --policy-document '{\"Version\":\"2012-10-17\"," \
	"\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:ReceiveMessage\","        \
	"\"sqs:DeleteMessage\"],\"Resource\":\"" QUEUE "\"}]}'"

static void check_grant(const char *principal, const char *want)
{
	struct buf out = buf_with_max(4096);

	CHECK_INT(repair_add_grant(&(struct repair_grant){ principal, actions, QUEUE }, &out),
	          want != NULL);
	CHECK_TEXT(buf_text(&out), want ? want : "");
	buf_clear(&out);
}

TEST(a_policy_is_put_to_whoever_asks)
{
	check_grant("arn:aws-cn:iam::111122223333:user/teams/evergold",
	            "aws iam put-user-policy --user-name evergold" DOCUMENT);
	check_grant("arn:aws-cn:iam::111122223333:role/teams/start",
	            "aws iam put-role-policy --role-name start" DOCUMENT);
	check_grant("arn:aws-cn:sts::111122223333:assumed-role/start/i-0123",
	            "aws iam put-role-policy --role-name start" DOCUMENT);
}

TEST(who_has_no_policies_gets_none)
{
	check_grant("arn:aws:iam::111122223333:root", NULL);
	check_grant("arn:aws:sts::111122223333:federated-user/x", NULL);
	check_grant("arn:aws:iam::111122223333:user/", NULL);
	check_grant("", NULL);
}

/* IAM takes 128 characters of few kinds; the resource itself is never cut. */
TEST(the_name_of_a_policy_is_one_that_iam_takes)
{
	static const char *const all[] = { "ssm:PutParameter", NULL };
	struct buf out = buf_with_max(4096), resource = buf_with_max(1000);

	buf_add_text(&resource, "arn:aws:ssm:eu-west-1:111122223333:parameter/Golden_9.4-a+b/");
	while (resource.len < 400)
		buf_add_char(&resource, 'x');
	CHECK(repair_add_grant(&(struct repair_grant){ "arn:aws:iam::111122223333:user/e", all,
	                                               buf_text(&resource) },
	                       &out));
	CHECK(strstr(buf_text(&out),
	             " --policy-name evergold-ssm-parameter-Golden_9.4-a-b-xxxxxxxx"));
	CHECK_INT(strcspn(strstr(buf_text(&out), "evergold-ssm"), " "), 128);
	CHECK(strstr(buf_text(&out), buf_text(&resource)));
	buf_clear(&out);
	buf_clear(&resource);
}

static void check_arn(const struct repair_resource *resource, const char *want)
{
	struct buf out = buf_with_max(4096);

	repair_add_arn(resource, &out);
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

TEST(a_resource_is_of_the_principal_s_account)
{
	check_arn(&(struct repair_resource){ "arn:aws:iam::1:user/w", "codepipeline", "eu-west-1",
	                                     "", "golden" },
	          "arn:aws:codepipeline:eu-west-1:1:golden");
	check_arn(&(struct repair_resource){ "arn:aws:iam::1:user/w", "ssm", "eu-west-1",
	                                     "parameter", "/golden/base" },
	          "arn:aws:ssm:eu-west-1:1:parameter/golden/base");
	check_arn(&(struct repair_resource){ "arn:aws:iam::1:user/w", "ssm", "eu-west-1",
	                                     "parameter", "base" },
	          "arn:aws:ssm:eu-west-1:1:parameter/base");
}

int main(void)
{
	check_run(a_policy_is_put_to_whoever_asks);
	check_run(who_has_no_policies_gets_none);
	check_run(the_name_of_a_policy_is_one_that_iam_takes);
	check_run(a_resource_is_of_the_principal_s_account);
	return check_done();
}
