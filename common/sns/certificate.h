/*
 * certificate: which signing certificate counts, and what it has signed.
 *
 * It is one PEM block and nothing else, made out to the name that SNS uses in the topic's region,
 * RSA with 2048 to 8192 bits, not a CA, and valid at the message's own Timestamp (certificates are
 * replaced yearly, messages wait in queues). The chain is not built: SNS serves the leaf alone, and
 * its origin is proven by the host that serves it.
 */
#ifndef EVERGOLD_SNS_CERTIFICATE_H
#define EVERGOLD_SNS_CERTIFICATE_H

#include "common/base/err.h"
#include "common/base/reason.h"
#include "common/base/span.h"
#include "common/sns/certificate_url.h"
#include "common/sns/envelope.h"

#include <stdint.h>

/* A certificate after all checks that do not depend on a message. */
struct certificate;

void certificate_free(struct certificate *certificate);

/*
 * NULL: kind ERR_UNTRUSTED. Reasons: cert_body (over LIMIT_CERTIFICATE, not exactly one PEM block,
 * not exactly one DER certificate in it, two words about how it is signed, dates that are none,
 * extensions that are broken or critical and unknown), cert_key (not RSA, length out of range,
 * small or even exponent, a CA's or one that may sign certificates).
 */
struct certificate *certificate_parse(struct span pem, enum reason *ret_reason, struct err *reterr)
	OWNED(certificate_free);

/*
 * Lower-case hex MD5 of the DER form: how SNS names its files in all but a few cases. Borrowed from
 * the certificate.
 */
const char *certificate_id(const struct certificate *certificate);

/*
 * Kind ERR_UNTRUSTED. Reasons: cert_name (not SNS's name in the topic's region), cert_time (not
 * valid at at_ms).
 */
bool certificate_fits(const struct certificate *certificate, const struct topic_arn *topic,
                      int64_t at_ms, enum reason *ret_reason, struct err *reterr) MUST_USE;

/*
 * The signature of a checked envelope: version "1" is RSASSA-PKCS1-v1_5 with SHA-1, "2" the same
 * with SHA-256. Kind ERR_UNTRUSTED, reasons signature_version, signature_format (not strict base64,
 * or not of the key's length), signature_mismatch. Kind ERR_BROKEN: libcrypto could not tell, for
 * instance because this system forbids SHA-1; *ret_reason is as it was.
 */
bool certificate_verify(const struct certificate *certificate, const struct envelope *envelope,
                        enum reason *ret_reason, struct err *reterr) MUST_USE;

#endif
