/*
 * Asks STS in a region who we are, with the environment's credentials and endpoints, and prints the
 * ARN; else says why not.
 *
 *	aws_identity REGION
 */
#include "common/aws/wire_sts.h"
#include "worker/aws/client.h"

#include <stdio.h>
#include <unistd.h>

static int status = 1;

static int64_t no_time(void)
{
	return 0;
}

static void on_identity(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct sts_identity identity;
	struct arena arena = { 0 };
	struct err why;

	(void)ctx;
	if (err) {
		fprintf(stderr, "%s\n", err->text);
		return;
	}
	if (sts_identity_answer(answer->body, &arena, &identity, &why))
		status = printf("%s %.*s\n", identity.arn, SPAN_ARG(answer->request_id)) < 0;
	else
		fprintf(stderr, "%s\n", why.text);
	arena_clear(&arena);
}

static void ask(struct aws_client *client, struct loop *loop, const char *region)
{
	struct buf body = buf_with_max(1024);
	struct aws_request request = { .operation = &aws_sts_get_caller_identity,
		                       .region = region };

	sts_identity_body(&body);
	request.body = buf_span(&body);
	aws_start(client, &request, on_identity, NULL);
	loop_run(loop);
	buf_clear(&body);
}

static void run(struct loop *loop, struct http *http, const char *region)
{
	struct log log = { LOG_ERROR, true, STDERR_FILENO, no_time };
	struct timers *timers = loop_timers(loop);
	struct credentials_provider *provider = credentials_standard(
		&(struct credentials_options){ loop, http, timers, &log });
	struct aws_client_options options = { http, timers, provider, &log };
	struct err err;
	struct aws_client *client = aws_client_new(&options, &err);

	if (client)
		ask(client, loop, region);
	else
		fprintf(stderr, "%s\n", err.text);
	aws_client_free(client);
	provider->free(provider);
}

int main(int argc, char **argv)
{
	struct loop *loop;
	struct http *http;
	struct err err;

	if (argc != 2) {
		fputs("usage: aws_identity REGION\n", stderr);
		return 2;
	}
	loop = loop_new();
	http = http_new(loop, &err);
	if (http)
		run(loop, http, argv[1]);
	else
		fprintf(stderr, "%s\n", err.text);
	http_free(http);
	loop_free(loop);
	return status;
}
