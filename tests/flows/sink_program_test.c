/*
 * The sinks for programs: what each asks of the world for one notice, and what it makes of the
 * answer. Here the world is two functions that keep the request and answer when the test says so.
 */
#include "worker/flows/sink_program.h"

#include "common/base/base64.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "tests/flows/simulated_time.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY   "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

#define FAMILIES                                                                      \
	"families:\n"                                                                 \
	"  - {name: web, publisher: amazon-linux-2, images: \"amzn2-*\", regions: "   \
	"[eu-west-1], pipeline: {name: golden}}\n"                                    \
	"  - {name: batch, publisher: amazon-linux-2, images: \"amzn2-*\", regions: " \
	"[eu-west-1], pipeline: {name: batch}}\n"

/* ---- the world ------------------------------------------------------------------------------- */

static struct {
	struct simulation *simulation;
	struct ports ports;
	struct config *config;
	struct sink *sinks[1 + LIMIT_SINKS];
	size_t n_sinks;
	struct secret secrets[SINK_SECRETS];
	struct notice notice;

	/* The request that is under way. */
	struct call call;
	bool asked, starting;
	aws_done_fn *aws_done;
	http_done_fn *http_done;
	void *ctx;
	struct buf url, headers, body, role;
	const struct aws_operation *operation;
	char region[32];
	struct http_request http;

	/* What the sink said. */
	struct call *delivery;
	int answers;
	struct sink_answer answer;
} w;

static void cancel(struct call *call)
{
	(void)call;
	w.asked = false;
}

static void keep(struct buf *buf, const char *text)
{
	buf_reset(buf);
	buf_add_text(buf, text ? text : "");
}

static struct call *begin_request(struct span body, void *ctx)
{
	CHECK(!w.asked);
	w.asked = true;
	w.call.cancel = cancel;
	w.ctx = ctx;
	buf_reset(&w.body);
	buf_add(&w.body, body);
	return &w.call;
}

static struct call *ask_aws(void *world, const struct aws_request *request, aws_done_fn *done,
                            void *ctx)
{
	(void)world;
	w.aws_done = done;
	w.operation = request->operation;
	snprintf(w.region, sizeof(w.region), "%s", request->region);
	keep(&w.role, request->role ? request->role->arn : NULL);
	if (request->role)
		buf_addf(&w.role, " as %s in %s", request->role->session_name,
		         request->role->region);
	return begin_request(request->body, ctx);
}

static struct call *ask_http(void *world, const struct http_request *request, http_done_fn *done,
                             void *ctx)
{
	(void)world;
	w.http_done = done;
	w.http = *request;
	keep(&w.url, request->url);
	buf_reset(&w.headers);
	for (const char *const *header = request->headers; *header; header++)
		buf_addf(&w.headers, "%s\n", *header);
	return begin_request(request->body, ctx);
}

static void open_sinks(const char *sinks)
{
	struct buf text = buf_with_max(65536);
	struct faults faults = { 0 };

	memset(&w, 0, sizeof(w));
	w.url = w.headers = w.body = w.role = buf_with_max(1 << 20);
	w.simulation = simulation_new();
	w.ports = (struct ports){ .timers = simulation_timers(w.simulation),
		                  .aws = ask_aws,
		                  .http = ask_http };
	buf_addf(&text, "region: eu-west-1\nsinks:\n%s" FAMILIES, sinks);
	w.config = config_parse(buf_span(&text), "evergold.yaml", NULL, &faults);
	if (!CHECK(w.config != NULL, "%s", faults.n ? faults.at[0].text : ""))
		abort();
	faults_clear(&faults);
	buf_clear(&text);
	w.n_sinks = sinks_open(&w.ports, w.config, w.sinks);
	w.secrets[0] = secret_of(SPAN(KEY));
	w.notice = (struct notice){
		.id = 7,
		.created_ms = SIMULATION_START_MS,
		.kind = NOTICE_FINISHED,
		.build = { .family = "web",
		           .region = "eu-west-1",
		           .pipeline = "golden",
		           .pipeline_region = "eu-west-1",
		           .image_id = "ami-0123456789abcdef0",
		           .golden_ami = "ami-0fedcba9876543210",
		           .role_arn = "arn:aws:iam::444455556666:role/start",
		           .state = BUILD_FINISHED,
		           .status = EXECUTION_SUCCEEDED,
		           .execution_id = "6f1a52cc-3c0e-4a86-9d3e-2f0c7f2b7a10",
		           .token = "0123456789abcdef" },
	};
}

