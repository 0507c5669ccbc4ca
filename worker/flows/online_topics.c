#include "common/base/limits.h"
#include "common/base/writer.h"
#include "common/decide/queue_policy.h"
#include "common/sns/topic_arn.h"
#include "worker/flows/online_checks.h"

#include <string.h>

#include "common/base/banned.h"

#define AWS_KEY "alias/aws/sqs" /* AWS's own, whose policy nobody can change */

#define NOT_KNOWN "nothing is known of the queue"

/* ---- May the topics send? -------------------------------------------------------------------- */

static enum queue_policy_verdict judge(const struct sqs_attributes *attributes, const char *service,
                                       const char *source_arn)
{
	return queue_policy_judge(&(struct queue_policy_question){
		.policy = span_of(attributes->policy),
		.service = service,
		.source_arn = source_arn,
		.queue_arn = attributes->arn,
	});
}

static void add_condition(const struct config *config, struct writer *writer)
{
	struct arena arena = { 0 };
	const struct topic_rule *topics;
	size_t n;

	topics = config_topics(config, &arena, &n);
	writer_object(writer, "Condition");
	writer_object(writer, "ArnEquals");
	writer_array(writer, "aws:SourceArn");
	for (size_t i = 0; i < n; i++)
		writer_text(writer, NULL, topics[i].arn);
	writer_end(writer);
	writer_end(writer);
	writer_end(writer);
	arena_clear(&arena);
}

static void add_policy(const struct online *online, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_text(writer, "Version", "2012-10-17");
	writer_array(writer, "Statement");
	writer_object(writer, NULL);
	writer_text(writer, "Effect", "Allow");
	writer_object(writer, "Principal");
	writer_text(writer, "Service", "sns.amazonaws.com");
	writer_end(writer);
	writer_text(writer, "Action", "sqs:SendMessage");
	writer_text(writer, "Resource", online->announcements.attributes.arn);
	add_condition(online->options.config, writer);
	writer_end(writer);
	writer_end(writer);
	writer_finish(writer, out);
}

/* For all topics at once, since it sets the policy as a whole. */
static void give_policy(struct online *online)
{
	struct writer *writer = writer_new();
	struct buf policy = buf_with_max(LIMIT_AWS_BODY), attribute = buf_with_max(LIMIT_AWS_BODY);

	add_policy(online, &policy);
	writer_string(writer, "Policy", buf_span(&policy));
	writer_finish(writer, &attribute);
	online_repair_attribute(online, &online->announcements, buf_text(&attribute));
	buf_clear(&policy);
	buf_clear(&attribute);
}

/* What is there may say more, which no command of ours must take away. */
static void show_policy(struct online *online)
{
	const struct queue *queue = &online->announcements.queue;

	online_repair(online,
	              "aws sqs get-queue-attributes --region %s --queue-url %s "
	              "--attribute-names Policy --query Attributes.Policy --output text",
	              queue->region, queue->url);
}

static const struct {
	enum online_status status;
	const char *detail, *hint;
} verdicts[] = {
	[QUEUE_POLICY_ALLOWS] = { ONLINE_OK, "the queue's policy lets it send", NULL },
	[QUEUE_POLICY_SILENT] = { ONLINE_FAILED, "the queue's policy does not let it send",
	                          "allow sns.amazonaws.com sqs:SendMessage on the queue where "
	                          "aws:SourceArn is the topic: what it announces is lost "
	                          "without a word" },
	[QUEUE_POLICY_DENIES] = { ONLINE_FAILED, "the queue's policy forbids it to send",
	                          "except sns.amazonaws.com in the statement that denies it" },
	[QUEUE_POLICY_OPEN] = { ONLINE_WARNING,
	                        "whether the queue's policy lets it send depends on conditions "
	                        "that only AWS can judge",
	                        "see that it allows sns.amazonaws.com sqs:SendMessage where "
	                        "aws:SourceArn is the topic" },
};

static void ask_topic(struct online *online)
{
	const struct sqs_attributes *attributes = &online->announcements.attributes;
	enum queue_policy_verdict verdict;

	if (!attributes->arn) {
		online_tell(online, ONLINE_SKIPPED, NOT_KNOWN, NULL);
		return;
	}
	verdict = judge(attributes, "sns.amazonaws.com", online->at->about);
	if (verdict != QUEUE_POLICY_ALLOWS && attributes->policy)
		show_policy(online);
	else if (verdict != QUEUE_POLICY_ALLOWS)
		give_policy(online);
	online_tell(online, verdicts[verdict].status, verdicts[verdict].detail,
	            verdicts[verdict].hint);
}

