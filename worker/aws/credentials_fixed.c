#include "common/base/mem.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <stdlib.h>

#include "common/base/banned.h"

struct fixed {
	struct credentials_provider provider; /* first: what who asks holds */
	const struct credential_step *step;
	struct credential_tools tools;
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	const struct credential_step *step;
};

static void give(void *ctx)
{
	struct fetch *fetch = ctx;
	const struct credential_step *step = fetch->step;
	struct credentials credentials = {
		.access_key_id = xstrdup(step->access_key_id),
		.secret_access_key = secret_copy(&step->secret_access_key),
		.session_token = secret_copy(&step->session_token),
		.source = xstrdup(step->where),
		.expires_ms = step->expires_ms,
	};

	credential_question_give(&fetch->question, &credentials);
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fixed *fixed = (struct fixed *)provider;
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);

	fetch->step = fixed->step;
	fetch->question.pending = fixed->tools.timers->after(fixed->tools.timers, 0, give, fetch);
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

struct credentials_provider *credentials_fixed(const struct credential_tools *tools,
                                               const struct credential_step *step)
{
	struct fixed *fixed = xcalloc(1, sizeof(*fixed));

	fixed->provider = (struct credentials_provider){ get, expired, destroy };
	fixed->step = step;
	fixed->tools = *tools;
	return &fixed->provider;
}