static void close_sinks(void)
{
	for (size_t i = 0; i < w.n_sinks; i++)
		w.sinks[i]->free(w.sinks[i]);
	for (size_t i = 0; i < SINK_SECRETS; i++)
		secret_clear(&w.secrets[i]);
	config_free(w.config);
	simulation_free(w.simulation);
	buf_clear(&w.url);
	buf_clear(&w.headers);
	buf_clear(&w.body);
	buf_clear(&w.role);
}

static void on_delivered(void *ctx, const struct sink_answer *answer)
{
	(void)ctx;
	CHECK(!w.starting);
	w.answers++;
	w.answer = *answer;
	w.delivery = NULL;
}

static void deliver(void)
{
	w.answers = 0;
	w.starting = true;
	w.delivery = w.sinks[0]->deliver(w.sinks[0], &(struct delivery){ &w.notice, w.secrets },
	                                 on_delivered, NULL);
	w.starting = false;
	simulation_advance(w.simulation, 0);
}

static void answer_aws(const char *body)
{
	w.asked = false;
	w.aws_done(w.ctx, &(struct aws_answer){ .body = span_of(body) }, NULL);
}

static void refuse_aws(const char *code, enum err_kind kind)
{
	struct aws_error error = { .status = 400, .kind = kind };
	struct err err = { .kind = kind };

	snprintf(error.code, sizeof(error.code), "%s", code);
	snprintf(err.text, sizeof(err.text), "as the script says: %s", code);
	w.asked = false;
	w.aws_done(w.ctx, &(struct aws_answer){ .error = &error }, &err);
}

static void answer_http(int status, const char *retry_after)
{
	w.asked = false;
	w.http_done(w.ctx,
	            &(struct http_answer){ .status = status,
	                                   .body = SPAN("<secret>"),
	                                   .retry_after = span_of(retry_after) },
	            NULL);
}

static void check_outcome(enum sink_outcome outcome, enum err_kind kind)
{
	CHECK_INT(w.answers, 1);
	CHECK_INT(w.answer.outcome, outcome);
	CHECK_INT(w.answer.err.kind, kind);
	CHECK(!strstr(w.answer.err.text, "secret") && !strstr(w.answer.err.text, "MfKQ"), "%s",
	      w.answer.err.text);
}

/* ---- whom it concerns ------------------------------------------------------------------------ */

#define TOPIC "arn:aws:sns:eu-central-1:111122223333:golden"
#define SNS   "  - sns: " TOPIC "\n"
#define TAKEN                                                                        \
	"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></" \
	"PublishResponse>"
#define WEBHOOK   "  - {webhook: \"https://hooks.example.org/a/secret?b=c\", key: {env: K}}\n"
#define EVENTS    "  - {eventbridge: golden-bus}\n"
#define PUT_TAKEN "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"e\"}]}"

TEST(a_sink_is_told_of_its_families)
{
	open_sinks("  - {sns: \"" TOPIC "\", families: [web]}\n"
	           "  - {name: all, sns: \"" TOPIC "\"}\n");
	CHECK_INT(w.n_sinks, 2);
	CHECK_TEXT(w.sinks[0]->name, "sns");
	CHECK(w.sinks[0]->lane(w.sinks[0], "web") != NULL);
	CHECK(w.sinks[0]->lane(w.sinks[0], "batch") == NULL);
	CHECK(w.sinks[0]->lane(w.sinks[0], NULL) == NULL);
	CHECK(w.sinks[1]->lane(w.sinks[1], "batch") != NULL);
	CHECK(w.sinks[1]->lane(w.sinks[1], NULL) != NULL);
	close_sinks();
}

