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

enum aws_service {
	AWS_SQS,
	AWS_CODEPIPELINE,
	AWS_SSM,
	AWS_DYNAMODB,
	AWS_SECRETS_MANAGER,
	AWS_STS,
	AWS_SNS,
	AWS_EC2,
	AWS_EVENTBRIDGE,
	AWS_CODEBUILD,
	AWS_SSO /* the portal of IAM Identity Center: asked for credentials, unsigned, with GET */
};

#define AWS_SERVICES (AWS_SSO + 1) /* how many there are */

enum aws_protocol {
	AWS_JSON,     /* the operation in the header X-Amz-Target; JSON both ways */
	AWS_QUERY,    /* a form with Action and Version; XML back */
	AWS_EC2_QUERY /* the same, but for the names of lists and the shape of errors */
};

struct aws_service_info {
	const char *id;           /* in AWS_ENDPOINT_URL_<ID> and in logs: "SQS" */
	const char *host_prefix;  /* "sqs" */
	const char *signing_name; /* "sqs" */
	enum aws_protocol protocol;
	const char *content_type;  /* "application/x-amz-json-1.0" */
	const char *target_prefix; /* "AmazonSQS."; "" when the protocol has no X-Amz-Target */
	const char *version;       /* "2011-06-15", of a form; "" for JSON */
};

struct aws_operation {
	enum aws_service service;
	const char *name;  /* "ReceiveMessage" */
	int timeout_ms;    /* one attempt, from connect to the last byte */
	int max_attempts;  /* 1: never repeated by the client */
	int base_ms;       /* of the back-off between them; see retry.h */
	size_t max_answer; /* bytes */
	bool long_poll;    /* its timeout includes a wait on the other side */
	bool anonymous;    /* sent without signature, date and credentials */
};

extern const struct aws_operation aws_sqs_receive_message;
extern const struct aws_operation aws_sqs_delete_message_batch;
extern const struct aws_operation aws_sqs_change_message_visibility_batch;
extern const struct aws_operation aws_sqs_get_queue_attributes;
extern const struct aws_operation aws_codepipeline_start_pipeline_execution;
extern const struct aws_operation aws_codepipeline_get_pipeline_execution;
extern const struct aws_operation aws_codepipeline_list_action_executions;
extern const struct aws_operation aws_codepipeline_get_pipeline;
extern const struct aws_operation aws_codepipeline_list_pipeline_executions;
extern const struct aws_operation aws_ssm_get_parameter;
extern const struct aws_operation aws_ssm_get_parameters;
extern const struct aws_operation aws_ssm_get_parameters_by_path;
extern const struct aws_operation aws_ssm_get_parameter_history;
extern const struct aws_operation aws_ssm_put_parameter;
extern const struct aws_operation aws_dynamodb_put_item;
extern const struct aws_operation aws_dynamodb_update_item;
extern const struct aws_operation aws_dynamodb_get_item;
extern const struct aws_operation aws_dynamodb_query;
extern const struct aws_operation aws_secretsmanager_get_secret_value;
extern const struct aws_operation aws_sts_assume_role;
extern const struct aws_operation aws_sts_assume_role_with_web_identity;
extern const struct aws_operation aws_sts_get_caller_identity;
extern const struct aws_operation aws_sns_subscribe;
extern const struct aws_operation aws_sns_get_subscription_attributes;
extern const struct aws_operation aws_sns_get_topic_attributes;
extern const struct aws_operation aws_sns_publish;
extern const struct aws_operation aws_ec2_describe_images;
extern const struct aws_operation aws_eventbridge_put_events;
extern const struct aws_operation aws_eventbridge_describe_event_bus;

const struct aws_service_info *aws_service_info(enum aws_service service);

#endif
