/*
 * What the gate says when libcrypto cannot tell: some systems forbid SHA-1, memory may run out.
 * Each call that verifies a signature is replaced here by one that fails on demand; whatever
 * happens, the message is neither verified nor called forged.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "common/sns/gate.h"
#include "common/sns/self_test.h"
#include "tests/unit/check.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#define CASES "tests/cases/hostile"
#define PEM   "tests/cases/sns_certificate/good"
#define WORKS 2 /* no call returns it */

static struct {
	int init, padding, verify; /* what the calls return instead of working */
	bool no_context, no_sha1;
} fault;

static const struct gate_policy policy = {
	.topics =
		(const struct topic_rule[]){
			{ .arn = "arn:aws:sns:us-east-1:111122223333:ami-updates" } },
	.n_topics = 1,
};

/* ---- libcrypto's calls ----------------------------------------------------------------------- */

/* The function that this program hides; through memcpy, because C has no cast to it. */
static void real(const char *name, void *ret_function)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(ret_function, &found, sizeof(found));
}

EVP_MD_CTX *EVP_MD_CTX_new(void)
{
	EVP_MD_CTX *(*call)(void);

	real("EVP_MD_CTX_new", &call);
	return fault.no_context ? NULL : call();
}

int EVP_DigestVerifyInit(EVP_MD_CTX *context, EVP_PKEY_CTX **ret_key_context, const EVP_MD *type,
                         ENGINE *engine, EVP_PKEY *key)
{
	int (*call)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);

	if (fault.no_sha1 && EVP_MD_is_a(type, "SHA1"))
		return 0;
	real("EVP_DigestVerifyInit", &call);
	return fault.init == WORKS ? call(context, ret_key_context, type, engine, key) : fault.init;
}

int EVP_PKEY_CTX_set_rsa_padding(EVP_PKEY_CTX *context, int padding)
{
	int (*call)(EVP_PKEY_CTX *, int);

	real("EVP_PKEY_CTX_set_rsa_padding", &call);
	return fault.padding == WORKS ? call(context, padding) : fault.padding;
}

int EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature, size_t signature_len,
                     const unsigned char *text, size_t len)
{
	int (*call)(EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t);

	real("EVP_DigestVerify", &call);
	return fault.verify == WORKS ? call(context, signature, signature_len, text, len)
	                             : fault.verify;
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

static struct span file_in(const char *dir, const char *file)
{
	struct span text;

	text.at = check_read(dir, file, &text.len);
	return text;
}

static struct verdict pass(const char *dir)
{
	struct verdict verdict;
	struct envelope envelope;
	struct certificate *certificate = certificate_parse(file_in(PEM, "certificate.pem"),
	                                                    &verdict.reason, &verdict.err);

	CHECK(certificate &&
	      gate_open(&policy, file_in(dir, "message"), ENVELOPE_SQS, &envelope, &verdict));
	gate_verify(&envelope, certificate, &verdict);
	certificate_free(certificate);
	envelope_clear(&envelope);
	return verdict;
}

static void works(void)
{
	memset(&fault, 0, sizeof(fault));
	fault.init = fault.padding = fault.verify = WORKS;
}

static void check_undecided(void)
{
	struct verdict verdict = pass(CASES "/G-01_version_2_subject");

	CHECK_INT(verdict.trust, TRUST_UNCHECKED);
	CHECK_INT(verdict.reason, REASON_MATCHED);
	CHECK_INT(verdict.err.kind, ERR_BROKEN);
	works();
}

TEST(nothing_fails)
{
	works();
	CHECK_INT(pass(CASES "/G-01_version_2_subject").trust, TRUST_VERIFIED);
	CHECK_INT(pass(CASES "/G-01_version_1_subject").trust, TRUST_VERIFIED);
}

TEST(sha1_is_forbidden)
{
	works();
	fault.no_sha1 = true;
	CHECK_INT(pass(CASES "/G-01_version_2_subject").trust, TRUST_VERIFIED);
	CHECK_INT(pass(CASES "/G-01_version_1_subject").trust, TRUST_UNCHECKED);
	CHECK_TEXT(pass(CASES "/G-01_version_1_subject").err.text,
	           "libcrypto cannot check signature version 1");
}

TEST(the_self_test_says_so_beforehand)
{
	works();
	CHECK(self_test_signature(SPAN("1")));
	CHECK(self_test_signature(SPAN("2")));
	CHECK(!self_test_signature(SPAN("3")));
	fault.no_sha1 = true;
	CHECK(!self_test_signature(SPAN("1")));
	CHECK(self_test_signature(SPAN("2")));
	works();
	fault.verify = 0;
	CHECK(!self_test_signature(SPAN("2")));
	works();
}

TEST(each_call_fails)
{
	works();
	fault.no_context = true;
	check_undecided();
	fault.init = 0;
	check_undecided();
	fault.init = -1;
	check_undecided();
	fault.padding = 0;
	check_undecided();
	fault.padding = -2;
	check_undecided();
	fault.verify = -1;
	check_undecided();
}

TEST(zero_is_a_forgery)
{
	works();
	fault.verify = 0;
	CHECK_INT(pass(CASES "/G-01_version_2_subject").reason, REASON_SIGNATURE_MISMATCH);
}

int main(void)
{
	check_run(nothing_fails);
	check_run(sha1_is_forbidden);
	check_run(the_self_test_says_so_beforehand);
	check_run(each_call_fails);
	check_run(zero_is_a_forgery);
	return check_done();
}