TEST(what_is_over_is_not_told)
{
	open_sinks(SNS);
	w.notice.kind = NOTICE_REFUSED;
	deliver();
	CHECK(!w.asked);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	w.notice.kind = NOTICE_HELD;
	w.notice.build.state = BUILD_WANTED;
	deliver();
	CHECK(!w.asked);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	w.notice.build.held = REASON_FAILING;
	deliver();
	CHECK(w.asked);
	answer_aws(TAKEN);
	close_sinks();
}

TEST(a_delivery_can_be_abandoned)
{
	open_sinks(WEBHOOK);
	deliver();
	CHECK(w.asked);
	call_cancel(w.delivery);
	CHECK(!w.asked);
	secret_clear(&w.secrets[0]);
	w.secrets[0] = secret_of(SPAN("none"));
	w.delivery = w.sinks[0]->deliver(w.sinks[0], &(struct delivery){ &w.notice, w.secrets },
	                                 on_delivered, NULL);
	call_cancel(w.delivery); /* before its end, which was known at once */
	simulation_advance(w.simulation, 1000);
	CHECK_INT(w.answers, 0);
	close_sinks();
}

/* ---- SNS ------------------------------------------------------------------------------------- */

TEST(a_topic_is_published_to_where_it_is)
{
	open_sinks(SNS);
	deliver();
	CHECK(w.operation == &aws_sns_publish);
	CHECK_TEXT(w.region, "eu-central-1");
	CHECK_TEXT(buf_text(&w.role), "");
	CHECK(strstr(buf_text(&w.body), "&Subject=evergold%3A+web%3A+golden+AMI+built&") != NULL,
	      "%s", buf_text(&w.body));
	CHECK(strstr(buf_text(&w.body), "&MessageStructure=json&") != NULL);
	CHECK(strstr(buf_text(&w.body), ".Name=status&MessageAttributes.entry.4.Value.DataType="
	                                "String&MessageAttributes.entry.4.Value.StringValue="
	                                "Succeeded") != NULL);
	answer_aws(TAKEN);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	close_sinks();
}

TEST(aws_is_asked_in_the_role_of_the_sink)
{
	open_sinks("  - {name: mail, sns: \"" TOPIC "\", role_arn: "
	           "\"arn:aws:iam::777788889999:role/publish\"}\n");
	deliver();
	CHECK_TEXT(buf_text(&w.role),
	           "arn:aws:iam::777788889999:role/publish as evergold-mail in eu-central-1");
	answer_aws(TAKEN);
	close_sinks();
}

TEST(a_topic_that_fails_is_asked_again)
{
	open_sinks(SNS);
	deliver();
	refuse_aws("Throttling", ERR_TRANSIENT);
	check_outcome(SINK_UNAVAILABLE, ERR_TRANSIENT);
	deliver();
	refuse_aws("AuthorizationError", ERR_BROKEN);
	check_outcome(SINK_UNAVAILABLE, ERR_BROKEN);
	deliver();
	refuse_aws("NotFound", ERR_REFUSED);
	check_outcome(SINK_UNAVAILABLE, ERR_REFUSED);
	deliver();
	refuse_aws("InvalidParameter", ERR_REFUSED);
	check_outcome(SINK_REFUSED, ERR_REFUSED);
	deliver();
	answer_aws("<html>a proxy</html>");
	check_outcome(SINK_UNAVAILABLE, ERR_TRANSIENT);
	close_sinks();
}

/* No header and no field of the form is made of what others wrote. */
TEST(a_hostile_name_stays_inside_the_message)
{
	struct buf text = buf_with_max(200000);

	open_sinks(SNS);
	while (text.len < 100000)
		buf_add_text(&text, "<!channel>\r\nSubject: x&Message=y\xe2\x80\xae\"\\");
	w.notice.build.image_name = w.notice.build.release = buf_text(&text);
	w.notice.build.failed_stage = w.notice.build.error_message = buf_text(&text);
	w.notice.build.status = EXECUTION_FAILED;
	deliver();
	CHECK(w.body.len > 0 && w.body.len < LIMIT_AWS_BODY, "%zu", w.body.len);
	CHECK(!w.body.overflow);
	CHECK(!strchr(buf_text(&w.body), '\r') && !strchr(buf_text(&w.body), '\n'));
	CHECK(!strstr(buf_text(&w.body), "%0D%0ASubject"));
	answer_aws(TAKEN);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	close_sinks();
	buf_clear(&text);
}

