/*
 * Each test says what the world answers to each question, in order; what it does not say is that
 * nobody answers. Results are told as lines of "STATUS CHECK: DETAIL -> HINT".
 */
#include "worker/flows/online.h"

#include "common/base/mem.h"
#include "tests/flows/simulated_time.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define QUESTIONS  7
#define LATENCY_MS 100
#define ALL_MS     150000

#define IDENTITY                                                                               \
	"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/w</Arn>" \
	"<Account>1</Account><UserId>A</UserId></GetCallerIdentityResult>"                     \
	"</GetCallerIdentityResponse>"
#define QUEUE_ARN "arn:aws:sqs:eu-west-1:111122223333:ami"
#define QUEUE(more)                                                                             \
	"{\"Attributes\":{\"QueueArn\":\"" QUEUE_ARN "\",\"ApproximateNumberOfMessages\":\"3\"" \
	",\"MessageRetentionPeriod\":\"" more "}}"
#define REDRIVE(times)                                  \
	"345600\",\"RedrivePolicy\":"                   \
	"\"{\\\"deadLetterTargetArn\\\":\\\"arn:d\\\"," \
	"\\\"maxReceiveCount\\\":" times "}\""
#define WAITING    ", about 3 messages waiting"
#define GOOD_QUEUE QUEUE(REDRIVE("5"))

#define FINE_SIGNATURES "ok signatures: SHA-1 and SHA-256 signatures can be verified here\n"
#define FINE_KEYS       "ok credentials: from test, access key AKID, which does not expire\n"
#define FINE_IDENTITY   "ok identity: account 1, arn:aws:iam::1:user/w\n"
#define FINE_QUEUE      "ok queue: " QUEUE_ARN WAITING ", to arn:d after 5 receives\n"
#define FINE_ROLE(name) \
	"ok role arn:aws:iam::444455556666:role/" name ": account 1, arn:aws:iam::1:user/w\n"
#define ROLE(name) "arn:aws:iam::444455556666:role/" name
#define PIPELINE_A "pipeline golden-a in eu-west-1 as " ROLE("one")
#define PIPELINE_B "pipeline golden-b in eu-west-1"
#define PIPELINE_C "pipeline golden-c in eu-west-1 as " ROLE("two")
#define PIPELINE(mode, variables)                                                              \
	"{\"pipeline\":{\"pipelineType\":\"V2\",\"executionMode\":\"" mode "\",\"variables\":" \
	"[{\"name\":\"" variables "\"}]}}"
#define GOOD_PIPELINE     PIPELINE("QUEUED", "BASE")
#define FINE_PIPELINE_A   "ok " PIPELINE_A ": V2, QUEUED\n"
#define FINE_PIPELINES_BC "ok " PIPELINE_B ": V2, QUEUED\nok " PIPELINE_C ": V2, QUEUED\n"
#define UNREACHED                                                                           \
	" -> see that this host is reached: DNS, routes and VPC endpoints, HTTPS_PROXY and" \
	" NO_PROXY, AWS_ENDPOINT_URL\n"

static const char family[] =
	"  - name: %s\n"
	"    publisher: amazon-linux-2023\n"
	"    images: al2023-ami-2023.*-kernel-6.1-x86_64\n"
	"    regions: [eu-west-1]\n"
	"    pipeline: {variables: {BASE: \"{image_id}\"}, name: golden-%s%s%s}\n";

/* A body, or an error; neither: nobody answers. */
struct reply {
	const char *body, *error;
	enum err_kind kind; /* of the error; ERR_NONE: ERR_BROKEN */
};

struct script {
	struct simulation *simulation;
	struct ports ports;
	struct credentials_provider provider;
	struct credentials credentials;
	struct err no_credentials; /* kind: there are none */
	bool silent;               /* the source of credentials does not answer */
	struct config *config;
	struct reply replies[QUESTIONS];
	size_t asked;
	struct buf questions; /* "STS eu-west-1 ROLE\n" each */
	struct buf told;
	bool ended;
};

