#include "common/aws/wire_sts.h"

#include "common/base/text.h"
#include "tests/unit/check.h"

#define ROOM (64 * 1024)

typedef bool credentials_fn(struct span xml, struct arena *arena,
                            struct sts_credentials *ret_credentials, struct err *reterr);

static struct span read_input(const char *dir)
{
	struct span bytes;

	bytes.at = check_read(dir, "input.xml", &bytes.len);
	return bytes;
}

static void add_refusal(struct buf *out, const struct err *err)
{
	buf_addf(out, "refused: %s\n", err->text);
	CHECK_INT(err->kind, ERR_MALFORMED);
}

static void finish(const char *dir, struct buf *out, struct arena *arena)
{
	CHECK_FILE(dir, "want.txt", buf_text(out));
	buf_clear(out);
	arena_clear(arena);
}

static void add_credentials(struct buf *out, const struct sts_credentials *credentials)
{
	char expires[TEXT_TIME_SIZE];

	text_time(credentials->expires_ms, expires);
	buf_addf(out, "key %s\nsecret %.*s\ntoken %.*s\nexpires %s\n", credentials->access_key_id,
	         SPAN_ARG(secret_reveal(&credentials->secret_access_key)),
	         SPAN_ARG(secret_reveal(&credentials->session_token)), expires);
}

static void check_credentials(const char *dir, credentials_fn *answer)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct sts_credentials credentials = { .access_key_id = NULL };
	struct err err = { 0 };

	if (answer(read_input(dir), &arena, &credentials, &err))
		add_credentials(&out, &credentials);
	else
		add_refusal(&out, &err);
	sts_credentials_clear(&credentials);
	finish(dir, &out, &arena);
}

static void assume_role_case(const char *dir)
{
	check_credentials(dir, sts_assume_role_answer);
}

static void web_identity_case(const char *dir)
{
	check_credentials(dir, sts_web_identity_answer);
}

static void identity_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct sts_identity identity;
	struct err err = { 0 };

	if (sts_identity_answer(read_input(dir), &arena, &identity, &err))
		buf_addf(&out, "arn %s\naccount %s\nuser %s\n", identity.arn, identity.account,
		         identity.user_id);
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

TEST(a_role_is_asked_for_with_what_is_set)
{
	struct sts_role role = { "arn:aws:iam::111122223333:role/golden", "evergold", NULL, 0 };
	struct buf body = buf_with_max(ROOM);

	sts_assume_role_body(&role, &body);
	CHECK_TEXT(buf_text(&body), "Action=AssumeRole&Version=2011-06-15"
	                            "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fgolden"
	                            "&RoleSessionName=evergold");
	buf_reset(&body);
	role.external_id = "a+b =/";
	role.duration_s = 3600;
	sts_assume_role_body(&role, &body);
	CHECK_TEXT(buf_text(&body), "Action=AssumeRole&Version=2011-06-15"
	                            "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fgolden"
	                            "&RoleSessionName=evergold&DurationSeconds=3600"
	                            "&ExternalId=a%2Bb+%3D%2F");
	buf_clear(&body);
}

TEST(a_web_identity_brings_its_token)
{
	const struct sts_role role = { "arn:r", "evergold", "never sent", 900 };
	struct secret token = secret_of(SPAN("ey.J~/+="));
	struct buf body = buf_with_max(ROOM);

	sts_web_identity_body(&role, &token, &body);
	CHECK_TEXT(buf_text(&body), "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
	                            "&RoleArn=arn%3Ar&RoleSessionName=evergold"
	                            "&DurationSeconds=900&WebIdentityToken=ey.J~%2F%2B%3D");
	buf_wipe(&body);
	secret_clear(&token);
}

static void check_session_name(const char *purpose, const char *want)
{
	char name[STS_SESSION_NAME_SIZE];

	sts_session_name(span_of(purpose), name);
	CHECK_TEXT(name, want);
}

#define TEN "0123456789"

TEST(a_session_is_named_as_sts_allows)
{
	check_session_name("al2023-web", "evergold-al2023-web");
	check_session_name("A_z.9", "evergold-A_z.9");
	check_session_name("a b/\xc3\xa4", "evergold-a-b---");
	check_session_name("", "evergold-");
	check_session_name(TEN TEN TEN TEN TEN "12345", "evergold-" TEN TEN TEN TEN TEN "12345");
	check_session_name(TEN TEN TEN TEN TEN "123456", "evergold-" TEN TEN TEN TEN TEN "12345");
}

TEST(an_identity_needs_no_arguments)
{
	struct buf body = buf_with_max(ROOM);

	sts_identity_body(&body);
	CHECK_TEXT(buf_text(&body), "Action=GetCallerIdentity&Version=2011-06-15");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_sts/assume_role", assume_role_case);
	check_cases("tests/cases/wire_sts/web_identity", web_identity_case);
	check_cases("tests/cases/wire_sts/identity", identity_case);
	check_run(a_role_is_asked_for_with_what_is_set);
	check_run(a_web_identity_brings_its_token);
	check_run(a_session_is_named_as_sts_allows);
	check_run(an_identity_needs_no_arguments);
	return check_done();
}
