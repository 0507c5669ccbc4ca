#include "common/aws/operation.h"

#include "common/aws/retry.h"
#include "common/base/attr.h"
#include "common/base/limits.h"

#include <assert.h>

#include "common/base/banned.h"

#define ATTEMPT_MS        10000
#define IMAGES_MS         30000 /* a full page of images takes its time */
#define LONGEST_WAIT_MS   20000 /* WaitTimeSeconds at its most */
#define POLL_SLACK_MS     12000
#define ATTEMPTS          3
#define DYNAMODB_ATTEMPTS 4
#define DYNAMODB_BASE_MS  25
#define START_ATTEMPTS    5 /* easily throttled, and its token makes repeating safe */

#define JSON_1_0 "application/x-amz-json-1.0"
#define JSON_1_1 "application/x-amz-json-1.1"
#define FORM     "application/x-www-form-urlencoded; charset=utf-8"

#define ORDINARY(of, called)                                                                       \
	{                                                                                          \
		.service = (of), .name = (called), .timeout_ms = ATTEMPT_MS,                       \
		.max_attempts = ATTEMPTS, .base_ms = RETRY_BASE_MS, .max_answer = LIMIT_AWS_ANSWER \
	}

/* The SDKs repeat these once more, and sooner (botocore, retries/standard.py). */
#define DYNAMODB(called, most)                                                       \
	{                                                                            \
		.service = AWS_DYNAMODB, .name = (called), .timeout_ms = ATTEMPT_MS, \
		.max_attempts = DYNAMODB_ATTEMPTS, .base_ms = DYNAMODB_BASE_MS,      \
		.max_answer = (most)                                                 \
	}

/* Never repeated here: the receive loop has its own back-off, and a lost answer hides messages. */
const struct aws_operation aws_sqs_receive_message = {
	.service = AWS_SQS,
	.name = "ReceiveMessage",
	.timeout_ms = LONGEST_WAIT_MS + POLL_SLACK_MS,
	.max_attempts = 1,
	.base_ms = RETRY_BASE_MS,
	.max_answer = LIMIT_SQS_ANSWER,
	.long_poll = true,
};
const struct aws_operation aws_sqs_delete_message_batch = ORDINARY(AWS_SQS, "DeleteMessageBatch");
const struct aws_operation aws_sqs_change_message_visibility_batch = ORDINARY(
	AWS_SQS, "ChangeMessageVisibilityBatch");
const struct aws_operation aws_sqs_get_queue_attributes = ORDINARY(AWS_SQS, "GetQueueAttributes");

const struct aws_operation aws_codepipeline_start_pipeline_execution = {
	.service = AWS_CODEPIPELINE,
	.name = "StartPipelineExecution",
	.timeout_ms = ATTEMPT_MS,
	.max_attempts = START_ATTEMPTS,
	.base_ms = RETRY_BASE_MS,
	.max_answer = LIMIT_AWS_ANSWER,
};
const struct aws_operation aws_codepipeline_get_pipeline_execution = ORDINARY(
	AWS_CODEPIPELINE, "GetPipelineExecution");
const struct aws_operation aws_codepipeline_list_action_executions = ORDINARY(
	AWS_CODEPIPELINE, "ListActionExecutions");

const struct aws_operation aws_codepipeline_get_pipeline = ORDINARY(AWS_CODEPIPELINE,
                                                                    "GetPipeline");
const struct aws_operation aws_codepipeline_list_pipeline_executions = ORDINARY(
	AWS_CODEPIPELINE, "ListPipelineExecutions");

const struct aws_operation aws_ssm_get_parameter = ORDINARY(AWS_SSM, "GetParameter");
const struct aws_operation aws_ssm_get_parameters = ORDINARY(AWS_SSM, "GetParameters");
const struct aws_operation aws_ssm_get_parameters_by_path = ORDINARY(AWS_SSM,
                                                                     "GetParametersByPath");
const struct aws_operation aws_ssm_get_parameter_history = ORDINARY(AWS_SSM, "GetParameterHistory");
const struct aws_operation aws_ssm_put_parameter = ORDINARY(AWS_SSM, "PutParameter");

