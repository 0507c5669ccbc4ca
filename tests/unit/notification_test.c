/*
 * notification: what is known of a message before anybody decides, and the build that follows from
 * a decision. tests/cases/decide has the decisions.
 */
#include "common/decide/notification.h"

#include "common/base/limits.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "arn:aws:sns:us-east-1:137112412989:amazon-linux-2023-ami-updates"
#define ID    "5e5b1c0e-7c1f-5d0a-9a53-2f0f3c1d9b11"

/* sha256sum of "evergold/1\nweb\neu-central-1\ngolden\neu-west-1\nami-0123456789abcdef0\n0\n" */
#define TOKEN "3b23af3618ae4f2c8c5fa418173f0f135c936d5d5c578c7ea327c9ec4ca18a79"

static const char evergold_yaml[] = "families:\n"
				    "  - name: web\n"
				    "    publisher: amazon-linux-2023\n"
				    "    images: \"al2023-ami-2023.*-kernel-6.1-x86_64\"\n"
				    "    regions: [eu-west-1, us-east-1]\n"
				    "    pipeline:\n"
				    "      name: golden\n"
				    "      region: eu-central-1\n"
				    "      variables: {ALL: \"{image_id} {image_name} {release} "
				    "{region} {architecture} {family}"
				    " {publisher} {message_id} {notes_url} {build}\"}\n";

static const char message[] =
	"{\"v1\":{\"ImageVersion\":\"2023.9.20251020.0\",\"ReleaseNotes\":\"see "
	"https://example.com/n\","
	"\"Regions\":{\"eu-west-1\":[{\"Name\":\"al2023-ami-2023.9.20251020.0-kernel-6.1-x86_64\","
	"\"ImageId\":\"ami-0123456789abcdef0\"}]}}}";

static const struct topic_rule topics[] = { { .arn = TOPIC } };
static const struct gate_policy policy = { .topics = topics, .n_topics = 1 };

static struct config *read_config(void)
{
	struct faults faults = { 0 };
	struct config *config = config_parse(span_of(evergold_yaml), "f", NULL, &faults);

	for (size_t i = 0; i < faults.n; i++)
		fprintf(stderr, "%s\n", faults.at[i].text);
	faults_clear(&faults);
	if (!config)
		abort();
	return config;
}

static void write_envelope(struct buf *out, const char *topic)
{
	buf_addf(out, "{\"Type\":\"Notification\",\"MessageId\":\"" ID "\",\"TopicArn\":\"%s\",",
	         topic);
	buf_add_text(out, "\"Message\":\"{}\",\"Timestamp\":\"2025-10-20T08:00:00.000Z\","
	                  "\"SignatureVersion\":\"1\",\"Signature\":\"AAAA\",\"SigningCertURL\":"
	                  "\"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-"
	                  "0123456789abcdef0123456789abcdef.pem\"}");
}

static bool open_from(struct notification *notification, const struct config *config,
                      const char *topic, struct buf *body)
{
	write_envelope(body, topic);
	return notification_open(notification, config, &policy, buf_span(body), ENVELOPE_SQS);
}

TEST(an_envelope_is_announced)
{
	struct config *config = read_config();
	struct buf body = buf_with_max(4000);
	struct notification notification;

	CHECK(open_from(&notification, config, TOPIC, &body));
	CHECK_INT(notification.decisions.n, 0);
	CHECK(span_is(notification.announcement.topic, TOPIC));
	CHECK(span_is(notification.announcement.message_id, ID));
	CHECK(notification.announcement.publisher == config->families[0].publisher);
	CHECK_INT(notification.announcement.announced_ms, 1760947200000);
	notification_clear(&notification);
	notification_clear(&notification);
	buf_clear(&body);
	config_free(config);
}

TEST(what_the_gate_refuses_is_rejected)
{
	static const char other[] = "arn:aws:sns:us-east-1:111122223333:other";
	struct config *config = read_config();
	struct buf body = buf_with_max(4000);
	struct notification notification;

	CHECK(!open_from(&notification, config, other, &body));
	CHECK(span_is(notification.announcement.topic, other));
	CHECK(!notification.announcement.publisher);
	if (CHECK_INT(notification.decisions.n, 1)) {
		CHECK_INT(notification.decisions.at[0].reason, REASON_TOPIC_NOT_ALLOWED);
		CHECK_TEXT(notification.decisions.at[0].detail, notification.verdict.err.text);
		CHECK(!notification.decisions.at[0].family);
	}
	notification_clear(&notification);
	buf_clear(&body);
	config_free(config);
}