static struct script script;

/* ---- The world ------------------------------------------------------------------------------- */

struct asked {
	struct call call; /* first: what the flow holds */
	struct call *timer;
	const struct reply *reply;
	aws_done_fn *aws;
	credentials_done_fn *credentials;
	void *ctx;
};

static void cancel(struct call *call)
{
	struct asked *asked = (struct asked *)call;

	call_cancel(asked->timer);
	free(asked);
}

static void on_credentials_time(void *ctx)
{
	struct asked *asked = ctx;
	bool none = script.no_credentials.kind != ERR_NONE;

	asked->credentials(asked->ctx, none ? NULL : &script.credentials,
	                   none ? &script.no_credentials : NULL);
	free(asked);
}

static void on_aws_time(void *ctx)
{
	struct asked *asked = ctx;
	const struct reply *reply = asked->reply;
	struct aws_answer answer = { .body = span_of(reply->body) };
	struct err err;

	err_set(&err, reply->kind ? reply->kind : ERR_BROKEN, "%s",
	        reply->error ? reply->error : "");
	asked->aws(asked->ctx, reply->body ? &answer : NULL, reply->body ? NULL : &err);
	free(asked);
}

static struct asked *ask(bool silent, timer_done_fn *done, void *ctx)
{
	struct asked *asked = xcalloc(1, sizeof(*asked));

	asked->call.cancel = cancel;
	asked->ctx = ctx;
	if (!silent)
		asked->timer = ports_after(&script.ports, LATENCY_MS, done, asked);
	return asked;
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct asked *asked = ask(script.silent, on_credentials_time, ctx);

	(void)provider;
	asked->credentials = done;
	return &asked->call;
}

static struct call *ask_aws(void *world, const struct aws_request *request, aws_done_fn *done,
                            void *ctx)
{
	const struct reply *reply = &script.replies[script.asked++];
	struct asked *asked = ask(!reply->body && !reply->error, on_aws_time, ctx);

	(void)world;
	asked->reply = reply;
	asked->aws = done;
	buf_addf(&script.questions, "%s %s%s%s\n", request->operation->name, request->region,
	         request->role ? " " : "", request->role ? request->role->arn : "");
	return &asked->call;
}

/* ---- One run --------------------------------------------------------------------------------- */

static void on_result(void *ctx, const struct online_result *result)
{
	static const char *const words[] = { "ok", "warn", "fail", "skipped" };

	(void)ctx;
	buf_addf(&script.told, "%s %s: %s%s%s\n", words[result->status], result->check,
	         result->detail, result->hint ? " -> " : "", result->hint ? result->hint : "");
}

static void on_ended(void *ctx)
{
	(void)ctx;
	script.ended = true;
}

static void configure(const char *head)
{
	struct buf text = buf_with_max(LIMIT_CONFIG_FILE);
	struct faults faults = { 0 };

	buf_addf(&text, "%sfamilies:\n", head);
	buf_addf(&text, family, "a", "a", ", role_arn: \"arn:aws:iam::444455556666:role/", "one\"");
	buf_addf(&text, family, "b", "b", "", "");
	buf_addf(&text, family, "c", "c", ", role_arn: \"arn:aws:iam::444455556666:role/", "two\"");
	buf_addf(&text, family, "d", "a", ", role_arn: \"arn:aws:iam::444455556666:role/", "one\"");
	script.config = config_parse(buf_span(&text), "evergold.yaml", NULL, &faults);
	if (!script.config) {
		fprintf(stderr, "%s\n", faults.at[0].text);
		abort();
	}
	faults_clear(&faults);
	buf_clear(&text);
}

