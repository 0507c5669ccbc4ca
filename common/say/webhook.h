/*
 * webhook: how a webhook is told something, and what its answer means.
 *
 * Source: Standard Webhooks, version 1.0.0 (https://www.standardwebhooks.com), with symmetric
 * signatures. The headers webhook-id, webhook-timestamp and webhook-signature go with a body; the
 * signature is "v1," and the base64 of HMAC-SHA-256 over "ID.TIMESTAMP.BODY". The id stays when
 * something is told again, and the timestamp is that of the attempt.
 *
 * A secret holds one key, or several with blanks between, as while one takes the place of another:
 * what is told is signed with each. A key is "whsec_" and the base64 of 24 to 64 bytes; the prefix
 * may be missing.
 */
#ifndef EVERGOLD_SAY_WEBHOOK_H
#define EVERGOLD_SAY_WEBHOOK_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/secret.h"

#include <stdint.h>

struct webhook_message {
	const char *id; /* no '.' in it */
	int64_t now_ms;
	struct span body;
};

#define WEBHOOK_KEYS 4

/* Whole header lines. */
struct webhook_headers {
	char id[96], timestamp[48], signature[32 + WEBHOOK_KEYS * 48];
};

/* ERR_BROKEN: it holds no keys, or over WEBHOOK_KEYS. Texts of errors do not repeat a secret. */
bool webhook_check_keys(const struct secret *secret, struct err *reterr) MUST_USE;

/* Errors as above. */
bool webhook_sign(const struct webhook_message *message, const struct secret *secret,
                  struct webhook_headers *ret_headers, struct err *reterr) MUST_USE;

struct webhook_reply {
	int status; /* HTTP */
	struct span retry_after;
};

struct webhook_answer {
	bool sent;
	bool key_refused;       /* 401 or 403: another key, or another URL, may help */
	int64_t retry_after_ms; /* what it asks for; -1 when it does not */
	struct err err;         /* ERR_TRANSIENT or ERR_REFUSED when not sent */
};

/*
 * 2xx: sent. 408, 425, 429 and 5xx pass by themselves; all others need a person, redirects, too.
 * Bodies are not looked at: they may repeat what is secret.
 */
void webhook_read_answer(const struct webhook_reply *reply, struct webhook_answer *ret_answer);

#endif
