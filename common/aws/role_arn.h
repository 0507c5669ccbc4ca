/*
 * role_arn: the parts of a role's name, "arn:PARTITION:iam::ACCOUNT:role/PATH/NAME".
 *
 * Source: IAM API reference, CreateRole (what paths and names are made of, and their lengths), and
 * the AWS General Reference on ARNs. A partition is checked for its form only.
 */
#ifndef EVERGOLD_AWS_ROLE_ARN_H
#define EVERGOLD_AWS_ROLE_ARN_H

#include "common/base/span.h"

struct role_arn {
	struct span partition, account; /* borrowed from the ARN */
};

/* False: not the ARN of a role, and *ret_arn is as it was. */
bool role_arn_parse(struct span arn, struct role_arn *ret_arn) MUST_USE;

/* Borrowed from the ARN; empty when it is not that of a role. */
struct span role_arn_account(struct span arn);

#endif
