/*
 * Secrets from where they are kept: the environment, files, and a server that answers as Parameter
 * Store and Secrets Manager do.
 */
#include "worker/aws/secrets.h"

#include "common/base/limits.h"
#include "tests/flows/aws_world.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER "/evergold/slack-token"
#define ARN       "arn:aws:secretsmanager:us-east-1:111122223333:secret:slack-AbCdEf"
#define HIDDEN    "xoxb-hidden" /* begins every secret of these tests */

/* What became of one question. */
static struct {
	int done;
	struct call *call;
	char text[LIMIT_SECRET + 1];
	struct err err;
} got;

static void on_secret(void *ctx, const struct secret *secret, const struct err *err)
{
	(void)ctx;
	got.call = NULL;
	got.done++;
	CHECK((secret == NULL) == (err != NULL));
	if (secret)
		snprintf(got.text, sizeof(got.text), "%.*s", SPAN_ARG(secret_reveal(secret)));
	if (err)
		got.err = *err;
}

static void start(const struct secret_ref *ref)
{
	memset(&got, 0, sizeof(got));
	got.call = secrets_get(&(struct secrets){ aws_world.client, aws_world.timers }, ref,
	                       on_secret, NULL);
	CHECK_INT(got.done, 0);
}

static void get(enum secret_source source, const char *name)
{
	const struct secret_ref ref = { .source = source, .name = name, .region = "us-east-1" };

	start(&ref);
	while (!got.done && aws_world_go_on())
		;
	CHECK_INT(got.done, 1);
	CHECK(strstr(got.err.text, HIDDEN) == NULL, "%s", got.err.text);
	CHECK(strstr(aws_world_log(), HIDDEN) == NULL, "%s", aws_world_log());
}

/* ---- Answers --------------------------------------------------------------------------------- */

static enum local_end say_parameter(const struct local_request *request)
{
	return aws_world_say(request, "200 OK",
	                     "{\"Parameter\":{\"Name\":\"" PARAMETER "\",\"Type\":\"SecureString\","
	                     "\"Value\":\"" HIDDEN "-1\\n\",\"Version\":3}}");
}

static enum local_end say_secret(const struct local_request *request)
{
	return aws_world_say(request, "200 OK",
	                     "{\"ARN\":\"" ARN "\",\"Name\":\"slack\",\"SecretString\":\"" HIDDEN
	                     "-2\",\"VersionStages\":[\"AWSCURRENT\"]}");
}

static enum local_end say_keys_and_values(const struct local_request *request)
{
	return aws_world_say(request, "200 OK",
	                     "{\"SecretString\":\"{\\\"token\\\":\\\"" HIDDEN "\\\"}\"}");
}

static enum local_end say_bytes(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "{\"SecretBinary\":\"eG94Yi1oaWRkZW4=\"}");
}

static enum local_end say_blank(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "{\"SecretString\":\" \\n\"}");
}

static enum local_end say_half(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "{\"SecretString\":\"" HIDDEN "\",");
}

static enum local_end say_not_found(const struct local_request *request)
{
	return aws_world_say(request, "400 Bad Request", "{\"__type\":\"ParameterNotFound\"}");
}

static enum local_end say_busy(const struct local_request *request)
{
	return aws_world_say(request, "503 Service Unavailable", "busy");
}

static void check_refused(enum secret_source source, local_answer_fn *answer, const char *why)
{
	aws_world_begin(answer);
	get(source, source == SECRET_SSM ? PARAMETER : ARN);
	CHECK_TEXT(got.text, "");
	CHECK(strstr(got.err.text, source == SECRET_SSM ? PARAMETER : ARN), "%s", got.err.text);
	CHECK(strstr(got.err.text, why), "%s", got.err.text);
	aws_world_end();
}

/* ---- In AWS ---------------------------------------------------------------------------------- */

TEST(a_parameter_is_decrypted_in_its_region)
{
	aws_world_begin(say_parameter);
	get(SECRET_SSM, PARAMETER);
	CHECK_TEXT(got.text, HIDDEN "-1");
	CHECK_TEXT(aws_world_header(0, "X-Amz-Target"), "AmazonSSM.GetParameter");
	CHECK(strstr(aws_world_header(0, "Authorization"), "/us-east-1/ssm/"));
	CHECK(strstr(local_server_request(aws_world.server, 0),
	             "{\"Name\":\"" PARAMETER "\",\"WithDecryption\":true}"));
	aws_world_end();
}

