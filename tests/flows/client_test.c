#include "worker/aws/client.h"

#include "common/base/mem.h"
#include "tests/flows/local_server.h"
#include "tests/flows/simulated_time.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR_MS 3600000
#define AUTHORIZATION                                                                     \
	"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251201/eu-west-1/sqs/aws4_request,"    \
	" SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, " \
	"Signature="

/* ---- Keys that count what happens to them ------------------------------------------------------
 */

struct keys {
	struct credentials_provider provider; /* first: what the client holds */
	struct credentials credentials;
	int expired;
	bool absent;
};

struct question {
	struct call call; /* first: what the client holds */
	struct keys *keys;
	struct call *turn;
	credentials_done_fn *done;
	void *ctx;
};

static char key_id[] = "AKIDEXAMPLE", source[] = "test";

static void on_question(void *ctx)
{
	struct question *question = ctx;
	struct keys *keys = question->keys;
	struct err none = { ERR_BROKEN, "no credentials" };

	question->done(question->ctx, keys->absent ? NULL : &keys->credentials,
	               keys->absent ? &none : NULL);
	free(question);
}

static void cancel_question(struct call *call)
{
	call_cancel(((struct question *)call)->turn);
	free(call);
}

/* ---- The world of one test ---------------------------------------------------------------------
 */

static struct world {
	struct loop *loop;
	struct http *http;
	struct simulation *simulation;
	struct timers *timers;
	struct local_server *server;
	struct keys keys;
	struct log log;
	FILE *log_file;
	struct aws_client *client;
} world;

static struct call *get_keys(struct credentials_provider *provider, credentials_done_fn *done,
                             void *ctx)
{
	struct question *question = xcalloc(1, sizeof(*question));

	*question =
		(struct question){ { cancel_question }, (struct keys *)provider, NULL, done, ctx };
	question->turn = world.timers->after(world.timers, 0, on_question, question);
	return &question->call;
}

static void expire_keys(struct credentials_provider *provider)
{
	((struct keys *)provider)->expired++;
}

static int64_t log_time(void)
{
	return SIMULATION_START_MS;
}

static struct aws_client *new_client(struct err *reterr)
{
	struct aws_client_options options = { world.http, world.timers, &world.keys.provider,
		                              &world.log };

	return aws_client_new(&options, reterr);
}

static void begin(local_answer_fn *answer)
{
	struct err err;

	world.loop = loop_new();
	world.http = http_new(world.loop, &err);
	world.simulation = simulation_new();
	world.timers = simulation_timers(world.simulation);
	world.server = local_server_start(answer);
	world.log_file = tmpfile();
	world.log = (struct log){ LOG_DEBUG, true, fileno(world.log_file), log_time };
	world.keys = (struct keys){ .provider = { get_keys, expire_keys, NULL } };
	world.keys.credentials = (struct credentials){ key_id, secret_of(SPAN("s3cr3t")),
		                                       secret_of(SPAN("t0ken/+=")), source };
	setenv("AWS_ENDPOINT_URL", local_server_origin(world.server), 1);
	world.client = new_client(&err);
}