static void begin(void)
{
	static char id[] = "AKID", source[] = "test";

	script = (struct script){
		.simulation = simulation_new(),
		.provider = { .get = get },
		.credentials = { .access_key_id = id, .source = source },
		.replies = { { .body = IDENTITY },
		             { .body = GOOD_QUEUE },
		             { .body = IDENTITY },
		             { .body = IDENTITY },
		             { .body = GOOD_PIPELINE },
		             { .body = GOOD_PIPELINE },
		             { .body = GOOD_PIPELINE } },
		.questions = buf_with_max(LIMIT_AWS_BODY),
		.told = buf_with_max(LIMIT_AWS_BODY),
	};
	script.ports = (struct ports){
		.timers = simulation_timers(script.simulation),
		.credentials = &script.provider,
		.aws = ask_aws,
	};
	configure("region: eu-west-1\n"
	          "queue: {url: https://sqs.eu-west-1.amazonaws.com/111122223333/ami}\n");
}

static struct online *start(void)
{
	return online_new(&(struct online_options){
		.ports = &script.ports,
		.config = script.config,
		.result = on_result,
		.ended = on_ended,
	});
}

static void end(struct online *online)
{
	online_free(online);
	CHECK_INT(simulation_waiting(script.simulation), 0);
	config_free(script.config);
	buf_clear(&script.questions);
	buf_clear(&script.told);
	simulation_free(script.simulation);
}

/* Here signatures can always be verified; what is told after that. */
static const char *told(void)
{
	const char *text = buf_text(&script.told);

	CHECK(strncmp(text, FINE_SIGNATURES, strlen(FINE_SIGNATURES)) == 0, "%s", text);
	return text + strlen(FINE_SIGNATURES);
}

static void check_told(const char *want)
{
	struct online *online = start();

	simulation_advance(script.simulation, ALL_MS + LATENCY_MS);
	CHECK(script.ended);
	CHECK_TEXT(told(), want);
	end(online);
}

static void check_question(size_t i, const struct reply *reply, const char *want)
{
	const char *results[] = { FINE_KEYS,        FINE_IDENTITY,    FINE_QUEUE,
		                  FINE_ROLE("one"), FINE_ROLE("two"), FINE_PIPELINE_A,
		                  FINE_PIPELINES_BC };
	struct buf all = buf_with_max(LIMIT_AWS_BODY);

	begin();
	script.replies[i] = *reply;
	results[i + 1] = want;
	for (size_t at = 0; at < ARRAY_LEN(results); at++)
		buf_add_text(&all, results[at]);
	check_told(buf_text(&all));
	buf_clear(&all);
}

enum { ASK_IDENTITY, ASK_QUEUE, ASK_ROLE, ASK_PIPELINE = 4 }; /* of the replies */

/* ---- Tests ----------------------------------------------------------------------------------- */

TEST(everything_is_asked_in_its_order)
{
	struct online *online;

	begin();
	online = start();
	simulation_advance(script.simulation, ALL_MS);
	CHECK_TEXT(told(), FINE_KEYS FINE_IDENTITY FINE_QUEUE FINE_ROLE("one") FINE_ROLE("two")
	                           FINE_PIPELINE_A FINE_PIPELINES_BC);
	CHECK_TEXT(buf_text(&script.questions),
	           "GetCallerIdentity eu-west-1\n"
	           "GetQueueAttributes eu-west-1\n"
	           "GetCallerIdentity eu-west-1 arn:aws:iam::444455556666:role/one\n"
	           "GetCallerIdentity eu-west-1 arn:aws:iam::444455556666:role/two\n"
	           "GetPipeline eu-west-1 arn:aws:iam::444455556666:role/one\n"
	           "GetPipeline eu-west-1\n"
	           "GetPipeline eu-west-1 arn:aws:iam::444455556666:role/two\n");
	end(online);
}

/* ---- Credentials ----------------------------------------------------------------------------- */

#define SOURCES                                                                          \
	" -> the first that is configured is taken: environment, AWS profile (role, web" \
	" identity, IAM Identity Center, keys, process), container, instance metadata\n"
#define ALL_SKIPPED                                                               \
	"skipped identity: needs credentials\nskipped queue: needs credentials\n" \
	"skipped role arn:aws:iam::444455556666:role/one: needs credentials\n"    \
	"skipped role arn:aws:iam::444455556666:role/two: needs credentials\n"    \
	"skipped " PIPELINE_A ": needs credentials\n"                             \
	"skipped " PIPELINE_B ": needs credentials\n"                             \
	"skipped " PIPELINE_C ": needs credentials\n"

