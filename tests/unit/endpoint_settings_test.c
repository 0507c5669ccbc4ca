/*
 * Settings are told as the URL of each service that has one, with the variant's letters before it.
 */
#include "common/aws/endpoint_settings.h"

#include "tests/unit/check.h"

#include <string.h>

#define NAMES 12

struct variables {
	const char *pairs[NAMES][2]; /* up to the first without a name */
};

static const char *look_up(void *ctx, const char *name)
{
	const struct variables *variables = ctx;

	for (size_t i = 0; i < NAMES && variables->pairs[i][0]; i++) {
		if (strcmp(variables->pairs[i][0], name) == 0)
			return variables->pairs[i][1];
	}
	return NULL;
}

static void tell(const struct aws_endpoint_settings *settings, struct buf *out)
{
	buf_addf(out, "%s%s%s", settings->variant.fips ? "f" : "",
	         settings->variant.dual_stack ? "d" : "", settings->variant.global_sts ? "g" : "");
	for (size_t i = 0; i < AWS_SERVICES; i++) {
		if (settings->origins[i])
			buf_addf(out, " %s=%s", aws_service_info((enum aws_service)i)->id,
			         settings->origins[i]);
	}
}

static void tell_rest(const struct aws_endpoint_settings *settings, struct buf *out)
{
	if (settings->variant_from)
		buf_addf(out, " <%s>", settings->variant_from);
	if (settings->trust)
		buf_addf(out, " trust=%s <%s>", settings->trust, settings->trust_from);
	if (settings->max_attempts)
		buf_addf(out, " attempts=%d", settings->max_attempts);
}

static void check_settings(struct variables *variables, const struct aws_endpoint_profile *profile,
                           const char *want)
{
	struct aws_environment environment = { look_up, variables };
	struct aws_endpoint_settings settings;
	struct buf out = buf_with_max(4096);
	struct err err = { 0 };

	if (aws_endpoint_settings_make(&environment, profile, &settings, &err)) {
		tell(&settings, &out);
		tell_rest(&settings, &out);
		aws_endpoint_settings_clear(&settings);
	} else {
		CHECK_INT((int)err.kind, ERR_MALFORMED);
		buf_add_text(&out, err.text);
	}
	CHECK_TEXT(buf_text(&out), want);
	buf_clear(&out);
}

static struct aws_endpoint_profile some_profile(void)
{
	struct aws_endpoint_profile profile = { .settings = { { .line = 0 } } };

	profile.settings[AWS_KEY_ENDPOINT_URL] = (struct aws_setting){ SPAN("http://profile"),
		                                                       "~/.aws/config", 3 };
	profile.service_urls[AWS_SQS] = (struct aws_setting){ SPAN("http://section/"),
		                                              "~/.aws/config", 7 };
	return profile;
}

TEST(without_settings_each_service_has_its_own_endpoint)
{
	struct variables empty = { { { "AWS_ENDPOINT_URL", "" }, { "AWS_ENDPOINT_URL_SQS", "" } } };

	check_settings(&empty, NULL, "");
	check_settings(&empty, &(struct aws_endpoint_profile){ 0 }, "");
}

TEST(each_service_has_a_variable)
{
	struct variables all = { { { "AWS_ENDPOINT_URL_SQS", "https://q" },
		                   { "AWS_ENDPOINT_URL_CODEPIPELINE", "https://p/" },
		                   { "AWS_ENDPOINT_URL_SSM", "https://m" },
		                   { "AWS_ENDPOINT_URL_DYNAMODB", "https://d" },
		                   { "AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://s" },
		                   { "AWS_ENDPOINT_URL_STS", "http://[::1]:1" },
		                   { "AWS_ENDPOINT_URL_SNS", "http://n" },
		                   { "AWS_ENDPOINT_URL_EC2", "http://e:8080/" },
		                   { "AWS_ENDPOINT_URL_EVENTBRIDGE", "http://b" },
		                   { "AWS_ENDPOINT_URL_CODEBUILD", "http://c" },
		                   { "AWS_ENDPOINT_URL_SSO", "http://o" } } };

	check_settings(&all, NULL,
	               " SQS=https://q CODEPIPELINE=https://p SSM=https://m DYNAMODB=https://d"
	               " SECRETS_MANAGER=https://s STS=http://[::1]:1 SNS=http://n"
	               " EC2=http://e:8080 EVENTBRIDGE=http://b CODEBUILD=http://c SSO=http://o");
}

