#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define TIMEOUT_MS 2000
#define ATTEMPTS   3
#define PAUSE_MS   1000
#define FOUND      200

struct container {
	struct credentials_provider provider; /* first: what who asks holds */
	const struct credential_step *step;
	struct credential_tools tools;
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	struct container *container;
	int attempts;
};

static void try_once(void *ctx);

static void consider(struct fetch *fetch, const struct err *err)
{
	struct container *container = fetch->container;
	struct timers *timers = container->tools.timers;

	if (fetch->attempts < ATTEMPTS)
		fetch->question.pending = timers->after(timers, PAUSE_MS, try_once, fetch);
	else
		credential_question_fail(&fetch->question, container->step, err);
}

static void on_answer(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct credentials credentials;
	struct err why;

	fetch->question.pending = NULL;
	if (!answer)
		why = *err;
	else if (answer->status != FOUND)
		err_set(&why, ERR_TRANSIENT, "status %d", answer->status);
	else if (credential_answer_read(answer->body, fetch->container->step, &credentials, &why)) {
		credential_question_give(&fetch->question, &credentials);
		return;
	}
	consider(fetch, &why);
}

/* The file first, and anew each time: EKS writes another token into it every few hours. */
static bool read_token(const struct credential_step *step, struct secret *ret_token,
                       struct err *reterr)
{
	if (step->token_file)
		return credential_token_read(step->token_file, ret_token, reterr);
	*ret_token = secret_copy(&step->token);
	if (text_has_control(secret_reveal(ret_token)))
		return err_set(reterr, ERR_BROKEN, "the token holds a control character");
	return true;
}

static void ask(struct fetch *fetch, const struct secret *token)
{
	struct container *container = fetch->container;
	struct span authorization = secret_reveal(token);
	struct buf line = buf_with_max(authorization.len + sizeof("Authorization: ") + 1);
	struct http_request request = { .method = "GET",
		                        .url = container->step->uri,
		                        .headers = { "Accept: application/json" },
		                        .timeout_ms = TIMEOUT_MS,
		                        .max_answer = LIMIT_CREDENTIAL_ANSWER,
		                        .allow_http = true,
		                        .no_proxy = true };

	if (authorization.len) {
		buf_reserve(&line, line.max);
		buf_addf(&line, "Authorization: %.*s", SPAN_ARG(authorization));
		request.headers[1] = buf_text(&line);
	}
	fetch->question.pending = http_start(container->tools.http, &request, on_answer, fetch);
	buf_wipe(&line);
}

static void try_once(void *ctx)
{
	struct fetch *fetch = ctx;
	struct secret token = { 0 };
	struct err err;

	fetch->question.pending = NULL;
	fetch->attempts++;
	if (read_token(fetch->container->step, &token, &err))
		ask(fetch, &token);
	else
		credential_question_fail(&fetch->question, fetch->container->step, &err);
	secret_clear(&token);
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);

	fetch->container = (struct container *)provider;
	fetch->question.pending = fetch->container->tools.timers->after(
		fetch->container->tools.timers, 0, try_once, fetch);
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

struct credentials_provider *credentials_container(const struct credential_tools *tools,
                                                   const struct credential_step *step)
{
	struct container *container = xcalloc(1, sizeof(*container));

	container->provider = (struct credentials_provider){ get, expired, destroy };
	container->step = step;
	container->tools = *tools;
	return &container->provider;
}