TEST(a_secret_is_asked_for_by_its_arn)
{
	aws_world_begin(say_secret);
	get(SECRET_SECRETSMANAGER, ARN);
	CHECK_TEXT(got.text, HIDDEN "-2");
	CHECK_TEXT(aws_world_header(0, "X-Amz-Target"), "secretsmanager.GetSecretValue");
	CHECK(strstr(aws_world_header(0, "Authorization"), "/us-east-1/secretsmanager/"));
	CHECK(strstr(local_server_request(aws_world.server, 0), "{\"SecretId\":\"" ARN "\"}"));
	aws_world_end();
}

TEST(what_is_no_secret_is_said_and_not_shown)
{
	check_refused(SECRET_SECRETSMANAGER, say_keys_and_values, "as plain text");
	CHECK_INT(got.err.kind, ERR_BROKEN);
	check_refused(SECRET_SECRETSMANAGER, say_bytes, "SecretString is missing");
	check_refused(SECRET_SECRETSMANAGER, say_blank, "it is empty");
	check_refused(SECRET_SECRETSMANAGER, say_half, "not acceptable JSON");
	check_refused(SECRET_SSM, say_not_found, "ParameterNotFound");
	CHECK_INT(got.err.kind, ERR_REFUSED);
	check_refused(SECRET_SSM, say_busy, "503");
	CHECK_INT(got.err.kind, ERR_TRANSIENT);
}

/* ---- Here ------------------------------------------------------------------------------------ */

static char *write_file(const char *text)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/secret", temporary_empty());
	file = fopen(path, "w");
	if (CHECK(file != NULL)) {
		fputs(text, file);
		fclose(file);
	}
	return path;
}

static void check_bad_file(const char *text, const char *why)
{
	get(SECRET_FILE, write_file(text));
	CHECK_TEXT(got.text, "");
	CHECK_INT(got.err.kind, ERR_BROKEN);
	CHECK(strstr(got.err.text, why), "%s", got.err.text);
}

TEST(a_file_is_read_anew_each_time)
{
	char large[LIMIT_SECRET + 100] = HIDDEN;

	aws_world_begin(say_busy);
	get(SECRET_FILE, write_file("  " HIDDEN "-3\n"));
	CHECK_TEXT(got.text, HIDDEN "-3");
	get(SECRET_FILE, write_file(HIDDEN "-4"));
	CHECK_TEXT(got.text, HIDDEN "-4");
	memset(large + strlen(large), 'x', sizeof(large) - strlen(large) - 1);
	large[sizeof(large) - 1] = '\0';
	check_bad_file(large, "over 2048 bytes");
	check_bad_file(" \n", "it is empty");
	check_bad_file(HIDDEN "\n" HIDDEN "\n", "more than one line");
	check_bad_file("{\"token\": \"" HIDDEN "\"}", "as plain text");
	get(SECRET_FILE, "/nowhere/token");
	CHECK(strstr(got.err.text, "/nowhere/token: "), "%s", got.err.text);
	aws_world_end();
}

TEST(an_environment_variable_holds_one)
{
	aws_world_begin(say_busy);
	setenv("EVERGOLD_TEST_SECRET", HIDDEN "-5\n", 1);
	get(SECRET_ENV, "EVERGOLD_TEST_SECRET");
	CHECK_TEXT(got.text, HIDDEN "-5");
	setenv("EVERGOLD_TEST_SECRET", "\n", 1);
	get(SECRET_ENV, "EVERGOLD_TEST_SECRET");
	CHECK_TEXT(got.err.text, "the environment variable EVERGOLD_TEST_SECRET: it is empty");
	unsetenv("EVERGOLD_TEST_SECRET");
	get(SECRET_ENV, "EVERGOLD_TEST_SECRET");
	CHECK_TEXT(got.err.text, "the environment variable EVERGOLD_TEST_SECRET is not set");
	aws_world_end();
}

/* ---- Cancelled ------------------------------------------------------------------------------- */

static void check_cancelled(enum secret_source source)
{
	const struct secret_ref ref = { .source = source, .name = ARN, .region = "us-east-1" };

	aws_world_begin(say_secret);
	start(&ref);
	call_cancel(got.call);
	while (aws_world_go_on())
		;
	CHECK_INT(got.done, 0);
	aws_world_end();
}

TEST(what_is_cancelled_is_never_told)
{
	check_cancelled(SECRET_FILE);
	check_cancelled(SECRET_SECRETSMANAGER);
	check_cancelled(SECRET_SSM);
}

int main(void)
{
	check_run(a_parameter_is_decrypted_in_its_region);
	check_run(a_secret_is_asked_for_by_its_arn);
	check_run(what_is_no_secret_is_said_and_not_shown);
	check_run(a_file_is_read_anew_each_time);
	check_run(an_environment_variable_holds_one);
	check_run(what_is_cancelled_is_never_told);
	return check_done();
}
