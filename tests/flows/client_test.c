#include "worker/aws/client.h"

#include "tests/flows/aws_world.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUTHORIZATION                                                                     \
	"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251201/eu-west-1/sqs/aws4_request,"    \
	" SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, " \
	"Signature="

/* ---- Answers --------------------------------------------------------------------------------- */

static enum local_end say_fine(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "{\"fine\":true}");
}

static enum local_end say_unavailable(const struct local_request *request)
{
	return aws_world_say(request, "503 Service Unavailable", "<html>busy</html>");
}

static enum local_end say_unavailable_twice(const struct local_request *request)
{
	return request->number < 2 ? say_unavailable(request) : say_fine(request);
}

static enum local_end say_throttled_once(const struct local_request *request)
{
	if (request->number == 0)
		return aws_world_say(request, "400 Bad Request\r\nx-amz-retry-after: 1500",
		                     "{\"__type\":\"ThrottlingException\"}");
	return say_fine(request);
}

static enum local_end say_throttled_for_long(const struct local_request *request)
{
	return aws_world_say(request, "400 Bad Request\r\nx-amz-retry-after: 60000",
	                     "{\"__type\":\"ThrottlingException\"}");
}

static enum local_end say_unavailable_first(const struct local_request *request)
{
	return request->number % 2 == 0 ? say_unavailable(request) : say_fine(request);
}

static enum local_end say_denied(const struct local_request *request)
{
	return aws_world_say(request, "400 Bad Request",
	                     "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\","
	                     "\"Message\":\"You shall not\"}");
}

#define IN_THE_WAY                                                         \
	"{\"__type\":\"com.amazonaws.dynamodb.v20120810#"                  \
	"ConditionalCheckFailedException\",\"message\":\"The conditional " \
	"request failed\",\"Item\":{\"owner\":{\"S\":\"w-1\"}}}"

static enum local_end say_in_the_way(const struct local_request *request)
{
	return aws_world_say(request, "400 Bad Request", IN_THE_WAY);
}

/* A byte was lost on the way, once. */
static enum local_end say_damaged_once(const struct local_request *request)
{
	return aws_world_say(request, "200 OK\r\nx-amz-crc32: 1809407316",
	                     request->number ? "{\"fine\":true}" : "{\"fine\":rue}");
}

static enum local_end say_damaged(const struct local_request *request)
{
	return aws_world_say(request, "200 OK\r\nx-amz-crc32: none", "{\"fine\":true}");
}

static enum local_end say_elsewhere(const struct local_request *request)
{
	return aws_world_say(request, "302 Found\r\nLocation: http://127.0.0.1/", "");
}

static enum local_end say_garbage(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "<html>");
}

static enum local_end hang_up(const struct local_request *request)
{
	(void)request;
	return LOCAL_CLOSE;
}

static enum local_end stay_silent(const struct local_request *request)
{
	local_await_hangup(request);
	return LOCAL_CLOSE;
}

/* ---- Requests -------------------------------------------------------------------------------- */

TEST(a_request_is_signed_and_named)
{
	struct outcome outcome;

	aws_world_begin(say_fine);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK(outcome.answered);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_TEXT(outcome.request_id, "r-0");
	CHECK_TEXT(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.0");
	CHECK_TEXT(aws_world_header(0, "X-Amz-Target"), "AmazonSQS.DeleteMessageBatch");
	CHECK_TEXT(aws_world_header(0, "X-Amz-Date"), "20251201T000000Z");
	CHECK_TEXT(aws_world_header(0, "X-Amz-Security-Token"), "t0ken/+=");
	CHECK_TEXT(aws_world_header(0, "Host"),
	           local_server_origin(aws_world.server) + strlen("http://"));
	CHECK_TEXT(aws_world_header(0, "amz-sdk-request"), "attempt=1; max=3");
	CHECK_INT((int)strlen(aws_world_header(0, "amz-sdk-invocation-id")), 36);
	CHECK(span_starts(span_of(aws_world_header(0, "Authorization")), SPAN(AUTHORIZATION)), "%s",
	      aws_world_header(0, "Authorization"));
	CHECK(strstr(local_server_request(aws_world.server, 0), "\r\n\r\n{\"a\":1}") != NULL);
	aws_world_end();
}

TEST(a_garbage_answer_with_200_is_for_the_reader_of_the_body)
{
	struct outcome outcome;

	aws_world_begin(say_garbage);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "<html>");
	aws_world_end();
}

/* ---- Repetitions ----------------------------------------------------------------------------- */

TEST(a_passing_failure_is_repeated)
{
	struct outcome outcome;
	char id[64];

	aws_world_begin(say_unavailable_twice);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(local_server_requests(aws_world.server), 3);
	CHECK_TEXT(aws_world_header(2, "amz-sdk-request"), "attempt=3; max=3");
	snprintf(id, sizeof(id), "%s", aws_world_header(0, "amz-sdk-invocation-id"));
	CHECK_TEXT(aws_world_header(2, "amz-sdk-invocation-id"), id);
	aws_world_end();
}

