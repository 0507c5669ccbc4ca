/*
 * What a refusal teaches the client: credentials that expired or were replaced, and a wrong clock.
 */
#include "tests/flows/aws_world.h"
#include "tests/unit/check.h"
#include "worker/aws/client.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS 3600000

/* ---- Answers --------------------------------------------------------------------------------- */

static enum local_end say_fine(const struct local_request *request)
{
	return aws_world_say(request, "200 OK", "{\"fine\":true}");
}

static enum local_end say_expired(const struct local_request *request)
{
	return aws_world_say(request, "400 Bad Request",
	                     "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
}

static enum local_end say_expired_once(const struct local_request *request)
{
	return request->number == 0 ? say_expired(request) : say_fine(request);
}

static enum local_end say_gone_once(const struct local_request *request)
{
	if (request->number > 0)
		return say_fine(request);
	return aws_world_say(request, "403 Forbidden",
	                     "{\"__type\":\"UnrecognizedClientException\"}");
}

/* A clock that is an hour ahead of ours. */
static enum local_end say_skewed(const struct local_request *request)
{
	if (strstr(request->text, "X-Amz-Date: 20251201T01"))
		return say_fine(request);
	return aws_world_say(request, "403 Forbidden\r\nDate: Mon, 01 Dec 2025 01:00:00 GMT",
	                     "{\"__type\":\"RequestTimeTooSkewed\"}");
}

static enum local_end say_mismatch(const struct local_request *request)
{
	return aws_world_say(
		request, "403 Forbidden\r\nDate: Mon, 01 Dec 2025 00:00:30 GMT",
		"{\"__type\":\"SignatureDoesNotMatch\",\"message\":\"check your key\"}");
}

/* ---- Credentials ----------------------------------------------------------------------------- */

TEST(expired_credentials_are_renewed_once)
{
	struct outcome outcome;

	aws_world_begin(say_expired_once);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(aws_world.keys.expired, 1);
	aws_world_end();
	aws_world_begin(say_expired);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 2);
	CHECK_TEXT(outcome.error.code, "ExpiredTokenException");
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	aws_world_end();
}

TEST(renewal_uses_up_no_attempt)
{
	static const struct aws_operation once = { .service = AWS_SQS,
		                                   .name = "DeleteMessageBatch",
		                                   .timeout_ms = 10000,
		                                   .max_attempts = 1,
		                                   .max_answer = 1024 };
	struct outcome outcome;

	aws_world_begin(say_expired_once);
	aws_world_run(&outcome, &once);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_TEXT(aws_world_header(1, "amz-sdk-request"), "attempt=2; max=2");
	aws_world_end();
}

TEST(a_long_poll_tells_of_expiry_without_repeating)
{
	struct outcome outcome;

	aws_world_begin(say_expired);
	aws_world_run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(aws_world.server), 1);
	CHECK_INT(aws_world.keys.expired, 1);
	aws_world_end();
}

TEST(a_key_that_is_gone_is_asked_for_anew)
{
	struct outcome outcome;

	aws_world_begin(say_gone_once);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(aws_world.keys.expired, 1);
	aws_world_end();
}

TEST(without_credentials_nothing_is_sent)
{
	struct outcome outcome;

	aws_world_begin(say_fine);
	aws_world.keys.absent = true;
	aws_world_run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(aws_world.server), 0);
	CHECK(!outcome.answered);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK_TEXT(outcome.err.text, "SQS ReceiveMessage: no credentials");
	aws_world_end();
}

/* ---- Clock ----------------------------------------------------------------------------------- */

TEST(the_clock_of_aws_is_learnt)
{
	struct outcome outcome;

	aws_world_begin(say_skewed);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_TEXT(aws_world_header(1, "X-Amz-Date"), "20251201T010000Z");
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 3);
	CHECK(strstr(aws_world_log(), "\"event\":\"aws_clock_offset\",\"offset_ms\":3600000") !=
	              NULL,
	      "%s", aws_world_log());
	aws_world_end();
}

TEST(calls_that_fail_together_each_use_what_one_learnt)
{
	struct aws_request request = aws_world_request(&aws_sqs_delete_message_batch);
	struct outcome first, second;

	aws_world_begin(say_skewed);
	aws_world_start(&first, &request);
	aws_world_start(&second, &request);
	simulation_run_next(aws_world.simulation);
	simulation_run_next(aws_world.simulation); /* both are signed before either is answered */
	while (aws_world_go_on())
		;
	CHECK_TEXT(first.body, "{\"fine\":true}");
	CHECK_TEXT(second.body, "{\"fine\":true}");
	aws_world_end();
}

TEST(a_clock_put_right_is_learnt_again)
{
	struct outcome outcome;

	aws_world_begin(say_skewed);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	simulation_set_wall(aws_world.simulation, SIMULATION_START_MS + HOUR_MS);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(local_server_requests(aws_world.server), 4);
	aws_world_end();
}

TEST(a_wrong_key_is_no_matter_of_the_clock)
{
	struct outcome outcome;

	aws_world_begin(say_mismatch);
	aws_world_run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(aws_world.server), 2);
	CHECK_INT(aws_world.keys.expired, 2);
	CHECK_TEXT(outcome.error.code, "SignatureDoesNotMatch");
	aws_world_end();
}

int main(void)
{
	unsetenv("AWS_ENDPOINT_URL");
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	check_run(expired_credentials_are_renewed_once);
	check_run(renewal_uses_up_no_attempt);
	check_run(a_long_poll_tells_of_expiry_without_repeating);
	check_run(a_key_that_is_gone_is_asked_for_anew);
	check_run(without_credentials_nothing_is_sent);
	check_run(the_clock_of_aws_is_learnt);
	check_run(calls_that_fail_together_each_use_what_one_learnt);
	check_run(a_clock_put_right_is_learnt_again);
	check_run(a_wrong_key_is_no_matter_of_the_clock);
	return check_done();
}
