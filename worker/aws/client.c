#include "worker/aws/client.h"

#include "common/aws/sigv4.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/aws/roles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

#define SLACK_MS      30000  /* for waits between attempts, and for credentials */
#define SKEW_MS       240000 /* AWS refuses signatures that are about 5 minutes off */
#define LONGEST_ID    80
#define MAX_SERVER_MS 60000

struct aws_client {
	struct aws_client_options options;
	struct aws_endpoint_settings endpoints;
	struct roles *roles;
	struct retry_quota quota;
	int64_t clock_offset_ms; /* AWS's clock less ours */
};

struct aws_call {
	struct call call; /* first: what the caller holds */
	struct aws_client *client;
	const struct aws_operation *operation;
	struct credentials_provider *credentials;
	struct assumed_role *role;  /* whose credentials these are; NULL: nobody's */
	char *region, *origin;      /* owned */
	struct span signing_region; /* into region, or static */
	bool overridden;            /* the origin is the user's own choice */
	struct buf body;
	char invocation_id[37]; /* one for all attempts */
	int64_t most_ms;        /* for everything */
	int64_t deadline_ms;    /* steady */
	struct call *deadline;  /* the timer for it */
	int64_t offset_ms;      /* with which the last attempt was signed */
	int attempt, max_attempts;
	enum retry_class retry;             /* of the last failure */
	bool in_doubt;                      /* an attempt before the last may have had its effect */
	bool mended[RETRY_CREDENTIALS + 1]; /* clock and credentials: once each */
	struct call *pending;               /* credentials, http or a timer */
	bool answered;                      /* error is of an answer, and not only err */
	struct aws_error error;
	char request_id[LONGEST_ID];
	struct err err;
	aws_done_fn *done;
	void *ctx;
};

static void try_once(void *ctx);

/* ---- The end of a call ----------------------------------------------------------------------- */

static void destroy(struct aws_call *call)
{
	call_cancel(call->deadline);
	roles_give_back(call->role);
	free(call->region);
	free(call->origin);
	buf_wipe(&call->body);
	free(call);
}

static void cancel(struct call *call)
{
	struct aws_call *cancelled = (struct aws_call *)call;

	call_cancel(cancelled->pending);
	destroy(cancelled);
}

static enum aws_protocol protocol_of(const struct aws_call *call)
{
	return aws_service_info(call->operation->service)->protocol;
}

/* Older endpoints of the query protocols tell it in the body alone. */
static struct span request_id_of(const struct aws_call *call, const struct http_answer *http)
{
	if (http->request_id.len || protocol_of(call) == AWS_JSON)
		return http->request_id;
	return aws_query_request_id(http->body);
}

static void succeed(struct aws_call *call, const struct http_answer *http)
{
	struct aws_answer answer = { .body = http->body, .request_id = request_id_of(call, http) };

	retry_quota_refund(&call->client->quota, call->retry);
	call->done(call->ctx, &answer, NULL);
	destroy(call);
}

/* body: what AWS said, if anything. */
static void fail(struct aws_call *call, struct span body)
{
	struct aws_answer answer = { .body = body,
		                     .request_id = span_of(call->request_id),
		                     .error = &call->error,
		                     .in_doubt = call->in_doubt };

	err_wrap(&call->err, "%s %s", aws_service_info(call->operation->service)->id,
	         call->operation->name);
	call->done(call->ctx, call->answered ? &answer : NULL, &call->err);
	destroy(call);
}

static void on_refused(void *ctx)
{
	fail(ctx, SPAN_NONE);
}

/* Credentials, mostly: a role on a role, or a process, may take longer than AWS. */
static void on_deadline(void *ctx)
{
	struct aws_call *call = ctx;

	call->deadline = NULL;
	call_cancel(call->pending);
	call->answered = false;
	err_set(&call->err, ERR_TRANSIENT, "not done within %d s", (int)(call->most_ms / 1000));
	fail(call, SPAN_NONE);
}

