/* Credentials that end while calls are under way: a container's endpoint, AWS, and many callers. */
#include "common/aws/operation.h"
#include "tests/flows/local_server.h"
#include "tests/unit/check.h"
#include "worker/adapters/http.h"
#include "worker/aws/client.h"
#include "worker/aws/credential_sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLS 20
#define LONG  "\"WaitTimeSeconds\":20"

static struct loop *loop;
static struct http *http;
static struct local_server *server;
static struct credentials_provider *provider;
static struct aws_client *client;
static struct log log_of_test;
static FILE *log_file;

static int64_t no_time(void)
{
	return 0;
}

/* ---- The server ------------------------------------------------------------------------------ */

static void say(const struct local_request *request, const char *status, const char *body)
{
	local_say(request, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body),
	          body);
}

/* The first question of all is for credentials: those are the ones that AWS takes no more. */
static void serve_keys(const struct local_request *request)
{
	char body[256];

	snprintf(body, sizeof(body),
	         "{\"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"s3cr3t\", \"Token\": \"%s\", "
	         "\"Expiration\": \"2999-01-01T00:00:00Z\"}",
	         request->number == 0 ? "old" : "new");
	say(request, "200 OK", body);
}

static enum local_end answer(const struct local_request *request)
{
	if (strcmp(request->path, "/keys") == 0)
		serve_keys(request);
	else if (strstr(request->text, LONG))
		local_await_hangup(request); /* a long poll that nothing comes of */
	else if (strstr(request->text, "X-Amz-Security-Token: new\r\n"))
		say(request, "200 OK", "{}");
	else
		say(request, "400 Bad Request",
		    "{\"__type\": \"ExpiredTokenException\", \"message\": \"it has ended\"}");
	return LOCAL_CLOSE;
}

/* ---- The calls ------------------------------------------------------------------------------- */

static int succeeded, failed;

static void on_answer(void *ctx, const struct aws_answer *got, const struct err *err)
{
	(void)ctx;
	(void)got;
	CHECK(err == NULL, "%s", err ? err->text : "");
	succeeded += !err;
	failed += err != NULL;
	if (succeeded + failed == CALLS)
		loop_stop(loop);
}

static struct call *start(const struct aws_operation *operation, struct span body)
{
	return aws_start(client,
	                 &(struct aws_request){
				 .operation = operation, .region = "eu-west-1", .body = body },
	                 on_answer, NULL);
}

static void begin(struct credential_step *step)
{
	struct credential_tools tools;

	server = local_server_start(answer);
	setenv("AWS_ENDPOINT_URL", local_server_origin(server), 1);
	loop = loop_new();
	http = http_new(loop, NULL);
	log_file = tmpfile();
	log_of_test = (struct log){ LOG_DEBUG, true, fileno(log_file), no_time };
	tools = (struct credential_tools){ .loop = loop,
		                           .http = http,
		                           .timers = loop_timers(loop) };
	provider = credentials_cached(credentials_container(&tools, step), tools.timers,
	                              &log_of_test);
	client = aws_client_new(&(struct aws_client_options){ .http = http,
	                                                      .timers = tools.timers,
	                                                      .credentials = provider,
	                                                      .log = &log_of_test },
	                        NULL);
}

static void check_log(void)
{
	static char text[65536];
	ssize_t n = pread(fileno(log_file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	CHECK(strstr(text, "ExpiredTokenException") != NULL, "%s", text);
	CHECK(strstr(text, "s3cr3t") == NULL, "%s", text);
	fclose(log_file);
}

static void end(void)
{
	check_log();
	aws_client_free(client);
	provider->free(provider);
	http_free(http);
	loop_free(loop);
	local_server_stop(server);
}

static int questions_for_keys(void)
{
	int questions = 0;

	for (int i = 0; i < local_server_requests(server); i++)
		questions += strncmp(local_server_request(server, i), "GET /keys ", 10) == 0;
	return questions;
}

TEST(calls_under_way_survive_a_rotation)
{
	struct credential_step step = { .kind = CREDENTIAL_CONTAINER, .where = "test" };
	struct call *long_poll;
	char url[128];

	begin(&step);
	snprintf(url, sizeof(url), "%s/keys", local_server_origin(server));
	step.uri = url;
	long_poll = start(&aws_sqs_receive_message, SPAN("{" LONG "}"));
	for (int i = 0; i < CALLS; i++)
		start(&aws_codepipeline_get_pipeline, SPAN("{}"));
	loop_run(loop);
	CHECK_INT(succeeded, CALLS);
	CHECK_INT(failed, 0);
	CHECK_INT(questions_for_keys(), 2);
	CHECK_INT(local_server_requests(server), 2 + 1 + 2 * CALLS);
	call_cancel(long_poll); /* still under way */
	end();
}

int main(void)
{
	check_run(calls_under_way_survive_a_rotation);
	return check_done();
}