/* ---- a webhook ------------------------------------------------------------------------------- */

/* Computed from the parts of the specification, not by the code that signs. */
static void check_signature(const char *key)
{
	struct buf secret = buf_with_max(64), text = buf_with_max(1 << 20), want = buf_with_max(99);
	unsigned char mac[DIGEST_SHA256_SIZE];
	char id[64] = "", time[32] = "";

	sscanf(buf_text(&w.headers),
	       "Content-Type: application/json\nwebhook-id: %63s\nwebhook-timestamp: %31s", id,
	       time);
	CHECK(base64_decode(span_of(key + strlen("whsec_")), &secret));
	buf_addf(&text, "%s.%s.%s", id, time, buf_text(&w.body));
	digest_hmac_sha256(buf_span(&secret), buf_span(&text), mac);
	buf_add_text(&want, "webhook-signature: v1,");
	base64_encode((struct span){ (const char *)mac, sizeof(mac) }, &want);
	CHECK(strstr(buf_text(&w.headers), buf_text(&want)) != NULL, "%s", buf_text(&w.headers));
	buf_clear(&secret);
	buf_clear(&text);
	buf_clear(&want);
}

TEST(a_webhook_is_told_with_a_signature)
{
	open_sinks(WEBHOOK);
	deliver();
	CHECK_TEXT(w.http.method, "POST");
	CHECK_TEXT(buf_text(&w.url), "https://hooks.example.org/a/secret?b=c");
	CHECK(strstr(buf_text(&w.headers), "\nwebhook-timestamp: 1764547200\n") != NULL);
	CHECK(strstr(buf_text(&w.body), "\"type\":\"build.finished\"") != NULL);
	check_signature(KEY);
	answer_http(204, NULL);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	close_sinks();
}

TEST(a_repetition_has_the_id_of_the_first_and_a_time_of_its_own)
{
	char first[200];

	open_sinks(WEBHOOK);
	deliver();
	snprintf(first, sizeof(first), "%.90s", buf_text(&w.headers));
	answer_http(503, "30");
	check_outcome(SINK_UNAVAILABLE, ERR_TRANSIENT);
	CHECK_INT(w.answer.retry_after_ms, 30000);
	simulation_advance(w.simulation, 60000);
	deliver();
	CHECK(strncmp(first, buf_text(&w.headers),
	              strlen("Content-Type: application/json\n"
	                     "webhook-id: msg_") +
	                      32) == 0);
	CHECK(strstr(buf_text(&w.headers), "webhook-timestamp: 1764547260") != NULL);
	check_signature(KEY);
	answer_http(200, NULL);
	close_sinks();
}

TEST(what_a_webhook_answers_decides)
{
	static const struct {
		int status;
		enum sink_outcome outcome;
		enum err_kind kind;
	} answers[] = {
		{ 200, SINK_DELIVERED, ERR_NONE },
		{ 202, SINK_DELIVERED, ERR_NONE },
		{ 302, SINK_UNAVAILABLE, ERR_REFUSED },
		{ 400, SINK_REFUSED, ERR_REFUSED },
		{ 401, SINK_SECRET_REFUSED, ERR_REFUSED },
		{ 403, SINK_SECRET_REFUSED, ERR_REFUSED },
		{ 404, SINK_UNAVAILABLE, ERR_REFUSED },
		{ 410, SINK_UNAVAILABLE, ERR_REFUSED },
		{ 413, SINK_REFUSED, ERR_REFUSED },
		{ 429, SINK_UNAVAILABLE, ERR_TRANSIENT },
		{ 500, SINK_UNAVAILABLE, ERR_TRANSIENT },
	};

	open_sinks(WEBHOOK);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		deliver();
		answer_http(answers[i].status, NULL);
		check_outcome(answers[i].outcome, answers[i].kind);
	}
	deliver();
	w.asked = false;
	w.http_done(w.ctx, NULL, &(struct err){ ERR_TRANSIENT, "https://hooks: timed out" });
	check_outcome(SINK_UNAVAILABLE, ERR_TRANSIENT);
	close_sinks();
}

