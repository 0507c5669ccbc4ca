#include "common/aws/operation.h"
#include "common/aws/wire_sts.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/aws/client.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

struct role {
	struct credentials_provider provider; /* first: what who asks holds */
	struct credentials_provider *base;    /* owned; NULL: by web identity */
	const struct credential_step *step;
	struct credential_tools tools;
	char made_up_name[40];
	char *region; /* owned */
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	struct role *role;
};

typedef bool sts_answer_fn(struct span xml, struct arena *arena,
                           struct sts_credentials *ret_credentials, struct err *reterr);

static bool read_answer(const struct role *role, struct span xml,
                        struct credentials *ret_credentials, struct err *reterr)
{
	sts_answer_fn *read = role->base ? sts_assume_role_answer : sts_web_identity_answer;
	struct sts_credentials got = { 0 };
	struct arena arena = { 0 };
	bool fine = read(xml, &arena, &got, reterr);

	if (fine)
		*ret_credentials = (struct credentials){
			.access_key_id = xstrdup(got.access_key_id),
			.secret_access_key = secret_copy(&got.secret_access_key),
			.session_token = secret_copy(&got.session_token),
			.source = xstrdup(role->step->where),
			.expires_ms = got.expires_ms,
		};
	sts_credentials_clear(&got);
	arena_clear(&arena);
	return fine;
}

static void on_answer(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct credentials credentials;
	struct err why;

	fetch->question.pending = NULL;
	if (err)
		credential_question_fail(&fetch->question, fetch->role->step, err);
	else if (read_answer(fetch->role, answer->body, &credentials, &why))
		credential_question_give(&fetch->question, &credentials);
	else
		credential_question_fail(&fetch->question, fetch->role->step, &why);
}

/* The token is read at every fetch: EKS writes another one every few hours. */
static bool write_body(const struct role *role, struct buf *body, struct err *reterr)
{
	const struct credential_step *step = role->step;
	struct sts_role wanted = {
		.role_arn = step->role_arn,
		.session_name = step->session_name ? step->session_name : role->made_up_name,
		.external_id = step->external_id,
		.duration_s = step->duration_s,
	};
	struct secret token = { 0 };

	if (role->base) {
		sts_assume_role_body(&wanted, body);
		return true;
	}
	if (!credential_token_read(step->token_file, &token, reterr))
		return false;
	sts_web_identity_body(&wanted, &token, body);
	secret_clear(&token);
	return true;
}

static void ask(void *ctx)
{
	struct fetch *fetch = ctx;
	struct role *role = fetch->role;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	struct aws_request request = {
		.operation = role->base ? &aws_sts_assume_role
		                        : &aws_sts_assume_role_with_web_identity,
		.region = role->region,
		.credentials = role->base,
	};
	struct err err;

	fetch->question.pending = NULL;
	if (write_body(role, &body, &err)) {
		request.body = buf_span(&body);
		fetch->question.pending = aws_start(role->tools.client, &request, on_answer, fetch);
	} else {
		credential_question_fail(&fetch->question, role->step, &err);
	}
	buf_wipe(&body);
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);
	struct timers *timers = ((struct role *)provider)->tools.timers;

	fetch->role = (struct role *)provider;
	fetch->question.pending = timers->after(timers, 0, ask, fetch);
	return &fetch->question.call;
}

static void expired(struct credentials_provider *provider)
{
	(void)provider; /* its base is told so by the call to STS that they do not work for */
}

static void destroy(struct credentials_provider *provider)
{
	struct role *role = (struct role *)provider;

	if (role->base)
		role->base->free(role->base);
	free(role->region);
	free(role);
}

static struct role *new_role(const struct credential_tools *tools,
                             const struct credential_step *step)
{
	struct role *role = xcalloc(1, sizeof(*role));
	struct timers *timers = tools->timers;

	role->provider = (struct credentials_provider){ get, expired, destroy };
	role->step = step;
	role->tools = *tools;
	role->region = xstrdup(tools->region);
	snprintf(role->made_up_name, sizeof(role->made_up_name), "evergold-%" PRId64,
	         timers->now_ms(timers) / 1000);
	return role;
}

struct credentials_provider *credentials_role(const struct credential_tools *tools,
                                              const struct credential_step *step,
                                              struct credentials_provider *base)
{
	struct role *role = new_role(tools, step);

	role->base = base;
	return &role->provider;
}

struct credentials_provider *credentials_web_identity(const struct credential_tools *tools,
                                                      const struct credential_step *step)
{
	return &new_role(tools, step)->provider;
}
