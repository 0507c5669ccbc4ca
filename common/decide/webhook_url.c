#include "common/decide/webhook_url.h"

#include "common/base/web_url.h"

#include <string.h>

#include "common/base/banned.h"

bool webhook_url_check(struct span url, struct err *reterr)
{
	struct web_url parts;

	if (!web_url_parse(url, &parts, reterr))
		return false;
	if (parts.rest.len && memchr(parts.rest.at, '#', parts.rest.len))
		return err_set(reterr, ERR_MALFORMED, "a URL with a fragment");
	return parts.https || web_url_is_loopback(&parts) ||
	       err_set(reterr, ERR_MALFORMED,
	               "the URL must have https, unless its host is this machine");
}
