#include "common/aws/operation.h"

#include "common/base/attr.h"
#include "common/base/limits.h"
#include "tests/unit/check.h"

#include <string.h>

static const struct aws_operation *const operations[] = {
	&aws_sqs_receive_message,
	&aws_sqs_delete_message_batch,
	&aws_sqs_change_message_visibility_batch,
	&aws_sqs_get_queue_attributes,
	&aws_codepipeline_start_pipeline_execution,
	&aws_codepipeline_get_pipeline_execution,
	&aws_codepipeline_list_action_executions,
	&aws_codepipeline_get_pipeline,
	&aws_codepipeline_list_pipeline_executions,
	&aws_ssm_get_parameter,
	&aws_ssm_get_parameters,
	&aws_ssm_get_parameters_by_path,
	&aws_ssm_put_parameter,
	&aws_dynamodb_put_item,
	&aws_dynamodb_update_item,
	&aws_dynamodb_get_item,
	&aws_dynamodb_query,
	&aws_secretsmanager_get_secret_value,
	&aws_sts_assume_role,
	&aws_sts_assume_role_with_web_identity,
	&aws_sts_get_caller_identity,
	&aws_sns_subscribe,
	&aws_sns_get_subscription_attributes,
	&aws_ec2_describe_images,
	&aws_eventbridge_put_events,
};

TEST(every_operation_has_its_bounds)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		const struct aws_operation *operation = operations[i];

		CHECK(operation->name[0] >= 'A' && operation->name[0] <= 'Z');
		CHECK(operation->timeout_ms > 0, "%s", operation->name);
		CHECK(operation->max_attempts >= 1, "%s", operation->name);
		CHECK(operation->base_ms > 0, "%s", operation->name);
		CHECK(operation->max_answer > 0 && operation->max_answer <= LIMIT_SQS_ANSWER, "%s",
		      operation->name);
	}
}

TEST(a_long_poll_outlives_its_wait_and_is_not_repeated)
{
	CHECK(aws_sqs_receive_message.long_poll);
	CHECK(aws_sqs_receive_message.timeout_ms >= 30000);
	CHECK_INT(aws_sqs_receive_message.max_attempts, 1);
}

TEST(dynamodb_is_asked_once_more_than_others_and_sooner)
{
	CHECK_INT(aws_ssm_get_parameter.max_attempts, 3);
	CHECK_INT(aws_ssm_get_parameter.base_ms, 50);
	CHECK_INT(aws_dynamodb_put_item.max_attempts, 4);
	CHECK_INT(aws_dynamodb_put_item.base_ms, 25);
	CHECK_INT(aws_dynamodb_query.max_attempts, 4);
}

TEST(services_speak_their_protocols)
{
	CHECK_TEXT(aws_service_info(AWS_SQS)->content_type, "application/x-amz-json-1.0");
	CHECK_TEXT(aws_service_info(AWS_SQS)->target_prefix, "AmazonSQS.");
	CHECK_TEXT(aws_service_info(AWS_CODEPIPELINE)->content_type, "application/x-amz-json-1.1");
	CHECK_TEXT(aws_service_info(AWS_CODEPIPELINE)->target_prefix, "CodePipeline_20150709.");
	CHECK_TEXT(aws_service_info(AWS_SSM)->signing_name, "ssm");
	CHECK_TEXT(aws_service_info(AWS_SSM)->id, "SSM");
	CHECK_TEXT(aws_service_info(AWS_DYNAMODB)->content_type, "application/x-amz-json-1.0");
	CHECK_TEXT(aws_service_info(AWS_DYNAMODB)->target_prefix, "DynamoDB_20120810.");
	CHECK_TEXT(aws_service_info(AWS_SECRETS_MANAGER)->target_prefix, "secretsmanager.");
	CHECK_TEXT(aws_service_info(AWS_SECRETS_MANAGER)->id, "SECRETS_MANAGER");
	CHECK_TEXT(aws_service_info(AWS_STS)->version, "2011-06-15");
	CHECK_TEXT(aws_service_info(AWS_SNS)->version, "2010-03-31");
	CHECK_TEXT(aws_service_info(AWS_EC2)->version, "2016-11-15");
	CHECK_TEXT(aws_service_info(AWS_EVENTBRIDGE)->target_prefix, "AWSEvents.");
	CHECK_TEXT(aws_service_info(AWS_EVENTBRIDGE)->signing_name, "events");
	CHECK_TEXT(aws_service_info(AWS_CODEBUILD)->target_prefix, "CodeBuild_20161006.");
}

/* A target without a version or the other way round: never both, never neither. But the portal. */
TEST(protocols_say_how_an_operation_is_named)
{
	for (size_t i = 0; i < AWS_SSO; i++) {
		const struct aws_service_info *service = aws_service_info((enum aws_service)i);
		bool json = service->protocol == AWS_JSON;

		CHECK((service->target_prefix[0] != '\0') == json, "%s", service->id);
		CHECK((service->version[0] == '\0') == json, "%s", service->id);
		CHECK((strstr(service->content_type, "json") != NULL) == json, "%s", service->id);
	}
}

TEST(only_a_web_identity_is_its_own_proof)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		CHECK(operations[i]->anonymous ==
		              (operations[i] == &aws_sts_assume_role_with_web_identity),
		      "%s", operations[i]->name);
}

int main(void)
{
	check_run(every_operation_has_its_bounds);
	check_run(a_long_poll_outlives_its_wait_and_is_not_repeated);
	check_run(dynamodb_is_asked_once_more_than_others_and_sooner);
	check_run(services_speak_their_protocols);
	check_run(protocols_say_how_an_operation_is_named);
	check_run(only_a_web_identity_is_its_own_proof);
	return check_done();
}
