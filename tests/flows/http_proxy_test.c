#include "tests/flows/local_server.h"
#include "tests/unit/check.h"
#include "worker/adapters/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET  "Authorization: s3cr3t"
#define NOWHERE "http://127.0.0.1:1" /* nobody listens there */

static struct loop *loop;
static struct http *http;
static struct local_server *server;

/* Answers what a proxy is asked for in plain text, and tunnels to nowhere. */
static enum local_end answer(const struct local_request *request)
{
	if (strncmp(request->text, "CONNECT ", 8) == 0)
		local_say(request, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
	else
		local_say(request, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
	return LOCAL_CLOSE;
}

/* ---- One request and what became of it ------------------------------------------------------- */

struct outcome {
	int status;
	struct err err;
};

static void on_done(void *ctx, const struct http_answer *got, const struct err *err)
{
	struct outcome *outcome = ctx;

	if (got)
		outcome->status = got->status;
	else
		outcome->err = *err;
}

static struct outcome get(const char *url, bool no_proxy)
{
	struct outcome outcome = { 0 };
	struct http_request request = { .method = "GET",
		                        .url = url,
		                        .headers = { SECRET },
		                        .timeout_ms = 20000,
		                        .max_answer = 4096,
		                        .allow_http = true,
		                        .no_proxy = no_proxy };

	http_start(http, &request, on_done, &outcome);
	loop_run(loop);
	return outcome;
}

static void begin(const char *variable, const char *proxy)
{
	struct err err;

	server = local_server_start(answer);
	setenv(variable, proxy ? proxy : local_server_origin(server), 1);
	loop = loop_new();
	http = http_new(loop, &err);
}

static void end(void)
{
	static const char *const variables[] = { "http_proxy", "HTTPS_PROXY", "NO_PROXY" };

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	http_free(http);
	loop_free(loop);
	local_server_stop(server);
}

static void check_asked(const char *start)
{
	const char *asked = local_server_request(server, 0);

	CHECK(strncmp(asked, start, strlen(start)) == 0, "%s", asked);
}

/* ---- Through a proxy or not ------------------------------------------------------------------ */

TEST(plain_http_goes_through_its_proxy)
{
	begin("http_proxy", NULL);
	CHECK_INT(get("http://service.invalid/thing", false).status, 200);
	check_asked("GET http://service.invalid/thing HTTP/1.1\r\n");
	end();
}

TEST(a_proxy_of_https_sees_the_host_alone)
{
	struct outcome outcome;

	begin("HTTPS_PROXY", NULL);
	outcome = get("https://service.invalid/thing", false);
	check_asked("CONNECT service.invalid:443 HTTP/1.1\r\n");
	CHECK(strstr(local_server_request(server, 0), "s3cr3t") == NULL);
	CHECK(strstr(local_server_request(server, 0), "thing") == NULL);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text, "https://service.invalid: the proxy answered 403");
	end();
}

TEST(what_no_proxy_names_is_asked_directly)
{
	begin("http_proxy", NOWHERE);
	CHECK_INT(get(local_server_origin(server), false).status, 0);
	setenv("NO_PROXY", "example.com,127.0.0.0/8", 1);
	CHECK_INT(get(local_server_origin(server), false).status, 200);
	check_asked("GET / HTTP/1.1\r\n");
	end();
}

TEST(a_request_may_refuse_every_proxy)
{
	begin("http_proxy", NOWHERE);
	CHECK_INT(get(local_server_origin(server), true).status, 200);
	check_asked("GET / HTTP/1.1\r\n");
	end();
}

TEST(a_proxy_whose_name_is_unknown_is_told)
{
	struct outcome outcome;

	begin("HTTPS_PROXY", "http://proxy.invalid:3128");
	outcome = get("https://service.invalid/", false);
	CHECK_INT((int)outcome.err.kind, ERR_TRANSIENT);
	CHECK_TEXT(outcome.err.text,
	           "https://service.invalid: the proxy's name cannot be resolved");
	end();
}

int main(void)
{
	static const char *const variables[] = { "ALL_PROXY", "all_proxy", "https_proxy",
		                                 "no_proxy" };

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	check_run(plain_http_goes_through_its_proxy);
	check_run(a_proxy_of_https_sees_the_host_alone);
	check_run(what_no_proxy_names_is_asked_directly);
	check_run(a_request_may_refuse_every_proxy);
	check_run(a_proxy_whose_name_is_unknown_is_told);
	return check_done();
}
