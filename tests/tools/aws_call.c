/*
 * Makes one call of AWS as the worker makes it, with the environment's credentials and endpoints.
 *
 *	aws_call OPERATION REGION <BODY
 *
 * Prints the request's id, a line, and the answer's body; else says why not.
 */
#include "common/base/mem.h"
#include "worker/aws/client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOM (1024 * 1024)

static const struct aws_operation *const operations[] = {
	&aws_sts_assume_role,
	&aws_sts_get_caller_identity,
	&aws_sns_subscribe,
	&aws_sns_get_subscription_attributes,
	&aws_ec2_describe_images,
	&aws_ssm_get_parameter,
	&aws_ssm_get_parameters_by_path,
	&aws_ssm_put_parameter,
	&aws_codepipeline_get_pipeline,
	&aws_codepipeline_list_pipeline_executions,
	&aws_secretsmanager_get_secret_value,
	&aws_eventbridge_put_events,
	&aws_dynamodb_put_item,
	&aws_dynamodb_update_item,
	&aws_dynamodb_get_item,
	&aws_dynamodb_query,
};

static int status = 1;

static int64_t no_time(void)
{
	return 0;
}

static void on_answer(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	(void)ctx;
	if (err)
		fprintf(stderr, "%s\n", err->text);
	else
		status = printf("%.*s\n%.*s\n", SPAN_ARG(answer->request_id),
		                SPAN_ARG(answer->body)) < 0;
}

static void call(struct loop *loop, struct http *http, const struct aws_request *request)
{
	struct log log = { LOG_ERROR, true, STDERR_FILENO, no_time };
	struct timers *timers = loop_timers(loop);
	struct credentials_provider *provider = credentials_standard(&(struct credentials_options){
		.loop = loop, .http = http, .timers = timers, .log = &log });
	struct aws_client_options options = { http, timers, provider, &log };
	struct err err;
	struct aws_client *client = aws_client_new(&options, &err);

	if (client) {
		aws_start(client, request, on_answer, NULL);
		loop_run(loop);
	} else {
		fprintf(stderr, "%s\n", err.text);
	}
	aws_client_free(client);
	provider->free(provider);
}

static const struct aws_operation *operation_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		if (strcmp(operations[i]->name, name) == 0)
			return operations[i];
	}
	return NULL;
}

static void read_body(struct buf *body)
{
	char block[4096];
	size_t len;

	while ((len = fread(block, 1, sizeof block, stdin)) > 0)
		buf_add(body, (struct span){ block, len });
}

int main(int argc, char **argv)
{
	struct aws_request request = { .operation = argc == 3 ? operation_named(argv[1]) : NULL };
	struct buf body = buf_with_max(ROOM);
	struct loop *loop;
	struct http *http;
	struct err err;

	if (!request.operation) {
		fputs("usage: aws_call OPERATION REGION <BODY\n", stderr);
		return 2;
	}
	read_body(&body);
	request.region = argv[2];
	request.body = buf_span(&body);
	loop = loop_new();
	http = http_new(loop, &err);
	if (http)
		call(loop, http, &request);
	else
		fprintf(stderr, "%s\n", err.text);
	http_free(http);
	loop_free(loop);
	buf_clear(&body);
	return status;
}
