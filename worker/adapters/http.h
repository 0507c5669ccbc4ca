/*
 * http: HTTP requests, many at a time, through libcurl's multi interface on the loop.
 *
 * Every request has a deadline and a cap on its answer. Redirects are not followed; cookies, netrc,
 * HSTS and alt-svc files are not used; TLS 1.2 at least, certificates and names verified always.
 * Plain http is refused unless the request allows it (an explicit endpoint override). More than
 * LIMIT_HTTP_CALLS at a time are refused as ERR_TRANSIENT. HTTPS_PROXY, http_proxy, ALL_PROXY and
 * NO_PROXY are heeded as libcurl documents them (CURLOPT_PROXY, CURLOPT_NOPROXY); a proxy for https
 * sees the host's name and nothing of the request. HTTP/1.1 on purpose: each request has a
 * connection to itself, so long polls hold up nobody. A request with a body is sent once: when a
 * kept connection breaks before the answer, that is ERR_TRANSIENT, and the server may have acted.
 */
#ifndef EVERGOLD_ADAPTERS_HTTP_H
#define EVERGOLD_ADAPTERS_HTTP_H

#include "common/base/err.h"
#include "common/base/span.h"
#include "worker/adapters/call.h"
#include "worker/adapters/loop.h"

#include <stdint.h>

struct http;

void http_free(struct http *http); /* not from inside done; all calls must be done or cancelled */
struct http *http_new(struct loop *loop, struct err *reterr) OWNED(http_free); /* ERR_BROKEN */

#define HTTP_MAX_HEADERS 16

struct http_request {
	const char *method; /* "GET", "POST" or "PUT" */
	const char *url;
	const char *headers[HTTP_MAX_HEADERS]; /* "Name: value" lines, up to the first NULL */
	struct span body;                      /* POST and PUT */
	int timeout_ms;    /* for everything, from name look-up to the last byte */
	size_t max_answer; /* bytes of the body */
	bool allow_http;   /* plain http is fine: the user named this endpoint */
	bool fresh;        /* on a connection of its own: a kept one may turn out to be broken */
	bool no_proxy;     /* go there directly, whatever the environment says */
	const char *trust; /* file of the certificates (PEM) to trust; NULL: the system's */
};

/* Headers that somebody here needs; absent ones are empty. All borrowed until done returns. */
struct http_answer {
	int status; /* 200, ... */
	struct span body;
	int64_t date_ms;             /* Date, ms since 1970; -1 when absent or unreadable */
	struct span error_type;      /* x-amzn-errortype */
	struct span request_id;      /* x-amzn-requestid */
	struct span retry_after;     /* Retry-After: seconds */
	struct span amz_retry_after; /* x-amz-retry-after: ms */
	struct span amz_crc32;       /* x-amz-crc32: of the body, decimal */
};

/*
 * answer is NULL when none arrived whole; then err says why: ERR_TRANSIENT for everything that the
 * network may heal, ERR_MALFORMED for an unusable URL or header, and for an answer over max_answer
 * or LIMIT_HEADER. Its text names scheme and host, never the rest of the URL: it may be a secret.
 */
typedef void http_done_fn(void *ctx, const struct http_answer *answer, const struct err *err);

/* Everything in the request is copied; the copies of the headers are overwritten before they go. */
struct call *http_start(struct http *http, const struct http_request *request, http_done_fn *done,
                        void *ctx);

#endif
