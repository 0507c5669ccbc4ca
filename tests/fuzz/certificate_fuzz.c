/*
 * Any bytes as a certificate's file, and the same bytes as the DER inside a well-formed file, so
 * that OpenSSL's reader is reached without guessing base64.
 */
#include "common/sns/certificate.h"

#include "common/base/base64.h"
#include "common/base/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct span pem)
{
	struct topic_arn topic = { .partition = SPAN("aws"), .region = SPAN("us-east-1") };
	struct err err = { 0 };
	enum reason reason = REASON_MATCHED;
	struct certificate *certificate = certificate_parse(pem, &reason, &err);
	bool good = certificate &&
	            certificate_fits(certificate, &topic, INT64_C(1787014800000), &reason, &err);

	if (good == (err.kind == ERR_UNTRUSTED) || good == (reason != REASON_MATCHED))
		abort();
	certificate_free(certificate);
}

static void parse_der(struct span der)
{
	struct buf pem = buf_with_max(2 * LIMIT_CERTIFICATE);

	buf_add_text(&pem, "-----BEGIN CERTIFICATE-----\n");
	base64_encode(der, &pem);
	buf_add_text(&pem, "\n-----END CERTIFICATE-----\n");
	parse(buf_span(&pem));
	buf_clear(&pem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data, size };

	parse(bytes);
	if (span_starts(bytes, SPAN("\x30"))) /* a SEQUENCE, as any certificate is */
		parse_der(bytes);
	return 0;
}
