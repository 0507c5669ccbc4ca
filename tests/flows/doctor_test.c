/* What doctor asks besides check --online, each question answered as the test says. */
#include "common/base/mem.h"
#include "tests/flows/simulated_time.h"
#include "tests/unit/check.h"
#include "worker/flows/online.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define LATENCY_MS 100
#define ALL_MS     150000

#define CONFIG                                                                      \
	"region: eu-west-1\n"                                                       \
	"queue: {url: https://sqs.eu-west-1.amazonaws.com/111122223333/ami,"        \
	" events_url: https://sqs.eu-west-1.amazonaws.com/111122223333/events}\n"   \
	"slack: {token: {env: T}, channel: C0123456789}\n"                          \
	"families:\n"                                                               \
	"  - {name: a, publisher: amazon-linux-2023, images: \"al2023-*\","         \
	" regions: [eu-west-1, us-east-1], pipeline: {name: p, region: eu-west-1}," \
	" base_parameter: /b, golden_parameter: /g, golden_output: O}\n"            \
	"  - {name: b, publisher: amazon-linux-2023, images: \"al2023-*\","         \
	" regions: [eu-west-1], pipeline: {name: p}, base_parameter: /b,"           \
	" golden_parameter: [{name: /h, region: us-west-2}], golden_output: O,"     \
	" slack: {channel: \"#b\"}}\n"

#define TOPIC "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"

/* What each answers; NULL: nobody answers. */
struct script {
	struct simulation *simulation;
	struct ports ports;
	struct credentials_provider provider;
	struct config *config;
	const char *parameter, *parameter_error, *slack, *channel;
	struct buf asked, told;
	bool ended;
};

static struct script script;

/* ---- The world ------------------------------------------------------------------------------- */

struct asked {
	struct call call; /* first: what the flow holds */
	struct call *timer;
	const char *body, *error;
	credentials_done_fn *credentials;
	secret_done_fn *secret;
	aws_done_fn *aws;
	http_done_fn *http;
	void *ctx;
};

static void cancel(struct call *call)
{
	struct asked *asked = (struct asked *)call;

	call_cancel(asked->timer);
	free(asked);
}

static void answer_credentials(const struct asked *asked)
{
	static char id[] = "AKID", source[] = "test";

	asked->credentials(asked->ctx,
	                   &(struct credentials){ .access_key_id = id, .source = source }, NULL);
}

static void answer_secret(const struct asked *asked)
{
	struct secret secret = secret_of(SPAN("xoxb-1"));

	asked->secret(asked->ctx, &secret, NULL);
	secret_clear(&secret);
}

static void answer_aws(const struct asked *asked)
{
	struct aws_answer answer = { .body = span_of(asked->body) };
	struct err err;

	err_set(&err, ERR_BROKEN, "%s", asked->error ? asked->error : "");
	asked->aws(asked->ctx, asked->error ? NULL : &answer, asked->error ? &err : NULL);
}

static void on_time(void *ctx)
{
	struct asked *asked = ctx;

	if (asked->credentials)
		answer_credentials(asked);
	else if (asked->secret)
		answer_secret(asked);
	else if (asked->aws)
		answer_aws(asked);
	else
		asked->http(asked->ctx,
		            &(struct http_answer){ .status = 200, .body = span_of(asked->body) },
		            NULL);
	free(asked);
}

static struct call *ask(struct asked what)
{
	struct asked *asked = xcalloc(1, sizeof(*asked));

	*asked = what;
	asked->call.cancel = cancel;
	if (what.body || what.error || what.credentials || what.secret)
		asked->timer = ports_after(&script.ports, LATENCY_MS, on_time, asked);
	return &asked->call;
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	(void)provider;
	return ask((struct asked){ .credentials = done, .ctx = ctx });
}

static struct call *ask_secret(void *world, const struct secret_ref *ref, secret_done_fn *done,
                               void *ctx)
{
	(void)world;
	buf_addf(&script.asked, "secret %s\n", ref->name);
	return ask((struct asked){ .secret = done, .ctx = ctx });
}

static struct call *ask_http(void *world, const struct http_request *request, http_done_fn *done,
                             void *ctx)
{
	const char *channel = strstr(request->url, "conversations") ? script.channel : script.slack;

	(void)world;
	buf_addf(&script.asked, "%s %.*s\n", strrchr(request->url, '/') + 1,
	         SPAN_ARG(request->body));
	return ask((struct asked){ .body = channel, .http = done, .ctx = ctx });
}

#define ARN(name) "\"QueueArn\":\"arn:aws:sqs:eu-west-1:111122223333:" name "\""
#define QUEUE     "{\"Attributes\":{" ARN("ami") "}}"

static struct call *ask_aws(void *world, const struct aws_request *request, aws_done_fn *done,
                            void *ctx)
{
	static const struct {
		const struct aws_operation *operation;
		const char *body;
	} answers[] = {
		{ &aws_sts_get_caller_identity,
		  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/w"
		  "</Arn><Account>1</Account><UserId>A</UserId></GetCallerIdentityResult>"
		  "</GetCallerIdentityResponse>" },
		{ &aws_sqs_get_queue_attributes, QUEUE },
		{ &aws_codepipeline_get_pipeline, "{\"pipeline\":{\"pipelineType\":\"V1\"}}" },
	};
	struct asked what = { .body = script.parameter, .aws = done, .ctx = ctx };

	(void)world;
	what.error = script.parameter_error;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (request->operation == answers[i].operation) {
			what.body = answers[i].body;
			what.error = NULL;
		}
	}
	buf_addf(&script.asked, "%s %s %.*s\n", request->operation->name, request->region,
	         request->operation == &aws_ssm_get_parameter ? (int)request->body.len : 0,
	         request->body.at);
	return ask(what);
}