static const char *log_text(void)
{
	static char text[65536];
	ssize_t n = pread(fileno(world.log_file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void end(void)
{
	CHECK(strstr(log_text(), "s3cr3t") == NULL, "%s", log_text());
	CHECK(strstr(log_text(), "t0ken") == NULL, "%s", log_text());
	CHECK_INT((int)simulation_waiting(world.simulation), 0);
	aws_client_free(world.client);
	secret_clear(&world.keys.credentials.secret_access_key);
	secret_clear(&world.keys.credentials.session_token);
	fclose(world.log_file);
	http_free(world.http);
	loop_free(world.loop);
	simulation_free(world.simulation);
	local_server_stop(world.server);
	unsetenv("AWS_ENDPOINT_URL");
}

/* ---- One call and what became of it ------------------------------------------------------------
 */

struct outcome {
	int done;
	bool answered;
	struct call *call;
	char body[256], request_id[64];
	struct aws_error error;
	struct err err;
};

static void on_done(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct outcome *outcome = ctx;

	outcome->call = NULL;
	outcome->done++;
	outcome->answered = answer != NULL;
	if (err)
		outcome->err = *err;
	if (!answer)
		return;
	CHECK((answer->error != NULL) == (err != NULL));
	if (answer->error)
		outcome->error = *answer->error;
	snprintf(outcome->body, sizeof(outcome->body), "%.*s", SPAN_ARG(answer->body));
	snprintf(outcome->request_id, sizeof(outcome->request_id), "%.*s",
	         SPAN_ARG(answer->request_id));
}

static struct aws_request request_of(const struct aws_operation *operation)
{
	return (struct aws_request){ .operation = operation,
		                     .region = "eu-west-1",
		                     .body = SPAN("{\"a\":1}") };
}

static void start(struct outcome *outcome, const struct aws_request *request)
{
	*outcome = (struct outcome){ 0 };
	outcome->call = aws_start(world.client, request, on_done, outcome);
	CHECK_INT(outcome->done, 0); /* never from inside start */
}

static bool go_on(void)
{
	loop_run(world.loop);
	return simulation_run_next(world.simulation);
}

static void run_request(struct outcome *outcome, const struct aws_request *request)
{
	start(outcome, request);
	while (go_on())
		;
	CHECK_INT(outcome->done, 1);
}

static void run(struct outcome *outcome, const struct aws_operation *operation)
{
	struct aws_request request = request_of(operation);

	run_request(outcome, &request);
}

/* A header of one request, without its name; "" when it was not there. */
static const char *header_of(int number, const char *name)
{
	static char value[LOCAL_REQUEST];
	const char *seen = local_server_request(world.server, number);
	char start_of[64];
	const char *at;

	snprintf(start_of, sizeof(start_of), "\r\n%s: ", name);
	at = strstr(seen, start_of);
	memset(value, 0, sizeof(value));
	if (at)
		memcpy(value, at + strlen(start_of), strcspn(at + strlen(start_of), "\r"));
	return value;
}

/* ---- Answers -----------------------------------------------------------------------------------
 */

static enum local_end say(const struct local_request *request, const char *head, const char *body)
{
	local_say(request, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nx-amzn-RequestId: r-%d\r\n\r\n%s",
	          head, strlen(body), request->number, body);
	return LOCAL_KEEP;
}

static enum local_end say_fine(const struct local_request *request)
{
	return say(request, "200 OK", "{\"fine\":true}");
}

static enum local_end say_unavailable(const struct local_request *request)
{
	return say(request, "503 Service Unavailable", "<html>busy</html>");
}

static enum local_end say_unavailable_twice(const struct local_request *request)
{
	return request->number < 2 ? say_unavailable(request) : say_fine(request);
}

static enum local_end say_throttled_once(const struct local_request *request)
{
	if (request->number == 0)
		return say(request, "400 Bad Request\r\nx-amz-retry-after: 1500",
		           "{\"__type\":\"ThrottlingException\"}");
	return say_fine(request);
}

static enum local_end say_denied(const struct local_request *request)
{
	return say(request, "400 Bad Request",
	           "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\","
	           "\"Message\":\"You shall not\"}");
}

static enum local_end say_expired(const struct local_request *request)
{
	return say(request, "400 Bad Request",
	           "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
}

static enum local_end say_expired_once(const struct local_request *request)
{
	return request->number == 0 ? say_expired(request) : say_fine(request);
}

/* A clock that is an hour ahead of ours. */
static enum local_end say_skewed(const struct local_request *request)
{
	if (strstr(request->text, "X-Amz-Date: 20251201T01"))
		return say_fine(request);
	return say(request, "403 Forbidden\r\nDate: Mon, 01 Dec 2025 01:00:00 GMT",
	           "{\"__type\":\"RequestTimeTooSkewed\"}");
}

static enum local_end say_mismatch(const struct local_request *request)
{
	return say(request, "403 Forbidden\r\nDate: Mon, 01 Dec 2025 00:00:30 GMT",
	           "{\"__type\":\"SignatureDoesNotMatch\",\"message\":\"check your key\"}");
}

static enum local_end say_elsewhere(const struct local_request *request)
{
	return say(request, "302 Found\r\nLocation: http://127.0.0.1/", "");
}

static enum local_end say_garbage(const struct local_request *request)
{
	return say(request, "200 OK", "<html>");
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

/* ---- Requests ----------------------------------------------------------------------------------
 */

TEST(a_request_is_signed_and_named)
{
	struct outcome outcome;

	begin(say_fine);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK(outcome.answered);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_TEXT(outcome.request_id, "r-0");
	CHECK_TEXT(header_of(0, "Content-Type"), "application/x-amz-json-1.0");
	CHECK_TEXT(header_of(0, "X-Amz-Target"), "AmazonSQS.DeleteMessageBatch");
	CHECK_TEXT(header_of(0, "X-Amz-Date"), "20251201T000000Z");
	CHECK_TEXT(header_of(0, "X-Amz-Security-Token"), "t0ken/+=");
	CHECK_TEXT(header_of(0, "Host"), local_server_origin(world.server) + strlen("http://"));
	CHECK_TEXT(header_of(0, "amz-sdk-request"), "attempt=1; max=3");
	CHECK_INT((int)strlen(header_of(0, "amz-sdk-invocation-id")), 36);
	CHECK(span_starts(span_of(header_of(0, "Authorization")), SPAN(AUTHORIZATION)), "%s",
	      header_of(0, "Authorization"));
	CHECK(strstr(local_server_request(world.server, 0), "\r\n\r\n{\"a\":1}") != NULL);
	end();
}

TEST(a_garbage_answer_with_200_is_for_the_reader_of_the_body)
{
	struct outcome outcome;

	begin(say_garbage);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "<html>");
	end();
}

/* ---- Repetitions -------------------------------------------------------------------------------
 */

TEST(a_passing_failure_is_repeated)
{
	struct outcome outcome;
	char id[64];

	begin(say_unavailable_twice);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(local_server_requests(world.server), 3);
	CHECK_TEXT(header_of(2, "amz-sdk-request"), "attempt=3; max=3");
	snprintf(id, sizeof(id), "%s", header_of(0, "amz-sdk-invocation-id"));
	CHECK_TEXT(header_of(2, "amz-sdk-invocation-id"), id);
	end();
}

TEST(a_lasting_failure_uses_up_the_attempts)
{
	struct outcome outcome;

	begin(say_unavailable);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(world.server), 3);
	CHECK(outcome.answered);
	CHECK_INT(outcome.error.status, 503);
	CHECK_TEXT(outcome.request_id, "r-2");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text, "SQS DeleteMessageBatch: 503: <html>busy</html>");
	CHECK(strstr(log_text(), "\"level\":\"debug\",\"event\":\"aws_request_failed\"") != NULL);
	CHECK(strstr(log_text(), "\"level\":\"warning\",\"event\":\"aws_request_failed\"") != NULL);
	CHECK(strstr(log_text(), "\"request_id\":\"r-2\"") != NULL, "%s", log_text());
	end();
}

TEST(silence_is_repeated_and_then_told)
{
	struct outcome outcome;
	char want[256];

	begin(hang_up);
	run(&outcome, &aws_codepipeline_get_pipeline_execution);
	CHECK_INT(local_server_requests(world.server), 3);
	CHECK(!outcome.answered);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	snprintf(want, sizeof(want),
	         "CODEPIPELINE GetPipelineExecution: %s: closed the connection without an answer",
	         local_server_origin(world.server));
	CHECK_TEXT(outcome.err.text, want);
	end();
}

TEST(throttling_waits_as_long_as_the_service_says)
{
	struct outcome outcome;
	int64_t from, waited;

	begin(say_throttled_once);
	from = world.timers->steady_ms(world.timers);
	run(&outcome, &aws_sqs_delete_message_batch);
	waited = world.timers->steady_ms(world.timers) - from;
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK(waited >= 1500 && waited <= 6500, "%d", (int)waited);
	end();
}

TEST(what_is_denied_is_not_repeated)
{
	struct outcome outcome;

	begin(say_denied);
	run(&outcome, &aws_ssm_get_parameter);
	CHECK_INT(local_server_requests(world.server), 1);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK_TEXT(outcome.error.code, "AccessDeniedException");
	CHECK_TEXT(outcome.err.text, "SSM GetParameter: AccessDeniedException: You shall not");
	end();
}

TEST(a_redirect_is_a_failure)
{
	struct outcome outcome;

	begin(say_elsewhere);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(world.server), 1);
	CHECK_INT(outcome.error.status, 302);
	end();
}

TEST(a_long_poll_is_not_repeated)
{
	struct outcome outcome;

	begin(say_unavailable);
	run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(world.server), 1);
	CHECK_INT(outcome.error.status, 503);
	end();
}