TEST(bytes_that_are_no_envelope_are_rejected)
{
	struct config *config = read_config();
	struct notification notification;

	CHECK(!notification_open(&notification, config, &policy, SPAN("<html>"), ENVELOPE_SQS));
	CHECK_INT(notification.announcement.message_id.len, 0);
	CHECK_INT(notification.announcement.topic.len, 0);
	if (CHECK_INT(notification.decisions.n, 1))
		CHECK_INT(notification.decisions.at[0].reason, REASON_JSON);
	notification_clear(&notification);
	config_free(config);
}

TEST(a_remark_fills_only_empty_details)
{
	struct config *config = read_config();
	struct notification notification;

	notification_open_bare(&notification, config, SPAN(TOPIC), span_of(message));
	CHECK_INT(notification.verdict.trust, TRUST_UNCHECKED);
	notification_decide(&notification, config);
	if (CHECK_INT(notification.decisions.n, 2)) {
		memcpy(notification.decisions.at[0].detail, "kept", sizeof("kept"));
		notification_remark(&notification, "the worker would reject it as %s", "too_old");
		CHECK_TEXT(notification.decisions.at[0].detail, "kept");
		CHECK_TEXT(notification.decisions.at[1].detail,
		           "the worker would reject it as too_old");
	}
	notification_clear(&notification);
	config_free(config);
}

static void check_build(const struct build *build)
{
	CHECK_INT(build->state, BUILD_WANTED);
	CHECK_TEXT(build->family, "web");
	CHECK_TEXT(build->pipeline, "golden");
	CHECK_TEXT(build->pipeline_region, "eu-central-1");
	CHECK(!build->role_arn);
	CHECK_TEXT(build->region, "eu-west-1");
	CHECK_TEXT(build->image_id, "ami-0123456789abcdef0");
	CHECK_TEXT(build->image_name, "al2023-ami-2023.9.20251020.0-kernel-6.1-x86_64");
	CHECK_TEXT(build->architecture, "x86_64");
	CHECK_TEXT(build->publisher, "amazon-linux-2023");
	CHECK_TEXT(build->release, "2023.9.20251020.0");
	CHECK_TEXT(build->message_id, ID);
	CHECK_TEXT(build->notes_url, "https://example.com/n");
	CHECK_INT(build->announced_ms, 1760947200000);
	CHECK_INT(build->attempt, 0);
	CHECK_TEXT(build->token, TOKEN);
	CHECK_TEXT(
		build->variables,
		"{\"ALL\":\"ami-0123456789abcdef0 al2023-ami-2023.9.20251020.0-kernel-6.1-x86_64 "
		"2023.9.20251020.0 eu-west-1 x86_64 web amazon-linux-2023 " ID
		" https://example.com/n " TOKEN "\"}");
}

TEST(a_build_follows_from_its_decision)
{
	struct config *config = read_config();
	struct notification notification;
	struct arena arena = { 0 };
	struct build build;
	char text[sizeof(message)], id[] = ID;

	memcpy(text, message, sizeof(text));
	notification_open_bare(&notification, config, SPAN(TOPIC), span_of(text));
	notification.announcement.message_id = span_of(id);
	notification.announcement.announced_ms = 1760947200000;
	notification_decide(&notification, config);
	if (CHECK(notification.decisions.n == 2 && decision_starts(&notification.decisions.at[0])))
		decision_build(&notification.decisions.at[0], &notification.announcement,
		               &notification.release, &arena, &build);
	notification_clear(&notification);
	memset(text, 'x', sizeof(text) - 1);
	memset(id, 'x', sizeof(id) - 1);
	check_build(&build); /* nothing of the message is needed any more */
	arena_clear(&arena);
	config_free(config);
}

TEST(long_details_are_cut)
{
	struct decisions decisions = { 0 };
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	decide_rejected(REASON_PAYLOAD, text, &decisions);
	decide_rejected(REASON_JSON, "", &decisions);
	if (CHECK_INT(decisions.n, 2)) {
		CHECK_INT(strlen(decisions.at[0].detail), sizeof(decisions.at[0].detail) - 1);
		CHECK_TEXT(decisions.at[1].detail, "");
	}
	decisions_clear(&decisions);
	decisions_clear(&decisions);
}

int main(void)
{
	check_run(an_envelope_is_announced);
	check_run(what_the_gate_refuses_is_rejected);
	check_run(bytes_that_are_no_envelope_are_rejected);
	check_run(a_remark_fills_only_empty_details);
	check_run(a_build_follows_from_its_decision);
	check_run(long_details_are_cut);
	return check_done();
}
