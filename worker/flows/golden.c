#include "worker/flows/golden.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/flows/build_request.h"
#include "worker/flows/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

struct moving {
	struct call call; /* first: what the caller holds */
	struct golden_step step;
	struct parameter_state holds; /* what the parameter did when it was read */
	struct arena arena;
	struct call *pending;
	golden_done_fn *done;
	void *ctx;
};

/* ---- the end --------------------------------------------------------------------------------- */

static void release(struct moving *moving)
{
	arena_clear(&moving->arena);
	free(moving);
}

static void cancel(struct call *call)
{
	struct moving *moving = (struct moving *)call;

	call_cancel(moving->pending);
	release(moving);
}

static void tell(struct moving *moving, const struct err *err)
{
	moving->pending = NULL;
	moving->done(moving->ctx, err ? NULL : &moving->step.move, err);
	release(moving);
}

static void on_saved(void *ctx, const struct err *err)
{
	tell(ctx, err);
}

static void log_move(const struct moving *moving, enum log_level level, const char *event,
                     const char *error)
{
	const struct golden_move *move = &moving->step.move;
	const struct build *build = moving->step.build;

	log_event(moving->step.ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("family", build->family), LOG_TEXT("build", build->token),
	                     LOG_TEXT("parameter", move->name), LOG_TEXT("region", move->region),
	                     LOG_TEXT("golden_ami", move->value),
	                     LOG_TEXT("previous", move->previous), LOG_TEXT("error", error)));
}

static void save(struct moving *moving, enum golden_state state)
{
	struct ledger *ledger = moving->step.ports->ledger;

	moving->step.move.state = state;
	moving->step.move.at_ms = ports_now_ms(moving->step.ports);
	moving->pending = ledger->golden_save(ledger, &moving->step.move, on_saved, moving);
}

static void written(struct moving *moving, int64_t version)
{
	moving->step.move.version = version;
	moving->step.move.detail = NULL;
	log_move(moving, LOG_INFO, "golden_written", NULL);
	save(moving, GOLDEN_WRITTEN);
}

static void leave(struct moving *moving, const char *why)
{
	moving->step.move.detail = arena_text(&moving->arena, span_of(why));
	log_move(moving, LOG_WARNING, "golden_left", why);
	save(moving, GOLDEN_LEFT);
}

static void wait(struct moving *moving, const char *why)
{
	if (moving->step.last) {
		leave(moving, why);
		return;
	}
	log_move(moving, LOG_INFO, "golden_waits", why);
	moving->step.move.detail = arena_text(&moving->arena, span_of(why));
	save(moving, GOLDEN_WAITING);
}

static void failed(struct moving *moving, const struct err *err)
{
	moving->step.move.refused = err->kind == ERR_BROKEN;
	if (moving->step.move.refused || err->kind == ERR_TRANSIENT)
		wait(moving, err->text);
	else
		leave(moving, err->text);
}

/* ---- the parameter --------------------------------------------------------------------------- */

static struct parameter parameter_of(const struct moving *moving)
{
	return (struct parameter){
		.ports = moving->step.ports,
		.build = moving->step.build,
		.name = moving->step.move.name,
		.region = moving->step.move.region,
		.role_arn = moving->step.move.role_arn,
	};
}

static void on_put(void *ctx, int64_t version, const struct err *err)
{
	struct moving *moving = ctx;

	moving->pending = NULL;
	if (err)
		failed(moving, err);
	else if (moving->holds.late)
		wait(moving, "EC2 has not let it in yet");
	else
		written(moving, version);
}

static void put(struct moving *moving)
{
	struct parameter parameter = parameter_of(moving);

	moving->pending = parameter_write(
		&(struct parameter_write){
			.parameter = &parameter,
			.over = &moving->holds,
			.value = moving->step.move.value,
		},
		on_put, moving);
}