static void log_failure(const struct aws_call *call, enum log_level level)
{
	log_event(call->client->options.log, level, "aws_request_failed",
	          LOG_FIELDS(LOG_TEXT("service", aws_service_info(call->operation->service)->id),
	                     LOG_TEXT("operation", call->operation->name),
	                     LOG_TEXT("region", call->region),
	                     LOG_TEXT("code", call->answered ? call->error.code : NULL),
	                     LOG_NUMBER("status", call->answered ? call->error.status : 0),
	                     LOG_NUMBER("attempt", call->attempt),
	                     LOG_TEXT("request_id", call->answered ? call->request_id : NULL),
	                     LOG_TEXT("error", call->err.text)));
}

/* ---- After a failed attempt ------------------------------------------------------------------ */

/* Takes over AWS's time when it is far from the one that this call was signed with. */
static bool mend_clock(struct aws_call *call, int64_t date_ms)
{
	struct timers *timers = call->client->options.timers;
	int64_t offset_ms = date_ms - timers->now_ms(timers);

	if (date_ms < 0 || llabs(offset_ms - call->offset_ms) < SKEW_MS)
		return false;
	call->client->clock_offset_ms = offset_ms;
	log_event(call->client->options.log, LOG_WARNING, "aws_clock_offset",
	          LOG_FIELDS(LOG_NUMBER("offset_ms", offset_ms)));
	return true;
}

/* What the failure asks for besides time; false: nothing could be done about it. */
static bool mend(struct aws_call *call, int64_t date_ms)
{
	bool before;

	if (call->retry != RETRY_CLOCK && call->retry != RETRY_CREDENTIALS)
		return true;
	if (call->operation->anonymous) /* what expired is in the body */
		return false;
	if (call->retry == RETRY_CLOCK && !mend_clock(call, date_ms))
		call->retry = RETRY_CREDENTIALS; /* then it is the key */
	if (call->retry == RETRY_CREDENTIALS)
		call->credentials->expired(call->credentials);
	before = call->mended[call->retry];
	call->mended[call->retry] = true;
	call->max_attempts += before ? 0 : 1; /* it is not the service's failure */
	return !before;
}

static bool may_repeat(struct aws_call *call, int64_t date_ms)
{
	return call->retry != RETRY_NEVER && mend(call, date_ms) && !call->operation->long_poll &&
	       call->attempt < call->max_attempts;
}

static int64_t server_delay_ms(const struct http_answer *answer)
{
	uint64_t ms;

	if (!answer || !text_number(answer->amz_retry_after, MAX_SERVER_MS, &ms))
		return -1;
	return (int64_t)ms;
}

static int64_t time_left_ms(const struct aws_call *call)
{
	struct timers *timers = call->client->options.timers;

	return call->deadline_ms - timers->steady_ms(timers);
}

static void consider(struct aws_call *call, const struct http_answer *answer)
{
	struct timers *timers = call->client->options.timers;
	struct retry_failure failure = { .class = call->retry,
		                         .attempt = call->attempt,
		                         .base_ms = call->operation->base_ms,
		                         .server_ms = server_delay_ms(answer) };
	int64_t delay_ms = retry_delay_ms(&failure, timers->random(timers));
	bool again = may_repeat(call, answer ? answer->date_ms : -1) &&
	             delay_ms < time_left_ms(call) &&
	             retry_quota_take(&call->client->quota, call->retry);

	log_failure(call, again || call->operation->long_poll ? LOG_DEBUG : LOG_WARNING);
	if (!again) {
		fail(call, answer ? answer->body : SPAN_NONE);
		return;
	}
	call->in_doubt |= call->retry == RETRY_TRANSIENT;
	call->pending = timers->after(timers, delay_ms, try_once, call);
}

static void on_failed_answer(struct aws_call *call, const struct http_answer *answer)
{
	const struct aws_error *error = &call->error;

	call->answered = true;
	call->retry = error->retry;
	snprintf(call->request_id, sizeof(call->request_id), "%.*s",
	         SPAN_ARG(request_id_of(call, answer)));
	err_set(&call->err, error->kind, "%s%s%s", error->code, error->message[0] ? ": " : "",
	        error->message);
	consider(call, answer);
}

