/*
 * credential_answer: keys and their end, out of what each kind of source answers with.
 */
#include "common/aws/credential_answer.h"

#include "tests/unit/check.h"

#include <string.h>

#define KEYS "\"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"s3cr3t\""
#define SSO(expiration)                                                                 \
	"{\"roleCredentials\": {\"accessKeyId\": \"AKID\", \"secretAccessKey\": \"s3\"" \
	", \"sessionToken\": \"t\", \"expiration\": " expiration "}}"

static void accepted(enum credential_kind kind, const char *json, int64_t expires_ms)
{
	struct credential_answer answer;
	struct err err;

	if (CHECK(credential_answer_parse(span_of(json), kind, &answer, &err), "%s", err.text)) {
		CHECK(span_is(answer.access_key_id, "AKID") && answer.secret_access_key.len);
		CHECK_INT(answer.expires_ms, expires_ms);
	}
	credential_answer_clear(&answer);
}

static void refused(enum credential_kind kind, const char *json, const char *why)
{
	struct credential_answer answer;
	struct err err = { 0 };

	CHECK(!credential_answer_parse(span_of(json), kind, &answer, &err));
	CHECK(err.kind == ERR_BROKEN && strstr(err.text, why), "%s", err.text);
	CHECK(!strstr(err.text, "s3cr3t"));
	credential_answer_clear(&answer);
}

TEST(each_kind_of_source_is_understood)
{
	accepted(CREDENTIAL_IMDS,
	         "{\"Code\": \"Success\", " KEYS ", \"Expiration\": \"2030-01-01T00:00:00Z\"}",
	         INT64_C(1893456000000));
	accepted(CREDENTIAL_CONTAINER, "{" KEYS ", \"Expiration\": \"2030-01-01T00:00:00Z\"}",
	         INT64_C(1893456000000));
	accepted(CREDENTIAL_PROCESS,
	         "{\"Version\": 1, " KEYS ", \"Expiration\": \"2030-01-01T00:00:00+00:00\"}",
	         INT64_C(1893456000000));
	accepted(CREDENTIAL_SSO, SSO("1893456000000"), INT64_C(1893456000000));
}

TEST(only_a_process_may_answer_for_ever)
{
	accepted(CREDENTIAL_PROCESS, "{\"Version\": 1, " KEYS "}", 0);
	refused(CREDENTIAL_IMDS, "{" KEYS "}", "Expiration");
	refused(CREDENTIAL_SSO, SSO("null"), "Expiration");
}

/* A double that no integer holds is not made one. */
TEST(an_end_beyond_all_times_is_none)
{
	accepted(CREDENTIAL_SSO, SSO("253402300799999"), INT64_C(253402300799999));
	refused(CREDENTIAL_SSO, SSO("253402300800000"), "Expiration");
	refused(CREDENTIAL_SSO, SSO("1e300"), "Expiration");
	refused(CREDENTIAL_SSO, SSO("-1e300"), "Expiration");
	refused(CREDENTIAL_SSO, SSO("0"), "Expiration");
}

TEST(what_is_half_is_refused)
{
	refused(CREDENTIAL_IMDS, "{\"Code\": \"Failed\", \"Message\": \"gone\"}", "Failed: gone");
	refused(CREDENTIAL_IMDS, "{\"AccessKeyId\": \"AKID\"}", "no pair of keys");
	refused(CREDENTIAL_PROCESS, "{\"Version\": 2, " KEYS "}", "Version is not 1");
	refused(CREDENTIAL_PROCESS, "{" KEYS "}", "Version is missing");
	refused(CREDENTIAL_IMDS, "{" KEYS ", \"Token\": \"a\\nb\"}", "control character");
	refused(CREDENTIAL_IMDS, "[]", "wrong type");
	refused(CREDENTIAL_IMDS, "", "JSON");
}

#define FOREVER "012345678901234567890123456789012345678901234567890123456789"

TEST(what_the_source_says_instead_of_keys_is_told_in_short)
{
	refused(CREDENTIAL_IMDS, "{\"Code\": \"Failed\", \"Message\": \"no role\"}",
	        "Failed: no role");
	refused(CREDENTIAL_IMDS, "{\"Code\": \"Failed\"}", "Failed: ");
	refused(CREDENTIAL_IMDS,
	        "{\"Code\": \"" FOREVER "\", \"Message\": \"" FOREVER FOREVER "\"}",
	        "0123456789012345678901234567890123456789: 0");
}

TEST(what_are_no_keys_is_refused)
{
	refused(CREDENTIAL_PROCESS, "{\"Version\": 2, " KEYS "}", "Version is not 1");
	refused(CREDENTIAL_PROCESS, "{\"Version\": 0, " KEYS "}", "Version is not 1");
	refused(CREDENTIAL_CONTAINER,
	        "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"\", \"Token\": \"t\", "
	        "\"Expiration\": \"2030-01-01T00:00:00Z\"}",
	        "no pair of keys");
	refused(CREDENTIAL_CONTAINER,
	        "{\"AccessKeyId\": \"A\\n\", \"SecretAccessKey\": \"s3cr3t\", \"Token\": \"t\", "
	        "\"Expiration\": \"2030-01-01T00:00:00Z\"}",
	        "control character");
}

static bool reads(const char *json)
{
	struct credential_login login;
	bool fine = credential_login_parse(span_of(json), &login);

	CHECK(!fine || login.token.len);
	credential_login_clear(&login);
	return fine;
}

TEST(a_login_has_a_token_and_an_end)
{
	CHECK(reads("{\"accessToken\": \"t\", \"expiresAt\": \"2030-01-01T00:00:00Z\"}"));
	CHECK(!reads("{\"accessToken\": \"\", \"expiresAt\": \"2030-01-01T00:00:00Z\"}"));
	CHECK(!reads("{\"accessToken\": \"a\\tb\", \"expiresAt\": \"2030-01-01T00:00:00Z\"}"));
	CHECK(!reads("{\"accessToken\": \"t\", \"expiresAt\": \"tomorrow\"}"));
	CHECK(!reads("{\"accessToken\": \"t\"}"));
	CHECK(!reads("{"));
}

int main(void)
{
	check_run(each_kind_of_source_is_understood);
	check_run(only_a_process_may_answer_for_ever);
	check_run(an_end_beyond_all_times_is_none);
	check_run(what_is_half_is_refused);
	check_run(what_the_source_says_instead_of_keys_is_told_in_short);
	check_run(what_are_no_keys_is_refused);
	check_run(a_login_has_a_token_and_an_end);
	return check_done();
}