TEST(the_variable_of_a_service_wins_then_the_variable_then_the_section_then_the_profile)
{
	struct aws_endpoint_profile profile = some_profile();
	struct variables none = { { { NULL } } };
	struct variables all = { { { "AWS_ENDPOINT_URL", "http://all" },
		                   { "AWS_ENDPOINT_URL_EC2", "http://ec2" } } };

	check_settings(&none, &profile,
	               " SQS=http://section CODEPIPELINE=http://profile SSM=http://profile"
	               " DYNAMODB=http://profile SECRETS_MANAGER=http://profile STS=http://profile"
	               " SNS=http://profile EC2=http://profile EVENTBRIDGE=http://profile"
	               " CODEBUILD=http://profile SSO=http://profile");
	check_settings(&all, &profile,
	               " SQS=http://all CODEPIPELINE=http://all SSM=http://all DYNAMODB=http://all"
	               " SECRETS_MANAGER=http://all STS=http://all SNS=http://all EC2=http://ec2"
	               " EVENTBRIDGE=http://all CODEBUILD=http://all SSO=http://all");
}

TEST(all_of_it_can_be_passed_over)
{
	struct aws_endpoint_profile profile = some_profile();
	struct variables ignore = { { { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True" },
		                      { "AWS_ENDPOINT_URL", "not a URL" },
		                      { "AWS_USE_FIPS_ENDPOINT", "true" } } };
	struct variables heed = { { { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1" },
		                    { "AWS_ENDPOINT_URL", "not a URL" } } };

	check_settings(&ignore, &profile, "f <AWS_USE_FIPS_ENDPOINT=true>");
	check_settings(&heed, &profile,
	               "AWS_ENDPOINT_URL: an endpoint begins with http:// or https://");
}

TEST(a_variant_is_asked_for_by_the_environment)
{
	struct variables both = { { { "AWS_USE_FIPS_ENDPOINT", "TRUE" },
		                    { "AWS_USE_DUALSTACK_ENDPOINT", "true" },
		                    { "AWS_STS_REGIONAL_ENDPOINTS", "legacy" } } };
	struct variables neither = { { { "AWS_USE_FIPS_ENDPOINT", "fals" },
		                       { "AWS_USE_DUALSTACK_ENDPOINT", "yes" },
		                       { "AWS_STS_REGIONAL_ENDPOINTS", "regional" } } };

	check_settings(&both, NULL, "fdg <AWS_USE_FIPS_ENDPOINT=true>");
	check_settings(&neither, NULL, "");
}

TEST(an_endpoint_of_ones_own_has_no_variant)
{
	struct aws_endpoint_profile profile = some_profile();
	struct variables fips = { { { "AWS_USE_FIPS_ENDPOINT", "true" },
		                    { "AWS_ENDPOINT_URL_SNS", "http://n" } } };
	struct variables dual_stack = { { { "AWS_USE_DUALSTACK_ENDPOINT", "true" } } };

	check_settings(&fips, NULL,
	               "AWS_ENDPOINT_URL_SNS: an endpoint of one's own and"
	               " AWS_USE_FIPS_ENDPOINT=true exclude each other");
	check_settings(&dual_stack, &profile,
	               "~/.aws/config:7: an endpoint of one's own and"
	               " AWS_USE_DUALSTACK_ENDPOINT=true exclude each other");
}

static void check_fit(const struct aws_endpoint_settings *settings, const char *queue_url,
                      const char *want)
{
	struct err err = { 0 };

	CHECK_INT(aws_endpoint_settings_fit(settings, span_of(queue_url), &err), want == NULL);
	CHECK_TEXT(err.text, want ? want : "");
}

TEST(a_queue_s_own_endpoint_has_no_variant)
{
	const char *vpc = "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/111122223333/ami";
	struct aws_endpoint_settings plain = { .variant = { .global_sts = true } };
	char by_variable[] = "AWS_USE_FIPS_ENDPOINT=true";
	struct aws_endpoint_settings fips = { .variant = { .fips = true },
		                              .variant_from = by_variable };

	check_fit(&plain, vpc, NULL);
	check_fit(&fips, "https://sqs.eu-west-1.amazonaws.com/111122223333/ami", NULL);
	check_fit(&fips, vpc,
	          "the queue's own endpoint and AWS_USE_FIPS_ENDPOINT=true exclude each other");
}

TEST(a_queue_is_not_asked_for_in_another_region)
{
	char vpc[] = "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com", local[] = "http://h:4566";
	char by_variable[] = "AWS_USE_FIPS_ENDPOINT=true";
	struct aws_endpoint_settings settings = { .origins = { [AWS_SQS] = vpc } };

	check_fit(&settings, "https://sqs.eu-west-1.amazonaws.com/111122223333/ami", NULL);
	check_fit(&settings, "http://localhost:9324/111122223333/ami", NULL);
	check_fit(&settings, "https://sqs.us-east-1.amazonaws.com/111122223333/ami",
	          "the queue is in us-east-1, but the endpoint of SQS that was asked for in "
	          "eu-west-1");
	settings.origins[AWS_SQS] = local;
	settings.variant_from = by_variable;
	check_fit(&settings, "https://sqs.us-east-1.amazonaws.com/111122223333/ami", NULL);
}

TEST(a_fault_says_where_it_stands)
{
	struct aws_endpoint_profile profile = { .settings = { { .line = 0 } } };
	struct variables none = { { { NULL } } };
	struct variables path = { { { "AWS_ENDPOINT_URL_STS", "http://h/path" } } };

	profile.settings[AWS_KEY_ENDPOINT_URL] = (struct aws_setting){ SPAN("https://a:b@c"),
		                                                       "config", 12 };
	check_settings(&none, &profile, "config:12: an endpoint names no user");
	check_settings(&path, NULL,
	               "AWS_ENDPOINT_URL_STS: an endpoint has no path, query or fragment");
}

/* ---- The files ------------------------------------------------------------------------------- */

#define CONFIG                                                             \
	"[default]\nendpoint_url = http://default\n"                       \
	"[profile web]\nservices = local\nendpoint_url = http://web\n"     \
	"[services local]\nsecrets_manager =\n  endpoint_url = http://s\n" \
	"sts =\n  endpoint_url = http://t\n"

static void check_files_with(struct variables *variables, const char *config, const char *want)
{
	struct aws_environment environment = { look_up, variables };
	struct aws_files files = { SPAN_NONE, span_of(config), "credentials", "config" };
	struct aws_endpoint_profile profile;
	struct err err = { 0 };

	if (aws_endpoint_profile_read(&environment, &files, &profile, &err)) {
		check_settings(variables, &profile, want);
		return;
	}
	CHECK_INT((int)err.kind, ERR_BROKEN);
	CHECK_TEXT(err.text, want);
}

static void check_files(const char *profile_name, const char *config, const char *want)
{
	check_files_with(&(struct variables){ { { "AWS_PROFILE", profile_name } } }, config, want);
}

TEST(the_selected_profile_tells_its_endpoints)
{
	check_files("web", CONFIG,
	            " SQS=http://web CODEPIPELINE=http://web SSM=http://web DYNAMODB=http://web"
	            " SECRETS_MANAGER=http://s STS=http://t SNS=http://web EC2=http://web"
	            " EVENTBRIDGE=http://web CODEBUILD=http://web SSO=http://web");
	check_files("", CONFIG,
	            " SQS=http://default CODEPIPELINE=http://default SSM=http://default"
	            " DYNAMODB=http://default SECRETS_MANAGER=http://default STS=http://default"
	            " SNS=http://default EC2=http://default EVENTBRIDGE=http://default"
	            " CODEBUILD=http://default SSO=http://default");
	check_files("absent", CONFIG, "");
	check_files("web", "", "");
}

#define VARIANTS                                                                           \
	"[default]\nuse_fips_endpoint = true\nUse_Dualstack_Endpoint = TRUE\n"             \
	"sts_regional_endpoints = legacy\nca_bundle = /etc/bundle.pem\nmax_attempts = 7\n" \
	"[profile web]\nuse_fips_endpoint = yes\nuse_dualstack_endpoint = true\n"          \
	"[profile ignoring]\nignore_configured_endpoint_urls = true\nendpoint_url = x\n"

TEST(the_selected_profile_tells_how_else_aws_is_reached)
{
	check_files("", VARIANTS,
	            "fdg <use_fips_endpoint=true (config:2)> trust=/etc/bundle.pem <config:5>"
	            " attempts=7");
	check_files("web", VARIANTS, "d <use_dualstack_endpoint=true (config:9)>");
	check_files("ignoring", VARIANTS, "");
}

TEST(variables_come_before_the_profile)
{
	struct variables variables = { { { "AWS_USE_FIPS_ENDPOINT", "false" },
		                         { "AWS_USE_DUALSTACK_ENDPOINT", "false" },
		                         { "AWS_STS_REGIONAL_ENDPOINTS", "regional" },
		                         { "AWS_CA_BUNDLE", "b.pem" },
		                         { "AWS_MAX_ATTEMPTS", "2" },
		                         { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "no" } } };

	check_files_with(&variables, VARIANTS, " trust=b.pem <AWS_CA_BUNDLE> attempts=2");
}

TEST(attempts_have_a_range)
{
	struct variables none = { { { "AWS_MAX_ATTEMPTS", "0" } } };
	struct variables word = { { { "AWS_MAX_ATTEMPTS", "many" } } };

	check_settings(&none, NULL,
	               "AWS_MAX_ATTEMPTS: the most attempts are a number from 1 to 20");
	check_settings(&word, NULL,
	               "AWS_MAX_ATTEMPTS: the most attempts are a number from 1 to 20");
	check_files("", "[default]\n\nmax_attempts = 21\n",
	            "config:3: the most attempts are a number from 1 to 20");
}

TEST(a_fault_of_the_profile_is_told_with_its_place)
{
	check_files("web",
	            "[profile web]\nservices = s\n[services s]\nsqs =\n  endpoint_url = nowhere\n",
	            "config:5: an endpoint begins with http:// or https://");
	check_files("", "[default]\nservices = s\nno key\n",
	            "config:3: expected [section] or name = value");
	check_files("", "[default]\nuse_fips_endpoint = true\nendpoint_url = http://x\n",
	            "config:3: an endpoint of one's own and use_fips_endpoint=true (config:2)"
	            " exclude each other");
}

int main(void)
{
	check_run(without_settings_each_service_has_its_own_endpoint);
	check_run(each_service_has_a_variable);
	check_run(
		the_variable_of_a_service_wins_then_the_variable_then_the_section_then_the_profile);
	check_run(all_of_it_can_be_passed_over);
	check_run(a_variant_is_asked_for_by_the_environment);
	check_run(an_endpoint_of_ones_own_has_no_variant);
	check_run(a_queue_s_own_endpoint_has_no_variant);
	check_run(a_queue_is_not_asked_for_in_another_region);
	check_run(a_fault_says_where_it_stands);
	check_run(the_selected_profile_tells_its_endpoints);
	check_run(the_selected_profile_tells_how_else_aws_is_reached);
	check_run(variables_come_before_the_profile);
	check_run(attempts_have_a_range);
	check_run(a_fault_of_the_profile_is_told_with_its_place);
	return check_done();
}