TEST(a_lasting_failure_uses_up_the_attempts)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 3);
	CHECK(outcome.answered);
	CHECK_INT(outcome.error.status, 503);
	CHECK_TEXT(outcome.request_id, "r-2");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text, "SQS DeleteMessageBatch: 503: <html>busy</html>");
	CHECK(strstr(aws_world_log(), "\"level\":\"debug\",\"event\":\"aws_request_failed\"") !=
	      NULL);
	CHECK(strstr(aws_world_log(), "\"level\":\"warning\",\"event\":\"aws_request_failed\"") !=
	      NULL);
	CHECK(strstr(aws_world_log(), "\"request_id\":\"r-2\"") != NULL, "%s", aws_world_log());
	aws_world_end();
}

static void begin_with_attempts(const char *most, local_answer_fn *answer)
{
	struct err err;

	aws_world_begin(answer);
	aws_client_free(aws_world.client);
	setenv("AWS_MAX_ATTEMPTS", most, 1);
	aws_world.client = aws_world_client(&err);
	unsetenv("AWS_MAX_ATTEMPTS");
}

/* But a long poll, whose answer may hold messages. */
TEST(the_user_says_how_often)
{
	struct outcome outcome;

	begin_with_attempts("5", say_unavailable);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 5);
	CHECK_TEXT(aws_world_header(4, "amz-sdk-request"), "attempt=5; max=5");
	aws_world_run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(aws_world.server), 6);
	aws_world_end();
}

TEST(silence_is_repeated_and_then_told)
{
	struct outcome outcome;
	char want[256];

	aws_world_begin(hang_up);
	aws_world_run(&outcome, &aws_codepipeline_get_pipeline_execution);
	CHECK_INT(local_server_requests(aws_world.server), 3);
	CHECK(!outcome.answered);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	snprintf(want, sizeof(want),
	         "CODEPIPELINE GetPipelineExecution: %s: closed the connection without an answer",
	         local_server_origin(aws_world.server));
	CHECK_TEXT(outcome.err.text, want);
	aws_world_end();
}

TEST(throttling_waits_as_long_as_the_service_says)
{
	struct outcome outcome;
	int64_t from, waited;

	aws_world_begin(say_throttled_once);
	from = aws_world.timers->steady_ms(aws_world.timers);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	waited = aws_world.timers->steady_ms(aws_world.timers) - from;
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK(waited >= 1500 && waited <= 6500, "%d", (int)waited);
	aws_world_end();
}

TEST(keys_that_never_come_end_with_the_time_of_the_call)
{
	struct outcome outcome;
	int64_t from;

	aws_world_begin(say_denied);
	aws_world.keys.slow = true;
	from = aws_world.timers->steady_ms(aws_world.timers);
	aws_world_run(&outcome, &aws_ssm_get_parameter);
	CHECK_INT(aws_world.timers->steady_ms(aws_world.timers) - from, 60000);
	CHECK_INT(local_server_requests(aws_world.server), 0);
	CHECK(!outcome.answered);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text, "SSM GetParameter: not done within 60 s");
	aws_world_end();
}

static int64_t waited_ms(const struct aws_operation *operation)
{
	struct outcome outcome;
	int64_t from, waited;

	aws_world_begin(say_unavailable_twice);
	from = aws_world.timers->steady_ms(aws_world.timers);
	aws_world_run(&outcome, operation);
	waited = aws_world.timers->steady_ms(aws_world.timers) - from;
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	aws_world_end();
	return waited;
}

TEST(dynamodb_is_asked_again_sooner)
{
	int64_t ssm = waited_ms(&aws_ssm_get_parameter);
	int64_t dynamodb = waited_ms(&aws_dynamodb_get_item);

	CHECK(ssm > 10 && llabs(ssm - 2 * dynamodb) <= 2, "%d, %d", (int)ssm, (int)dynamodb);
}

TEST(a_wait_past_the_time_of_the_call_is_not_begun)
{
	struct outcome outcome;

	begin_with_attempts("20", say_throttled_for_long);
	aws_world_run(&outcome, &aws_ssm_get_parameter);
	CHECK(local_server_requests(aws_world.server) > 10);
	CHECK(local_server_requests(aws_world.server) < 20);
	CHECK_TEXT(outcome.error.code, "ThrottlingException");
	aws_world_end();
}

/* Else the quota would be empty after 35. */
TEST(what_was_repeated_with_success_costs_nothing)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable_first);
	for (int i = 0; i < 40; i++) {
		aws_world_run(&outcome, &aws_ssm_get_parameter);
		CHECK_TEXT(outcome.err.text, "");
	}
	aws_world_end();
}

