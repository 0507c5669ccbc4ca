#include "worker/adapters/http.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/adapters/wiped.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/*
 *	descriptor -> on_ready -> curl_multi_socket_action(fd) -+
 *	timer      -> on_timer -> curl_multi_socket_action(-1) -+-> reap() -> finish() -> done()
 *	   ^                                                    |
 *	   |  want_socket: one loop_watch a descriptor  <-------+
 *	   +- want_timer: the one timer of the multi handle
 *
 * curl is never called from inside want_socket and want_timer, and callers' functions run only in
 * reap(), where no frame of curl is on the stack: they may start and cancel anything.
 */

#define CONNECT_MS 5000 /* at most, TLS included */

struct http {
	struct loop *loop; /* borrowed */
	CURLM *multi;
	struct call *timer; /* the one that curl asked for */
	size_t in_flight;
};

struct http_call {
	struct call call; /* first: what the caller holds */
	struct http *http;
	CURL *easy;
	struct curl_slist *headers; /* owned, may hold secrets */
	char *origin;               /* "https://host": what may be said of the URL */
	int timeout_ms, connect_ms;
	struct buf sent; /* the request's body, */
	size_t sent_at;  /* of which so much is sent */
	struct buf body;
	size_t header_bytes;
	bool head_ended;         /* the empty line after the headers was there */
	size_t exceeded;         /* the limit that the answer went over, in bytes; 0: none */
	bool unset;              /* an option was not taken */
	bool connected;          /* the request is on its way */
	struct call *connecting; /* the time for that, until then */
	struct call *refuse;     /* set when the request never went to curl */
	struct err err;
	char curl_text[CURL_ERROR_SIZE];
	http_done_fn *done;
	void *ctx;
};

/* ---- One call -------------------------------------------------------------------------------- */

static void wipe_headers(struct http_call *call)
{
	for (struct curl_slist *line = call->headers; line; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(call->headers);
}

static void destroy(struct http_call *call)
{
	curl_easy_cleanup(call->easy);
	wipe_headers(call);
	buf_wipe(&call->sent); /* either may hold credentials */
	buf_wipe(&call->body);
	free(call->origin);
	free(call);
}

/* Takes the call out of everything that could still run it. */
static void detach(struct http_call *call)
{
	call_cancel(call->connecting);
	if (call->refuse)
		call_cancel(call->refuse);
	else
		curl_multi_remove_handle(call->http->multi, call->easy);
	call->http->in_flight--;
}

static void cancel(struct call *call)
{
	struct http_call *cancelled = (struct http_call *)call;

	detach(cancelled);
	destroy(cancelled);
}

static void explain_timeout(struct http_call *call)
{
	err_set(&call->err, ERR_TRANSIENT, "%s: no %s within %g s", call->origin,
	        call->connected ? "answer" : "connection",
	        (call->connected ? call->timeout_ms : call->connect_ms) / 1000.0);
}

static void on_unconnected(void *ctx)
{
	struct http_call *call = ctx;

	call->connecting = NULL;
	explain_timeout(call);
	detach(call);
	call->done(call->ctx, NULL, &call->err);
	destroy(call);
}

static void on_refused(void *ctx)
{
	struct http_call *call = ctx;

	call->http->in_flight--;
	call->done(call->ctx, NULL, &call->err);
	destroy(call);
}

/* ---- The request ----------------------------------------------------------------------------- */

static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct http_call *call = ctx;

	call->header_bytes += size * n;
	call->head_ended |= line[0] == '\r' || line[0] == '\n';
	if (call->header_bytes <= LIMIT_HEADER)
		return size * n;
	call->exceeded = LIMIT_HEADER;
	return 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
	struct http_call *call = ctx;

	buf_add(&call->body, (struct span){ bytes, size * n });
	if (!call->body.overflow)
		return size * n;
	call->exceeded = call->body.max;
	return 0;
}

/*
 * When a kept connection breaks before any answer, curl repeats the request by itself, although the
 * server may have acted upon it. What is read from here it cannot rewind, so it fails instead as
 * soon as some of it was sent (CURLE_SEND_FAIL_REWIND), and who asked decides.
 */
static size_t on_send(char *to, size_t size, size_t n, void *ctx)
{
	struct http_call *call = ctx;
	struct span rest = span_part(buf_span(&call->sent), call->sent_at, call->sent.len);
	size_t len = rest.len < size * n ? rest.len : size * n;

	if (len)
		memcpy(to, rest.at, len);
	call->sent_at += len;
	return len;
}

/* The connection is there, TLS and all; it may be one that was kept. */
static int on_connected(void *ctx, char *to, char *from, int to_port, int from_port)
{
	struct http_call *call = ctx;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	call_cancel(call->connecting);
	call->connecting = NULL;
	call->connected = true;
	return CURL_PREREQFUNC_OK;
}