static const struct online_check topic_check = { .name = "topic", .ask = ask_topic };

/* ---- And EventBridge? ------------------------------------------------------------------------ */

static void ask_rules(struct online *online)
{
	const struct sqs_attributes *attributes = &online->events.attributes;
	enum queue_policy_verdict verdict;

	if (!attributes->arn) {
		online_tell(online, ONLINE_SKIPPED, NOT_KNOWN, NULL);
		return;
	}
	verdict = judge(attributes, "events.amazonaws.com", NULL);
	if (verdict == QUEUE_POLICY_ALLOWS || verdict == QUEUE_POLICY_OPEN)
		online_tell(online, ONLINE_OK, "the events queue's policy lets it send", NULL);
	else
		online_tell(online, ONLINE_WARNING,
		            "the events queue's policy does not let it send: builds are followed "
		            "by asking alone",
		            "allow events.amazonaws.com sqs:SendMessage on the events queue, and "
		            "make a rule for the pipelines' events");
}

static const struct online_check rules_check = { .name = "EventBridge", .ask = ask_rules };

/* ---- Encryption ------------------------------------------------------------------------------ */

static void ask_encryption(struct online *online)
{
	const struct online_queue *asked = online->at->about;
	const char *key = asked->attributes.kms_key;

	if (!asked->attributes.arn) {
		online_tell(online, ONLINE_SKIPPED, NOT_KNOWN, NULL);
	} else if (!key) {
		online_tell(online, ONLINE_OK, "no key of KMS is needed to send", NULL);
	} else if (strstr(key, AWS_KEY)) {
		online_repair_attribute(online, asked,
		                        "{\"KmsMasterKeyId\":\"\",\"SqsManagedSseEnabled\":"
		                        "\"true\"}");
		online_tell(online, ONLINE_FAILED,
		            AWS_KEY " encrypts it, which no other service may use: nothing comes",
		            "let SQS manage the key, or take a customer managed one");
	} else {
		online_tell(online, ONLINE_OK,
		            arena_printf(&online->texts,
		                         "%s encrypts it, whose policy must allow "
		                         "kms:GenerateDataKey and kms:Decrypt to whoever sends",
		                         key),
		            NULL);
	}
}

static const struct online_check encryption_check = { .name = "encryption", .ask = ask_encryption };

/* ---- Subscriptions --------------------------------------------------------------------------- */

/* SNS lists a topic's subscriptions to its owner alone, and to each subscriber his own. */
static void ask_subscription(struct online *online)
{
	const char *topic = online->at->about, *queue = online->announcements.attributes.arn;
	struct topic_arn arn;

	if (!queue || !topic_arn_parse(span_of(topic), &arn)) {
		online_tell(online, ONLINE_SKIPPED, NOT_KNOWN, NULL);
		return;
	}
	online_repair(online,
	              "aws sns list-subscriptions --region %.*s "
	              "--query \"Subscriptions[?TopicArn=='%s'].Endpoint\"",
	              SPAN_ARG(arn.region), topic);
	online_tell(online, ONLINE_SKIPPED, "SNS does not tell a subscriber of others' topics",
	            arena_printf(&online->texts,
	                         "look for the queue among your own subscriptions, and if it is "
	                         "not there: aws sns subscribe --region %.*s --topic-arn %s "
	                         "--protocol sqs --notification-endpoint %s",
	                         SPAN_ARG(arn.region), topic, queue));
}

static const struct online_check subscription_check = { .name = "subscription",
	                                                .ask = ask_subscription };

/* ---- The list -------------------------------------------------------------------------------- */

static void list_topics(struct online *online)
{
	const struct topic_rule *topics;
	size_t n;

	topics = config_topics(online->options.config, &online->kept, &n);
	for (size_t i = 0; i < n; i++) {
		const char *arn = topics[i].arn;

		online_add(online, &topic_check, arena_printf(&online->kept, "topic %s", arn), arn);
		online_add(online, &subscription_check,
		           arena_printf(&online->kept, "subscription to %s", arn), arn);
	}
}

void online_list_topics(struct online *online)
{
	if (!online->options.everything)
		return;
	if (online->announcements.queue.url) {
		online_add(online, &encryption_check, "queue's encryption", &online->announcements);
		list_topics(online);
	}
	if (online->events.queue.url) {
		online_add(online, &encryption_check, "events queue's encryption", &online->events);
		online_add(online, &rules_check, rules_check.name, NULL);
	}
}
