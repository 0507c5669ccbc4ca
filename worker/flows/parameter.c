#include "worker/flows/parameter.h"

#include "common/aws/wire_ssm.h"
#include "common/base/mem.h"
#include "worker/flows/build_request.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct asking {
	struct call call; /* first: what the caller holds */
	struct parameter parameter;
	int64_t over, version; /* that is replaced, and that there is then */
	struct call *pending;

	union {
		parameter_read_fn *read;
		parameter_written_fn *written;
	} done;

	void *ctx;
};

static void cancel(struct call *call)
{
	struct asking *asking = (struct asking *)call;

	call_cancel(asking->pending);
	free(asking);
}

static struct asking *asking_new(const struct parameter *parameter, void *ctx)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));

	asking->call.cancel = cancel;
	asking->parameter = *parameter;
	asking->ctx = ctx;
	return asking;
}

static void ask(struct asking *asking, const struct aws_operation *operation, struct buf *body,
                aws_done_fn *done)
{
	const struct parameter *parameter = &asking->parameter;

	asking->pending = build_request_start(
		&(struct build_request){
			.ports = parameter->ports,
			.build = parameter->build,
			.role_arn = parameter->role_arn,
			.operation = operation,
			.region = parameter->region,
			.body = body,
		},
		done, asking);
}

static bool says(const struct aws_answer *answer, const char *code)
{
	return answer && answer->error && strcmp(answer->error->code, code) == 0;
}

/* ---- read ------------------------------------------------------------------------------------ */

static void tell_state(struct asking *asking, const struct parameter_state *state,
                       const struct err *err)
{
	asking->done.read(asking->ctx, err ? NULL : state, err);
	free(asking);
}

/* A 200 may be the page of a proxy, which is gone when it is asked again. */
static bool read_state(struct span body, struct arena *arena, struct parameter_state *ret_state,
                       struct err *reterr)
{
	struct ssm_parameter parameter;

	if (!ssm_get_answer(body, arena, &parameter, reterr)) {
		reterr->kind = ERR_TRANSIENT;
		return false;
	}
	if (parameter.type && strcmp(parameter.type, "String") != 0)
		return err_set(reterr, ERR_REFUSED, "it is a %.40s and no String", parameter.type);
	*ret_state = (struct parameter_state){
		.value = parameter.value,
		.version = parameter.version,
		.late = parameter.data_type && strcmp(parameter.data_type, SSM_IMAGE) == 0,
	};
	return true;
}

/* One that is not there has the value "". */
static bool read_answer(const struct aws_answer *answer, const struct err *err, struct arena *arena,
                        struct parameter_state *ret_state, struct err *reterr)
{
	*ret_state = (struct parameter_state){ .value = "" };
	if (says(answer, "ParameterNotFound"))
		return true;
	if (!err)
		return read_state(answer->body, arena, ret_state, reterr);
	*reterr = *err;
	return false;
}

static void on_read(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = ctx;
	struct parameter_state state;
	struct arena arena = { 0 };
	struct err why = { ERR_NONE, "" };
	bool read = read_answer(answer, err, &arena, &state, &why);

	asking->pending = NULL;
	tell_state(asking, &state, read ? NULL : &why);
	arena_clear(&arena);
}

struct call *parameter_read(const struct parameter *parameter, parameter_read_fn *done, void *ctx)
{
	struct asking *asking = asking_new(parameter, ctx);
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	asking->done.read = done;
	ssm_get_body(parameter->name, false, &body);
	ask(asking, &aws_ssm_get_parameter, &body, on_read);
	return &asking->call;
}

/* ---- write ----------------------------------------------------------------------------------- */

static void log_covered(const struct asking *asking, const struct err *why)
{
	const struct parameter *parameter = &asking->parameter;

	log_event(parameter->ports->log, LOG_WARNING, "parameter_covered",
	          LOG_FIELDS(LOG_TEXT("family", parameter->build->family),
	                     LOG_TEXT("build", parameter->build->token),
	                     LOG_TEXT("parameter", parameter->name),
	                     LOG_TEXT("region", parameter->region), LOG_TEXT("error", why->text)));
}

/* What was created meanwhile, maybe by a request whose answer was lost, is to be read again. */
static bool take_version(struct asking *asking, const struct aws_answer *answer,
                         const struct err *err, struct err *reterr)
{
	if (says(answer, "ParameterAlreadyExists"))
		return err_set(reterr, ERR_TRANSIENT, "it was created meanwhile");
	if (err) {
		*reterr = *err;
		return false;
	}
	if (ssm_put_answer_after(answer->body, asking->over, &asking->version, reterr) ||
	    asking->version)
		return true;
	reterr->kind = ERR_TRANSIENT;
	return false;
}

static void on_written(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = ctx;
	struct err why = { ERR_NONE, "" };
	bool written = take_version(asking, answer, err, &why);

	asking->pending = NULL;
	if (written && why.kind)
		log_covered(asking, &why);
	asking->done.written(asking->ctx, asking->version, written ? NULL : &why);
	free(asking);
}

struct call *parameter_write(const struct parameter_write *write, parameter_written_fn *done,
                             void *ctx)
{
	struct asking *asking = asking_new(write->parameter, ctx);
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	asking->done.written = done;
	asking->over = write->over->version;
	ssm_put_body(
		&(struct ssm_put){
			.name = write->parameter->name,
			.value = write->value,
			.data_type = write->over->late ? SSM_IMAGE : SSM_TEXT,
			.overwrite = write->over->version != 0,
		},
		&body);
	ask(asking, &aws_ssm_put_parameter, &body, on_written);
	return &asking->call;
}