static void set_number(struct http_call *call, CURLoption option, long number)
{
	call->unset |= curl_easy_setopt(call->easy, option, number) != CURLE_OK;
}

static void set_pointer(struct http_call *call, CURLoption option, const void *pointer)
{
	call->unset |= curl_easy_setopt(call->easy, option, pointer) != CURLE_OK;
}

/* What every request has. Redirects, netrc, cookies and encodings stay off. */
static void set_habits(struct http_call *call)
{
	static const struct {
		CURLoption option;
		long number;
	} habits[] = {
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_FOLLOWLOCATION, 0 },
		{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
		{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
		{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
		{ CURLOPT_TCP_KEEPALIVE, 1 },
		{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 }, /* the proxy's are not the answer's */
		{ CURLOPT_DNS_SHUFFLE_ADDRESSES, 1 },    /* the next attempt goes elsewhere */
		{ CURLOPT_DNS_CACHE_TIMEOUT, 60 },       /* s */
		{ CURLOPT_MAXAGE_CONN, 110 },            /* s idle: shorter than what NAT forgets */
		{ CURLOPT_MAXLIFETIME_CONN, 600 },       /* s: then name and certificate again */
		{ CURLOPT_QUICK_EXIT, 1 }, /* else a cancelled name look-up blocks the loop */
	};

	for (size_t i = 0; i < ARRAY_LEN(habits); i++)
		set_number(call, habits[i].option, habits[i].number);
	set_pointer(call, CURLOPT_USERAGENT, "evergold/" EVERGOLD_VERSION);
}

/*
 * For a day curl keeps what it read of the bundle of trusted certificates, but not where a folder
 * of them is looked at, too, as Debian's does. Reading it is most of what a new connection costs.
 */
static void set_trust(struct http_call *call, const char *trust)
{
	char *bundle = NULL;

	if (trust) {
		set_pointer(call, CURLOPT_CAINFO, trust);
		set_pointer(call, CURLOPT_CAPATH, NULL);
	} else if (curl_easy_getinfo(call->easy, CURLINFO_CAINFO, &bundle) == CURLE_OK && bundle &&
	           access(bundle, R_OK) == 0) {
		set_pointer(call, CURLOPT_CAPATH, NULL);
	}
}

static void set_callbacks(struct http_call *call)
{
	call->unset |= curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, on_header) ||
	               curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body) ||
	               curl_easy_setopt(call->easy, CURLOPT_READFUNCTION, on_send) ||
	               curl_easy_setopt(call->easy, CURLOPT_PREREQFUNCTION, on_connected);
	set_pointer(call, CURLOPT_HEADERDATA, call);
	set_pointer(call, CURLOPT_WRITEDATA, call);
	set_pointer(call, CURLOPT_READDATA, call);
	set_pointer(call, CURLOPT_PREREQDATA, call);
	set_pointer(call, CURLOPT_PRIVATE, call);
	set_pointer(call, CURLOPT_ERRORBUFFER, call->curl_text);
}

static void set_address(struct http_call *call, const struct http_request *request)
{
	set_pointer(call, CURLOPT_URL, request->url);
	set_pointer(call, CURLOPT_PROTOCOLS_STR, request->allow_http ? "http,https" : "https");
	set_number(call, CURLOPT_TIMEOUT_MS, call->timeout_ms);
	if (request->fresh)
		set_number(call, CURLOPT_FRESH_CONNECT, 1);
	if (request->no_proxy)
		set_pointer(call, CURLOPT_PROXY, "");
}

