#include "common/sns/certificate.h"

#include "common/base/base64.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/sns/pem.h"
#include "common/sns/signer.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define KEY_BITS_MIN      2048
#define KEY_BITS_MAX      (8 * LIMIT_SIGNATURE)
#define EXPONENT_BITS_MIN 17 /* 65537 is the smallest odd one */
#define UTC_TIME_SIZE     13 /* YYMMDDhhmmssZ */
#define LONG_TIME_SIZE    15 /* YYYYMMDDhhmmssZ */

/* Room for the names and line ends around the values, which are no longer than the body. */
#define STRING_TO_SIGN_MAX (LIMIT_MESSAGE_BODY + 128)

struct certificate {
	X509 *x509;    /* owned */
	EVP_PKEY *key; /* the certificate's */
	char id[DIGEST_MD5_HEX];
};

static void destroy(struct certificate *certificate)
{
	if (!certificate)
		return;
	X509_free(certificate->x509);
	free(certificate);
}

void certificate_free(struct certificate *certificate)
{
	destroy(certificate);
}

const char *certificate_id(const struct certificate *certificate)
{
	return certificate->id;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* What OpenSSL understood is, written again, exactly what it was given. */
static bool is_exactly(X509 *x509, struct span der)
{
	unsigned char *again = NULL;
	int len = i2d_X509(x509, &again);
	bool same = len > 0 && span_equal(der, (struct span){ (const char *)again, (size_t)len });

	OPENSSL_free(again);
	return same;
}

/* RFC 5280, section 4.1.1.2: it says twice how it is signed, and must say the same. */
static bool algorithms_agree(const X509 *x509)
{
	const X509_ALGOR *outside;

	X509_get0_signature(NULL, &outside, x509);
	return X509_ALGOR_cmp(X509_get0_tbs_sigalg(x509), outside) == 0;
}

/* RFC 5280, sections 4.1.2.5.1 and 2: to the second, in UTC. */
static bool is_time(const ASN1_TIME *time)
{
	int size = ASN1_STRING_type(time) == V_ASN1_UTCTIME ? UTC_TIME_SIZE : LONG_TIME_SIZE;

	return ASN1_STRING_length(time) == size && ASN1_TIME_check(time) == 1;
}

static bool dates_are_times(const X509 *x509)
{
	return is_time(X509_get0_notBefore(x509)) && is_time(X509_get0_notAfter(x509));
}

static bool extensions_are_understood(X509 *x509)
{
	return !(X509_get_extension_flags(x509) & (EXFLAG_INVALID | EXFLAG_CRITICAL));
}

static bool read_der(struct certificate *certificate, struct span der)
{
	const unsigned char *at = (const unsigned char *)der.at;

	certificate->x509 = d2i_X509(NULL, &at, (long)der.len);
	if (!certificate->x509 || !is_exactly(certificate->x509, der) ||
	    !algorithms_agree(certificate->x509) || !dates_are_times(certificate->x509) ||
	    !extensions_are_understood(certificate->x509))
		return false;
	digest_md5_hex(der, certificate->id);
	return true;
}

static bool read_body(struct certificate *certificate, struct span pem, enum reason *ret_reason,
                      struct err *reterr)
{
	struct buf der = buf_with_max(LIMIT_CERTIFICATE);
	bool good = pem.len <= LIMIT_CERTIFICATE && pem_decode(pem, &der) &&
	            read_der(certificate, buf_span(&der));

	buf_clear(&der);
	if (good)
		return true;
	*ret_reason = REASON_CERT_BODY;
	return err_set(reterr, ERR_UNTRUSTED, "not exactly one certificate in PEM form");
}

static bool exponent_is_sound(EVP_PKEY *key)
{
	BIGNUM *exponent = NULL;
	bool sound = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
	             BN_is_odd(exponent) && BN_num_bits(exponent) >= EXPONENT_BITS_MIN;

	BN_free(exponent);
	return sound;
}

/* "RSA" is the plain kind: a key that is bound to RSA-PSS has a name of its own. */
static bool key_is_sound(EVP_PKEY *key)
{
	int bits = key && EVP_PKEY_is_a(key, "RSA") == 1 ? EVP_PKEY_get_bits(key) : 0;

	return bits >= KEY_BITS_MIN && bits <= KEY_BITS_MAX && exponent_is_sound(key);
}

/*
 * One that says so, or that may sign certificates. X509_check_ca() alone takes a certificate's word
 * that it is a CA's for nothing when its usage does not fit.
 */
static bool is_ca(X509 *x509)
{
	uint32_t flags = X509_get_extension_flags(x509);
	bool signs = (flags & EXFLAG_KUSAGE) && (X509_get_key_usage(x509) & KU_KEY_CERT_SIGN);

	return signs || (flags & EXFLAG_CA) || X509_check_ca(x509) != 0;
}

static bool check_key(struct certificate *certificate, enum reason *ret_reason, struct err *reterr)
{
	certificate->key = X509_get0_pubkey(certificate->x509);
	*ret_reason = REASON_CERT_KEY;
	if (!key_is_sound(certificate->key))
		return err_set(reterr, ERR_UNTRUSTED, "the certificate's key is not RSA, or weak");
	if (is_ca(certificate->x509))
		return err_set(reterr, ERR_UNTRUSTED, "the certificate is that of a CA");
	return true;
}

struct certificate *certificate_parse(struct span pem, enum reason *ret_reason, struct err *reterr)
{
	struct certificate *certificate = xcalloc(1, sizeof(*certificate));
	enum reason reason;

	ERR_clear_error();
	if (!read_body(certificate, pem, &reason, reterr) ||
	    !check_key(certificate, &reason, reterr)) {
		*ret_reason = reason;
		destroy(certificate);
		certificate = NULL;
	}
	ERR_clear_error();
	return certificate;
}

/* ---- Name and dates -------------------------------------------------------------------------- */

static bool name_fits(const struct certificate *certificate, const struct topic_arn *topic)
{
	struct buf name = buf_with_max(LIMIT_HOST_NAME);
	bool fits = signer_name(topic, &name) &&
	            X509_check_host(certificate->x509, buf_text(&name), name.len,
	                            X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;

	buf_clear(&name);
	return fits;
}

/* From the first second to the last, both included (RFC 5280, section 4.1.2.5). */
static bool time_fits(const struct certificate *certificate, int64_t at_ms)
{
	time_t at_s = (time_t)(at_ms / 1000);
	int begin = ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate->x509), at_s);
	int end = ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate->x509), at_s);

	return (begin == -1 || begin == 0) && (end == 0 || end == 1);
}

