#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/adapters/process.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define TIMEOUT_MS 60000 /* as long as the AWS CLI's helpers may take to ask over the network */

struct from_process {
	struct credentials_provider provider; /* first: what who asks holds */
	const struct credential_step *step;
	struct credential_tools tools;
};

struct fetch {
	struct credential_question question; /* first: what who asks holds */
	struct from_process *from;
};

static void on_output(void *ctx, struct span output, const struct err *err)
{
	struct fetch *fetch = ctx;
	const struct credential_step *step = fetch->from->step;
	struct credentials credentials;
	struct err why;

	fetch->question.pending = NULL;
	if (err) {
		credential_question_fail(&fetch->question, step, err);
	} else if (!credential_answer_read(output, step, &credentials, &why)) {
		err_wrap(&why, "%s", step->argv[0]);
		credential_question_fail(&fetch->question, step, &why);
	} else {
		credential_question_give(&fetch->question, &credentials);
	}
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct fetch *fetch = credential_question_new(sizeof(*fetch), done, ctx);

	fetch->from = (struct from_process *)provider;
	fetch->question.pending = process_start(
		fetch->from->tools.loop,
		&(struct process_request){ .argv = fetch->from->step->argv,
	                                   .timeout_ms = TIMEOUT_MS,
	                                   .max_output = LIMIT_CREDENTIAL_ANSWER },
		on_output, fetch);
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

struct credentials_provider *credentials_process(const struct credential_tools *tools,
                                                 const struct credential_step *step)
{
	struct from_process *from = xcalloc(1, sizeof(*from));

	from->provider = (struct credentials_provider){ get, expired, destroy };
	from->step = step;
	from->tools = *tools;
	return &from->provider;
}