static void on_claim(void *ctx, enum golden_claim claim, const struct err *err)
{
	struct moving *moving = ctx;

	moving->pending = NULL;
	if (err) {
		tell(moving, err);
	} else if (claim == GOLDEN_NEWER) {
		leave(moving, "it names a newer golden AMI");
	} else if (claim == GOLDEN_TAINTED) {
		leave(moving, "its base is in quarantine, or was taken back");
	} else if (claim == GOLDEN_BUSY) {
		wait(moving, "another build is about to write it");
	} else {
		moving->step.move.previous = moving->holds.value;
		put(moving);
	}
}

static void claim(struct moving *moving)
{
	struct ledger *ledger = moving->step.ports->ledger;

	moving->pending = ledger->golden_claim(ledger,
	                                       &(struct ledger_claim){
						       .build = moving->step.build,
						       .move = &moving->step.move,
						       .holds = moving->holds.value,
					       },
	                                       on_claim, moving);
}

static const char *meanwhile(struct moving *moving)
{
	const char *value = moving->holds.value;

	return *value ? arena_printf(&moving->arena, "somebody wrote %.100s meanwhile", value)
	              : "somebody has removed it meanwhile";
}

static void on_read(void *ctx, const struct parameter_state *state, const struct err *err)
{
	struct moving *moving = ctx;
	const struct golden_move *move = &moving->step.move;

	moving->pending = NULL;
	if (err) {
		failed(moving, err);
		return;
	}
	moving->holds = *state;
	moving->holds.value = arena_text(&moving->arena, span_of(state->value));
	if (strcmp(state->value, move->value) == 0)
		written(moving, state->version);
	else if (!move->previous)
		claim(moving);
	else if (strcmp(state->value, move->previous) == 0)
		put(moving);
	else
		leave(moving, meanwhile(moving));
}

static void read_parameter(struct moving *moving)
{
	struct parameter parameter = parameter_of(moving);

	moving->pending = parameter_read(&parameter, on_read, moving);
}

/* ---- EC2: is it there? ----------------------------------------------------------------------- */

static void judge(struct moving *moving, const struct ec2_image *image)
{
	const char *state = image ? image->state : "not there";
	const char *found = arena_printf(&moving->arena, "%s is %.40s", moving->step.move.value,
	                                 state);

	switch (golden_judge(image)) {
	case GOLDEN_THERE:
		read_parameter(moving);
		break;
	case GOLDEN_NOT_YET:
		wait(moving, found);
		break;
	case GOLDEN_UNKNOWN:
		if (moving->step.late)
			leave(moving, found);
		else
			wait(moving, found);
		break;
	case GOLDEN_NEVER:
		leave(moving, found);
		break;
	}
}

static void on_described(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct moving *moving = ctx;
	struct ec2_images images = { .n = 0 };
	bool unknown = err && answer && ec2_knows_no_image(answer->error);
	struct err why = { ERR_NONE, "" };

	moving->pending = NULL;
	if (err && !unknown) {
		failed(moving, err);
	} else if (unknown ||
	           ec2_describe_images_answer(answer->body, &moving->arena, &images, &why)) {
		judge(moving, images.n ? &images.at[0] : NULL);
	} else {
		why.kind = ERR_TRANSIENT;
		failed(moving, &why);
	}
}

struct call *golden_step(const struct golden_step *step, golden_done_fn *done, void *ctx)
{
	struct moving *moving = xcalloc(1, sizeof(*moving));
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	*moving = (struct moving){ { cancel }, .step = *step, .done = done, .ctx = ctx };
	ec2_describe_images_body(
		&(struct ec2_describe_images){
			.image_ids = { &moving->step.move.value, 1 },
			.include_deprecated = true,
		},
		&body);
	moving->pending = build_request_start(
		&(struct build_request){
			.ports = step->ports,
			.build = step->build,
			.role_arn = step->move.role_arn,
			.operation = &aws_ec2_describe_images,
			.region = step->move.region,
			.body = &body,
		},
		on_described, moving);
	return &moving->call;
}