static void on_error(struct aws_call *call, const struct http_answer *answer)
{
	struct aws_error_answer read = {
		.protocol = protocol_of(call),
		.status = answer->status,
		.error_type = answer->error_type,
		.body = answer->body,
	};

	aws_error_read(&read, &call->error);
	on_failed_answer(call, answer);
}

/* DynamoDB says what it sent; botocore checks it, too (retries/special.py). */
static bool is_damaged(const struct http_answer *answer)
{
	uint64_t crc32;

	return answer->amz_crc32.len && (!text_number(answer->amz_crc32, UINT32_MAX, &crc32) ||
	                                 crc32 != digest_crc32(answer->body));
}

static void on_damage(struct aws_call *call, const struct http_answer *answer)
{
	call->error = (struct aws_error){
		.code = "ChecksumMismatch",
		.message = "the answer is not what its x-amz-crc32 says",
		.status = answer->status,
		.retry = RETRY_TRANSIENT,
		.kind = ERR_TRANSIENT,
	};
	on_failed_answer(call, answer);
}

static void on_silence(struct aws_call *call, const struct err *err)
{
	call->answered = false;
	call->retry = err->kind == ERR_TRANSIENT ? RETRY_TRANSIENT : RETRY_NEVER;
	call->err = *err;
	consider(call, NULL);
}

static void on_answer(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct aws_call *call = ctx;

	call->pending = NULL;
	if (!answer)
		on_silence(call, err);
	else if (is_damaged(answer))
		on_damage(call, answer);
	else if (answer->status / 100 == 2)
		succeed(call, answer);
	else
		on_error(call, answer);
}

/* ---- One attempt ----------------------------------------------------------------------------- */

/* The header lines of one request, in memory that does not move and is wiped: they hold secrets. */
struct lines {
	struct buf text;
	const char **next; /* in the request's table */
};

static void add_line(struct lines *lines, const char *name, struct span value)
{
	*lines->next++ = lines->text.at + lines->text.len;
	buf_addf(&lines->text, "%s: %.*s", name, SPAN_ARG(value));
	buf_add_char(&lines->text, '\0');
}

static void add_trace(struct lines *lines, const struct aws_call *call)
{
	char attempt[48];

	snprintf(attempt, sizeof(attempt), "attempt=%d; max=%d", call->attempt, call->max_attempts);
	add_line(lines, "amz-sdk-invocation-id", span_of(call->invocation_id));
	add_line(lines, "amz-sdk-request", span_of(attempt));
}

static void sign(struct aws_call *call, const struct credentials *credentials, struct span target,
                 struct sigv4_signature *ret_signature)
{
	const struct aws_service_info *service = aws_service_info(call->operation->service);
	struct timers *timers = call->client->options.timers;
	struct sigv4_header headers[] = {
		{ SPAN("host"), aws_endpoint_host(span_of(call->origin)) },
		{ SPAN("content-type"), span_of(service->content_type) },
		{ SPAN("x-amz-target"), target }, /* JSON alone has it */
	};

	call->offset_ms = call->client->clock_offset_ms;
	sigv4_sign(&(struct sigv4_request){ .method = SPAN("POST"),
	                                    .path = SPAN("/"),
	                                    .headers = headers,
	                                    .n_headers = ARRAY_LEN(headers) - (target.len == 0),
	                                    .body = buf_span(&call->body),
	                                    .region = call->signing_region,
	                                    .service = span_of(service->signing_name),
	                                    .time_ms = timers->now_ms(timers) + call->offset_ms },
	           &(struct sigv4_credentials){ span_of(credentials->access_key_id),
	                                        &credentials->secret_access_key,
	                                        &credentials->session_token },
	           ret_signature);
}

static void add_signature(struct lines *lines, struct aws_call *call,
                          const struct credentials *credentials, struct span target)
{
	struct sigv4_signature signature;

	sign(call, credentials, target, &signature);
	add_line(lines, "X-Amz-Date", span_of(signature.date));
	add_line(lines, "Authorization", buf_span(&signature.authorization));
	if (secret_is_set(&credentials->session_token))
		add_line(lines, "X-Amz-Security-Token", secret_reveal(&credentials->session_token));
	buf_wipe(&signature.authorization);
}