/* 500 tokens, 14 for each repetition: 35 of them. */
TEST(repetitions_end_when_everything_fails)
{
	struct outcome outcome;

	begin(say_unavailable);
	for (int i = 0; i < 20; i++)
		run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(world.server), 20 + 35);
	end();
}

/* ---- Credentials and clock ---------------------------------------------------------------------
 */

TEST(expired_credentials_are_renewed_once)
{
	struct outcome outcome;

	begin(say_expired_once);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(world.keys.expired, 1);
	end();
	begin(say_expired);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(world.server), 2);
	CHECK_TEXT(outcome.error.code, "ExpiredTokenException");
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	end();
}

TEST(a_long_poll_tells_of_expiry_without_repeating)
{
	struct outcome outcome;

	begin(say_expired);
	run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(world.server), 1);
	CHECK_INT(world.keys.expired, 1);
	end();
}

TEST(without_credentials_nothing_is_sent)
{
	struct outcome outcome;

	begin(say_fine);
	world.keys.absent = true;
	run(&outcome, &aws_sqs_receive_message);
	CHECK_INT(local_server_requests(world.server), 0);
	CHECK(!outcome.answered);
	CHECK_INT((int)outcome.err.kind, ERR_BROKEN);
	CHECK_TEXT(outcome.err.text, "SQS ReceiveMessage: no credentials");
	end();
}

