/*
 * wire_sns: Amazon SNS: subscribe a queue to a topic, see how it is subscribed, publish.
 *
 * Source: the SNS API reference, version 2010-03-31. Bodies are appended to *out; texts of answers
 * are copied into the arena. Answers are XML; one that is none, or lacks what is needed, is
 * ERR_MALFORMED, and what we do not know is ignored.
 */
#ifndef EVERGOLD_AWS_WIRE_SNS_H
#define EVERGOLD_AWS_WIRE_SNS_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

/* Borrowed. */
struct sns_subscribe {
	const char *topic_arn, *queue_arn;
	bool raw;                        /* RawMessageDelivery: no signed envelope around */
	const char *filter_policy;       /* JSON; NULL: everything */
	const char *filter_policy_scope; /* "MessageAttributes", "MessageBody"; NULL */
};

/* The subscription is answered with its ARN also while it waits to be confirmed. */
void sns_subscribe_body(const struct sns_subscribe *subscribe, struct buf *out);

/* *ret_arn: NULL when the answer only says "pending confirmation". */
bool sns_subscribe_answer(struct span xml, struct arena *arena, const char **ret_arn,
                          struct err *reterr) MUST_USE;

void sns_subscription_body(const char *subscription_arn, struct buf *out);

struct sns_subscription {
	const char *topic_arn, *endpoint, *protocol;
	const char *owner;               /* account id; NULL when absent, like the next two */
	const char *filter_policy;       /* JSON */
	const char *filter_policy_scope; /* absent: MessageAttributes */
	bool raw;                        /* absent: false */
	bool pending;                    /* waits to be confirmed; absent: false */
};

bool sns_subscription_answer(struct span xml, struct arena *arena,
                             struct sns_subscription *ret_subscription, struct err *reterr)
	MUST_USE;

/* GetTopicAttributes: that it is answered says that the topic is there. */
void sns_topic_body(const char *topic_arn, struct buf *out);

/* Of the type String; filter policies look at it. Borrowed. */
struct sns_attribute {
	const char *name, *value; /* the value is not empty */
};

/* Borrowed. Message and attributes together have at most 256 KiB. */
struct sns_publish {
	const char *topic_arn;
	const char *subject; /* under 100 characters of ASCII, none of them a control; NULL: none */
	struct span message; /* UTF-8 */
	bool structured;     /* the message is {"default": TEXT, PROTOCOL: TEXT, …} */
	const struct sns_attribute *attributes;
	size_t n_attributes;
};

#define SNS_MESSAGE_MAX (256 * 1024)
#define SNS_SUBJECT_MAX 99

void sns_publish_body(const struct sns_publish *publish, struct buf *out);
bool sns_publish_answer(struct span xml, struct arena *arena, const char **ret_message_id,
                        struct err *reterr) MUST_USE;

#endif