/* credentials: NULL for an anonymous operation. */
static void add_lines(struct lines *lines, struct aws_call *call,
                      const struct credentials *credentials)
{
	const struct aws_service_info *service = aws_service_info(call->operation->service);
	char target[128] = "";

	add_line(lines, "Content-Type", span_of(service->content_type));
	if (service->protocol == AWS_JSON) {
		snprintf(target, sizeof(target), "%s%s", service->target_prefix,
		         call->operation->name);
		add_line(lines, "X-Amz-Target", span_of(target));
	}
	if (credentials)
		add_signature(lines, call, credentials, span_of(target));
	add_trace(lines, call);
}

/* Takes an attempt; credentials as in add_lines(). */
static void send_request(struct aws_call *call, const struct credentials *credentials)
{
	char url[LIMIT_URL];
	struct http_request request = { .method = "POST",
		                        .url = url,
		                        .body = buf_span(&call->body),
		                        .timeout_ms = call->operation->timeout_ms,
		                        .max_answer = call->operation->max_answer,
		                        .allow_http = call->overridden,
		                        .trust = call->client->endpoints.trust };
	struct lines lines = { buf_with_max(LIMIT_HEADER), request.headers };

	call->attempt++;
	buf_reserve(&lines.text, LIMIT_HEADER);
	snprintf(url, sizeof(url), "%s/", call->origin);
	add_lines(&lines, call, credentials);
	if (lines.text.overflow) {
		err_set(&call->err, ERR_BROKEN, "credentials too long to be sent");
		fail(call, SPAN_NONE);
	} else {
		call->pending = http_start(call->client->options.http, &request, on_answer, call);
	}
	buf_wipe(&lines.text);
}

static void on_credentials(void *ctx, const struct credentials *credentials, const struct err *err)
{
	struct aws_call *call = ctx;

	call->pending = NULL;
	call->answered = false;
	if (credentials) {
		send_request(call, credentials);
		return;
	}
	call->err = *err;
	fail(call, SPAN_NONE);
}

static void try_once(void *ctx)
{
	struct aws_call *call = ctx;

	if (call->operation->anonymous)
		send_request(call, NULL);
	else
		call->pending = call->credentials->get(call->credentials, on_credentials, call);
}

/* ---- The beginning of a call ----------------------------------------------------------------- */

