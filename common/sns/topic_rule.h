/*
 * topic_rule: a topic that is listened to, and which signatures count on it.
 *
 * SNS signs with SHA-1 (version "1") unless the topic's owner has chosen SHA-256 ("2"); who knows
 * what the owner has chosen need not believe the other.
 */
#ifndef EVERGOLD_SNS_TOPIC_RULE_H
#define EVERGOLD_SNS_TOPIC_RULE_H

struct topic_rule {
	const char *arn;       /* exactly; borrowed */
	const char *signature; /* "1" or "2", the only version that counts; NULL: both do */
};

#endif
