#include "common/aws/operation.h"

#include "common/base/limits.h"

#include "common/base/banned.h"

#define ATTEMPT_MS      10000
#define LONGEST_WAIT_MS 20000 /* WaitTimeSeconds at its most */
#define POLL_SLACK_MS   12000
#define ATTEMPTS        3
#define START_ATTEMPTS  5 /* easily throttled, and its token makes repeating safe */

#define ORDINARY(service, name)                                                  \
	{                                                                        \
		(service), (name), ATTEMPT_MS, ATTEMPTS, LIMIT_AWS_ANSWER, false \
	}

/* Never repeated here: the receive loop has its own back-off, and a lost answer hides messages. */
const struct aws_operation aws_sqs_receive_message = {
	.service = AWS_SQS,
	.name = "ReceiveMessage",
	.timeout_ms = LONGEST_WAIT_MS + POLL_SLACK_MS,
	.max_attempts = 1,
	.max_answer = LIMIT_SQS_ANSWER,
	.long_poll = true,
};
const struct aws_operation aws_sqs_delete_message_batch = ORDINARY(AWS_SQS, "DeleteMessageBatch");
const struct aws_operation aws_sqs_change_message_visibility_batch = ORDINARY(
	AWS_SQS, "ChangeMessageVisibilityBatch");

const struct aws_operation aws_codepipeline_start_pipeline_execution = {
	.service = AWS_CODEPIPELINE,
	.name = "StartPipelineExecution",
	.timeout_ms = ATTEMPT_MS,
	.max_attempts = START_ATTEMPTS,
	.max_answer = LIMIT_AWS_ANSWER,
};
const struct aws_operation aws_codepipeline_get_pipeline_execution = ORDINARY(
	AWS_CODEPIPELINE, "GetPipelineExecution");
const struct aws_operation aws_codepipeline_list_action_executions = ORDINARY(
	AWS_CODEPIPELINE, "ListActionExecutions");

const struct aws_operation aws_ssm_get_parameter = ORDINARY(AWS_SSM, "GetParameter");
const struct aws_operation aws_ssm_put_parameter = ORDINARY(AWS_SSM, "PutParameter");

static const struct aws_service_info services[] = {
	[AWS_SQS] = { "SQS", "sqs", "sqs", "application/x-amz-json-1.0", "AmazonSQS." },
	[AWS_CODEPIPELINE] = { "CODEPIPELINE", "codepipeline", "codepipeline",
	                       "application/x-amz-json-1.1", "CodePipeline_20150709." },
	[AWS_SSM] = { "SSM", "ssm", "ssm", "application/x-amz-json-1.1", "AmazonSSM." },
};

const struct aws_service_info *aws_service_info(enum aws_service service)
{
	return &services[service];
}
