#include "tests/flows/aws_world.h"

#include "common/base/mem.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Keys that count what happens to them ---------------------------------------------------- */

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

/* ---- The world of one test ------------------------------------------------------------------- */

struct aws_world aws_world;

static struct call *get_keys(struct credentials_provider *provider, credentials_done_fn *done,
                             void *ctx)
{
	struct question *question = xcalloc(1, sizeof(*question));

	*question =
		(struct question){ { cancel_question }, (struct keys *)provider, NULL, done, ctx };
	if (!question->keys->slow)
		question->turn = aws_world.timers->after(aws_world.timers, 0, on_question,
		                                         question);
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

struct aws_client *aws_world_client(struct err *reterr)
{
	struct aws_client_options options = { aws_world.http, aws_world.timers,
		                              &aws_world.keys.provider, &aws_world.log };

	return aws_client_new(&options, reterr);
}

void aws_world_begin(local_answer_fn *answer)
{
	struct err err;

	aws_world.loop = loop_new();
	aws_world.http = http_new(aws_world.loop, &err);
	aws_world.simulation = simulation_new();
	aws_world.timers = simulation_timers(aws_world.simulation);
	aws_world.server = local_server_start(answer);
	aws_world.log_file = tmpfile();
	aws_world.log = (struct log){ LOG_DEBUG, true, fileno(aws_world.log_file), log_time };
	aws_world.keys = (struct keys){ .provider = { get_keys, expire_keys, NULL } };
	aws_world.keys.credentials = (struct credentials){
		.access_key_id = key_id,
		.secret_access_key = secret_of(SPAN("s3cr3t")),
		.session_token = secret_of(SPAN("t0ken/+=")),
		.source = source,
	};
	setenv("AWS_CONFIG_FILE", "/nowhere/config", 0); /* not the tester's own */
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials", 0);
	setenv("AWS_ENDPOINT_URL", local_server_origin(aws_world.server), 1);
	aws_world.client = aws_world_client(&err);
}

const char *aws_world_log(void)
{
	static char text[65536];
	ssize_t n = pread(fileno(aws_world.log_file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

void aws_world_end(void)
{
	CHECK(strstr(aws_world_log(), "s3cr3t") == NULL, "%s", aws_world_log());
	CHECK(strstr(aws_world_log(), "t0ken") == NULL, "%s", aws_world_log());
	CHECK_INT((int)simulation_waiting(aws_world.simulation), 0);
	aws_client_free(aws_world.client);
	secret_clear(&aws_world.keys.credentials.secret_access_key);
	secret_clear(&aws_world.keys.credentials.session_token);
	fclose(aws_world.log_file);
	http_free(aws_world.http);
	loop_free(aws_world.loop);
	simulation_free(aws_world.simulation);
	local_server_stop(aws_world.server);
	unsetenv("AWS_ENDPOINT_URL");
}

/* ---- One call and what became of it ---------------------------------------------------------- */

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
	outcome->in_doubt = answer && answer->in_doubt;
	snprintf(outcome->body, sizeof(outcome->body), "%.*s", SPAN_ARG(answer->body));
	snprintf(outcome->request_id, sizeof(outcome->request_id), "%.*s",
	         SPAN_ARG(answer->request_id));
}

struct aws_request aws_world_request(const struct aws_operation *operation)
{
	return (struct aws_request){ .operation = operation,
		                     .region = "eu-west-1",
		                     .body = SPAN("{\"a\":1}") };
}

void aws_world_start(struct outcome *outcome, const struct aws_request *request)
{
	*outcome = (struct outcome){ 0 };
	outcome->call = aws_start(aws_world.client, request, on_done, outcome);
	CHECK_INT(outcome->done, 0); /* never from inside start */
}

bool aws_world_go_on(void)
{
	loop_run(aws_world.loop);
	return simulation_run_next(aws_world.simulation);
}

void aws_world_run_request(struct outcome *outcome, const struct aws_request *request)
{
	aws_world_start(outcome, request);
	while (aws_world_go_on())
		;
	CHECK_INT(outcome->done, 1);
}

void aws_world_run(struct outcome *outcome, const struct aws_operation *operation)
{
	struct aws_request request = aws_world_request(operation);

	aws_world_run_request(outcome, &request);
}

/* A header of one request, without its name; "" when it was not there. */
const char *aws_world_header(int number, const char *name)
{
	static char value[LOCAL_REQUEST];
	const char *seen = local_server_request(aws_world.server, number);
	char start_of[64];
	const char *at;

	snprintf(start_of, sizeof(start_of), "\r\n%s: ", name);
	at = strstr(seen, start_of);
	memset(value, 0, sizeof(value));
	if (at)
		memcpy(value, at + strlen(start_of), strcspn(at + strlen(start_of), "\r"));
	return value;
}

/* ---- The server ------------------------------------------------------------------------------ */

enum local_end aws_world_say(const struct local_request *request, const char *head,
                             const char *body)
{
	local_say(request, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nx-amzn-RequestId: r-%d\r\n\r\n%s",
	          head, strlen(body), request->number, body);
	return LOCAL_KEEP;
}
