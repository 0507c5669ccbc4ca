#include "common/sns/self_test.h"
#include "worker/flows/online_checks.h"

#include "common/base/banned.h"

#define BOTH "SHA-1 and SHA-256 signatures can be verified here"
#define SHA256_ONLY \
	"SHA-256 signatures can be verified here; SHA-1 is forbidden, and no topic needs it"
#define NO_SHA1                                                                                 \
	"this system forbids SHA-1 in signatures: what SNS has signed so, as it does unless a " \
	"topic's owner has chosen SHA-256, is not judged and stays in the queue"
#define NO_SHA256 \
	"SHA-256 signatures cannot be verified here: OpenSSL's configuration is in the way"
#define ALLOW_SHA1                                                                            \
	"let OpenSSL verify SHA-1: on RHEL, Fedora and their like by update-crypto-policies " \
	"--set DEFAULT:SHA1, elsewhere in the file that OPENSSL_CONF names or openssl.cnf"
#define ALLOW_SHA256 "openssl list -providers says what OpenSSL has; OPENSSL_CONF names its file"

/* On some topic both versions count, or only the first. */
static bool needs_sha1(const struct online *online)
{
	struct arena arena = { 0 };
	size_t n, i = 0;
	const struct topic_rule *topics = config_topics(online->options.config, &arena, &n);

	while (i < n && topics[i].signature && topics[i].signature[0] != '1')
		i++;
	arena_clear(&arena);
	return i < n;
}

static void ask_signatures(struct online *online)
{
	if (!self_test_signature(SPAN("2"))) {
		online->at->next = NULL; /* nothing could be signed that AWS is asked */
		online_tell(online, ONLINE_FAILED, NO_SHA256, ALLOW_SHA256);
	} else if (self_test_signature(SPAN("1"))) {
		online_tell(online, ONLINE_OK, BOTH, NULL);
	} else if (needs_sha1(online)) {
		online_repair(online, "update-crypto-policies --set DEFAULT:SHA1");
		online_tell(online, ONLINE_FAILED, NO_SHA1, ALLOW_SHA1);
	} else {
		online_tell(online, ONLINE_OK, SHA256_ONLY, NULL);
	}
}

static const struct online_check signatures_check = { "signatures", false, NULL, ask_signatures,
	                                              NULL };

void online_list_signatures(struct online *online)
{
	online_add(online, &signatures_check, signatures_check.name, NULL);
}
