/*
 * envelope: the JSON object in which SNS delivers a message, and the text that it signs.
 *
 * Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages". Which
 * fields are signed follows from Type, never from what is present; the signed text is made of the
 * values as JSON spells them, unescaped and otherwise untouched. What is not signed is not read,
 * but for the signature and the URL of its certificate.
 *
 * The checks of form come before the signature, because the signed text is not injective: a genuine
 * signature still verifies when Subject is folded into MessageId.
 */
#ifndef EVERGOLD_SNS_ENVELOPE_H
#define EVERGOLD_SNS_ENVELOPE_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/reader.h"
#include "common/base/reason.h"
#include "common/sns/topic_arn.h"

#include <stdint.h>

/* The spans are borrowed from the text that was parsed and from `reader`; absent: `at` is NULL. */
struct envelope {
	struct span type, message_id, topic_arn, subject, message, timestamp;
	struct span signature_version, signature, signing_cert_url;
	struct span other_cert_url;       /* the same key as the other form spells it */
	struct span token, subscribe_url; /* of confirmations */
	int64_t timestamp_ms;             /* set by envelope_check() */
	struct topic_arn topic;           /* set by envelope_check() */
	struct reader reader;             /* owned */
};

/* Where the envelope was found decides how the key of the certificate's URL is spelled. */
enum envelope_form {
	ENVELOPE_SQS,    /* SigningCertURL; Subject is absent when not set */
	ENVELOPE_LAMBDA, /* Records[].Sns: SigningCertUrl; Subject is null when not set */
};

void envelope_clear(struct envelope *envelope);

/*
 * Reads an envelope of one of SNS's three Types. The caller owes envelope_clear() in any case; the
 * text is borrowed until then. Kind ERR_MALFORMED, reasons in this order: too_big, json (also JSON
 * that is no object, has duplicate keys, or exceeds a limit), field_type (no string), field_missing
 * (also null) and type_unexpected.
 */
bool envelope_parse(struct span text, enum envelope_form form, struct envelope *ret_envelope,
                    enum reason *ret_reason, struct err *reterr) MUST_USE;

/*
 * Checks the form of every field that is signed or compared: MessageId is a lower-case UUID,
 * Timestamp a UTC time since SNS exists, TopicArn a topic's name; Subject is not empty and has at
 * most LIMIT_SUBJECT characters; neither it nor a confirmation's Token and SubscribeURL hold
 * control characters; both spellings of the certificate's URL agree. Kind ERR_MALFORMED, reasons
 * field_format, and field_missing for a confirmation's own fields.
 */
bool envelope_check(struct envelope *envelope, enum reason *ret_reason, struct err *reterr)
	MUST_USE;

/* Takes MessageId and TopicArn away unless well-formed: what is left is fit to be shown. */
void envelope_drop_malformed(struct envelope *envelope);

/* Appends the text that the signature covers. */
void envelope_string_to_sign(const struct envelope *envelope, struct buf *out);

#endif
