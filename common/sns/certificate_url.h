/*
 * certificate_url: where a signing certificate may come from.
 *
 * URLs are never parsed. The one that may be fetched is built from the allow-listed topic's
 * partition and region and compared byte for byte; only the 32 hex digits in it are free:
 *
 *	https://sns.REGION.SUFFIX/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem
 */
#ifndef EVERGOLD_SNS_CERTIFICATE_URL_H
#define EVERGOLD_SNS_CERTIFICATE_URL_H

#include "common/base/span.h"
#include "common/sns/topic_arn.h"

bool certificate_url_is_allowed(struct span url, const struct topic_arn *topic) MUST_USE;

/* The 32 hex digits of an allowed URL; borrowed from it. */
struct span certificate_url_id(struct span url);

#endif