static enum local_end say_unavailable_then_denied(const struct local_request *request)
{
	return request->number == 0 ? say_unavailable(request) : say_denied(request);
}

static enum local_end say_throttled_then_denied(const struct local_request *request)
{
	return request->number == 0 ? say_throttled_once(request) : say_denied(request);
}

TEST(a_refusal_after_a_lost_attempt_leaves_it_open)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable_then_denied);
	aws_world_run(&outcome, &aws_ssm_get_parameter);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK(outcome.in_doubt);
	aws_world_end();
	aws_world_begin(say_throttled_then_denied);
	aws_world_run(&outcome, &aws_ssm_get_parameter);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK(!outcome.in_doubt);
	aws_world_end();
}

static enum local_end say_fine_then_hang_up_then_denied(const struct local_request *request)
{
	return request->number == 0   ? say_fine(request)
	       : request->number == 1 ? hang_up(request)
	                              : say_denied(request);
}

/* libcurl would send it again by itself, unheard, where a connection was kept. */
TEST(a_start_whose_answer_was_lost_is_known_to_be_in_doubt)
{
	struct outcome outcome;

	aws_world_begin(say_fine_then_hang_up_then_denied);
	aws_world_run(&outcome, &aws_codepipeline_start_pipeline_execution);
	CHECK_INT((int)outcome.err.kind, ERR_NONE);
	aws_world_run(&outcome, &aws_codepipeline_start_pipeline_execution);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK(outcome.in_doubt);
	aws_world_end();
}

TEST(what_is_denied_is_not_repeated)
{
	struct outcome outcome;

	aws_world_begin(say_denied);
	aws_world_run(&outcome, &aws_ssm_get_parameter);
	CHECK_INT(local_server_requests(aws_world.server), 1);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK_TEXT(outcome.error.code, "AccessDeniedException");
	CHECK_TEXT(outcome.err.text, "SSM GetParameter: AccessDeniedException: You shall not");
	aws_world_end();
}

TEST(a_refusal_has_a_body)
{
	struct outcome outcome;

	aws_world_begin(say_in_the_way);
	aws_world_run(&outcome, &aws_dynamodb_put_item);
	CHECK_INT((int)outcome.err.kind, ERR_REFUSED);
	CHECK_TEXT(outcome.error.code, "ConditionalCheckFailedException");
	CHECK_TEXT(outcome.body, IN_THE_WAY);
	aws_world_end();
}

TEST(a_damaged_answer_is_asked_for_again)
{
	struct outcome outcome;

	aws_world_begin(say_damaged_once);
	aws_world_run(&outcome, &aws_dynamodb_get_item);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(local_server_requests(aws_world.server), 2);
	aws_world_end();
	aws_world_begin(say_damaged);
	aws_world_run(&outcome, &aws_dynamodb_get_item);
	CHECK_INT(local_server_requests(aws_world.server), 4);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text, "DYNAMODB GetItem: ChecksumMismatch: the answer is not what "
	                             "its x-amz-crc32 says");
	CHECK_TEXT(outcome.request_id, "r-3");
	aws_world_end();
}

TEST(a_redirect_is_a_failure)
{
	struct outcome outcome;

	aws_world_begin(say_elsewhere);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 1);
	CHECK_INT(outcome.error.status, 302);
	aws_world_end();
}

TEST(a_long_poll_is_not_repeated)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable);
	aws_world_run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(aws_world.server), 1);
	CHECK_INT(outcome.error.status, 503);
	CHECK(strstr(aws_world_log(), "\"level\":\"debug\",\"event\":\"aws_request_failed\"") !=
	      NULL);
	CHECK(strstr(aws_world_log(), "\"level\":\"warning\"") == NULL, "%s", aws_world_log());
	aws_world_end();
}

/* 500 tokens, 14 for each repetition: 35 of them. */
TEST(repetitions_end_when_everything_fails)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable);
	for (int i = 0; i < 20; i++)
		aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 20 + 35);
	aws_world_end();
}

/* ---- Endpoints ------------------------------------------------------------------------------- */

TEST(the_override_of_a_service_wins)
{
	struct outcome outcome;
	struct err err;

	aws_world_begin(say_fine);
	aws_client_free(aws_world.client);
	setenv("AWS_ENDPOINT_URL_SQS", local_server_origin(aws_world.server), 1);
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1/", 1);
	aws_world.client = aws_world_client(&err);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	aws_world_run(&outcome, &aws_ssm_get_parameter);
	CHECK(strstr(outcome.err.text, "http://127.0.0.1:1: could not connect") != NULL, "%s",
	      outcome.err.text);
	unsetenv("AWS_ENDPOINT_URL_SQS");
	aws_world_end();
}

