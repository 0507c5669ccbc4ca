/*
 * web_url: where an http or https URL leads, for those that must not send secrets to everybody.
 *
 * Source: RFC 3986, but stricter: no user, no bytes that are blanks, controls or not ASCII, and no
 * backslash, since readers of URLs disagree about the host then.
 */
#ifndef EVERGOLD_BASE_WEB_URL_H
#define EVERGOLD_BASE_WEB_URL_H

#include "common/base/err.h"
#include "common/base/span.h"

struct web_url {
	bool https;
	struct span host; /* "example.org", "[::1]"; borrowed from the URL */
	struct span rest; /* from the path on; "" when there is none */
};

/* At most LIMIT_URL bytes. ERR_MALFORMED; the text of the error does not repeat the URL. */
bool web_url_parse(struct span text, struct web_url *ret_url, struct err *reterr) MUST_USE;

/* localhost, 127.a.b.c or [::1]. */
bool web_url_is_loopback(const struct web_url *url);

#endif