TEST(the_clock_of_aws_is_learnt)
{
	struct outcome outcome;

	begin(say_skewed);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_TEXT(header_of(1, "X-Amz-Date"), "20251201T010000Z");
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(world.server), 3);
	CHECK(strstr(log_text(), "\"event\":\"aws_clock_offset\",\"offset_ms\":3600000") != NULL,
	      "%s", log_text());
	end();
}

TEST(calls_that_fail_together_each_use_what_one_learnt)
{
	struct aws_request request = request_of(&aws_sqs_delete_message_batch);
	struct outcome first, second;

	begin(say_skewed);
	start(&first, &request);
	start(&second, &request);
	while (go_on())
		;
	CHECK_TEXT(first.body, "{\"fine\":true}");
	CHECK_TEXT(second.body, "{\"fine\":true}");
	end();
}

TEST(a_clock_put_right_is_learnt_again)
{
	struct outcome outcome;

	begin(say_skewed);
	run(&outcome, &aws_sqs_delete_message_batch);
	simulation_set_wall(world.simulation, SIMULATION_START_MS + HOUR_MS);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	CHECK_INT(local_server_requests(world.server), 4);
	end();
}

TEST(a_wrong_key_is_no_matter_of_the_clock)
{
	struct outcome outcome;

	begin(say_mismatch);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_INT(local_server_requests(world.server), 1);
	CHECK_TEXT(outcome.error.code, "SignatureDoesNotMatch");
	end();
}

/* ---- Endpoints ---------------------------------------------------------------------------------
 */

TEST(the_override_of_a_service_wins)
{
	struct outcome outcome;
	struct err err;

	begin(say_fine);
	aws_client_free(world.client);
	setenv("AWS_ENDPOINT_URL_SQS", local_server_origin(world.server), 1);
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1/", 1);
	world.client = new_client(&err);
	run(&outcome, &aws_sqs_delete_message_batch);
	CHECK_TEXT(outcome.body, "{\"fine\":true}");
	run(&outcome, &aws_ssm_get_parameter);
	CHECK(strstr(outcome.err.text, "http://127.0.0.1:1: could not connect") != NULL, "%s",
	      outcome.err.text);
	unsetenv("AWS_ENDPOINT_URL_SQS");
	end();
}