static void use_secret(size_t i, const char *text)
{
	secret_clear(&w.secrets[i]);
	w.secrets[i] = secret_of(span_of(text));
}

TEST(a_key_or_a_url_that_is_none_is_read_again)
{
	open_sinks("  - {webhook: {env: URL}, key: {env: K}}\n");
	CHECK(w.sinks[0]->secrets[0] && w.sinks[0]->secrets[1]);
	use_secret(0, "no key");
	use_secret(1, "https://hooks.example.org/secret");
	deliver();
	CHECK(!w.asked);
	check_outcome(SINK_SECRET_REFUSED, ERR_BROKEN);
	use_secret(0, OTHER " " KEY);
	use_secret(1, "http://hooks.example.org/secret");
	deliver();
	CHECK(!w.asked);
	check_outcome(SINK_SECRET_REFUSED, ERR_MALFORMED);
	use_secret(1, "https://hooks.example.org/secret\r\nX-Injected: y");
	deliver();
	CHECK(!w.asked);
	check_outcome(SINK_SECRET_REFUSED, ERR_MALFORMED);
	use_secret(1, "https://hooks.example.org/secret");
	deliver();
	CHECK_TEXT(buf_text(&w.url), "https://hooks.example.org/secret");
	check_signature(OTHER);
	answer_http(200, NULL);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	close_sinks();
}

/* ---- EventBridge ----------------------------------------------------------------------------- */

TEST(a_bus_gets_an_event)
{
	open_sinks(EVENTS);
	deliver();
	CHECK(w.operation == &aws_eventbridge_put_events);
	CHECK_TEXT(w.region, "eu-west-1");
	CHECK(strstr(buf_text(&w.body),
	             "{\"Entries\":[{\"Time\":1764547200,\"Source\":\"evergold\",\"Resources\":["
	             "\"arn:aws:codepipeline:eu-west-1:444455556666:golden\","
	             "\"arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0\","
	             "\"arn:aws:ec2:eu-west-1::image/ami-0fedcba9876543210\"],"
	             "\"DetailType\":\"evergold build "
	             "finished\",\"Detail\":\"{\\\"version\\\":1,") == buf_text(&w.body),
	      "%s", buf_text(&w.body));
	CHECK(strstr(buf_text(&w.body), "\"EventBusName\":\"golden-bus\"") != NULL);
	answer_aws(PUT_TAKEN);
	check_outcome(SINK_DELIVERED, ERR_NONE);
	close_sinks();
}

TEST(an_event_that_is_not_taken_says_why)
{
	open_sinks(EVENTS);
	deliver();
	answer_aws("{\"FailedEntryCount\":1,\"Entries\":[{\"ErrorCode\":\"InternalFailure\"}]}");
	check_outcome(SINK_UNAVAILABLE, ERR_TRANSIENT);
	deliver();
	answer_aws("{\"FailedEntryCount\":1,\"Entries\":[{\"ErrorCode\":\"MalformedDetail\"}]}");
	check_outcome(SINK_REFUSED, ERR_REFUSED);
	deliver();
	refuse_aws("ResourceNotFoundException", ERR_REFUSED);
	check_outcome(SINK_UNAVAILABLE, ERR_REFUSED);
	close_sinks();
}

int main(void)
{
	check_run(a_sink_is_told_of_its_families);
	check_run(what_is_over_is_not_told);
	check_run(a_delivery_can_be_abandoned);
	check_run(a_topic_is_published_to_where_it_is);
	check_run(aws_is_asked_in_the_role_of_the_sink);
	check_run(a_topic_that_fails_is_asked_again);
	check_run(a_hostile_name_stays_inside_the_message);
	check_run(a_webhook_is_told_with_a_signature);
	check_run(a_repetition_has_the_id_of_the_first_and_a_time_of_its_own);
	check_run(what_a_webhook_answers_decides);
	check_run(a_key_or_a_url_that_is_none_is_read_again);
	check_run(a_bus_gets_an_event);
	check_run(an_event_that_is_not_taken_says_why);
	return check_done();
}
