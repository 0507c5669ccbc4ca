#include "common/aws/wire_sns.h"

#include "common/aws/form.h"
#include "common/base/xml.h"

#include "common/base/banned.h"

/* ---- Subscribe ------------------------------------------------------------------------------- */

static void add_attribute(struct buf *out, size_t *n, const char *name, const char *value)
{
	if (!value)
		return;
	++*n;
	form_add(out, span_of(name), "Attributes.entry.%zu.key", *n);
	form_add(out, span_of(value), "Attributes.entry.%zu.value", *n);
}

void sns_subscribe_body(const struct sns_subscribe *subscribe, struct buf *out)
{
	size_t n = 0;

	form_begin(out, &aws_sns_subscribe);
	form_add_text(out, "TopicArn", subscribe->topic_arn);
	form_add_text(out, "Protocol", "sqs");
	form_add_text(out, "Endpoint", subscribe->queue_arn);
	add_attribute(out, &n, "RawMessageDelivery", subscribe->raw ? "true" : "false");
	add_attribute(out, &n, "FilterPolicy", subscribe->filter_policy);
	add_attribute(out, &n, "FilterPolicyScope", subscribe->filter_policy_scope);
	form_add_bool(out, "ReturnSubscriptionArn", true);
}

struct subscribe_answer {
	const char *arn;
};

static const struct xml_field subscribe_fields[] = {
	XML_TEXT(struct subscribe_answer, arn, "SubscriptionArn", true),
};

bool sns_subscribe_answer(struct span xml, struct arena *arena, const char **ret_arn,
                          struct err *reterr)
{
	struct subscribe_answer answer = { .arn = NULL };
	struct xml_binding binding = { .root = "SubscribeResponse/SubscribeResult/",
		                       .fields = subscribe_fields,
		                       .n_fields = ARRAY_LEN(subscribe_fields),
		                       .arena = arena,
		                       .target = &answer };

	if (!xml_fields(xml, &binding, reterr))
		return err_wrap(reterr, "Subscribe");
	*ret_arn = span_starts(span_of(answer.arn), SPAN("arn:")) ? answer.arn : NULL;
	return true;
}

/* ---- GetSubscriptionAttributes --------------------------------------------------------------- */

void sns_subscription_body(const char *subscription_arn, struct buf *out)
{
	form_begin(out, &aws_sns_get_subscription_attributes);
	form_add_text(out, "SubscriptionArn", subscription_arn);
}

#define ANSWER  "GetSubscriptionAttributesResponse"
#define ENTRIES ANSWER "/GetSubscriptionAttributesResult/Attributes/entry"

/* Attributes come as pairs of key and value; a pair counts as an element called like its key. */
struct attributes {
	struct sns_subscription subscription;
	const char *raw, *pending;

	struct entry {
		const char *key, *value;
	} entry;
	struct xml_binding entries, all;
	bool answered;
};

static const struct xml_field entry_fields[] = {
	XML_TEXT(struct entry, key, "key", true),
	XML_TEXT(struct entry, value, "value", false),
};

static const struct xml_field attribute_fields[] = {
	XML_TEXT(struct attributes, subscription.topic_arn, "TopicArn", true),
	XML_TEXT(struct attributes, subscription.endpoint, "Endpoint", true),
	XML_TEXT(struct attributes, subscription.protocol, "Protocol", true),
	XML_TEXT(struct attributes, subscription.owner, "Owner", false),
	XML_TEXT(struct attributes, subscription.filter_policy, "FilterPolicy", false),
	XML_TEXT(struct attributes, subscription.filter_policy_scope, "FilterPolicyScope", false),
	XML_TEXT(struct attributes, raw, "RawMessageDelivery", false),
	XML_TEXT(struct attributes, pending, "PendingConfirmation", false),
};

static void on_open(void *ctx, struct span path)
{
	struct attributes *attributes = ctx;

	attributes->answered |= span_is(path, ANSWER);
}

static void on_leaf(void *ctx, struct span path, struct span text)
{
	struct attributes *attributes = ctx;

	xml_take(&attributes->entries, path, text);
}

