#include "worker/cli/instance.h"

#include "common/aws/endpoint.h"
#include "common/base/mem.h"
#include "worker/adapters/http.h"
#include "worker/adapters/loop.h"
#include "worker/aws/credentials.h"
#include "worker/aws/imds.h"

#include "common/base/banned.h"

struct question {
	struct loop *loop;
	char *region; /* owned; NULL: err says why */
	struct err *err;
};

static void on_region(void *ctx, struct span text, const struct err *err)
{
	struct question *question = ctx;
	struct span region = span_trim(text);

	if (err)
		err_set(question->err, err->kind, "%s", err->text);
	else if (!aws_region_is_valid(region))
		err_set(question->err, ERR_BROKEN, "what it answers is no region");
	else
		question->region = xspandup(region);
	loop_stop(question->loop);
}

static char *ask(const struct credential_step *step, struct err *reterr)
{
	struct question question = { .loop = loop_new(), .err = reterr };
	struct http *http = http_new(question.loop, reterr);
	struct imds *imds;

	if (http) {
		imds = imds_new(http, loop_timers(question.loop), step);
		imds_get(imds, IMDS_REGION, on_region, &question);
		loop_run(question.loop);
		imds_free(imds);
	}
	http_free(http);
	loop_free(question.loop);
	return question.region;
}

char *instance_region(struct err *reterr)
{
	struct credential_plan plan;
	char *region = NULL;

	if (credentials_metadata(&plan, reterr))
		region = ask(&plan.steps[0], reterr);
	credential_plan_clear(&plan);
	return region;
}
