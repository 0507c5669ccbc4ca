/*
 * Any envelope as SNS would send it: its fields, signed with the test key, at the URL of its
 * certificate. So the fuzzer, which cannot sign, gets behind the signature: to the age and the
 * release, and to decisions. What is signed is believed, and one changed character of it is not.
 */
#include "common/base/base64.h"
#include "common/base/limits.h"
#include "common/base/writer.h"
#include "common/decide/notification.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C(1787014810000)
#define KEY    "tests/hostile/catalogue/test-key-signer.pem"
#define PEM    "tests/cases/sns_certificate/good/certificate.pem"
#define CONFIG "tests/cases/hostile/evergold.json"
#define URL                                    \
	"https://sns.us-east-1.amazonaws.com/" \
	"SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once; reachable at exit, so no leak. */
static EVP_PKEY *key;
static struct certificate *certificate;
static struct config *config;
static struct gate_policy policy;
static struct arena arena;

static void must(bool held)
{
	if (!held)
		abort();
}

/* ---- What stays the same --------------------------------------------------------------------- */

static struct span file_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = arena_alloc(&arena, LIMIT_CONFIG_FILE, 1);
	size_t len;

	must(f != NULL);
	len = fread(text, 1, LIMIT_CONFIG_FILE, f);
	fclose(f);
	return (struct span){ text, len };
}

static void read_key(void)
{
	FILE *f = fopen(KEY, "rb");

	must(f != NULL);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
}

static void set_up(void)
{
	struct faults faults = { 0 };
	enum reason reason;

	read_key();
	certificate = certificate_parse(file_text(PEM), &reason, NULL);
	config = config_parse(file_text(CONFIG), "f", "us-east-1", &faults);
	faults_clear(&faults);
	must(key && certificate && config);
	policy.topics = config_topics(config, &arena, &policy.n_topics);
	policy.max_age_s = config->trust.max_age_s;
}

/* ---- Signing --------------------------------------------------------------------------------- */

static void add_signature(struct writer *writer, const struct envelope *envelope)
{
	const EVP_MD *digest = span_is(envelope->signature_version, "1") ? EVP_sha1()
	                                                                 : EVP_sha256();
	struct buf text = buf_with_max(2 * LIMIT_MESSAGE_BODY), encoded = text;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[256];
	size_t len = sizeof(signature);

	envelope_string_to_sign(envelope, &text);
	must(EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1 &&
	     EVP_DigestSign(context, signature, &len, (const unsigned char *)text.at, text.len) ==
	             1);
	base64_encode((struct span){ (const char *)signature, len }, &encoded);
	writer_string(writer, "Signature", buf_span(&encoded));
	EVP_MD_CTX_free(context);
	buf_clear(&text);
	buf_clear(&encoded);
}

static void add(struct writer *writer, const char *name, struct span text)
{
	if (text.at)
		writer_string(writer, name, text);
}

static void write_signed(const struct envelope *envelope, struct span message, struct buf *out)
{
	struct writer *writer = writer_new();

	add(writer, "Type", envelope->type);
	add(writer, "MessageId", envelope->message_id);
	add(writer, "TopicArn", envelope->topic_arn);
	add(writer, "Subject", envelope->subject);
	add(writer, "Message", message);
	add(writer, "Timestamp", envelope->timestamp);
	add(writer, "SignatureVersion", envelope->signature_version);
	add_signature(writer, envelope);
	add(writer, "SigningCertURL", SPAN(URL));
	writer_finish(writer, out);
}

/* ---- As the worker does it ------------------------------------------------------------------- */

static enum trust verify(struct notification *notification)
{
	struct verdict *verdict = &notification->verdict;
	enum trust trust;

	if (!gate_url(&policy, &notification->envelope, verdict))
		return TRUST_UNCHECKED;
	gate_verify(&notification->envelope, certificate, verdict);
	trust = verdict->trust;
	gate_age(&policy, &notification->envelope, NOW_MS, verdict);
	if (verdict->trust == TRUST_VERIFIED)
		notification_decide(notification, config);
	else
		notification_reject(notification);
	must(notification->decisions.n > 0);
	return trust;
}

static enum trust receive(const struct envelope *envelope, struct span message)
{
	struct buf body = buf_with_max(LIMIT_MESSAGE_BODY);
	struct notification notification;
	enum trust trust = TRUST_UNCHECKED;

	write_signed(envelope, message, &body);
	if (!body.overflow &&
	    notification_open(&notification, config, &policy, buf_span(&body), ENVELOPE_SQS))
		trust = verify(&notification);
	if (!body.overflow)
		notification_clear(&notification);
	buf_clear(&body);
	return trust;
}

/* The certificate may not be made out to the topic's region, or not be valid at that time. */
static bool certificate_is_for(struct envelope *envelope)
{
	enum reason reason;

	return envelope_check(envelope, &reason, NULL) &&
	       certificate_fits(certificate, &envelope->topic, envelope->timestamp_ms, &reason,
	                        NULL);
}

static void send(struct envelope *envelope)
{
	struct buf other = buf_with_max(LIMIT_MESSAGE_BODY);
	enum trust trust;

	envelope->other_cert_url = SPAN_NONE; /* not signed, and not sent */
	trust = receive(envelope, envelope->message);
	if (trust != TRUST_UNCHECKED)
		must((trust == TRUST_VERIFIED) == certificate_is_for(envelope));
	buf_add(&other, envelope->message);
	buf_add_char(&other, ' ');
	must(receive(envelope, buf_span(&other)) != TRUST_VERIFIED);
	buf_clear(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct envelope envelope;
	enum reason reason;

	if (!key)
		set_up();
	if (envelope_parse((struct span){ (const char *)data, size }, ENVELOPE_SQS, &envelope,
	                   &reason, NULL))
		send(&envelope);
	envelope_clear(&envelope);
	return 0;
}
