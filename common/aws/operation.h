/*
 * operation: what one AWS operation looks like on the wire, one row each.
 *
 * All of ours are POST to "/" of a regional endpoint. A wire_<service> module builds the body and
 * reads the answer; the client signs, sends, classifies and retries by this row.
 */
#ifndef EVERGOLD_AWS_OPERATION_H
#define EVERGOLD_AWS_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

enum aws_service { AWS_SQS, AWS_CODEPIPELINE, AWS_SSM };

#define AWS_SERVICES (AWS_SSM + 1) /* how many there are */

struct aws_service_info {
	const char *id;            /* in AWS_ENDPOINT_URL_<ID> and in logs: "SQS" */
	const char *host_prefix;   /* "sqs" */
	const char *signing_name;  /* "sqs" */
	const char *content_type;  /* "application/x-amz-json-1.0" */
	const char *target_prefix; /* "AmazonSQS." */
};

struct aws_operation {
	enum aws_service service;
	const char *name;  /* "ReceiveMessage" */
	int timeout_ms;    /* one attempt, from connect to the last byte */
	int max_attempts;  /* 1: never repeated by the client */
	size_t max_answer; /* bytes */
	bool long_poll;    /* its timeout includes a wait on the other side */
};

extern const struct aws_operation aws_sqs_receive_message;
extern const struct aws_operation aws_sqs_delete_message_batch;
extern const struct aws_operation aws_sqs_change_message_visibility_batch;
extern const struct aws_operation aws_codepipeline_start_pipeline_execution;
extern const struct aws_operation aws_codepipeline_get_pipeline_execution;
extern const struct aws_operation aws_codepipeline_list_action_executions;
extern const struct aws_operation aws_ssm_get_parameter;
extern const struct aws_operation aws_ssm_put_parameter;

const struct aws_service_info *aws_service_info(enum aws_service service);

#endif
