/*
 * envelope: the JSON object in which SNS delivers a message, and the text that it signs.
 *
 * Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages". Which
 * fields are signed follows from Type, never from what is present. The checks of form come first,
 * because the signed text is not injective: a genuine signature still verifies when Subject is
 * folded into MessageId.
 */
#ifndef EVERGOLD_SNS_ENVELOPE_H
#define EVERGOLD_SNS_ENVELOPE_H

#include "common/base/buf.h"
#include "common/base/reader.h"
#include "common/base/reason.h"
#include "common/base/err.h"

struct envelope {
	struct span type, message_id, topic_arn, subject, message, timestamp;
	struct span signature_version, signature, signing_cert_url;
	struct span token, subscribe_url; /* of confirmations */
	int64_t timestamp_ms;
};

/* Where the envelope was found decides how two of its keys are spelled. */
enum envelope_form {
	ENVELOPE_SQS,    /* SigningCertURL, Subject absent when not set */
	ENVELOPE_LAMBDA, /* Records[].Sns: SigningCertUrl, Subject null when not set */
};

/*
 * Reads an envelope and checks the form of every field that is signed or compared. On false
 * *ret_reason is one of too_big, json, field_missing, field_type, field_format, type_unexpected and
 * reterr explains; message_id and topic_arn are filled as far as they were well-formed. The spans
 * live as long as the text and the reader, which the caller clears.
 */
bool envelope_parse(struct span text, enum envelope_form form, struct reader *reader,
                    struct envelope *ret_envelope, enum reason *ret_reason, struct err *reterr)
	MUST_USE;

/* Appends the text that the signature covers. */
void envelope_string_to_sign(const struct envelope *envelope, struct buf *out);

/* Parts of "arn:PARTITION:sns:REGION:ACCOUNT:NAME". */
struct topic_arn {
	struct span partition, region, account, name;
};

bool topic_arn_parse(struct span arn, struct topic_arn *ret_arn) MUST_USE;

#endif
