/*
 * certificate: which URL a signing certificate may come from, and which certificate counts.
 *
 * The one allowed URL prefix is built from the allow-listed topic's partition and region and
 * compared byte for byte; URLs are never parsed. The certificate is one PEM block and nothing else,
 * for the name that SNS uses in that region, RSA with 2048 bits or more, not a CA, and valid at the
 * message's own Timestamp (certificates are replaced yearly, messages wait in queues).
 */
#ifndef EVERGOLD_SNS_CERTIFICATE_H
#define EVERGOLD_SNS_CERTIFICATE_H

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/reason.h"
#include "common/sns/envelope.h"

/* https://sns.<region>.<suffix>/SimpleNotificationService-<32 lower-case hex digits>.pem */
bool certificate_url_is_allowed(struct span url, const struct topic_arn *topic);

/* The 32 hex digits of an allowed URL. */
struct span certificate_url_id(struct span url);

/* A certificate's public key, after all checks that do not depend on a message. */
struct certificate;

void certificate_free(struct certificate *certificate);

/*
 * Reasons: cert_body (not exactly one PEM certificate, or not DER inside), cert_key (not RSA, under
 * 2048 bits, small or even exponent, a CA certificate).
 */
struct certificate *certificate_parse(struct span pem, enum reason *ret_reason, struct err *reterr)
	OWNED(certificate_free);

/* Lower-case hex MD5 of the DER form: how SNS names its files in all but a few cases. */
const char *certificate_id(const struct certificate *certificate);

/* Reasons: cert_name (not SNS's name in the topic's region), cert_time (not valid at at_ms). */
bool certificate_fits(const struct certificate *certificate, const struct topic_arn *topic,
                      int64_t at_ms, enum reason *ret_reason, struct err *reterr) MUST_USE;

/*
 * Signature over `text`: version "1" is RSASSA-PKCS1-v1_5 with SHA-1, "2" with SHA-256. Reasons:
 * signature_version, signature_format (not strict base64, or not of the key's length),
 * signature_mismatch. When libcrypto refuses SHA-1, reterr's kind is ERR_BROKEN.
 */
bool certificate_verify(const struct certificate *certificate, struct span signature_version,
                        struct span signature, struct span text, enum reason *ret_reason,
                        struct err *reterr) MUST_USE;

#endif
