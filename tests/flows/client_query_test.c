#include "tests/flows/aws_world.h"
#include "tests/unit/check.h"
#include "worker/aws/client.h"

#include <stdlib.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded; charset=utf-8"
#define BODY "Action=GetCallerIdentity&Version=2011-06-15"
#define SIGNED_AS(keys, service)                                                           \
	"AWS4-HMAC-SHA256 Credential=" keys "/20251201/eu-west-1/" service                 \
	"/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, " \
	"Signature="

/* ---- Answers --------------------------------------------------------------------------------- */

static enum local_end say_fine(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "<fine/>");
}

/* An answer whose request id stands in the body alone. */
static enum local_end say_bare(const struct local_request *request, const char *status,
                               const char *body)
{
	local_say(request, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body),
	          body);
	return LOCAL_KEEP;
}

static enum local_end say_id_in_body(const struct local_request *request)
{
	return say_bare(request, "200 OK",
	                "<R><ResponseMetadata><RequestId>q-1</RequestId></ResponseMetadata></R>");
}

static enum local_end say_denied(const struct local_request *request)
{
	return say_bare(request, "403 Forbidden",
	                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>No</Message>"
	                "</Error><RequestId>q-2</RequestId></ErrorResponse>");
}

static enum local_end say_limit_exceeded_once(const struct local_request *request)
{
	if (request->number)
		return say_fine(request);
	return say_bare(
		request, "503 Service Unavailable",
		"<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors>"
		"<RequestID>q-3</RequestID></Response>");
}

static enum local_end say_token_expired(const struct local_request *request)
{
	return say_bare(request, "400 Bad Request",
	                "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error>"
	                "</ErrorResponse>");
}

static enum local_end say_expired_once(const struct local_request *request)
{
	return request->number ? say_fine(request) : say_token_expired(request);
}

static enum local_end say_unavailable_once(const struct local_request *request)
{
	return request->number ? say_fine(request)
	                       : say_bare(request, "503 Service Unavailable", "");
}

/* ---- Forms ----------------------------------------------------------------------------------- */

static struct aws_request form_request(const struct aws_operation *operation)
{
	struct aws_request request = aws_world_request(operation);

	request.body = SPAN(BODY);
	return request;
}

static void run_form(struct outcome *ret_outcome, const struct aws_operation *operation)
{
	struct aws_request request = form_request(operation);

	aws_world_run_request(ret_outcome, &request);
}

static void check_signed(int number, struct span as)
{
	const char *authorization = aws_world_header(number, "Authorization");

	CHECK(span_starts(span_of(authorization), as), "%s", authorization);
}

TEST(a_form_is_signed_without_a_target)
{
	struct outcome outcome;

	aws_world_begin(say_fine);
	run_form(&outcome, &aws_sts_get_caller_identity);
	CHECK_TEXT(outcome.body, "<fine/>");
	CHECK_TEXT(outcome.request_id, "r-0");
	CHECK_TEXT(aws_world_header(0, "Content-Type"), FORM);
	CHECK_TEXT(aws_world_header(0, "X-Amz-Target"), "");
	CHECK_TEXT(aws_world_header(0, "X-Amz-Date"), "20251201T000000Z");
	check_signed(0, SPAN(SIGNED_AS("AKIDEXAMPLE", "sts")));
	CHECK(strstr(local_server_request(aws_world.server, 0), "\r\n\r\n" BODY) != NULL);
	run_form(&outcome, &aws_sns_subscribe);
	check_signed(1, SPAN(SIGNED_AS("AKIDEXAMPLE", "sns")));
	run_form(&outcome, &aws_ec2_describe_images);
	check_signed(2, SPAN(SIGNED_AS("AKIDEXAMPLE", "ec2")));
	aws_world_end();
}

TEST(the_request_id_of_a_form_may_be_in_the_body_alone)
{
	struct outcome outcome;

	aws_world_begin(say_id_in_body);
	run_form(&outcome, &aws_sts_get_caller_identity);
	CHECK_TEXT(outcome.request_id, "q-1");
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.request_id, "");
	aws_world_end();
}