static void set_message(struct http_call *call, const struct http_request *request)
{
	set_pointer(call, CURLOPT_HTTPHEADER, call->headers);
	if (strcmp(request->method, "GET") == 0)
		return;
	buf_add(&call->sent, request->body);
	set_number(call, CURLOPT_POST, 1);
	set_number(call, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
	set_pointer(call, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool add_header(struct http_call *call, const char *line)
{
	struct curl_slist *longer;

	if (text_has_control(span_of(line)))
		return err_set(&call->err, ERR_MALFORMED, "%s: a header holds a control character",
		               call->origin);
	longer = curl_slist_append(call->headers, line);
	if (!longer)
		return err_set(&call->err, ERR_BROKEN, "%s: no room for headers", call->origin);
	call->headers = longer;
	return true;
}

static bool copy_headers(struct http_call *call, const struct http_request *request)
{
	for (size_t i = 0; i < HTTP_MAX_HEADERS && request->headers[i]; i++) {
		if (!add_header(call, request->headers[i]))
			return false;
	}
	return add_header(call, "Expect:"); /* or curl asks before it sends much */
}

/* Owned by curl: curl_free(). NULL when the URL has no such part. */
static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	curl_url_get(url, part, &text, 0);
	return text;
}

static void describe(struct http_call *call, CURLU *url)
{
	char *scheme = url_part(url, CURLUPART_SCHEME);
	char *host = url_part(url, CURLUPART_HOST);
	char *port = url_part(url, CURLUPART_PORT);
	struct buf origin = buf_with_max(512);

	buf_addf(&origin, "%s://%s%s%s", scheme ? scheme : "", host ? host : "", port ? ":" : "",
	         port ? port : "");
	call->origin = buf_take(&origin);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
}

static bool check_url(struct http_call *call, const struct http_request *request)
{
	CURLU *url = curl_url();
	CURLUcode faulty = curl_url_set(url, CURLUPART_URL, request->url, CURLU_DISALLOW_USER);

	describe(call, url);
	curl_url_cleanup(url);
	if (faulty)
		return err_set(&call->err, ERR_MALFORMED, "not a usable URL: %s",
		               curl_url_strerror(faulty));
	if (span_starts(span_of(call->origin), SPAN("https://")))
		return true;
	if (request->allow_http && span_starts(span_of(call->origin), SPAN("http://")))
		return true;
	return err_set(&call->err, ERR_MALFORMED, "%s: only https is allowed", call->origin);
}

static bool prepare(struct http_call *call, const struct http_request *request)
{
	if (!check_url(call, request) || !copy_headers(call, request))
		return false;
	if (call->http->in_flight > LIMIT_HTTP_CALLS)
		return err_set(&call->err, ERR_TRANSIENT, "%s: over %d requests at a time",
		               call->origin, LIMIT_HTTP_CALLS);
	call->easy = curl_easy_init();
	if (!call->easy)
		return err_set(&call->err, ERR_BROKEN, "%s: no transfer", call->origin);
	set_habits(call);
	set_trust(call, request->trust);
	set_callbacks(call);
	set_address(call, request);
	set_message(call, request);
	if (call->unset)
		return err_set(&call->err, ERR_BROKEN, "%s: libcurl lacks an option", call->origin);
	return true;
}

/*
 * The time for connecting is kept here and not by curl, whose timer for it goes off even when the
 * connection is long there: that would wake up every long poll once for nothing.
 */
static bool begin(struct http_call *call)
{
	struct timers *timers = loop_timers(call->http->loop);

	if (curl_multi_add_handle(call->http->multi, call->easy) != CURLM_OK)
		return err_set(&call->err, ERR_BROKEN, "%s: libcurl takes no request",
		               call->origin);
	call->connecting = timers->after(timers, call->connect_ms, on_unconnected, call);
	return true;
}

struct call *http_start(struct http *http, const struct http_request *request, http_done_fn *done,
                        void *ctx)
{
	struct http_call *call = xcalloc(1, sizeof(*call));
	struct timers *timers = loop_timers(http->loop);

	call->call.cancel = cancel;
	call->http = http;
	call->timeout_ms = request->timeout_ms;
	call->connect_ms = request->timeout_ms < CONNECT_MS ? request->timeout_ms : CONNECT_MS;
	call->sent = buf_with_max(request->body.len);
	call->body = buf_with_max(request->max_answer);
	call->done = done;
	call->ctx = ctx;
	http->in_flight++;
	if (!prepare(call, request) || !begin(call))
		call->refuse = timers->after(timers, 0, on_refused, call);
	return &call->call;
}

/* ---- The answer ------------------------------------------------------------------------------ */

static const char *header_text(const struct http_call *call, const char *name)
{
	struct curl_header *header;
	CURLHcode absent = curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &header);

	return absent ? NULL : header->value;
}

static int64_t header_date_ms(const struct http_call *call)
{
	const char *date = header_text(call, "Date");
	time_t seconds = date ? curl_getdate(date, NULL) : -1;

	return seconds < 0 ? -1 : (int64_t)seconds * 1000;
}

static struct http_answer read_answer(const struct http_call *call)
{
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	return (struct http_answer){
		.status = (int)status,
		.body = buf_span(&call->body),
		.date_ms = header_date_ms(call),
		.error_type = span_of(header_text(call, "x-amzn-errortype")),
		.request_id = span_of(header_text(call, "x-amzn-requestid")),
		.retry_after = span_of(header_text(call, "Retry-After")),
		.amz_retry_after = span_of(header_text(call, "x-amz-retry-after")),
		.amz_crc32 = span_of(header_text(call, "x-amz-crc32")),
	};
}

/* Our words where curl's speak of curl. */
static const char *reason(const struct http_call *call, CURLcode result)
{
	static const struct {
		CURLcode result;
		const char *words;
	} reasons[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, "the name cannot be resolved" },
		{ CURLE_COULDNT_RESOLVE_PROXY, "the proxy's name cannot be resolved" },
		{ CURLE_COULDNT_CONNECT, "could not connect" },
		{ CURLE_GOT_NOTHING, "closed the connection without an answer" },
		{ CURLE_PARTIAL_FILE, "the answer ended early" },
		{ CURLE_SEND_ERROR, "the connection broke" },
		{ CURLE_RECV_ERROR, "the connection broke" },
		{ CURLE_SEND_FAIL_REWIND, "closed a kept connection without an answer" },
		{ CURLE_UNSUPPORTED_PROTOCOL, "the answer is not HTTP" },
		{ CURLE_WEIRD_SERVER_REPLY, "the answer is not HTTP" },
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].result == result)
			return reasons[i].words;
	}
	if (result == CURLE_SSL_CONNECT_ERROR || result == CURLE_PEER_FAILED_VERIFICATION)
		return call->curl_text;
	return curl_easy_strerror(result);
}

