#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define SESSION_S "21600" /* the longest there is */
#define RENEW_MS  (21000 * INT64_C(1000))
#define ROLES     "/latest/meta-data/iam/security-credentials/"
#define FOUND     200
#define DENIED    401
#define NOWHERE   404
#define NAMES     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-"

/* Version 2 alone: whoever makes the worker send a GET somewhere must not get at its keys. */
struct imds {
	struct credentials_provider provider; /* first: what who asks holds */
	const struct credential_step *step;
	struct credential_tools tools;
	struct secret session;  /* unset: none yet, or refused */
	int64_t session_end_ms; /* steady */
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	struct imds *imds;
	char role[65]; /* "": not yet known */
	int attempts;  /* of the present request */
	bool denied;   /* the session was refused once */
};

static void go_on(void *ctx);

/* ---- The end, or another attempt ------------------------------------------------------------- */

static void fail(struct fetch *fetch, const struct err *err)
{
	credential_question_fail(&fetch->question, fetch->imds->step, err);
}

static void next(struct fetch *fetch)
{
	fetch->attempts = 0;
	go_on(fetch);
}

static void consider(struct fetch *fetch, const struct err *err)
{
	if (err->kind == ERR_TRANSIENT && fetch->attempts < fetch->imds->step->imds_attempts)
		go_on(fetch);
	else
		fail(fetch, err);
}

/* False: it is no answer to go on with, and the fetch was ended or begun again. */
static bool check(struct fetch *fetch, const struct http_answer *answer, const struct err *err)
{
	struct err why;

	fetch->question.pending = NULL;
	if (!answer) {
		consider(fetch, err);
		return false;
	}
	if (answer->status == FOUND)
		return true;
	if (answer->status == DENIED && !fetch->denied) {
		fetch->denied = true;
		secret_clear(&fetch->imds->session);
		next(fetch);
		return false;
	}
	err_set(&why, answer->status / 100 == 5 ? ERR_TRANSIENT : ERR_BROKEN, "status %d%s",
	        answer->status, answer->status == NOWHERE ? ": no role is there" : "");
	consider(fetch, &why);
	return false;
}

/* ---- Three requests -------------------------------------------------------------------------- */

static void request(struct fetch *fetch, struct http_request *request, const char *path,
                    http_done_fn *done)
{
	const struct credential_step *step = fetch->imds->step;
	char url[LIMIT_URL];

	snprintf(url, sizeof(url), "%s%s", step->imds_endpoint, path);
	request->url = url;
	request->timeout_ms = step->imds_timeout_ms;
	request->max_answer = LIMIT_CREDENTIAL_ANSWER;
	request->allow_http = true;
	request->no_proxy = true;
	fetch->attempts++;
	fetch->question.pending = http_start(fetch->imds->tools.http, request, done, fetch);
}

static void on_session(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct imds *imds = fetch->imds;
	struct timers *timers = imds->tools.timers;
	struct err why;

	if (!answer) {
		why = *err;
		snprintf(why.text, sizeof(why.text),
		         "%.150s; in a container, the instance's "
		         "metadata hop limit has to be 2",
		         err->text);
		err = &why;
	}
	if (!check(fetch, answer, err))
		return;
	if (!answer->body.len || text_has_control(answer->body)) {
		err_set(&why, ERR_BROKEN, "what it answers is no session token");
		fail(fetch, &why);
		return;
	}
	imds->session = secret_of(answer->body);
	imds->session_end_ms = timers->steady_ms(timers) + RENEW_MS;
	next(fetch);
}

static void ask_session(struct fetch *fetch)
{
	secret_clear(&fetch->imds->session);
	request(fetch,
	        &(struct http_request){
			.method = "PUT",
			.headers = { "X-aws-ec2-metadata-token-ttl-seconds: " SESSION_S } },
	        "/latest/api/token", on_session);
}

static void ask_with_session(struct fetch *fetch, const char *path, http_done_fn *done)
{
	struct span session = secret_reveal(&fetch->imds->session);
	struct buf line = buf_with_max(session.len + sizeof("X-aws-ec2-metadata-token: ") + 1);

	buf_reserve(&line, line.max);
	buf_addf(&line, "X-aws-ec2-metadata-token: %.*s", SPAN_ARG(session));
	request(fetch, &(struct http_request){ .method = "GET", .headers = { buf_text(&line) } },
	        path, done);
	buf_wipe(&line);
}

static void on_role(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct span body, role;
	struct err why;

	if (!check(fetch, answer, err))
		return;
	body = answer->body;
	role = span_trim(span_cut(&body, '\n'));
	if (!role.len || role.len >= sizeof(fetch->role) || !span_only(role, NAMES)) {
		err_set(&why, ERR_BROKEN, "what it answers is no name of a role");
		fail(fetch, &why);
		return;
	}
	snprintf(fetch->role, sizeof(fetch->role), "%.*s", SPAN_ARG(role));
	next(fetch);
}

static void on_keys(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct credentials credentials;
	struct err why;

	if (!check(fetch, answer, err))
		return;
	if (credential_answer_read(answer->body, fetch->imds->step, &credentials, &why))
		credential_question_give(&fetch->question, &credentials);
	else
		fail(fetch, &why);
}

static void go_on(void *ctx)
{
	struct fetch *fetch = ctx;
	struct imds *imds = fetch->imds;
	struct timers *timers = imds->tools.timers;
	char path[sizeof(ROLES) + sizeof(fetch->role)];

	fetch->question.pending = NULL;
	snprintf(path, sizeof(path), ROLES "%s", fetch->role);
	if (!secret_is_set(&imds->session) || timers->steady_ms(timers) >= imds->session_end_ms)
		ask_session(fetch);
	else
		ask_with_session(fetch, path, fetch->role[0] ? on_keys : on_role);
}

/* ---- The provider ---------------------------------------------------------------------------- */

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);
	struct timers *timers = ((struct imds *)provider)->tools.timers;

	fetch->imds = (struct imds *)provider;
	fetch->question.pending = timers->after(timers, 0, go_on, fetch);
	return &fetch->question.call;
}

static void expired(struct credentials_provider *provider)
{
	(void)provider;
}

static void destroy(struct credentials_provider *provider)
{
	secret_clear(&((struct imds *)provider)->session);
	free(provider);
}

struct credentials_provider *credentials_imds(const struct credential_tools *tools,
                                              const struct credential_step *step)
{
	struct imds *imds = xcalloc(1, sizeof(*imds));

	imds->provider = (struct credentials_provider){ get, expired, destroy };
	imds->step = step;
	imds->tools = *tools;
	return &imds->provider;
}
