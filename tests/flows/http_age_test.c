/*
 * How long a kept connection is used, so that a changed address is noticed. libcurl reads the clock
 * from here, where minutes pass at once.
 */
#include "tests/flows/local_server.h"
#include "tests/unit/check.h"
#include "worker/adapters/http.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct loop *loop;
static struct http *http;
static struct local_server *server;
static time_t passed_s;

/* In the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
	int failed = (int)syscall(SYS_clock_gettime, clock, ret_now);

	if (clock == CLOCK_MONOTONIC)
		ret_now->tv_sec += passed_s;
	return failed;
}

/* Each connection has a process of its own. */
static enum local_end say_process(const struct local_request *request)
{
	local_say(request, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n%10d", getpid());
	return LOCAL_KEEP;
}

static void on_done(void *ctx, const struct http_answer *got, const struct err *err)
{
	char *text = ctx;

	CHECK(!err, "%s", err ? err->text : "");
	if (got)
		snprintf(text, 16, "%.*s", SPAN_ARG(got->body));
}

/* Asks after so many seconds; over the same connection as before? */
static bool is_kept_after(time_t seconds)
{
	static char connection[16];
	char before[16];

	passed_s += seconds;
	memcpy(before, connection, sizeof(before));
	connection[0] = '\0';
	http_start(http,
	           &(struct http_request){ .method = "GET",
	                                   .url = local_server_origin(server),
	                                   .timeout_ms = 20000,
	                                   .max_answer = 64,
	                                   .allow_http = true,
	                                   .no_proxy = true },
	           on_done, connection);
	loop_run(loop);
	CHECK(connection[0]);
	return strcmp(connection, before) == 0;
}

TEST(a_connection_that_was_idle_is_not_used_again)
{
	(void)is_kept_after(0);
	CHECK(is_kept_after(100));
	CHECK(!is_kept_after(115));
}

TEST(a_busy_connection_ends_after_ten_minutes)
{
	CHECK(!is_kept_after(3600));
	for (int minutes = 1; minutes < 10; minutes++)
		CHECK(is_kept_after(60), "after %d minutes", minutes);
	CHECK(!is_kept_after(65));
}

int main(void)
{
	struct err err;

	server = local_server_start(say_process);
	loop = loop_new();
	http = http_new(loop, &err);
	check_run(a_connection_that_was_idle_is_not_used_again);
	check_run(a_busy_connection_ends_after_ten_minutes);
	http_free(http);
	loop_free(loop);
	local_server_stop(server);
	return check_done();
}
