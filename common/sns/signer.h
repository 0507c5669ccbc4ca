/*
 * signer: who signs for a topic's region: the host that serves the certificate, and the name that
 * the certificate is made out to.
 *
 * Sources: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages"; the
 * endpoints of SNS in each partition; AWS SDK for Java 2, SnsHostProvider, for the names. Regions
 * that AWS opened since March 2019 are opt-in and have a name of their own; the list of the others
 * is closed.
 */
#ifndef EVERGOLD_SNS_SIGNER_H
#define EVERGOLD_SNS_SIGNER_H

#include "common/base/buf.h"
#include "common/sns/topic_arn.h"

/* Appends "sns.us-east-1.amazonaws.com". False: the region is none of the partition. */
bool signer_host(const struct topic_arn *topic, struct buf *out) MUST_USE;

/* Appends "sns.amazonaws.com", or what the region has instead. False: as above. */
bool signer_name(const struct topic_arn *topic, struct buf *out) MUST_USE;

#endif
