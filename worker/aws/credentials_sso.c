#include "common/aws/credential_answer.h"
#include "common/aws/endpoint_settings.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/adapters/file.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define TIMEOUT_MS 10000
#define FOUND      200
#define DENIED     401
#define BEARER     "x-amz-sso_bearer_token: "
#define PLAIN      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

struct sso {
	struct credentials_provider provider; /* first: what who asks holds */
	const struct credential_step *step;
	struct credential_tools tools;
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	struct sso *sso;
};

/* ---- The token that `aws sso login` left ----------------------------------------------------- */

static bool must_log_in(const struct sso *sso, const char *what, struct err *reterr)
{
	return err_set(reterr, ERR_BROKEN, "%s: run \"%s\"", what, sso->step->sso_login_hint);
}

static bool read_login(const struct sso *sso, struct span json, struct secret *ret_token,
                       struct err *reterr)
{
	struct timers *timers = sso->tools.timers;
	struct credential_login login;
	bool fine = true;

	if (!credential_login_parse(json, &login))
		fine = must_log_in(sso, "the login cannot be read", reterr);
	else if (login.expires_ms <= timers->now_ms(timers))
		fine = must_log_in(sso, "the login has expired", reterr);
	else
		*ret_token = secret_of(login.token);
	credential_login_clear(&login);
	return fine;
}

static bool read_token(const struct sso *sso, struct secret *ret_token, struct err *reterr)
{
	struct buf path = buf_with_max(LIMIT_PATH), text = buf_with_max(LIMIT_CREDENTIAL_TOKEN);
	const char *home = sso->tools.home ? sso->tools.home : "";
	bool fine;

	buf_addf(&path, "%s/.aws/sso/cache/%s", home, sso->step->sso_cache_name);
	buf_reserve(&text, LIMIT_CREDENTIAL_TOKEN);
	fine = file_read_at_once(buf_text(&path), &text, NULL) ||
	       must_log_in(sso, "nobody has logged in", reterr);
	fine = fine && read_login(sso, buf_span(&text), ret_token, reterr);
	buf_wipe(&text);
	buf_clear(&path);
	return fine;
}

/* ---- The portal ------------------------------------------------------------------------------ */

static void on_answer(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct fetch *fetch = ctx;
	const struct sso *sso = fetch->sso;
	struct credentials credentials;
	struct err why;

	fetch->question.pending = NULL;
	if (!answer)
		why = *err;
	else if (answer->status == DENIED)
		must_log_in(sso, "the login is not valid any more", &why);
	else if (answer->status != FOUND)
		err_set(&why, answer->status / 100 == 5 ? ERR_TRANSIENT : ERR_BROKEN,
		        "the portal answers with status %d", answer->status);
	else if (credential_answer_read(answer->body, sso->step, &credentials, &why)) {
		credential_question_give(&fetch->question, &credentials);
		return;
	}
	credential_question_fail(&fetch->question, sso->step, &why);
}

/* Names of roles may hold what means something else in a query (RFC 3986). */
static void add_encoded(struct buf *url, const char *text)
{
	for (; *text; text++) {
		if (span_only((struct span){ text, 1 }, PLAIN))
			buf_add_char(url, *text);
		else
			buf_addf(url, "%%%02X", (unsigned char)*text);
	}
}

static void add_url(const struct sso *sso, struct buf *url)
{
	const struct aws_endpoint_settings *endpoints = sso->tools.endpoints;
	const struct credential_step *step = sso->step;

	if (endpoints->origins[AWS_SSO])
		buf_add_text(url, endpoints->origins[AWS_SSO]);
	else
		aws_endpoint_url(AWS_SSO, span_of(step->sso_region), endpoints->variant, url);
	buf_add_text(url, "/federation/credentials?role_name=");
	add_encoded(url, step->sso_role_name);
	buf_add_text(url, "&account_id=");
	add_encoded(url, step->sso_account_id);
}

static void ask(struct fetch *fetch, const struct secret *token)
{
	const struct sso *sso = fetch->sso;
	struct span bearer = secret_reveal(token);
	struct buf url = buf_with_max(LIMIT_URL);
	struct buf line = buf_with_max(bearer.len + sizeof(BEARER));
	struct http_request request = { .method = "GET",
		                        .timeout_ms = TIMEOUT_MS,
		                        .max_answer = LIMIT_CREDENTIAL_ANSWER,
		                        .allow_http = sso->tools.endpoints->origins[AWS_SSO],
		                        .trust = sso->tools.endpoints->trust };

	add_url(sso, &url);
	buf_reserve(&line, line.max);
	buf_addf(&line, BEARER "%.*s", SPAN_ARG(bearer));
	request.url = buf_text(&url);
	request.headers[0] = buf_text(&line);
	fetch->question.pending = http_start(sso->tools.http, &request, on_answer, fetch);
	buf_wipe(&line);
	buf_clear(&url);
}

static void begin(void *ctx)
{
	struct fetch *fetch = ctx;
	struct secret token = { 0 };
	struct err err;

	fetch->question.pending = NULL;
	if (read_token(fetch->sso, &token, &err))
		ask(fetch, &token);
	else
		credential_question_fail(&fetch->question, fetch->sso->step, &err);
	secret_clear(&token);
}

/* ---- The provider ---------------------------------------------------------------------------- */

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);
	struct timers *timers = ((struct sso *)provider)->tools.timers;

	fetch->sso = (struct sso *)provider;
	fetch->question.pending = timers->after(timers, 0, begin, fetch);
	return &fetch->question.call;
}

static void expired(struct credentials_provider *provider)
{
	(void)provider;
}

static void destroy(struct credentials_provider *provider)
{
	free(provider);
}

struct credentials_provider *credentials_sso(const struct credential_tools *tools,
                                             const struct credential_step *step)
{
	struct sso *sso = xcalloc(1, sizeof(*sso));

	sso->provider = (struct credentials_provider){ get, expired, destroy };
	sso->step = step;
	sso->tools = *tools;
	return &sso->provider;
}