TEST(a_faulty_override_is_told_at_once)
{
	struct err err = { 0 };

	begin(say_fine);
	setenv("AWS_ENDPOINT_URL_SSM", "localhost:4566", 1);
	CHECK(new_client(&err) == NULL);
	CHECK_INT((int)err.kind, ERR_MALFORMED);
	CHECK(strncmp(err.text, "AWS_ENDPOINT_URL_SSM: ", 22) == 0, "%s", err.text);
	unsetenv("AWS_ENDPOINT_URL_SSM");
	end();
}

TEST(only_an_override_may_be_plain_http)
{
	struct aws_request request = request_of(&aws_sqs_delete_message_batch);
	struct outcome outcome;
	struct err err;

	begin(say_fine);
	aws_client_free(world.client);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	world.client = new_client(&err);
	request.origin = local_server_origin(world.server);
	run_request(&outcome, &request);
	CHECK_INT(local_server_requests(world.server), 0);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	CHECK(strstr(outcome.err.text, "only https is allowed") != NULL, "%s", outcome.err.text);
	request.origin = "https://user@example.com";
	run_request(&outcome, &request);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	end();
}

TEST(a_region_is_no_part_of_another_host)
{
	struct aws_request request = request_of(&aws_sqs_delete_message_batch);
	struct outcome outcome;

	begin(say_fine);
	request.region = "example.com/";
	run_request(&outcome, &request);
	CHECK_INT(local_server_requests(world.server), 0);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	end();
}

/* ---- Cancelling --------------------------------------------------------------------------------
 */

static void cancel_call(void *ctx)
{
	struct outcome *outcome = ctx;

	call_cancel(outcome->call);
}

static void start_and_cancel_after(struct outcome *outcome, int turns)
{
	struct aws_request request = request_of(&aws_sqs_delete_message_batch);

	start(outcome, &request);
	for (int i = 0; i < turns; i++)
		go_on();
	call_cancel(outcome->call);
	loop_run(world.loop);
}

/* One turn for the credentials, then the answer is waited for, then the next attempt. */
TEST(a_call_is_cancelled_at_any_stage)
{
	struct outcome outcome;

	begin(say_unavailable);
	start_and_cancel_after(&outcome, 0);
	CHECK_INT(local_server_requests(world.server), 0);
	start_and_cancel_after(&outcome, 1);
	CHECK_INT(outcome.done, 0);
	start_and_cancel_after(&outcome, 2);
	CHECK_INT(outcome.done, 0);
	end();
}

TEST(a_call_is_cancelled_while_aws_is_silent)
{
	struct timers *real;
	struct outcome outcome;
	struct aws_request request = request_of(&aws_sqs_receive_message);

	begin(stay_silent);
	real = loop_timers(world.loop);
	start(&outcome, &request);
	simulation_run_next(world.simulation);
	real->after(real, 20, cancel_call, &outcome);
	loop_run(world.loop);
	CHECK_INT(outcome.done, 0);
	end();
}

static void run_tests(void)
{
	check_run(a_request_is_signed_and_named);
	check_run(a_garbage_answer_with_200_is_for_the_reader_of_the_body);
	check_run(a_passing_failure_is_repeated);
	check_run(a_lasting_failure_uses_up_the_attempts);
	check_run(silence_is_repeated_and_then_told);
	check_run(throttling_waits_as_long_as_the_service_says);
	check_run(what_is_denied_is_not_repeated);
	check_run(a_redirect_is_a_failure);
	check_run(a_long_poll_is_not_repeated);
	check_run(repetitions_end_when_everything_fails);
	check_run(expired_credentials_are_renewed_once);
	check_run(a_long_poll_tells_of_expiry_without_repeating);
	check_run(without_credentials_nothing_is_sent);
	check_run(the_clock_of_aws_is_learnt);
	check_run(calls_that_fail_together_each_use_what_one_learnt);
	check_run(a_clock_put_right_is_learnt_again);
	check_run(a_wrong_key_is_no_matter_of_the_clock);
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