const struct aws_operation aws_dynamodb_put_item = DYNAMODB("PutItem", LIMIT_AWS_ANSWER);
const struct aws_operation aws_dynamodb_update_item = DYNAMODB("UpdateItem", LIMIT_AWS_ANSWER);
const struct aws_operation aws_dynamodb_get_item = DYNAMODB("GetItem", LIMIT_AWS_ANSWER);
const struct aws_operation aws_dynamodb_query = DYNAMODB("Query", LIMIT_ITEMS_ANSWER);

const struct aws_operation aws_secretsmanager_get_secret_value = ORDINARY(AWS_SECRETS_MANAGER,
                                                                          "GetSecretValue");

const struct aws_operation aws_sts_assume_role = ORDINARY(AWS_STS, "AssumeRole");
const struct aws_operation aws_sts_get_caller_identity = ORDINARY(AWS_STS, "GetCallerIdentity");

/* The token in its body is what proves who asks. */
const struct aws_operation aws_sts_assume_role_with_web_identity = {
	.service = AWS_STS,
	.name = "AssumeRoleWithWebIdentity",
	.timeout_ms = ATTEMPT_MS,
	.max_attempts = ATTEMPTS,
	.base_ms = RETRY_BASE_MS,
	.max_answer = LIMIT_AWS_ANSWER,
	.anonymous = true,
};

const struct aws_operation aws_sns_subscribe = ORDINARY(AWS_SNS, "Subscribe");
const struct aws_operation aws_sns_get_subscription_attributes = ORDINARY(
	AWS_SNS, "GetSubscriptionAttributes");
const struct aws_operation aws_sns_get_topic_attributes = ORDINARY(AWS_SNS, "GetTopicAttributes");
const struct aws_operation aws_sns_publish = ORDINARY(AWS_SNS, "Publish");

const struct aws_operation aws_ec2_describe_images = {
	.service = AWS_EC2,
	.name = "DescribeImages",
	.timeout_ms = IMAGES_MS,
	.max_attempts = ATTEMPTS,
	.base_ms = RETRY_BASE_MS,
	.max_answer = LIMIT_XML_SIZE,
};

const struct aws_operation aws_eventbridge_put_events = ORDINARY(AWS_EVENTBRIDGE, "PutEvents");
const struct aws_operation aws_eventbridge_describe_event_bus = ORDINARY(AWS_EVENTBRIDGE,
                                                                         "DescribeEventBus");

static const struct aws_service_info services[] = {
	[AWS_SQS] = { "SQS", "sqs", "sqs", AWS_JSON, JSON_1_0, "AmazonSQS.", "" },
	[AWS_CODEPIPELINE] = { "CODEPIPELINE", "codepipeline", "codepipeline", AWS_JSON, JSON_1_1,
	                       "CodePipeline_20150709.", "" },
	[AWS_SSM] = { "SSM", "ssm", "ssm", AWS_JSON, JSON_1_1, "AmazonSSM.", "" },
	[AWS_DYNAMODB] = { "DYNAMODB", "dynamodb", "dynamodb", AWS_JSON, JSON_1_0,
	                   "DynamoDB_20120810.", "" },
	[AWS_SECRETS_MANAGER] = { "SECRETS_MANAGER", "secretsmanager", "secretsmanager", AWS_JSON,
	                          JSON_1_1, "secretsmanager.", "" },
	[AWS_STS] = { "STS", "sts", "sts", AWS_QUERY, FORM, "", "2011-06-15" },
	[AWS_SNS] = { "SNS", "sns", "sns", AWS_QUERY, FORM, "", "2010-03-31" },
	[AWS_EC2] = { "EC2", "ec2", "ec2", AWS_EC2_QUERY, FORM, "", "2016-11-15" },
	[AWS_EVENTBRIDGE] = { "EVENTBRIDGE", "events", "events", AWS_JSON, JSON_1_1, "AWSEvents.",
	                      "" },
	[AWS_CODEBUILD] = { "CODEBUILD", "codebuild", "codebuild", AWS_JSON, JSON_1_1,
	                    "CodeBuild_20161006.", "" },
	[AWS_SSO] = { "SSO", "portal.sso", "", AWS_JSON, "", "", "" },
};

static_assert(ARRAY_LEN(services) == AWS_SERVICES, "a row a service");

const struct aws_service_info *aws_service_info(enum aws_service service)
{
	return &services[service];
}
