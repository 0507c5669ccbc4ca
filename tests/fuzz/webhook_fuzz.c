/*
 * Any bytes as the URL of a webhook and as its keys: a URL that is taken leads to https or to this
 * machine and breaks out of no header; nothing that is refused stands in the error.
 */
#include "common/say/webhook.h"

#include "common/base/limits.h"
#include "common/base/web_url.h"
#include "common/decide/webhook_url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
	if (!promise)
		abort();
}

static void check_url(struct span text)
{
	struct web_url url;
	struct err err = { 0 };

	if (!webhook_url_check(text, &err)) {
		require(err.kind == ERR_MALFORMED && err.text[0]);
		return;
	}
	require(text.len <= LIMIT_URL && web_url_parse(text, &url, NULL));
	require(url.host.len && (url.https || web_url_is_loopback(&url)));
	for (size_t i = 0; i < text.len; i++)
		require(text.at[i] > ' ' && text.at[i] < 0x7f && text.at[i] != '#');
}

static void check_keys(struct span text)
{
	struct secret secret = secret_of(text);
	struct webhook_headers headers;
	struct err err = { 0 };

	if (webhook_sign(&(struct webhook_message){ "msg_1", 1000, text }, &secret, &headers, &err))
		require(strncmp(headers.signature, "webhook-signature: v1,", 22) == 0 &&
		        strlen(headers.signature) < sizeof(headers.signature) - 1);
	else
		require(err.kind == ERR_BROKEN && err.text[0]);
	secret_clear(&secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };

	check_url(text);
	if (!size || !memchr(data, 0, size))
		check_keys(text);
	return 0;
}
