#include "common/aws/wire_sns.h"

#include "tests/unit/check.h"

#define ROOM (64 * 1024)

static struct span read_input(const char *dir)
{
	struct span bytes;

	bytes.at = check_read(dir, "input.xml", &bytes.len);
	return bytes;
}

static void add_refusal(struct buf *out, const struct err *err)
{
	buf_addf(out, "refused: %s\n", err->text);
	CHECK_INT(err->kind, ERR_MALFORMED);
}

static void finish(const char *dir, struct buf *out, struct arena *arena)
{
	CHECK_FILE(dir, "want.txt", buf_text(out));
	buf_clear(out);
	arena_clear(arena);
}

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void subscribe_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	const char *arn = NULL;
	struct err err = { 0 };

	if (sns_subscribe_answer(read_input(dir), &arena, &arn, &err))
		buf_addf(&out, "subscription %s\n", or_none(arn));
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

static void add_subscription(struct buf *out, const struct sns_subscription *subscription)
{
	buf_addf(out, "topic %s\nendpoint %s\nprotocol %s\nowner %s\n", subscription->topic_arn,
	         subscription->endpoint, subscription->protocol, or_none(subscription->owner));
	buf_addf(out, "policy %s\nscope %s\nraw %s\npending %s\n",
	         or_none(subscription->filter_policy), or_none(subscription->filter_policy_scope),
	         subscription->raw ? "yes" : "no", subscription->pending ? "yes" : "no");
}

static void subscription_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	struct sns_subscription subscription;
	struct err err = { 0 };

	if (sns_subscription_answer(read_input(dir), &arena, &subscription, &err))
		add_subscription(&out, &subscription);
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

static void publish_case(const char *dir)
{
	struct buf out = buf_with_max(ROOM);
	struct arena arena = { 0 };
	const char *id = NULL;
	struct err err = { 0 };

	if (sns_publish_answer(read_input(dir), &arena, &id, &err))
		buf_addf(&out, "message %s\n", id);
	else
		add_refusal(&out, &err);
	finish(dir, &out, &arena);
}

TEST(a_queue_is_subscribed_with_its_attributes)
{
	struct sns_subscribe subscribe = { .topic_arn = "arn:t", .queue_arn = "arn:q" };
	struct buf body = buf_with_max(ROOM);

	sns_subscribe_body(&subscribe, &body);
	CHECK_TEXT(buf_text(&body),
	           "Action=Subscribe&Version=2010-03-31&TopicArn=arn%3At&Protocol=sqs"
	           "&Endpoint=arn%3Aq&Attributes.entry.1.key=RawMessageDelivery"
	           "&Attributes.entry.1.value=false&ReturnSubscriptionArn=true");
	buf_reset(&body);
	subscribe.raw = true;
	subscribe.filter_policy_scope = "MessageBody";
	sns_subscribe_body(&subscribe, &body);
	CHECK_TEXT(buf_text(&body),
	           "Action=Subscribe&Version=2010-03-31&TopicArn=arn%3At&Protocol=sqs"
	           "&Endpoint=arn%3Aq&Attributes.entry.1.key=RawMessageDelivery"
	           "&Attributes.entry.1.value=true&Attributes.entry.2.key=FilterPolicyScope"
	           "&Attributes.entry.2.value=MessageBody&ReturnSubscriptionArn=true");
	buf_clear(&body);
}

TEST(a_subscription_is_asked_for_by_its_arn)
{
	struct buf body = buf_with_max(ROOM);

	sns_subscription_body("arn:aws:sns:eu-west-1:1:t:u", &body);
	CHECK_TEXT(buf_text(&body), "Action=GetSubscriptionAttributes&Version=2010-03-31"
	                            "&SubscriptionArn=arn%3Aaws%3Asns%3Aeu-west-1%3A1%3At%3Au");
	buf_clear(&body);
}

TEST(a_topic_is_asked_for_by_its_arn)
{
	struct buf body = buf_with_max(ROOM);

	sns_topic_body("arn:t", &body);
	CHECK_TEXT(buf_text(&body),
	           "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn%3At");
	buf_clear(&body);
}

TEST(a_message_is_published_with_its_attributes)
{
	static const struct sns_attribute attributes[] = { { "family", "web" },
		                                           { "kind", "held" } };
	struct sns_publish publish = { .topic_arn = "arn:t", .message = SPAN("a b") };
	struct buf body = buf_with_max(ROOM);

	sns_publish_body(&publish, &body);
	CHECK_TEXT(buf_text(&body),
	           "Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Message=a+b");
	buf_reset(&body);
	publish.subject = "s";
	publish.structured = true;
	publish.attributes = attributes;
	publish.n_attributes = ARRAY_LEN(attributes);
	sns_publish_body(&publish, &body);
	CHECK_TEXT(buf_text(&body),
	           "Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Subject=s&Message=a+b"
	           "&MessageStructure=json&MessageAttributes.entry.1.Name=family"
	           "&MessageAttributes.entry.1.Value.DataType=String"
	           "&MessageAttributes.entry.1.Value.StringValue=web"
	           "&MessageAttributes.entry.2.Name=kind"
	           "&MessageAttributes.entry.2.Value.DataType=String"
	           "&MessageAttributes.entry.2.Value.StringValue=held");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/wire_sns/publish", publish_case);
	check_cases("tests/cases/wire_sns/subscribe", subscribe_case);
	check_cases("tests/cases/wire_sns/subscription", subscription_case);
	check_run(a_queue_is_subscribed_with_its_attributes);
	check_run(a_subscription_is_asked_for_by_its_arn);
	check_run(a_topic_is_asked_for_by_its_arn);
	check_run(a_message_is_published_with_its_attributes);
	return check_done();
}