TEST(without_credentials_the_rest_is_skipped)
{
	begin();
	err_set(&script.no_credentials, ERR_BROKEN, "there are none");
	check_told("fail credentials: there are none" SOURCES ALL_SKIPPED);
}

TEST(a_source_that_hangs_is_given_up)
{
	begin();
	script.silent = true;
	check_told("fail credentials: no answer in time: 45 s for a check" UNREACHED ALL_SKIPPED);
}

static void check_expiry(int64_t in_ms, const char *want)
{
	struct online *online;

	begin();
	script.credentials.expires_ms = SIMULATION_START_MS + in_ms;
	online = start();
	simulation_advance(script.simulation, LATENCY_MS);
	CHECK_TEXT(told(), want);
	end(online);
}

TEST(the_expiry_is_told)
{
	check_expiry(3600000, "ok credentials: from test, access key AKID, which expires at"
	                      " 2025-12-01T01:00:00.000Z\n");
	check_expiry(-3600000, "warn credentials: from test, access key AKID, which expired at"
	                       " 2025-11-30T23:00:00.000Z -> renew the session, or let evergold"
	                       " find a source that renews itself\n");
}

/* ---- Identity -------------------------------------------------------------------------------- */

static void check_code(const char *error, const char *hint)
{
	struct buf want = buf_with_max(LIMIT_AWS_BODY);

	buf_addf(&want, "fail identity: %s%s%s\n", error, hint ? " -> " : "", hint ? hint : "");
	check_question(ASK_IDENTITY, &(struct reply){ .error = error }, buf_text(&want));
	buf_clear(&want);
}

TEST(what_aws_refuses_comes_with_what_repairs_it)
{
	check_code("InvalidClientTokenId: no",
	           "AWS knows no such access key: it was deleted, or is of another partition");
	check_code("SignatureDoesNotMatch: no",
	           "the secret access key is not the one of this access key");
	check_code("ExpiredTokenException: no",
	           "renew the session, or let evergold find a source that renews itself");
	check_code("AccessDenied: no",
	           "this needs no permission: a policy of the organization or of a"
	           " VPC endpoint denies it");
	check_code("NobodyKnowsThis: no", NULL);
}

TEST(a_host_that_is_not_reached_is_no_end)
{
	check_question(ASK_IDENTITY,
	               &(struct reply){ .kind = ERR_TRANSIENT, .error = "h: could not" },
	               "fail identity: h: could not" UNREACHED);
	check_question(ASK_IDENTITY, &(struct reply){ 0 },
	               "fail identity: no answer in time: 45 s for a check" UNREACHED);
}

TEST(an_answer_that_is_none_is_told)
{
	check_question(ASK_IDENTITY, &(struct reply){ .body = "" },
	               "fail identity: GetCallerIdentity: line 1: no element found\n");
	check_question(ASK_QUEUE, &(struct reply){ .body = "{}" },
	               "fail queue: GetQueueAttributes: no QueueArn\n");
}

TEST(some_region_s_sts_is_asked)
{
	begin();
	config_free(script.config);
	configure("");
	memmove(&script.replies[ASK_QUEUE], &script.replies[ASK_ROLE],
	        (QUESTIONS - ASK_ROLE) * sizeof(script.replies[0]));
	check_told(FINE_KEYS FINE_IDENTITY "skipped queue: queue.url is not set\n" FINE_ROLE("one")
	                   FINE_ROLE("two") FINE_PIPELINE_A FINE_PIPELINES_BC);
}

/* ---- Queue ----------------------------------------------------------------------------------- */

