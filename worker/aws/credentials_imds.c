#include "common/base/mem.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"
#include "worker/aws/imds.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define NAMES        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-"
#define LONGEST_ROLE 64

struct source {
	struct credentials_provider provider; /* first: what who asks holds */
	const struct credential_step *step;
	struct imds *imds;
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	struct source *source;
};

static void fail(struct fetch *fetch, const struct err *err)
{
	struct err why = *err;

	if (err->kind == ERR_REFUSED)
		err_set(&why, ERR_BROKEN, "%s: no role is there", err->text);
	credential_question_fail(&fetch->question, fetch->source->step, &why);
}

static void on_keys(void *ctx, struct span json, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct credentials credentials;
	struct err why;

	fetch->question.pending = NULL;
	if (err)
		fail(fetch, err);
	else if (credential_answer_read(json, fetch->source->step, &credentials, &why))
		credential_question_give(&fetch->question, &credentials);
	else
		fail(fetch, &why);
}

static void ask_keys(struct fetch *fetch, struct span role)
{
	char path[sizeof(IMDS_ROLES) + LONGEST_ROLE];

	snprintf(path, sizeof(path), IMDS_ROLES "%.*s", SPAN_ARG(role));
	fetch->question.pending = imds_get(fetch->source->imds, path, on_keys, fetch);
}

static void on_role(void *ctx, struct span text, const struct err *err)
{
	struct fetch *fetch = ctx;
	struct span role = span_trim(span_cut(&text, '\n'));
	struct err why;

	fetch->question.pending = NULL;
	if (err) {
		fail(fetch, err);
	} else if (!role.len || role.len > LONGEST_ROLE || !span_only(role, NAMES)) {
		err_set(&why, ERR_BROKEN, "what it answers is no name of a role");
		fail(fetch, &why);
	} else {
		ask_keys(fetch, role);
	}
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);

	fetch->source = (struct source *)provider;
	fetch->question.pending = imds_get(fetch->source->imds, IMDS_ROLES, on_role, fetch);
	return &fetch->question.call;
}

static void expired(struct credentials_provider *provider)
{
	(void)provider;
}

static void destroy(struct credentials_provider *provider)
{
	imds_free(((struct source *)provider)->imds);
	free(provider);
}

struct credentials_provider *credentials_imds(const struct credential_tools *tools,
                                              const struct credential_step *step)
{
	struct source *source = xcalloc(1, sizeof(*source));

	source->provider = (struct credentials_provider){ get, expired, destroy };
	source->step = step;
	source->imds = imds_new(tools->http, tools->timers, step);
	return &source->provider;
}
