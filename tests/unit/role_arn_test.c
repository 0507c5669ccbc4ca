#include "common/aws/role_arn.h"

#include "common/base/buf.h"
#include "tests/unit/check.h"

#define PREFIX "arn:aws:iam::444455556666:role/"

static void check_parts(const char *text, const char *partition, const char *account)
{
	struct role_arn arn = { SPAN_NONE, SPAN_NONE };

	CHECK(role_arn_parse(span_of(text), &arn), "%s", text);
	CHECK(span_is(arn.partition, partition), "%s", text);
	CHECK(span_is(arn.account, account), "%s", text);
	CHECK(span_is(role_arn_account(span_of(text)), account), "%s", text);
}

TEST(a_role_has_a_partition_and_an_account)
{
	check_parts(PREFIX "start-golden", "aws", "444455556666");
	check_parts(PREFIX "teams/web/start-golden", "aws", "444455556666");
	check_parts(PREFIX "a:b/_+=,.@-", "aws", "444455556666");
	check_parts("arn:aws-us-gov:iam::000000000001:role/x", "aws-us-gov", "000000000001");
}

TEST(other_names_are_no_roles)
{
	static const char *const others[] = {
		"",
		"start-golden",
		PREFIX,
		PREFIX "/x",
		PREFIX "x/",
		PREFIX "a//x",
		PREFIX "a b/x",
		PREFIX "a\x7f/x",
		"arn:AWS:iam::444455556666:role/x",
		"arn:aws-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa:iam::444455556666:role/x",
		PREFIX "x y",
		PREFIX "x\n",
		PREFIX "\xc3\xa4",
		PREFIX "a:b",
		"arn:aws:iam::444455556666:roles/x",
		"arn:aws:iam::444455556666:user/x",
		"arn:aws:iam::444455556666:role",
		"arn:aws:iam:eu-west-1:444455556666:role/x",
		"arn:aws:sts::444455556666:assumed-role/x/y",
		"arn:aws:iam::44445555666:role/x",
		"arn:aws:iam::4444555566667:role/x",
		"arn:aws:iam::44445555666x:role/x",
		"arn:AWS:iam::444455556666:role/x",
		"arn:other:iam::444455556666:role/x",
		"Arn:aws:iam::444455556666:role/x",
	};
	struct role_arn arn = { SPAN("kept"), SPAN("kept") };

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		CHECK(!role_arn_parse(span_of(others[i]), &arn), "%s", others[i]);
	CHECK(span_is(arn.partition, "kept") && span_is(arn.account, "kept"));
	CHECK(role_arn_account(span_of(NULL)).len == 0);
}

static bool is_role(int path, int name)
{
	struct buf text = buf_with_max(2048);
	struct role_arn arn;
	bool fine;

	buf_addf(&text, "%s%0*d/%0*d", PREFIX, path, 0, name, 0);
	fine = role_arn_parse(buf_span(&text), &arn);
	buf_clear(&text);
	return fine;
}

TEST(paths_and_names_end_somewhere)
{
	CHECK(is_role(510, 64));
	CHECK(!is_role(511, 64));
	CHECK(!is_role(510, 65));
}

int main(void)
{
	check_run(a_role_has_a_partition_and_an_account);
	check_run(other_names_are_no_roles);
	check_run(paths_and_names_end_somewhere);
	return check_done();
}