/* ---- One run --------------------------------------------------------------------------------- */

static void on_result(void *ctx, const struct online_result *result)
{
	static const char *const words[] = { "ok", "warn", "fail", "skipped" };

	(void)ctx;
	buf_addf(&script.told, "%s %s\n", words[result->status], result->check);
}

static void on_ended(void *ctx)
{
	(void)ctx;
	script.ended = true;
}

static void read_config(void)
{
	struct faults faults = { 0 };

	script.config = config_parse(SPAN(CONFIG), "f", NULL, &faults);
	if (!CHECK(script.config != NULL, "%s", faults.n ? faults.at[0].text : ""))
		abort();
	faults_clear(&faults);
}

static void begin(void)
{
	script = (struct script){
		.simulation = simulation_new(),
		.provider = { .get = get },
		.parameter = "{\"Parameter\":{\"Value\":\"ami-1\",\"Version\":1}}",
		.slack = "{\"ok\":true,\"team\":\"T\",\"user\":\"u\"}",
		.channel = "{\"ok\":true,\"channel\":{\"name\":\"c\",\"is_member\":true}}",
		.asked = buf_with_max(LIMIT_AWS_BODY),
		.told = buf_with_max(LIMIT_AWS_BODY),
	};
	script.ports = (struct ports){
		.timers = simulation_timers(script.simulation),
		.credentials = &script.provider,
		.aws = ask_aws,
		.secret = ask_secret,
		.http = ask_http,
	};
	read_config();
}

static struct online *start(void)
{
	return online_new(&(struct online_options){
		.ports = &script.ports,
		.config = script.config,
		.everything = true,
		.result = on_result,
		.ended = on_ended,
	});
}

static void end(struct online *online)
{
	online_free(online);
	CHECK_INT(simulation_waiting(script.simulation), 0);
	config_free(script.config);
	buf_clear(&script.asked);
	buf_clear(&script.told);
	simulation_free(script.simulation);
}

static void check_told(const char *want)
{
	struct online *online = start();

	simulation_advance(script.simulation, ALL_MS + LATENCY_MS);
	CHECK(script.ended);
	CHECK(strstr(buf_text(&script.told), want) != NULL, "%s", buf_text(&script.told));
	end(online);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

#define GET(name, region) \
	"GetParameter " region " {\"Name\":\"" name "\",\"WithDecryption\":false}\n"

#define STS      "GetCallerIdentity eu-west-1 \n"
#define QUEUE_OF "GetQueueAttributes eu-west-1 \n"
#define PIPELINE "GetPipeline eu-west-1 \n"
#define SLACK    "secret T\nauth.test \nconversations.info channel=C0123456789\n"

TEST(each_thing_is_asked_once_where_it_is)
{
	struct online *online;

	begin();
	online = start();
	simulation_advance(script.simulation, ALL_MS);
	CHECK_TEXT(buf_text(&script.asked),
	           STS QUEUE_OF QUEUE_OF PIPELINE GET("/b", "eu-west-1") GET("/g", "eu-west-1")
	                   GET("/g", "us-east-1") GET("/h", "us-west-2") SLACK);
	CHECK_TEXT(buf_text(&script.told),
	           "ok signatures\nok credentials\nok identity\nwarn queue\nwarn events queue\n"
	           "ok queue's encryption\nfail topic " TOPIC "\nskipped subscription to " TOPIC
	           "\nok events queue's encryption\nwarn EventBridge\n"
	           "warn pipeline p in eu-west-1\nok parameter /b in eu-west-1\n"
	           "ok parameter /g in eu-west-1\nok parameter /g in us-east-1\n"
	           "ok parameter /h in us-west-2\nok Slack\nok Slack channel C0123456789\n"
	           "skipped Slack channel #b\n");
	end(online);
}

TEST(a_parameter_that_is_not_there_is_fine)
{
	begin();
	script.parameter_error = "SSM GetParameter: ParameterNotFound";
	check_told("ok parameter /b in eu-west-1\n");
	begin();
	script.parameter_error = "SSM GetParameter: AccessDeniedException: no";
	check_told("fail parameter /b in eu-west-1\n");
	begin();
	script.parameter = "{}";
	check_told("fail parameter /h in us-west-2\n");
}

TEST(what_slack_does_not_say_is_no_end)
{
	begin();
	script.slack = NULL;
	check_told("fail Slack\nskipped Slack channel C0123456789\n");
	begin();
	script.slack = "{\"ok\":false,\"error\":\"token_revoked\"}";
	check_told("fail Slack\nskipped Slack channel C0123456789\n");
	begin();
	script.channel = "{\"ok\":false,\"error\":\"missing_scope\"}";
	check_told("ok Slack\nskipped Slack channel C0123456789\n");
	begin();
	script.channel = "{\"ok\":true,\"channel\":{\"name\":\"c\",\"is_archived\":true}}";
	check_told("ok Slack\nfail Slack channel C0123456789\n");
	begin();
	script.channel = "{\"ok\":true,\"channel\":{\"name\":\"c\"}}";
	check_told("ok Slack\nwarn Slack channel C0123456789\n");
}

/* Cancels before each event of a run. */
TEST(it_may_be_given_up_at_any_moment)
{
	struct online *online;

	for (int turns = 0; turns < 60; turns++) {
		begin();
		online = start();
		for (int i = 0; i < turns; i++)
			simulation_run_next(script.simulation);
		end(online);
	}
}

int main(void)
{
	check_run(each_thing_is_asked_once_where_it_is);
	check_run(a_parameter_that_is_not_there_is_fine);
	check_run(what_slack_does_not_say_is_no_end);
	check_run(it_may_be_given_up_at_any_moment);
	return check_done();
}