TEST(a_queue_that_is_refused_says_what_to_allow)
{
	check_question(ASK_QUEUE, &(struct reply){ .error = "AccessDenied: no" },
	               "fail queue: AccessDenied: no -> allow sqs:GetQueueAttributes,"
	               " sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on"
	               " the queue; of another account, in its policy, too\n");
	check_question(ASK_QUEUE, &(struct reply){ .error = "QueueDoesNotExist: no" },
	               "fail queue: QueueDoesNotExist: no -> make queue.url the URL of a queue"
	               " that is there, in its region and account\n");
}

TEST(a_queue_of_another_region_is_a_fault)
{
	check_question(
		ASK_QUEUE,
		&(struct reply){
			.body = "{\"Attributes\":{\"QueueArn\":\"arn:aws:sqs:eu-west-2:1:q\"}}" },
		"fail queue: arn:aws:sqs:eu-west-2:1:q is not in eu-west-1, where it was"
		" asked for -> name the queue's own region in queue.url, or as the default"
		" region\n");
}

TEST(what_is_odd_about_the_queue_is_a_warning)
{
	check_question(ASK_QUEUE, &(struct reply){ .body = QUEUE("86400\"") },
	               "warn queue: " QUEUE_ARN WAITING ", no redrive policy ->"
	               " give the queue a redrive policy: what is rejected comes back until the"
	               " queue forgets it\n");
	check_question(ASK_QUEUE, &(struct reply){ .body = QUEUE(REDRIVE("2")) },
	               "warn queue: " QUEUE_ARN WAITING ", to arn:d after 2"
	               " receives, maxReceiveCount is under 3 -> raise maxReceiveCount: a passing"
	               " trouble must not cost an announcement\n");
	check_question(ASK_QUEUE, &(struct reply){ .body = QUEUE("60\"") },
	               "warn queue: " QUEUE_ARN WAITING ", no redrive policy,"
	               " messages are kept for less than a day -> give the queue a redrive"
	               " policy: what is rejected comes back until the queue forgets it; raise"
	               " MessageRetentionPeriod: what comes while no worker runs is lost\n");
}

/* ---- Roles ----------------------------------------------------------------------------------- */

TEST(a_role_that_cannot_be_assumed_says_what_to_allow)
{
	check_question(ASK_ROLE,
	               &(struct reply){ .error = "STS AssumeRole: AccessDenied: not this one" },
	               "fail role arn:aws:iam::444455556666:role/one: STS AssumeRole:"
	               " AccessDenied: not this one -> allow sts:AssumeRole on the role, and let"
	               " its trust policy name the identity above\n");
}

/* ---- Pipelines ------------------------------------------------------------------------------- */

static void check_pipeline(const struct reply *reply, const char *want)
{
	check_question(ASK_PIPELINE, reply, want);
}

TEST(a_pipeline_that_is_not_seen_says_what_repairs_it)
{
	check_pipeline(&(struct reply){ .error = "PipelineNotFoundException: none" },
	               "fail " PIPELINE_A ": PipelineNotFoundException: none -> make"
	               " pipeline.name the name of a pipeline that is there, in its region and"
	               " account\n");
	check_pipeline(&(struct reply){ .error = "AccessDeniedException: no" },
	               "fail " PIPELINE_A ": AccessDeniedException: no -> allow"
	               " codepipeline:GetPipeline on the pipeline, to its role_arn if it has"
	               " one\n");
	check_pipeline(&(struct reply){ .error = "STS AssumeRole: AccessDenied: no" },
	               "fail " PIPELINE_A ": STS AssumeRole: AccessDenied: no -> allow"
	               " sts:AssumeRole on the role, and let its trust policy name the identity"
	               " above\n");
	check_pipeline(&(struct reply){ .body = "{}" },
	               "fail " PIPELINE_A ": GetPipeline: pipeline is missing\n");
}

