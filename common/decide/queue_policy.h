/*
 * queue_policy: does a queue's policy let a service send to it?
 *
 * SNS delivers what a topic announces only when the queue's own policy allows it, and says nothing
 * to anybody when it does not. The policy is judged as far as it can be from here: wildcards,
 * lists and single values, Allow and Deny, and the conditions aws:SourceArn, aws:SourceAccount and
 * aws:SecureTransport. What else may be in one (NotPrincipal, other keys) leaves it open. Source:
 * the IAM user guide, "Policy evaluation logic" and "JSON policy elements"; the SNS developer
 * guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic".
 */
#ifndef EVERGOLD_DECIDE_QUEUE_POLICY_H
#define EVERGOLD_DECIDE_QUEUE_POLICY_H

#include "common/base/span.h"

enum queue_policy_verdict {
	QUEUE_POLICY_ALLOWS,
	QUEUE_POLICY_SILENT, /* nothing allows it */
	QUEUE_POLICY_DENIES,
	QUEUE_POLICY_OPEN, /* it depends on what is not known here; or it is no policy */
};

struct queue_policy_question {
	struct span policy;     /* JSON; empty: there is none */
	const char *service;    /* "sns.amazonaws.com" */
	const char *source_arn; /* the topic; NULL: whatever there may be */
	const char *queue_arn;
};

enum queue_policy_verdict queue_policy_judge(const struct queue_policy_question *question);

#endif