static void explain(struct http_call *call, CURLcode result)
{
	long number = 0, proxy_status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &number);
	curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (call->exceeded)
		err_set(&call->err, ERR_MALFORMED, "%s: answer over %zu bytes", call->origin,
		        call->exceeded);
	else if (result == CURLE_OPERATION_TIMEDOUT)
		explain_timeout(call);
	else if (proxy_status && proxy_status / 100 != 2)
		err_set(&call->err, ERR_TRANSIENT, "%s: the proxy answered %ld", call->origin,
		        proxy_status);
	else
		err_set(&call->err, ERR_TRANSIENT, "%s: %s%s%s", call->origin, reason(call, result),
		        number ? ": " : "", number ? strerror((int)number) : "");
}

static void finish(struct http_call *call, CURLcode result)
{
	struct http_answer answer = read_answer(call);

	if (result == CURLE_OK && !call->head_ended) /* curl takes what there is for the answer */
		result = CURLE_PARTIAL_FILE;
	detach(call);
	if (result != CURLE_OK)
		explain(call, result);
	call->done(call->ctx, result == CURLE_OK ? &answer : NULL,
	           result == CURLE_OK ? NULL : &call->err);
	destroy(call);
}

/* The only place from which callers' functions run. */
static void reap(struct http *http)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		CURLcode result = message->data.result; /* gone once the handle is removed */
		char *private = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		finish((struct http_call *)(void *)private, result);
	}
}

/* ---- libcurl on the loop --------------------------------------------------------------------- */

static void act(struct http *http, curl_socket_t fd, int ready)
{
	int running;

	curl_multi_socket_action(http->multi, fd, ready, &running);
	reap(http);
}

static void on_ready(void *ctx, int fd, int events)
{
	act(ctx, fd,
	    (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
	            (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(void *ctx)
{
	struct http *http = ctx;

	http->timer = NULL;
	act(http, CURL_SOCKET_TIMEOUT, 0);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
	struct http *http = ctx;
	struct loop_watch *watch = socket_ctx;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			loop_watch_stop(watch);
		return 0;
	}
	if (!watch) {
		watch = loop_watch_start(http->loop, fd, on_ready, http);
		curl_multi_assign(http->multi, fd, watch);
	}
	loop_watch_want(watch, (what & CURL_POLL_IN ? LOOP_READ : 0) |
	                               (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
	return 0;
}

static int want_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct http *http = ctx;
	struct timers *timers = loop_timers(http->loop);

	(void)multi;
	call_cancel(http->timer);
	http->timer = timeout_ms < 0 ? NULL : timers->after(timers, timeout_ms, on_timer, http);
	return 0;
}

static bool join_loop(struct http *http)
{
	return curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http) == CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http) == CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)LIMIT_HTTP_KEPT) ==
	               CURLM_OK;
}

struct http *http_new(struct loop *loop, struct err *reterr)
{
	struct http *http = xcalloc(1, sizeof(*http));

	http->loop = loop;
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiped_malloc, wiped_free, wiped_realloc,
	                         wiped_strdup, wiped_calloc) == CURLE_OK)
		http->multi = curl_multi_init();
	if (http->multi && join_loop(http))
		return http;
	err_set(reterr, ERR_BROKEN, "libcurl cannot be started");
	curl_multi_cleanup(http->multi);
	free(http);
	return NULL;
}

/* curl closes what it kept through want_socket: the loop and http must still be there. */
void http_free(struct http *http)
{
	if (!http)
		return;
	assert(http->in_flight == 0);
	curl_multi_cleanup(http->multi);
	call_cancel(http->timer);
	curl_global_cleanup();
	free(http);
}