TEST(a_refused_form_is_told_with_its_request_id)
{
	struct outcome outcome;

	aws_world_begin(say_denied);
	run_form(&outcome, &aws_sts_get_caller_identity);
	CHECK_INT(local_server_requests(aws_world.server), 1);
	CHECK_TEXT(outcome.err.text, "STS GetCallerIdentity: AccessDenied: No");
	CHECK_TEXT(outcome.request_id, "q-2");
	CHECK(strstr(aws_world_log(), "\"request_id\":\"q-2\"") != NULL, "%s", aws_world_log());
	aws_world_end();
}

TEST(a_throttled_form_is_repeated)
{
	struct outcome outcome;

	aws_world_begin(say_limit_exceeded_once);
	run_form(&outcome, &aws_ec2_describe_images);
	CHECK_TEXT(outcome.body, "<fine/>");
	CHECK_INT(local_server_requests(aws_world.server), 2);
	CHECK(strstr(aws_world_log(), "\"request_id\":\"q-3\"") != NULL, "%s", aws_world_log());
	aws_world_end();
}

/* ---- Who asks -------------------------------------------------------------------------------- */

TEST(an_anonymous_operation_sends_no_credentials)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable_once);
	aws_world.keys.absent = true;
	run_form(&outcome, &aws_sts_assume_role_with_web_identity);
	CHECK_TEXT(outcome.body, "<fine/>");
	CHECK_TEXT(aws_world_header(1, "Content-Type"), FORM);
	CHECK_TEXT(aws_world_header(1, "Authorization"), "");
	CHECK_TEXT(aws_world_header(1, "X-Amz-Date"), "");
	CHECK_TEXT(aws_world_header(1, "X-Amz-Security-Token"), "");
	CHECK_TEXT(aws_world_header(1, "amz-sdk-request"), "attempt=2; max=3");
	CHECK(strstr(local_server_request(aws_world.server, 1), "s3cr3t") == NULL);
	aws_world_end();
}

TEST(an_expired_web_identity_is_not_a_matter_of_our_credentials)
{
	struct outcome outcome;

	aws_world_begin(say_token_expired);
	run_form(&outcome, &aws_sts_assume_role_with_web_identity);
	CHECK_INT(local_server_requests(aws_world.server), 1);
	CHECK_INT(aws_world.keys.expired, 0);
	CHECK_TEXT(outcome.error.code, "ExpiredTokenException");
	aws_world_end();
}

TEST(a_request_brings_credentials_of_its_own)
{
	static char key_id[] = "AKIDOTHER";
	struct aws_request request = form_request(&aws_sts_get_caller_identity);
	struct keys other;
	struct outcome outcome;

	aws_world_begin(say_expired_once);
	other = aws_world.keys;
	other.credentials.access_key_id = key_id;
	request.credentials = &other.provider;
	aws_world_run_request(&outcome, &request);
	CHECK_TEXT(outcome.body, "<fine/>");
	check_signed(0, SPAN(SIGNED_AS("AKIDOTHER", "sts")));
	check_signed(1, SPAN(SIGNED_AS("AKIDOTHER", "sts")));
	CHECK_INT(other.expired, 1);
	CHECK_INT(aws_world.keys.expired, 0);
	aws_world_end();
}

int main(void)
{
	unsetenv("AWS_ENDPOINT_URL");
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	check_run(a_form_is_signed_without_a_target);
	check_run(the_request_id_of_a_form_may_be_in_the_body_alone);
	check_run(a_refused_form_is_told_with_its_request_id);
	check_run(a_throttled_form_is_repeated);
	check_run(an_anonymous_operation_sends_no_credentials);
	check_run(an_expired_web_identity_is_not_a_matter_of_our_credentials);
	check_run(a_request_brings_credentials_of_its_own);
	return check_done();
}
