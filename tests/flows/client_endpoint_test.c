/*
 * Where requests go is seen by a proxy, which is asked for a tunnel to each host and refuses it.
 */
#include "tests/flows/aws_world.h"
#include "tests/unit/check.h"
#include "worker/aws/client.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_HOST "https://sqs.eu-west-1.amazonaws.com"
#define VPC_HOST   "https://vpce-0a1b.sqs.eu-west-1.vpce.amazonaws.com"

static enum local_end refuse(const struct local_request *request)
{
	return aws_world_say(request, "403 Forbidden", "");
}

static void begin(const char *variable, const char *value)
{
	struct err err = { 0 };

	aws_world_begin(refuse);
	aws_client_free(aws_world.client);
	setenv("HTTPS_PROXY", local_server_origin(aws_world.server), 1);
	unsetenv("AWS_ENDPOINT_URL");
	setenv(variable, value, 1);
	aws_world.client = aws_world_client(&err);
	CHECK(aws_world.client != NULL, "%s", err.text);
	unsetenv(variable);
}

static void end(void)
{
	unsetenv("HTTPS_PROXY");
	aws_world_end();
}

/* The host that the request made the proxy be asked for; origin may be NULL. */
static void check_host(const struct aws_operation *operation, const char *origin, const char *want)
{
	struct aws_request request = aws_world_request(operation);
	int before = local_server_requests(aws_world.server);
	struct outcome outcome;
	const char *asked;
	char start_of[128];

	request.origin = origin;
	aws_world_run_request(&outcome, &request);
	asked = local_server_request(aws_world.server, before);
	snprintf(start_of, sizeof(start_of), "CONNECT %s:443 ", want);
	CHECK(strncmp(asked, start_of, strlen(start_of)) == 0, "%s", asked);
	CHECK(strstr(outcome.err.text, "the proxy answered 403") != NULL, "%s", outcome.err.text);
}

TEST(a_queue_is_asked_where_its_url_says)
{
	begin("AWS_USE_FIPS_ENDPOINT", "false");
	check_host(&aws_sqs_receive_message, QUEUE_HOST, "sqs.eu-west-1.amazonaws.com");
	check_host(&aws_sqs_receive_message, VPC_HOST,
	           "vpce-0a1b.sqs.eu-west-1.vpce.amazonaws.com");
	check_host(&aws_sts_get_caller_identity, NULL, "sts.eu-west-1.amazonaws.com");
	end();
}

TEST(fips_endpoints_are_taken_for_queues_too)
{
	begin("AWS_USE_FIPS_ENDPOINT", "true");
	check_host(&aws_sqs_receive_message, QUEUE_HOST, "sqs-fips.eu-west-1.amazonaws.com");
	check_host(&aws_ssm_get_parameter, NULL, "ssm-fips.eu-west-1.amazonaws.com");
	end();
}

TEST(dual_stack_endpoints_are_taken_for_queues_too)
{
	begin("AWS_USE_DUALSTACK_ENDPOINT", "true");
	check_host(&aws_sqs_receive_message, QUEUE_HOST, "sqs.eu-west-1.api.aws");
	check_host(&aws_ec2_describe_images, NULL, "ec2.eu-west-1.api.aws");
	end();
}

TEST(the_global_endpoint_of_sts_is_for_who_asks_for_it)
{
	begin("AWS_STS_REGIONAL_ENDPOINTS", "legacy");
	check_host(&aws_sts_get_caller_identity, NULL, "sts.amazonaws.com");
	check_host(&aws_sns_subscribe, NULL, "sns.eu-west-1.amazonaws.com");
	end();
}

TEST(a_queue_s_own_endpoint_has_no_variant)
{
	struct aws_request request = aws_world_request(&aws_sqs_receive_message);
	struct outcome outcome;

	begin("AWS_USE_FIPS_ENDPOINT", "true");
	request.origin = VPC_HOST;
	aws_world_run_request(&outcome, &request);
	CHECK_INT(local_server_requests(aws_world.server), 0);
	CHECK_INT((int)outcome.err.kind, ERR_MALFORMED);
	CHECK_TEXT(outcome.err.text, "SQS ReceiveMessage: the queue's own endpoint and"
	                             " AWS_USE_FIPS_ENDPOINT=true exclude each other");
	end();
}

TEST(trusted_certificates_must_be_there)
{
	struct err err = { 0 };

	aws_world_begin(refuse);
	setenv("AWS_CA_BUNDLE", "/nowhere/bundle.pem", 1);
	CHECK(aws_world_client(&err) == NULL);
	CHECK_INT((int)err.kind, ERR_BROKEN);
	CHECK_TEXT(err.text, "AWS_CA_BUNDLE: /nowhere/bundle.pem: No such file or directory");
	unsetenv("AWS_CA_BUNDLE");
	aws_world_end();
}

int main(void)
{
	static const char *const variables[] = {
		"AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"AWS_CA_BUNDLE",    "https_proxy",
		"NO_PROXY",         "no_proxy"
	};

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	check_run(a_queue_is_asked_where_its_url_says);
	check_run(fips_endpoints_are_taken_for_queues_too);
	check_run(dual_stack_endpoints_are_taken_for_queues_too);
	check_run(the_global_endpoint_of_sts_is_for_who_asks_for_it);
	check_run(a_queue_s_own_endpoint_has_no_variant);
	check_run(trusted_certificates_must_be_there);
	return check_done();
}