/* A UUID of version 4 (RFC 9562). */
static void name_invocation(struct aws_call *call)
{
	struct timers *timers = call->client->options.timers;
	unsigned char id[16];
	char hex[2 * sizeof(id) + 1];

	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = (unsigned char)(timers->random(timers) * 256.0);
	id[6] = (id[6] & 0x0f) | 0x40;
	id[8] = (id[8] & 0x3f) | 0x80;
	text_hex(id, sizeof(id), hex);
	snprintf(call->invocation_id, sizeof(call->invocation_id), "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	         hex + 8, hex + 12, hex + 16, hex + 20);
}

static void take_regional_origin(struct aws_call *call)
{
	struct aws_endpoint_variant variant = call->client->endpoints.variant;
	enum aws_service service = call->operation->service;
	struct buf url = buf_with_max(LIMIT_URL);

	aws_endpoint_url(service, span_of(call->region), variant, &url);
	call->origin = buf_take(&url);
	call->signing_region = aws_endpoint_signing_region(service, span_of(call->region), variant);
}

/* A public queue URL names the plain endpoint: what else was asked for comes first. */
static bool take_given_origin(struct aws_call *call, const char *given)
{
	const struct aws_endpoint_settings *settings = &call->client->endpoints;
	struct span origin;

	if (!aws_endpoint_settings_fit(settings, span_of(given), &call->err))
		return false;
	if (settings->variant.fips || settings->variant.dual_stack) {
		take_regional_origin(call);
		return true;
	}
	if (!aws_endpoint_check(span_of(given), &origin, &call->err))
		return false;
	call->origin = xspandup(origin);
	return true;
}

static bool find_endpoint(struct aws_call *call, const struct aws_request *request)
{
	const char *override = call->client->endpoints.origins[request->operation->service];

	if (!aws_region_is_valid(span_of(request->region)))
		return err_set(&call->err, ERR_MALFORMED, "\"%.40s\" is no region",
		               request->region);
	call->overridden = override != NULL;
	call->signing_region = span_of(call->region);
	if (override)
		call->origin = xstrdup(override);
	else if (!request->origin)
		take_regional_origin(call);
	else if (!take_given_origin(call, request->origin))
		return false;
	return strlen(call->origin) <= LIMIT_URL - sizeof("/") ||
	       err_set(&call->err, ERR_MALFORMED, "the endpoint is too long");
}

/* What is never repeated stays so, whatever the user wants. */
static int most_attempts(const struct aws_client *client, const struct aws_operation *operation)
{
	int wanted = client->endpoints.max_attempts;

	return wanted && operation->max_attempts > 1 ? wanted : operation->max_attempts;
}

static struct aws_call *new_call(struct aws_client *client, const struct aws_request *request)
{
	struct aws_call *call = xcalloc(1, sizeof(*call));
	struct timers *timers = client->options.timers;

	call->call.cancel = cancel;
	call->client = client;
	call->operation = request->operation;
	call->credentials = request->credentials ? request->credentials
	                                         : client->options.credentials;
	call->region = xstrdup(request->region);
	call->max_attempts = most_attempts(client, request->operation);
	call->most_ms = SLACK_MS + (int64_t)call->max_attempts * request->operation->timeout_ms;
	call->deadline_ms = timers->steady_ms(timers) + call->most_ms;
	call->deadline = timers->after(timers, call->most_ms, on_deadline, call);
	call->body = buf_with_max(LIMIT_AWS_BODY);
	buf_add(&call->body, request->body);
	name_invocation(call);
	return call;
}

static bool take_role(struct aws_call *call, const struct aws_role *role)
{
	if (!role)
		return true;
	call->role = roles_take(call->client->roles, role, &call->err);
	if (call->role)
		call->credentials = assumed_role_credentials(call->role);
	return call->role;
}

static bool check_request(struct aws_call *call, const struct aws_request *request)
{
	if (call->body.overflow)
		return err_set(&call->err, ERR_MALFORMED, "request over %d bytes", LIMIT_AWS_BODY);
	return find_endpoint(call, request) && take_role(call, request->role);
}

struct call *aws_start(struct aws_client *client, const struct aws_request *request,
                       aws_done_fn *done, void *ctx)
{
	struct aws_call *call = new_call(client, request);
	struct timers *timers = client->options.timers;

	call->done = done;
	call->ctx = ctx;
	if (check_request(call, request))
		try_once(call);
	else
		call->pending = timers->after(timers, 0, on_refused, call);
	return &call->call;
}

/* ---- The client ------------------------------------------------------------------------------ */

static void destroy_client(struct aws_client *client)
{
	if (!client)
		return;
	roles_free(client->roles);
	aws_endpoint_settings_clear(&client->endpoints);
	free(client);
}

void aws_client_free(struct aws_client *client)
{
	destroy_client(client);
}

static bool check_trust(const struct aws_endpoint_settings *settings, struct err *reterr)
{
	return !settings->trust || access(settings->trust, R_OK) == 0 ||
	       err_set(reterr, ERR_BROKEN, "%s: %s: %s", settings->trust_from, settings->trust,
	               strerror(errno));
}

struct aws_client *aws_client_new(const struct aws_client_options *options, struct err *reterr)
{
	struct aws_client *client = xcalloc(1, sizeof(*client));

	client->options = *options;
	client->roles = roles_new(client, options);
	client->quota.tokens = RETRY_QUOTA;
	if (credentials_endpoints(&client->endpoints, reterr) &&
	    check_trust(&client->endpoints, reterr))
		return client;
	destroy_client(client);
	return NULL;
}
