/*
 * Any bytes through the whole gate with a fixed certificate, fetched and pinned: both ways agree,
 * and what is not verified has a reason.
 */
#include "common/sns/gate.h"

#include <stdlib.h>

#define NOW_MS INT64_C(1787014810000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct topic_rule topics[] = {
	{ .arn = "arn:aws:sns:us-east-1:111122223333:ami-updates" }
};

/* tests/cases/sns_certificate/good */
static const char pem[] = "-----BEGIN CERTIFICATE-----\n"
			  "MIIDDTCCAfWgAwIBAgIJAJRZglAbnScJMA0GCSqGSIb3DQEBCwUAMBsxGTAXBgNV\n"
			  "BAMMEEV2ZXJnb2xkIHRlc3QgQ0EwHhcNMjYwMTAxMDAwMDAwWhcNMjcwMjAxMjM1\n"
			  "OTU5WjAcMRowGAYDVQQDDBFzbnMuYW1hem9uYXdzLmNvbTCCASIwDQYJKoZIhvcN\n"
			  "AQEBBQADggEPADCCAQoCggEBALWKZdiAB/X6emIhoQwo6zttv+xhbr8PpxAECfvF\n"
			  "mrtuh8uT9mUUfHtYCojW6WR3mVwmslDtxFUQeqp8iZGySW5bdQxIsfPSaO280vJO\n"
			  "dxkyuc/PBDCT9Ku1gwkq3yBe8af3mX8jF8OHgevLbblkjnT8zv5G0CWBnbjR4TwC\n"
			  "Jr1W8hRc+4YyupYMK9JxLrEKRQrxgirT6TXsxZrQ0C6MkS3+CXRz3MZccBxyH8t0\n"
			  "6YHF36v3p2nJQ+/eWvMYrIXstNISXW4AzyBiJnQQhUoWB2AUr3RXL6KAUUKvvsE/\n"
			  "o/idd37cbMpy1Jts2t3F/9yiMCIT6yHGAQb+swAtgc3AwTcCAwEAAaNTMFEwDAYD\n"
			  "VR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCBaAwEwYDVR0lBAwwCgYIKwYBBQUHAwEw\n"
			  "HAYDVR0RBBUwE4IRc25zLmFtYXpvbmF3cy5jb20wDQYJKoZIhvcNAQELBQADggEB\n"
			  "AK5F+I+KOS8tlALP29Gf23hat2cE+ckvLfryaNHhXL2rdAW3RJhGvgf46CDb7UCo\n"
			  "fwVypCGLh0zABs3k3KvFFStOJBO3i/zHF6E2Rs8Nb6bPUnBC+6tNWouMhxJWWREc\n"
			  "Hs7YyHADsXoPsVIBQEA8oAVJ8Zs7ig2lT04giOn2HmzwXquhETfcenE25MOWUpMV\n"
			  "/RQg85184Tl0owfHIKjtwsB6cLj3D/h8KLbdqOKWLxA/UwZKsyhZYdkoTL/+dL2Q\n"
			  "uoRFIykYgwZ7nZeHuAUCWDR+saUg+8CA032cPwTojaq9D3/DTEsy8trhP6IoI4vU\n"
			  "E5xtOc5WtUdNR9wvVcjZjzA=\n"
			  "-----END CERTIFICATE-----\n";

static struct certificate *fixed_certificate(void)
{
	static struct certificate *certificate; /* reachable at exit, so no leak */
	enum reason reason;

	if (!certificate)
		certificate = certificate_parse(SPAN(pem), &reason, NULL);
	if (!certificate)
		abort();
	return certificate;
}

static void verify(const struct gate_policy *policy, const struct envelope *envelope)
{
	struct verdict fetched, pinned;

	gate_verify(envelope, policy->pinned[0], &fetched);
	if (gate_pinned(policy, envelope, &pinned) ? pinned.trust != fetched.trust
	                                           : fetched.trust == TRUST_VERIFIED)
		abort();
	gate_age(policy, envelope, NOW_MS, &fetched);
	if ((fetched.trust == TRUST_VERIFIED) != (fetched.reason == REASON_MATCHED))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct certificate *certificate = fixed_certificate();
	struct gate_policy policy = { topics, 1, 15 * 24 * 3600, &certificate, 1 };
	struct span body = { (const char *)data, size };
	struct envelope envelope;
	struct verdict verdict;

	if (gate_open(&policy, body, ENVELOPE_SQS, &envelope, &verdict) &&
	    gate_url(&policy, &envelope, &verdict))
		verify(&policy, &envelope);
	else if (verdict.trust != TRUST_UNTRUSTED ||
	         reason_outcome(verdict.reason) != OUTCOME_REJECTED)
		abort();
	envelope_clear(&envelope);
	return 0;
}