bool certificate_fits(const struct certificate *certificate, const struct topic_arn *topic,
                      int64_t at_ms, enum reason *ret_reason, struct err *reterr)
{
	bool name, time;

	ERR_clear_error();
	name = name_fits(certificate, topic);
	time = time_fits(certificate, at_ms);
	ERR_clear_error();
	if (name && time)
		return true;
	*ret_reason = name ? REASON_CERT_TIME : REASON_CERT_NAME;
	return err_set(reterr, ERR_UNTRUSTED, "%s",
	               name ? "the certificate is not valid at the message's Timestamp"
	                    : "the certificate is not in SNS's name");
}

/* ---- Signature ------------------------------------------------------------------------------- */

static const EVP_MD *digest_of(struct span version)
{
	if (span_is(version, "1"))
		return EVP_sha1();
	if (span_is(version, "2"))
		return EVP_sha256();
	return NULL;
}

/* 1: signed. 0: not signed. Below: libcrypto could not tell. */
static int verify(EVP_PKEY *key, const EVP_MD *digest, struct span signature, struct span text)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *padding;
	int signed_by_key = -1;

	if (context && EVP_DigestVerifyInit(context, &padding, digest, NULL, key) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PADDING) == 1)
		signed_by_key = EVP_DigestVerify(context, (const unsigned char *)signature.at,
		                                 signature.len, (const unsigned char *)text.at,
		                                 text.len);
	EVP_MD_CTX_free(context);
	return signed_by_key;
}

static bool decode_signature(const struct certificate *certificate, struct span text,
                             struct buf *ret_signature)
{
	return base64_decode(text, ret_signature) &&
	       ret_signature->len == (size_t)EVP_PKEY_get_size(certificate->key);
}

static int verify_envelope(const struct certificate *certificate, const struct envelope *envelope,
                           const EVP_MD *digest, struct span signature)
{
	struct buf text = buf_with_max(STRING_TO_SIGN_MAX);
	int signed_by_key;

	envelope_string_to_sign(envelope, &text);
	assert(!text.overflow); /* the values are parts of a body within its limit */
	ERR_clear_error();
	signed_by_key = verify(certificate->key, digest, signature, buf_span(&text));
	ERR_clear_error();
	buf_clear(&text);
	return signed_by_key;
}

static const char *explain(enum reason reason)
{
	if (reason == REASON_SIGNATURE_VERSION)
		return "SignatureVersion is neither 1 nor 2";
	if (reason == REASON_SIGNATURE_FORMAT)
		return "Signature is not base64 of as many bytes as the certificate's key has";
	return "the certificate's key has not signed this message";
}

bool certificate_verify(const struct certificate *certificate, const struct envelope *envelope,
                        enum reason *ret_reason, struct err *reterr)
{
	const EVP_MD *digest = digest_of(envelope->signature_version);
	struct buf signature = buf_with_max(LIMIT_SIGNATURE);
	enum reason reason = REASON_SIGNATURE_MISMATCH;
	int signed_by_key = 0;

	if (!digest)
		reason = REASON_SIGNATURE_VERSION;
	else if (!decode_signature(certificate, envelope->signature, &signature))
		reason = REASON_SIGNATURE_FORMAT;
	else
		signed_by_key = verify_envelope(certificate, envelope, digest,
		                                buf_span(&signature));
	buf_clear(&signature);
	if (signed_by_key == 1)
		return true;
	if (signed_by_key < 0)
		return err_set(reterr, ERR_BROKEN, "libcrypto cannot check signature version %.*s",
		               SPAN_ARG(envelope->signature_version));
	*ret_reason = reason;
	return err_set(reterr, ERR_UNTRUSTED, "%s", explain(reason));
}
