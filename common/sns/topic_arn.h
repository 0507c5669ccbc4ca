/*
 * topic_arn: the parts of an SNS topic's name, "arn:PARTITION:sns:REGION:ACCOUNT:NAME".
 *
 * Source: Amazon SNS API reference, CreateTopic (what a name may be made of), and the AWS General
 * Reference on ARNs. Regions and partitions are checked for their form only.
 */
#ifndef EVERGOLD_SNS_TOPIC_ARN_H
#define EVERGOLD_SNS_TOPIC_ARN_H

#include "common/base/span.h"

struct topic_arn {
	struct span partition, region, account, name; /* borrowed from the ARN */
};

/* False: not the ARN of a topic, and *ret_arn is as it was. */
bool topic_arn_parse(struct span arn, struct topic_arn *ret_arn) MUST_USE;

#endif