static void on_close(void *ctx, struct span path)
{
	struct attributes *attributes = ctx;
	struct entry *entry = &attributes->entry;

	if (!span_is(path, ENTRIES))
		return;
	xml_take(&attributes->all, span_of(entry->key), span_of(entry->value));
	*entry = (struct entry){ NULL, NULL };
}

static void bind(struct attributes *attributes, struct arena *arena)
{
	attributes->entries = (struct xml_binding){ .root = ENTRIES "/",
		                                    .fields = entry_fields,
		                                    .n_fields = ARRAY_LEN(entry_fields),
		                                    .arena = arena,
		                                    .target = &attributes->entry };
	attributes->all = (struct xml_binding){ .root = "",
		                                .fields = attribute_fields,
		                                .n_fields = ARRAY_LEN(attribute_fields),
		                                .arena = arena,
		                                .target = attributes };
}

static bool take_flag(const char *word, const char *name, bool *ret_flag, struct err *reterr)
{
	*ret_flag = span_is(span_of(word), "true");
	return !word || *ret_flag || span_is(span_of(word), "false") ||
	       err_set(reterr, ERR_MALFORMED, "%s is neither true nor false", name);
}

static bool read_attributes(struct span xml, struct attributes *attributes, struct err *reterr)
{
	static const struct xml_events events = { on_open, on_leaf, on_close };
	struct sns_subscription *subscription = &attributes->subscription;

	if (!xml_read(xml, &events, attributes, reterr))
		return false;
	if (!attributes->answered)
		return err_set(reterr, ERR_MALFORMED, "no " ANSWER);
	if (attributes->entries.twice)
		return err_set(reterr, ERR_MALFORMED, "an entry with a second %s",
		               attributes->entries.twice);
	return xml_bound(&attributes->all, reterr) &&
	       take_flag(attributes->raw, "RawMessageDelivery", &subscription->raw, reterr) &&
	       take_flag(attributes->pending, "PendingConfirmation", &subscription->pending,
	                 reterr);
}

bool sns_subscription_answer(struct span xml, struct arena *arena,
                             struct sns_subscription *ret_subscription, struct err *reterr)
{
	struct attributes attributes = { .raw = NULL };

	bind(&attributes, arena);
	if (!read_attributes(xml, &attributes, reterr))
		return err_wrap(reterr, "GetSubscriptionAttributes");
	*ret_subscription = attributes.subscription;
	return true;
}

/* ---- A topic, and what is published ---------------------------------------------------------- */

void sns_topic_body(const char *topic_arn, struct buf *out)
{
	form_begin(out, &aws_sns_get_topic_attributes);
	form_add_text(out, "TopicArn", topic_arn);
}

void sns_publish_body(const struct sns_publish *publish, struct buf *out)
{
	form_begin(out, &aws_sns_publish);
	form_add_text(out, "TopicArn", publish->topic_arn);
	form_add_text(out, "Subject", publish->subject);
	form_add(out, publish->message, "Message");
	form_add_text(out, "MessageStructure", publish->structured ? "json" : NULL);
	for (size_t i = 0; i < publish->n_attributes; i++) {
		const struct sns_attribute *attribute = &publish->attributes[i];

		form_add(out, span_of(attribute->name), "MessageAttributes.entry.%zu.Name", i + 1);
		form_add(out, SPAN("String"), "MessageAttributes.entry.%zu.Value.DataType", i + 1);
		form_add(out, span_of(attribute->value),
		         "MessageAttributes.entry.%zu.Value.StringValue", i + 1);
	}
}

struct publish_answer {
	const char *message_id;
};

static const struct xml_field publish_fields[] = {
	XML_TEXT(struct publish_answer, message_id, "MessageId", true),
};

bool sns_publish_answer(struct span xml, struct arena *arena, const char **ret_message_id,
                        struct err *reterr)
{
	struct publish_answer answer = { .message_id = NULL };
	struct xml_binding binding = { .root = "PublishResponse/PublishResult/",
		                       .fields = publish_fields,
		                       .n_fields = ARRAY_LEN(publish_fields),
		                       .arena = arena,
		                       .target = &answer };

	if (!xml_fields(xml, &binding, reterr))
		return err_wrap(reterr, "Publish");
	*ret_message_id = answer.message_id;
	return true;
}
