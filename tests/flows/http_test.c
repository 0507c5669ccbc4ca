#include "worker/adapters/http.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "tests/flows/local_server.h"
#include "tests/unit/check.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON_MS   50
#define MANY      50
#define BODY_SIZE 4096

static struct loop *loop;
static struct http *http;
static struct local_server *server;

/* ---- A server that misbehaves by path -------------------------------------------------------- */

static enum local_end answer_by_path(const struct local_request *request)
{
	if (strcmp(request->path, "/fine") == 0) {
		local_say(request, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
		return LOCAL_KEEP;
	}
	if (strcmp(request->path, "/connection") == 0) {
		local_say(request, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n%10d", getpid());
		return LOCAL_KEEP;
	}
	if (strcmp(request->path, "/connection-closed") == 0)
		local_say(request, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n%10d", getpid());
	else if (strcmp(request->path, "/headers") == 0)
		local_say(request, "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n"
		                   "Date: Thu, 01 Jan 2026 00:00:01 GMT\r\n"
		                   "X-Amzn-RequestId: r-1\r\nx-amzn-ErrorType: Oh#No\r\n"
		                   "Retry-After: 7\r\nX-Amz-Retry-After: 1500\r\n\r\n");
	else if (strcmp(request->path, "/redirect") == 0)
		local_say(request, "HTTP/1.1 302 Found\r\nLocation: /fine\r\n"
		                   "Content-Length: 0\r\n\r\n");
	else if (strcmp(request->path, "/half") == 0)
		local_say(request, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
	else if (strcmp(request->path, "/half-head") == 0)
		local_say(request, "HTTP/1.1 200 OK\r\nContent-Le");
	else if (strcmp(request->path, "/garbage") == 0)
		local_say(request, "What do you want?\n");
	else if (strcmp(request->path, "/reset") == 0)
		return LOCAL_RESET;
	else if (strncmp(request->path, "/silent", 7) == 0)
		local_await_hangup(request);
	return LOCAL_CLOSE;
}

static enum local_end answer_at_length(const struct local_request *request)
{
	local_say(request, "HTTP/1.1 200 OK\r\n");
	if (strcmp(request->path, "/header-flood") == 0)
		local_say_bytes(request, 'x', 2 * LIMIT_HEADER);
	if (strcmp(request->path, "/many-headers") == 0) {
		for (int i = 0; i < LIMIT_HEADER / 8; i++)
			local_say(request, "X-%04d: 1\r\n", i);
	}
	if (strcmp(request->path, "/endless") == 0) {
		local_say(request, "\r\n");
		local_say_bytes(request, 'x', 100 * BODY_SIZE);
	}
	local_say(request, "Connection: close\r\n\r\n");
	local_say_bytes(request, 'x', BODY_SIZE);
	return LOCAL_CLOSE;
}

static enum local_end answer(const struct local_request *request)
{
	static const char *const long_ones[] = { "/header-flood", "/many-headers", "/endless",
		                                 "/4096" };

	for (size_t i = 0; i < ARRAY_LEN(long_ones); i++) {
		if (strcmp(request->path, long_ones[i]) == 0)
			return answer_at_length(request);
	}
	return answer_by_path(request);
}

/* ---- One request and what became of it ------------------------------------------------------- */

struct outcome {
	int done, status;
	struct call *call;
	char body[2 * BODY_SIZE], headers[256];
	size_t body_len;
	int64_t date_ms;
	struct err err;
};

static void on_done(void *ctx, const struct http_answer *got, const struct err *err)
{
	struct outcome *outcome = ctx;

	outcome->call = NULL;
	outcome->done++;
	CHECK((got != NULL) != (err != NULL));
	if (err)
		outcome->err = *err;
	if (!got)
		return;
	outcome->status = got->status;
	outcome->body_len = got->body.len;
	outcome->date_ms = got->date_ms;
	snprintf(outcome->body, sizeof(outcome->body), "%.*s", SPAN_ARG(got->body));
	snprintf(outcome->headers, sizeof(outcome->headers), "%.*s|%.*s|%.*s|%.*s",
	         SPAN_ARG(got->error_type), SPAN_ARG(got->request_id), SPAN_ARG(got->retry_after),
	         SPAN_ARG(got->amz_retry_after));
}

static const char *url_of(const char *path)
{
	static char url[256];

	snprintf(url, sizeof(url), "%s%s", local_server_origin(server), path);
	return url;
}

static struct http_request request_for(const char *url)
{
	return (struct http_request){ .method = "GET",
		                      .url = url,
		                      .timeout_ms = 20000,
		                      .max_answer = BODY_SIZE,
		                      .allow_http = true,
		                      .no_proxy = true };
}

static void start(struct outcome *outcome, const struct http_request *request)
{
	*outcome = (struct outcome){ 0 };
	outcome->call = http_start(http, request, on_done, outcome);
	CHECK_INT(outcome->done, 0); /* never from inside start */
}

static void run(struct outcome *outcome, const struct http_request *request)
{
	start(outcome, request);
	loop_run(loop);
	CHECK_INT(outcome->done, 1);
}

static void get(struct outcome *outcome, const char *path)
{
	struct http_request request = request_for(url_of(path));

	run(outcome, &request);
}

static void check_failure(const struct outcome *outcome, enum err_kind kind, const char *text)
{
	char want[256];

	CHECK_INT(outcome->status, 0);
	CHECK_INT((int)outcome->err.kind, (int)kind);
	snprintf(want, sizeof(want), "%s: %s", local_server_origin(server), text);
	CHECK_TEXT(outcome->err.text, want);
}

/* ---- What arrives ---------------------------------------------------------------------------- */

TEST(an_answer_has_status_and_body)
{
	struct outcome outcome;

	get(&outcome, "/fine");
	CHECK_INT(outcome.status, 200);
	CHECK_TEXT(outcome.body, "fine");
	CHECK_TEXT(outcome.headers, "|||");
	CHECK_INT(outcome.date_ms, -1);
}

TEST(any_status_is_an_answer_and_headers_are_read)
{
	struct outcome outcome;

	get(&outcome, "/headers");
	CHECK_INT(outcome.status, 503);
	CHECK_TEXT(outcome.headers, "Oh#No|r-1|7|1500");
	CHECK_INT(outcome.date_ms, 1767225601000);
}

TEST(redirects_are_not_followed)
{
	struct outcome outcome;
	int before = local_server_requests(server);

	get(&outcome, "/redirect");
	CHECK_INT(outcome.status, 302);
	CHECK_INT(local_server_requests(server), before + 1);
}

TEST(connections_are_used_again)
{
	struct outcome first, second;

	get(&first, "/connection");
	get(&second, "/connection");
	CHECK_INT((int)first.body_len, 10);
	CHECK_TEXT(second.body, first.body);
}

/* As the peer of an address that has moved does, without having said so. */
TEST(a_connection_that_the_server_closed_is_replaced)
{
	struct outcome first, second;

	get(&first, "/connection-closed");
	get(&second, "/connection");
	CHECK_INT(second.status, 200);
	CHECK(strcmp(second.body, first.body) != 0, "%s", first.body);
}

TEST(a_request_arrives_as_it_was_given)
{
	struct http_request request = request_for(url_of("/fine"));
	struct outcome outcome;
	const char *seen;

	request.method = "PUT";
	request.headers[0] = "Content-Type: text/plain";
	request.headers[1] = "X-Thing: 1";
	request.body = SPAN("a body");
	run(&outcome, &request);
	seen = local_server_request(server, local_server_requests(server) - 1);
	CHECK(strncmp(seen, "PUT /fine HTTP/1.1\r\n", 20) == 0, "%s", seen);
	CHECK(strstr(seen, "\r\nContent-Type: text/plain\r\n") != NULL, "%s", seen);
	CHECK(strstr(seen, "\r\nX-Thing: 1\r\n") != NULL, "%s", seen);
	CHECK(strstr(seen, "\r\nUser-Agent: evergold/") != NULL, "%s", seen);
	CHECK(strstr(seen, "Accept-Encoding") == NULL, "%s", seen);
	CHECK(strstr(seen, "\r\n\r\na body") != NULL, "%s", seen);
}

TEST(a_big_body_is_sent_without_asking_first)
{
	struct http_request request = request_for(url_of("/fine"));
	size_t size = (size_t)3 << 20;
	char *body = xcalloc(size, 1);
	struct outcome outcome;
	const char *seen;

	request.method = "POST";
	request.body = (struct span){ body, size };
	run(&outcome, &request);
	seen = local_server_request(server, local_server_requests(server) - 1);
	CHECK_INT(outcome.status, 200);
	CHECK(strstr(seen, "\r\nContent-Length: 3145728\r\n") != NULL, "%s", seen);
	CHECK(strstr(seen, "Expect") == NULL, "%s", seen);
	free(body);
}

/* ---- What does not --------------------------------------------------------------------------- */

TEST(silence_ends_at_the_deadline)
{
	struct http_request request = request_for(url_of("/silent/with-a-secret"));
	struct outcome outcome;

	request.timeout_ms = SOON_MS;
	run(&outcome, &request);
	check_failure(&outcome, ERR_TRANSIENT, "no answer within 0.05 s");
}

TEST(broken_answers_are_transient)
{
	struct outcome outcome;

	get(&outcome, "/half");
	check_failure(&outcome, ERR_TRANSIENT, "the answer ended early");
	get(&outcome, "/garbage");
	check_failure(&outcome, ERR_TRANSIENT, "the answer is not HTTP");
	get(&outcome, "/reset");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	get(&outcome, "/hang-up");
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	get(&outcome, "/half-head");
	check_failure(&outcome, ERR_TRANSIENT, "the answer ended early");
}

/* How often the server gets what it never answers, on a connection that was kept. */
static int times_sent(const char *method, const char *path)
{
	struct http_request request;
	struct outcome first, second;
	int before = local_server_requests(server) + 1;

	get(&first, "/connection");
	request = request_for(url_of(path));
	request.method = method;
	request.body = SPAN("do it"); /* not of GET */
	run(&second, &request);
	CHECK_INT(second.err.kind, ERR_TRANSIENT);
	return local_server_requests(server) - before;
}

/* The server may have acted upon it: libcurl must not repeat it behind our back. */
TEST(what_a_kept_connection_has_lost_is_not_sent_again)
{
	CHECK_INT(times_sent("POST", "/unanswered"), 1);
	CHECK_INT(times_sent("GET", "/unanswered"), 2); /* which changes nothing */
}

TEST(answers_have_a_maximum)
{
	struct http_request request = request_for(url_of("/4096"));
	struct outcome outcome;

	run(&outcome, &request);
	CHECK_INT((int)outcome.body_len, BODY_SIZE);
	request.max_answer = BODY_SIZE - 1;
	run(&outcome, &request);
	check_failure(&outcome, ERR_MALFORMED, "answer over 4095 bytes");
	get(&outcome, "/endless");
	check_failure(&outcome, ERR_MALFORMED, "answer over 4096 bytes");
}

TEST(headers_have_a_maximum)
{
	struct outcome outcome;

	get(&outcome, "/header-flood");
	check_failure(&outcome, ERR_MALFORMED, "answer over 16384 bytes");
	get(&outcome, "/many-headers");
	check_failure(&outcome, ERR_MALFORMED, "answer over 16384 bytes");
}

/* A port that is taken and does not listen refuses for certain. */
TEST(a_refused_connection_says_so)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char url[64], want[128];
	struct http_request request = request_for(url);
	struct outcome outcome;

	CHECK_INT(bind(fd, (struct sockaddr *)&at, len), 0);
	CHECK_INT(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/secret", ntohs(at.sin_port));
	run(&outcome, &request);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	snprintf(want, sizeof(want), "http://127.0.0.1:%u: could not connect: Connection refused",
	         ntohs(at.sin_port));
	CHECK_TEXT(outcome.err.text, want);
	close(fd);
}

TEST(tls_is_not_spoken_with_who_does_not_speak_it)
{
	struct outcome outcome;
	char url[64];
	struct http_request request = request_for(url);

	snprintf(url, sizeof(url), "https%s/fine", local_server_origin(server) + strlen("http"));
	run(&outcome, &request);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK(strstr(outcome.err.text, "SSL") != NULL, "%s", outcome.err.text);
}

TEST(unusable_requests_fail_from_the_loop)
{
	static const char *const urls[] = { "",
		                            "no url",
		                            "//127.0.0.1/",
		                            "ftp://127.0.0.1/",
		                            "file:///etc/passwd",
		                            "https://user:word@127.0.0.1/",
		                            "http://[bad" };
	int before = local_server_requests(server);
	struct outcome outcome;

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct http_request request = request_for(urls[i]);

		run(&outcome, &request);
		CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
		CHECK(strstr(outcome.err.text, "word") == NULL, "%s", outcome.err.text);
	}
	CHECK_INT(local_server_requests(server), before);
}

TEST(plain_http_must_be_allowed)
{
	struct http_request request = request_for(url_of("/fine"));
	struct outcome outcome;

	request.allow_http = false;
	run(&outcome, &request);
	check_failure(&outcome, ERR_MALFORMED, "only https is allowed");
}

TEST(a_header_stays_one_line)
{
	struct http_request request = request_for(url_of("/fine"));
	struct outcome outcome;

	request.headers[0] = "X-Thing: 1\r\nX-Other: 2";
	run(&outcome, &request);
	check_failure(&outcome, ERR_MALFORMED, "a header holds a control character");
}

/* ---- Cancelling ------------------------------------------------------------------------------ */

static struct outcome many[MANY];

TEST(a_cancelled_call_is_never_done)
{
	struct http_request request = request_for(url_of("/fine"));
	struct outcome outcome;

	start(&outcome, &request);
	call_cancel(outcome.call);
	request.url = "no url";
	start(&outcome, &request);
	call_cancel(outcome.call);
	loop_run(loop);
	CHECK_INT(outcome.done, 0);
}

static void cancel_first(void *ctx, const struct http_answer *got, const struct err *err)
{
	(void)err;
	CHECK(got != NULL);
	call_cancel(many[0].call);
	on_done(ctx, got, err);
}

TEST(a_call_is_cancelled_while_it_waits_for_its_answer)
{
	struct http_request request = request_for(url_of("/silent"));

	start(&many[0], &request);
	request.url = url_of("/fine");
	many[1] = (struct outcome){ 0 };
	http_start(http, &request, cancel_first, &many[1]);
	loop_run(loop);
	CHECK_INT(many[0].done, 0);
	CHECK_INT(many[1].done, 1);
}

static void cancel_others(void *ctx, const struct http_answer *got, const struct err *err)
{
	on_done(ctx, got, err);
	for (size_t i = 0; i < MANY; i++) {
		call_cancel(many[i].call);
		many[i].call = NULL;
	}
}

TEST(the_first_of_many_cancels_the_others)
{
	struct http_request request = request_for(url_of("/fine"));
	int done = 0;

	for (size_t i = 0; i < MANY; i++) {
		many[i] = (struct outcome){ 0 };
		many[i].call = http_start(http, &request, cancel_others, &many[i]);
	}
	loop_run(loop);
	for (size_t i = 0; i < MANY; i++)
		done += many[i].done;
	CHECK_INT(done, 1);
}

static void start_another(void *ctx, const struct http_answer *got, const struct err *err)
{
	struct http_request request = request_for(url_of("/fine"));

	on_done(ctx, got, err);
	many[1] = (struct outcome){ 0 };
	http_start(http, &request, on_done, &many[1]);
}

TEST(done_may_start_another)
{
	struct http_request request = request_for(url_of("/fine"));

	many[0] = (struct outcome){ 0 };
	http_start(http, &request, start_another, &many[0]);
	loop_run(loop);
	CHECK_INT(many[1].status, 200);
}

static struct outcome crowd[LIMIT_HTTP_CALLS];

static void on_turned_away(void *ctx, const struct http_answer *got, const struct err *err)
{
	on_done(ctx, got, err);
	for (size_t i = 0; i < LIMIT_HTTP_CALLS; i++)
		call_cancel(crowd[i].call);
}

TEST(too_many_at_a_time_are_turned_away)
{
	struct http_request request = request_for(url_of("/silent"));
	struct outcome outcome = { 0 };

	for (size_t i = 0; i < LIMIT_HTTP_CALLS; i++)
		start(&crowd[i], &request);
	http_start(http, &request, on_turned_away, &outcome);
	loop_run(loop);
	check_failure(&outcome, ERR_TRANSIENT, "over 256 requests at a time");
}

/* ---- Names ----------------------------------------------------------------------------------- */

static int name_server[2]; /* a pipe: a look-up lasts until something is in it */

/* Stands in for the C library's: a name server that does not answer while the test wants so. */
int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	char byte;

	(void)name;
	(void)service;
	(void)hints;
	*result = NULL;
	return read(name_server[0], &byte, 1) == 1 ? EAI_NONAME : EAI_FAIL;
}

/* Were the loop blocked until the look-up ends, this would never end: nothing is written before. */
TEST(a_name_server_that_is_silent_does_not_block_the_loop)
{
	struct http_request request = request_for("http://silent.test/");
	struct outcome outcome;

	CHECK_INT(pipe(name_server), 0);
	request.timeout_ms = SOON_MS;
	run(&outcome, &request);
	CHECK_TEXT(outcome.err.text, "http://silent.test: no connection within 0.05 s");
	start(&outcome, &request);
	call_cancel(outcome.call);
	CHECK_INT(write(name_server[1], "xx", 2), 2);
}

TEST(an_unknown_name_is_transient)
{
	struct http_request request = request_for("http://nowhere.test/");
	struct outcome outcome;

	CHECK_INT(write(name_server[1], "xx", 2), 2);
	run(&outcome, &request);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text, "http://nowhere.test: the name cannot be resolved");
	close(name_server[0]);
	close(name_server[1]);
}

static void run_tests(void)
{
	check_run(an_answer_has_status_and_body);
	check_run(any_status_is_an_answer_and_headers_are_read);
	check_run(redirects_are_not_followed);
	check_run(connections_are_used_again);
	check_run(a_connection_that_the_server_closed_is_replaced);
	check_run(a_request_arrives_as_it_was_given);
	check_run(a_big_body_is_sent_without_asking_first);
	check_run(silence_ends_at_the_deadline);
	check_run(broken_answers_are_transient);
	check_run(what_a_kept_connection_has_lost_is_not_sent_again);
	check_run(answers_have_a_maximum);
	check_run(headers_have_a_maximum);
	check_run(a_refused_connection_says_so);
	check_run(tls_is_not_spoken_with_who_does_not_speak_it);
	check_run(unusable_requests_fail_from_the_loop);
	check_run(plain_http_must_be_allowed);
	check_run(a_header_stays_one_line);
	check_run(a_cancelled_call_is_never_done);
	check_run(a_call_is_cancelled_while_it_waits_for_its_answer);
	check_run(the_first_of_many_cancels_the_others);
	check_run(done_may_start_another);
	check_run(too_many_at_a_time_are_turned_away);
	check_run(a_name_server_that_is_silent_does_not_block_the_loop);
	check_run(an_unknown_name_is_transient);
}

int main(void)
{
	struct err err;

	server = local_server_start(answer);
	loop = loop_new();
	http = http_new(loop, &err);
	run_tests();
	http_free(http);
	loop_free(loop);
	local_server_stop(server);
	return check_done();
}
