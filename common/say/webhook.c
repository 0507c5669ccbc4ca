#include "common/say/webhook.h"

#include "common/base/base64.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/banned.h"

/* "Random. Between 24 bytes (192 bits) and 64 bytes (512 bits)", Signature scheme. */
enum { KEY_MIN = 24, KEY_MAX = 64 };

/* ---- What is sent ---------------------------------------------------------------------------- */

static bool read_key(struct span text, struct buf *ret_key)
{
	if (span_starts(text, SPAN("whsec_")))
		text = span_part(text, sizeof("whsec_") - 1, text.len);
	return buf_reserve(ret_key, ret_key->max) && base64_decode(text, ret_key) &&
	       ret_key->len >= KEY_MIN;
}

static void add_signature(struct buf *out, const struct buf *key, const struct buf *signed_text)
{
	unsigned char mac[DIGEST_SHA256_SIZE];

	digest_hmac_sha256(buf_span(key), buf_span(signed_text), mac);
	buf_add_text(out, out->len ? " v1," : "v1,");
	base64_encode((struct span){ (const char *)mac, sizeof(mac) }, out);
}

static bool sign_with(struct span text, const struct buf *signed_text, struct buf *out,
                      struct err *reterr)
{
	struct buf key = buf_with_max(KEY_MAX);
	bool fine = read_key(text, &key);

	if (fine)
		add_signature(out, &key, signed_text);
	buf_wipe(&key);
	return fine ||
	       err_set(reterr, ERR_BROKEN, "it is no key: whsec_ and the base64 of 24 to 64 bytes");
}

static bool sign_with_all(const struct secret *secret, const struct buf *signed_text,
                          struct buf *out, struct err *reterr)
{
	struct span rest = span_trim(secret_reveal(secret));
	int n = 0;

	do {
		if (!sign_with(span_cut(&rest, ' '), signed_text, out, reterr))
			return false;
		rest = span_trim(rest);
	} while (++n < WEBHOOK_KEYS && rest.len);
	return !rest.len || err_set(reterr, ERR_BROKEN, "it holds more than %d keys", WEBHOOK_KEYS);
}

bool webhook_sign(const struct webhook_message *message, const struct secret *secret,
                  struct webhook_headers *ret_headers, struct err *reterr)
{
	struct buf signed_text = buf_with_max(LIMIT_MESSAGE_BODY);
	struct buf signatures = buf_with_max(sizeof(ret_headers->signature));
	int64_t now_s = message->now_ms / 1000;
	bool fine;

	buf_addf(&signed_text, "%s.%" PRId64 ".", message->id, now_s);
	buf_add(&signed_text, message->body);
	fine = sign_with_all(secret, &signed_text, &signatures, reterr);
	snprintf(ret_headers->id, sizeof(ret_headers->id), "webhook-id: %s", message->id);
	snprintf(ret_headers->timestamp, sizeof(ret_headers->timestamp),
	         "webhook-timestamp: %" PRId64, now_s);
	snprintf(ret_headers->signature, sizeof(ret_headers->signature), "webhook-signature: %s",
	         buf_text(&signatures));
	buf_clear(&signed_text);
	buf_clear(&signatures);
	return fine;
}

bool webhook_check_keys(const struct secret *secret, struct err *reterr)
{
	struct webhook_headers headers;

	return webhook_sign(&(struct webhook_message){ .id = "" }, secret, &headers, reterr);
}

/* ---- What is answered ------------------------------------------------------------------------ */

static bool passes(int status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static const char *what_of(int status)
{
	if (status >= 300 && status < 400)
		return ", a redirect, which is not followed";
	if (status == 401 || status == 403)
		return ": it does not believe the signature";
	return status == 410 ? ": it is gone" : "";
}

void webhook_read_answer(const struct webhook_reply *reply, struct webhook_answer *ret_answer)
{
	int status = reply->status;
	uint64_t seconds;

	*ret_answer = (struct webhook_answer){
		.sent = status >= 200 && status < 300,
		.key_refused = status == 401 || status == 403,
		.retry_after_ms = text_number(reply->retry_after, 86400, &seconds)
		                          ? (int64_t)seconds * 1000
		                          : -1,
	};
	if (!ret_answer->sent)
		err_set(&ret_answer->err, passes(status) ? ERR_TRANSIENT : ERR_REFUSED,
		        "the webhook answers %d%s", status, what_of(status));
}
