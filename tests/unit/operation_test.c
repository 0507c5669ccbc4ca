#include "common/aws/operation.h"

#include "common/base/attr.h"
#include "common/base/limits.h"
#include "tests/unit/check.h"

static const struct aws_operation *const operations[] = {
	&aws_sqs_receive_message,
	&aws_sqs_delete_message_batch,
	&aws_sqs_change_message_visibility_batch,
	&aws_codepipeline_start_pipeline_execution,
	&aws_codepipeline_get_pipeline_execution,
	&aws_codepipeline_list_action_executions,
	&aws_ssm_get_parameter,
	&aws_ssm_put_parameter,
};

TEST(every_operation_has_its_bounds)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		const struct aws_operation *operation = operations[i];

		CHECK(operation->name[0] >= 'A' && operation->name[0] <= 'Z');
		CHECK(operation->timeout_ms > 0, "%s", operation->name);
		CHECK(operation->max_attempts >= 1, "%s", operation->name);
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

TEST(services_speak_their_protocols)
{
	CHECK_TEXT(aws_service_info(AWS_SQS)->content_type, "application/x-amz-json-1.0");
	CHECK_TEXT(aws_service_info(AWS_SQS)->target_prefix, "AmazonSQS.");
	CHECK_TEXT(aws_service_info(AWS_CODEPIPELINE)->content_type, "application/x-amz-json-1.1");
	CHECK_TEXT(aws_service_info(AWS_CODEPIPELINE)->target_prefix, "CodePipeline_20150709.");
	CHECK_TEXT(aws_service_info(AWS_SSM)->signing_name, "ssm");
	CHECK_TEXT(aws_service_info(AWS_SSM)->id, "SSM");
}

int main(void)
{
	check_run(every_operation_has_its_bounds);
	check_run(a_long_poll_outlives_its_wait_and_is_not_repeated);
	check_run(services_speak_their_protocols);
	return check_done();
}
