#include "worker/aws/imds.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define SESSION_S "21600" /* the longest there is */
#define RENEW_MS  (21000 * INT64_C(1000))
#define FOUND     200
#define DENIED    401
#define NOWHERE   404

struct imds {
	struct http *http;
	struct timers *timers;
	const struct credential_step *step;
	struct secret session;  /* unset: none yet, or refused */
	int64_t session_end_ms; /* steady */
};

struct question {
	struct call call;     /* first: what who asks holds */
	struct call *pending; /* one request at a time */
	struct imds *imds;
	char *path;       /* owned */
	int attempts;     /* of the present request */
	int64_t asked_ms; /* steady: the last of them */
	bool denied;      /* the session was refused once */
	imds_done_fn *done;
	void *ctx;
};

static void go_on(struct question *question);

/* ---- The end, or another attempt ------------------------------------------------------------- */

static void destroy(struct question *question)
{
	free(question->path);
	free(question);
}

static void cancel(struct call *call)
{
	struct question *question = (struct question *)call;

	call_cancel(question->pending);
	destroy(question);
}

static void end(struct question *question, struct span text, const struct err *err)
{
	question->done(question->ctx, text, err);
	destroy(question);
}

static void fail(struct question *question, const struct err *err)
{
	end(question, SPAN_NONE, err);
}

static void next(struct question *question)
{
	question->attempts = 0;
	go_on(question);
}

static void consider(struct question *question, const struct err *err)
{
	if (err->kind == ERR_TRANSIENT && question->attempts < question->imds->step->imds_attempts)
		go_on(question);
	else
		fail(question, err);
}

static enum err_kind kind_of(int status)
{
	if (status == NOWHERE)
		return ERR_REFUSED;
	return status / 100 == 5 ? ERR_TRANSIENT : ERR_BROKEN;
}

/* False: it is no answer to go on with, and the question was ended or begun again. */
static bool check(struct question *question, const struct http_answer *answer,
                  const struct err *err)
{
	struct err why;

	if (!answer) {
		consider(question, err);
		return false;
	}
	if (answer->status == FOUND)
		return true;
	if (answer->status == DENIED && !question->denied) {
		question->denied = true;
		secret_clear(&question->imds->session);
		next(question);
		return false;
	}
	err_set(&why, kind_of(answer->status), "status %d", answer->status);
	consider(question, &why);
	return false;
}

/* ---- A session, and what is asked in it ------------------------------------------------------ */

static void request(struct question *question, struct http_request *request, const char *path,
                    http_done_fn *done)
{
	const struct credential_step *step = question->imds->step;
	char url[LIMIT_URL];

	snprintf(url, sizeof(url), "%s%s", step->imds_endpoint, path);
	request->url = url;
	request->timeout_ms = step->imds_timeout_ms;
	request->max_answer = LIMIT_CREDENTIAL_ANSWER;
	request->allow_http = true;
	request->no_proxy = true;
	question->attempts++;
	question->asked_ms = question->imds->timers->steady_ms(question->imds->timers);
	question->pending = http_start(question->imds->http, request, done, question);
}

/* Half the time is enough to tell: whoever refuses does so at once. */
static bool was_silent(const struct question *question)
{
	struct timers *timers = question->imds->timers;
	int64_t took_ms = timers->steady_ms(timers) - question->asked_ms;

	return took_ms > question->imds->step->imds_timeout_ms / 2;
}

static void on_session(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct question *question = ctx;
	struct imds *imds = question->imds;
	struct err why;

	question->pending = NULL;
	if (!answer && was_silent(question)) { /* its answer may have died on the last hop */
		err_set(&why, err->kind,
		        "%.150s; in a container, the instance's "
		        "metadata hop limit has to be 2",
		        err->text);
		err = &why;
	}
	if (!check(question, answer, err))
		return;
	if (!answer->body.len || text_has_control(answer->body)) {
		err_set(&why, ERR_BROKEN, "what it answers is no session token");
		fail(question, &why);
		return;
	}
	imds->session = secret_of(answer->body);
	imds->session_end_ms = imds->timers->steady_ms(imds->timers) + RENEW_MS;
	next(question);
}

static void ask_session(struct question *question)
{
	secret_clear(&question->imds->session);
	request(question,
	        &(struct http_request){
			.method = "PUT",
			.headers = { "X-aws-ec2-metadata-token-ttl-seconds: " SESSION_S } },
	        "/latest/api/token", on_session);
}

static void on_text(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct question *question = ctx;

	question->pending = NULL;
	if (check(question, answer, err))
		end(question, answer->body, NULL);
}

static void ask_in_session(struct question *question)
{
	struct span session = secret_reveal(&question->imds->session);
	struct buf line = buf_with_max(session.len + sizeof("X-aws-ec2-metadata-token: ") + 1);

	buf_reserve(&line, line.max);
	buf_addf(&line, "X-aws-ec2-metadata-token: %.*s", SPAN_ARG(session));
	request(question, &(struct http_request){ .method = "GET", .headers = { buf_text(&line) } },
	        question->path, on_text);
	buf_wipe(&line);
}

static void go_on(struct question *question)
{
	struct imds *imds = question->imds;

	if (!secret_is_set(&imds->session) ||
	    imds->timers->steady_ms(imds->timers) >= imds->session_end_ms)
		ask_session(question);
	else
		ask_in_session(question);
}

struct call *imds_get(struct imds *imds, const char *path, imds_done_fn *done, void *ctx)
{
	struct question *question = xcalloc(1, sizeof(*question));

	question->call.cancel = cancel;
	question->imds = imds;
	question->path = xstrdup(path);
	question->done = done;
	question->ctx = ctx;
	go_on(question);
	return &question->call;
}

/* ---- Life ------------------------------------------------------------------------------------ */

struct imds *imds_new(struct http *http, struct timers *timers, const struct credential_step *step)
{
	struct imds *imds = xcalloc(1, sizeof(*imds));

	*imds = (struct imds){ .http = http, .timers = timers, .step = step };
	return imds;
}

void imds_free(struct imds *imds)
{
	if (!imds)
		return;
	secret_clear(&imds->session);
	free(imds);
}