TEST(a_faulty_override_is_told_at_once)
{
	struct err err = { 0 };

	aws_world_begin(say_fine);
	setenv("AWS_ENDPOINT_URL_SSM", "localhost:4566", 1);
	CHECK(aws_world_client(&err) == NULL);
	CHECK_INT((int)err.kind, ERR_MALFORMED);
	CHECK(strncmp(err.text, "AWS_ENDPOINT_URL_SSM: ", 22) == 0, "%s", err.text);
	unsetenv("AWS_ENDPOINT_URL_SSM");
	aws_world_end();
}

TEST(only_an_override_may_be_plain_http)
{
	struct aws_request request = aws_world_request(&aws_sqs_delete_message_batch);
	struct outcome outcome;
	struct err err;

	aws_world_begin(say_fine);
	aws_client_free(aws_world.client);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	aws_world.client = aws_world_client(&err);
	request.origin = local_server_origin(aws_world.server);
	aws_world_run_request(&outcome, &request);
	CHECK_INT(local_server_requests(aws_world.server), 0);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	CHECK(strstr(outcome.err.text, "only https is allowed") != NULL, "%s", outcome.err.text);
	request.origin = "https://user@example.com";
	aws_world_run_request(&outcome, &request);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	aws_world_end();
}

TEST(a_region_is_no_part_of_another_host)
{
	struct aws_request request = aws_world_request(&aws_sqs_delete_message_batch);
	struct outcome outcome;

	aws_world_begin(say_fine);
	request.region = "example.com/";
	aws_world_run_request(&outcome, &request);
	CHECK_INT(local_server_requests(aws_world.server), 0);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	aws_world_end();
}

/* ---- Cancelling ------------------------------------------------------------------------------ */

static void cancel_call(void *ctx)
{
	struct outcome *outcome = ctx;

	call_cancel(outcome->call);
}

static void start_and_cancel_after(struct outcome *outcome, int turns)
{
	struct aws_request request = aws_world_request(&aws_sqs_delete_message_batch);

	aws_world_start(outcome, &request);
	for (int i = 0; i < turns; i++)
		aws_world_go_on();
	call_cancel(outcome->call);
	loop_run(aws_world.loop);
}

/* One turn for the credentials, then the answer is waited for, then the next attempt. */
TEST(a_call_is_cancelled_at_any_stage)
{
	struct outcome outcome;

	aws_world_begin(say_unavailable);
	start_and_cancel_after(&outcome, 0);
	CHECK_INT(local_server_requests(aws_world.server), 0);
	start_and_cancel_after(&outcome, 1);
	CHECK_INT(outcome.done, 0);
	start_and_cancel_after(&outcome, 2);
	CHECK_INT(outcome.done, 0);
	aws_world_end();
}

TEST(a_call_is_cancelled_while_aws_is_silent)
{
	struct timers *real;
	struct outcome outcome;
	struct aws_request request = aws_world_request(&aws_sqs_receive_message);

	aws_world_begin(stay_silent);
	real = loop_timers(aws_world.loop);
	aws_world_start(&outcome, &request);
	simulation_run_next(aws_world.simulation);
	real->after(real, 20, cancel_call, &outcome);
	loop_run(aws_world.loop);
	CHECK_INT(outcome.done, 0);
	aws_world_end();
}

static void run_tests(void)
{
	check_run(a_request_is_signed_and_named);
	check_run(a_garbage_answer_with_200_is_for_the_reader_of_the_body);
	check_run(a_passing_failure_is_repeated);
	check_run(a_lasting_failure_uses_up_the_attempts);
	check_run(the_user_says_how_often);
	check_run(silence_is_repeated_and_then_told);
	check_run(throttling_waits_as_long_as_the_service_says);
	check_run(keys_that_never_come_end_with_the_time_of_the_call);
	check_run(dynamodb_is_asked_again_sooner);
	check_run(a_wait_past_the_time_of_the_call_is_not_begun);
	check_run(what_was_repeated_with_success_costs_nothing);
	check_run(a_refusal_after_a_lost_attempt_leaves_it_open);
	check_run(a_start_whose_answer_was_lost_is_known_to_be_in_doubt);
	check_run(what_is_denied_is_not_repeated);
	check_run(a_refusal_has_a_body);
	check_run(a_damaged_answer_is_asked_for_again);
	check_run(a_redirect_is_a_failure);
	check_run(a_long_poll_is_not_repeated);
	check_run(repetitions_end_when_everything_fails);
	check_run(the_override_of_a_service_wins);
	check_run(a_faulty_override_is_told_at_once);
	check_run(only_an_override_may_be_plain_http);
	check_run(a_region_is_no_part_of_another_host);
	check_run(a_call_is_cancelled_at_any_stage);
	check_run(a_call_is_cancelled_while_aws_is_silent);
}

int main(void)
{
	unsetenv("AWS_ENDPOINT_URL");
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	run_tests();
	return check_done();
}