TEST(a_pipeline_that_ignores_what_it_is_sent_is_a_fault)
{
	check_pipeline(&(struct reply){ .body = "{\"pipeline\":{\"pipelineType\":\"V1\"}}" },
	               "fail " PIPELINE_A ": V1, SUPERSEDED, ignores the variables that 'a' sends"
	               ", shared by 2 families -> make its type V2, or send no variables and let"
	               " it read base_parameter; make its execution mode QUEUED or PARALLEL, which"
	               " needs V2: a newer build supersedes one that waits\n");
	check_pipeline(&(struct reply){ .body = PIPELINE("QUEUED", "BSAE") },
	               "fail " PIPELINE_A ": V2, QUEUED, does not declare 'BASE' that 'a' sends"
	               " (did you mean 'BSAE'?), 'BSAE' has no default and 'a' does not send it"
	               " -> declare it in the pipeline, or correct pipeline.variables:"
	               " CodePipeline ignores a name that it does not know, and builds with"
	               " defaults; send it by pipeline.variables, or give it a default: without"
	               " a value an execution fails at once\n");
}

TEST(a_pipeline_whose_builds_fail_is_a_fault)
{
	check_pipeline(&(struct reply){ .body = PIPELINE("QUEUED", "BASE\"},{\"name\":\"MORE") },
	               "fail " PIPELINE_A ": V2, QUEUED, 'MORE' has no default and 'a' does not"
	               " send it -> send it by pipeline.variables, or give it a default:"
	               " without a value an execution fails at once\n");
}

TEST(a_pipeline_whose_builds_may_be_superseded_is_a_warning)
{
	check_pipeline(&(struct reply){ .body = PIPELINE("SUPERSEDED", "BASE") },
	               "warn " PIPELINE_A ": V2, SUPERSEDED, shared by 2 families -> make its"
	               " execution mode QUEUED or PARALLEL, which needs V2: a newer build"
	               " supersedes one that waits\n");
}

/* ---- Time ------------------------------------------------------------------------------------ */

#define LATE ": no answer in time: 150 s for all checks" UNREACHED

TEST(all_of_it_has_an_end)
{
	begin();
	for (size_t i = 0; i < QUESTIONS; i++)
		script.replies[i] = (struct reply){ 0 };
	script.credentials.expires_ms = 0;
	check_told(FINE_KEYS
	           "fail identity: no answer in time: 45 s for a check" UNREACHED
	           "fail queue: no answer in time: 45 s for a check" UNREACHED
	           "fail role arn:aws:iam::444455556666:role/one: no answer in time: 45 s for a"
	           " check" UNREACHED "fail role arn:aws:iam::444455556666:role/two" LATE
	           "fail " PIPELINE_A LATE "fail " PIPELINE_B LATE "fail " PIPELINE_C LATE);
}

/* Cancels before each event of a run that goes well. */
TEST(it_may_be_given_up_at_any_moment)
{
	struct online *online;

	for (int turns = 0; turns < 20; turns++) {
		begin();
		online = start();
		for (int i = 0; i < turns; i++)
			simulation_run_next(script.simulation);
		end(online);
	}
}

int main(void)
{
	check_run(everything_is_asked_in_its_order);
	check_run(without_credentials_the_rest_is_skipped);
	check_run(a_source_that_hangs_is_given_up);
	check_run(the_expiry_is_told);
	check_run(what_aws_refuses_comes_with_what_repairs_it);
	check_run(a_host_that_is_not_reached_is_no_end);
	check_run(an_answer_that_is_none_is_told);
	check_run(some_region_s_sts_is_asked);
	check_run(a_queue_that_is_refused_says_what_to_allow);
	check_run(a_queue_of_another_region_is_a_fault);
	check_run(what_is_odd_about_the_queue_is_a_warning);
	check_run(a_role_that_cannot_be_assumed_says_what_to_allow);
	check_run(a_pipeline_that_is_not_seen_says_what_repairs_it);
	check_run(a_pipeline_that_ignores_what_it_is_sent_is_a_fault);
	check_run(a_pipeline_whose_builds_fail_is_a_fault);
	check_run(a_pipeline_whose_builds_may_be_superseded_is_a_warning);
	check_run(all_of_it_has_an_end);
	check_run(it_may_be_given_up_at_any_moment);
	return check_done();
}
