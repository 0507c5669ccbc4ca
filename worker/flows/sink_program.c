#include "worker/flows/sink_program.h"

#include "common/aws/wire_sts.h"
#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PACE_MS 100

/* ---- the end of a telling -------------------------------------------------------------------- */

static void cancel(struct call *call)
{
	struct telling *telling = (struct telling *)call;

	call_cancel(telling->pending);
	free(telling);
}

void telling_end(struct telling *telling, const struct sink_answer *answer)
{
	telling->done(telling->ctx, answer);
	free(telling);
}

static void on_turn(void *ctx)
{
	struct telling *telling = ctx;

	telling_end(telling, &telling->answer);
}

void telling_end_soon(struct telling *telling, const struct sink_answer *answer)
{
	telling->answer = *answer;
	telling->pending = ports_after(telling->program->ports, 0, on_turn, telling);
}

/* ---- asking AWS ------------------------------------------------------------------------------ */

/* Is it about what was sent, and not about the topic, the bus or what we are allowed? */
static bool is_about_notice(const struct aws_error *error)
{
	struct span code = span_of(error->code);

	return span_starts(code, SPAN("Invalid")) || span_starts(code, SPAN("Validation"));
}

static struct sink_answer failure(const struct aws_answer *answer, const struct err *err)
{
	const struct aws_error *error = answer ? answer->error : NULL;
	bool refused = error && err->kind == ERR_REFUSED && is_about_notice(error);

	return (struct sink_answer){ refused ? SINK_REFUSED : SINK_UNAVAILABLE, -1, *err };
}

/* An answer that nobody understands is that of a proxy. */
static struct sink_answer read_answer(const struct telling *telling, struct span body)
{
	struct sink_answer answer = { SINK_DELIVERED, -1, { .kind = ERR_NONE } };

	if (telling->read(body, &answer.err))
		return answer;
	if (answer.err.kind == ERR_MALFORMED)
		answer.err.kind = ERR_TRANSIENT;
	answer.outcome = answer.err.kind == ERR_REFUSED ? SINK_REFUSED : SINK_UNAVAILABLE;
	return answer;
}

static void on_answer(void *ctx, const struct aws_answer *reply, const struct err *err)
{
	struct telling *telling = ctx;
	struct sink_answer answer = err ? failure(reply, err) : read_answer(telling, reply->body);

	telling_end(telling, &answer);
}

void telling_ask(struct telling *telling, const struct aws_operation *operation, struct span body,
                 telling_read_fn *read)
{
	const struct ports *ports = telling->program->ports;
	const struct sink_setting *setting = telling->program->setting;
	char session_name[STS_SESSION_NAME_SIZE];
	const struct aws_role role = {
		.arn = setting->role_arn,
		.session_name = session_name,
		.region = setting->region,
	};

	sts_session_name(span_of(setting->name), session_name);
	telling->read = read;
	telling->pending = ports->aws(ports->world,
	                              &(struct aws_request){
					      .operation = operation,
					      .region = setting->region,
					      .role = role.arn ? &role : NULL,
					      .body = body,
				      },
	                              on_answer, telling);
}

/* ---- the sink -------------------------------------------------------------------------------- */

static const char *lane(const struct sink *sink, const char *family)
{
	const struct sink_program *program = (const struct sink_program *)sink;

	return sink_wants(program->setting, family) ? program->setting->name : NULL;
}

static bool is_over(const struct notice *notice)
{
	const struct build *build = &notice->build;

	if (notice->kind == NOTICE_REFUSED)
		return build->state != BUILD_WANTED;
	if (notice->kind == NOTICE_HELD)
		return build->state != BUILD_WANTED || build->held == REASON_MATCHED;
	return false;
}

static struct call *deliver(struct sink *sink, const struct delivery *delivery, sink_done_fn *done,
                            void *ctx)
{
	const struct sink_program *program = (const struct sink_program *)sink;
	const struct notice *notice = delivery->notice;
	const char *name = notice->build.family;
	const struct family *family = name ? config_family(program->config, name) : NULL;
	const struct news news = {
		.notice_id = notice->id,
		.created_ms = notice->created_ms,
		.kind = notice->kind,
		.build = &notice->build,
		.text = notice->text,
		.publisher = family ? family->publisher : NULL,
		.several_regions = family && family->n_regions > 1,
	};
	struct telling *telling = xcalloc(1, sizeof(*telling));

	*telling = (struct telling){
		.call = { cancel }, .program = program, .done = done, .ctx = ctx
	};
	if (is_over(notice))
		telling_end_soon(telling, &(struct sink_answer){ .outcome = SINK_DELIVERED });
	else
		program->send(telling, &news, delivery->secrets);
	return &telling->call;
}

static void free_program(struct sink *sink)
{
	free(sink);
}

struct sink_program *sink_program_new(const struct ports *ports, const struct config *config,
                                      const struct sink_setting *setting)
{
	struct sink_program *program = xcalloc(1, sizeof(*program));

	*program = (struct sink_program){
		.sink = { .name = setting->name,
		          .pace_ms = PACE_MS,
		          .lane = lane,
		          .deliver = deliver,
		          .free = free_program },
		.ports = ports,
		.config = config,
		.setting = setting,
	};
	return program;
}
