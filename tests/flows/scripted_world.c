#include "common/base/mem.h"
#include "tests/flows/scripted_asked.h"
#include "tests/unit/check.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

/* ---- one question ---------------------------------------------------------------------------- */

static bool of_ledger(enum port port)
{
	return port >= PORT_RECALL;
}

static void release(struct asked *asked)
{
	arena_clear(&asked->arena);
	free(asked->body);
	free(asked->url);
	free(asked);
}

static void detach(struct asked *asked)
{
	struct asked **at = &asked->world->pending;

	while (*at != asked)
		at = &(*at)->next;
	*at = asked->next;
}

static void cancel(struct call *call)
{
	struct asked *asked = (struct asked *)call;

	detach(asked);
	call_cancel(asked->inner);
	release(asked);
}

int64_t world_now_ms(const struct world *world)
{
	return world->ports.timers->steady_ms(world->ports.timers);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const struct err *error_of(struct asked *asked)
{
	static const enum err_kind kinds[] = {
		[FATE_LOST] = ERR_TRANSIENT,      [FATE_MALFORMED] = ERR_MALFORMED,
		[FATE_TRANSIENT] = ERR_TRANSIENT, [FATE_REFUSED] = ERR_REFUSED,
		[FATE_BROKEN] = ERR_BROKEN,       [FATE_HELD] = ERR_NONE,
	};
	enum err_kind kind = kinds[asked->reply.fate];

	if (kind != ERR_NONE)
		err_set(&asked->err, kind, "as the script says");
	return asked->err.kind ? &asked->err : NULL;
}

static void answer_aws(struct asked *asked, struct span body, const struct err *err)
{
	const char *code = asked->reply.code;
	struct aws_error error = { .status = 400 };
	struct aws_answer answer = { .body = body, .error = code ? &error : NULL };

	if (code)
		snprintf(error.code, sizeof(error.code), "%s", code);
	asked->done.aws(asked->ctx, err && !code ? NULL : &answer, err);
}

static void answer_http(struct asked *asked, struct span body, const struct err *err)
{
	struct http_answer answer = {
		.status = asked->reply.status ? asked->reply.status : 200,
		.body = body,
		.date_ms = -1,
		.retry_after = span_of(asked->reply.retry_after),
	};

	asked->done.http(asked->ctx, err ? NULL : &answer, err);
}

static void answer_secret(struct asked *asked, const struct err *err)
{
	struct secret secret = secret_of(span_of(asked->world->cloud->secret));

	asked->done.secret(asked->ctx, err ? NULL : &secret, err);
	secret_clear(&secret);
}

static void refuse(struct asked *asked, const char *code)
{
	if (!code || asked->reply.fate != FATE_FINE)
		return;
	asked->reply.code = code;
	asked->reply.fate = FATE_REFUSED;
}

/* What happens in the cloud, and the body that comes back. */
static void happen(struct asked *asked, struct buf *body)
{
	struct world *world = asked->world;
	enum fate fate = asked->reply.fate;
	struct timers *timers = world->ports.timers;

	if (fate == FATE_TEXT)
		buf_add_text(body, asked->reply.text);
	else if (asked->port == PORT_CERTIFICATE)
		buf_add(body, buf_span(&world->pem));
	else if (fate != FATE_FINE && fate != FATE_LOST && fate != FATE_MALFORMED)
		return;
	else if (asked->port == PORT_SLACK)
		slack_channels_answer(&world->cloud->slack, asked->url, asked->body,
		                      timers->steady_ms(timers), body);
	else
		refuse(asked, cloud_answer(world->cloud, asked->port, asked->body,
		                           timers->steady_ms(timers), body));
}

static void look_on(const struct asked *asked, bool after)
{
	struct world *world = asked->world;

	if (world->on_request)
		world->on_request(world->ctx, asked->port, asked->body, after);
}

static void happen_seen(struct asked *asked, struct buf *body)
{
	look_on(asked, false);
	happen(asked, body);
	look_on(asked, true);
}

static void note_failure(const struct asked *asked, const struct err *err)
{
	struct world *world = asked->world;

	world->failing[asked->port] = err != NULL;
	world->failed[asked->port] += err != NULL;
	if (err && asked->port == PORT_RECEIVE)
		cloud_lose_receive(world->cloud, world_now_ms(world));
}

void asked_deliver(struct asked *asked)
{
	struct buf body = buf_with_max(LIMIT_SQS_ANSWER);
	const struct err *err;

	detach(asked);
	CHECK(!asked->world->starting);
	if (!of_ledger(asked->port))
		happen_seen(asked, &body);
	err = error_of(asked);
	note_failure(asked, err);
	if (of_ledger(asked->port))
		scripted_ledger_answer(asked, err);
	else if (asked->port == PORT_CERTIFICATE)
		asked->done.certificate(asked->ctx, err ? SPAN_NONE : buf_span(&body), err);
	else if (asked->port == PORT_SECRET)
		answer_secret(asked, err);
	else if (asked->port == PORT_SLACK)
		answer_http(asked, buf_span(&body), err);
	else
		answer_aws(asked, buf_span(&body), err);
	buf_clear(&body);
	release(asked);
}

/* A long poll waits for a message: the first ones for a second only. */
static bool nothing_yet(const struct asked *asked)
{
	const struct world *world = asked->world;
	int64_t now_ms = world_now_ms(world);
	bool is_short = strstr(asked->body, "\"WaitTimeSeconds\":1,") != NULL;
	int64_t wait_ms = is_short ? WORLD_FIRST_MS : WORLD_WAIT_MS;

	return asked->port == PORT_RECEIVE && asked->reply.fate == FATE_FINE &&
	       !cloud_has_visible(world->cloud, asked->body, now_ms) &&
	       now_ms < asked->at_ms + wait_ms;
}

void asked_on_time(void *ctx)
{
	struct asked *asked = ctx;

	asked->inner = NULL;
	if (nothing_yet(asked))
		asked->inner = ports_after(&asked->world->ports, 1000, asked_on_time, asked);
	else
		asked_deliver(asked);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* How many may ask a failing port in one second; 0: any number. */
static int allowance(const struct world *world, enum port port)
{
	switch (port) {
	case PORT_SAVE:
		return LIMIT_BUILDS_MOVED;
	case PORT_VISIBILITY: /* all is handed back at once, whatever failed before */
		return world->config->queue.receivers + 1;
	case PORT_RECALL:
		return world->config->queue.receivers;
	case PORT_DESCRIBE:
	case PORT_IMAGES: /* one of many lines may fail, which others do not wait for */
	case PORT_PARAMETERS:
	case PORT_PARAMETER:
	case PORT_PIPELINE:
	case PORT_EXECUTIONS:
	case PORT_START: /* every build has a back-off of its own */
	case PORT_GET:
	case PORT_LIST:
	case PORT_PUT:
	case PORT_RECORD: /* a conflict is worth trying again at once */
	case PORT_GOLDEN_PLAN:
	case PORT_GOLDEN_CLAIM:
	case PORT_GOLDEN_SAVE:
	case PORT_GOOD_BASE:
	case PORT_LOOK_UP:
	case PORT_HEARD:
	case PORT_CHANGED:
	case PORT_CERTIFICATE:
		return 0;
	case PORT_RECEIVE:
	case PORT_DELETE:
	case PORT_ATTRIBUTES:
	case PORT_SLACK:
	case PORT_SECRET:
	case PORT_DUE:
	case PORT_HURRY:
	case PORT_OWNER:
	case PORT_TELL:
	case PORT_WITHDRAW:
	case PORT_OVERVIEW:
	case PORT_HISTORY:
	case PORT_KEEP_SINKS:
	case PORT_NEXT_NOTICE:
	case PORT_SAVE_NOTICE:
	case PORT_SAVE_POST:
	case PORTS:
		break;
	}
	return 1;
}

static void check_pace(struct world *world, enum port port)
{
	int allowed = allowance(world, port), asked = world->asked[port];
	int64_t *recent = allowed ? &world->recent_ms[port][asked % allowed] : NULL;

	if (!recent)
		return;
	if (world->failing[port] && asked >= allowed && !world->unpaced[port] && !world->by_hand)
		world->unpaced[port] = !CHECK(world_now_ms(world) - *recent >= 1000,
		                              "port %d asked again after %lld ms", (int)port,
		                              (long long)(world_now_ms(world) - *recent));
	*recent = world_now_ms(world);
}

static struct reply take_reply(struct world *world, enum port port)
{
	struct reply reply = world->next[port][0];

	if (world->n_next[port] == 0)
		return world->always[port];
	memmove(&world->next[port][0], &world->next[port][1],
	        --world->n_next[port] * sizeof(reply));
	return reply;
}

/* Is this the request in which the worker dies? */
bool asked_is_last(struct asked *asked)
{
	struct world *world = asked->world;
	struct buf ignored = buf_with_max(LIMIT_SQS_ANSWER);

	if (++world->steps != world->crash_at)
		return false;
	world->crashed = true;
	if (world->crash_too_late && !of_ledger(asked->port))
		happen(asked, &ignored);
	buf_clear(&ignored);
	return true;
}

struct asked *asked_new(struct world *world, enum port port, struct span body, void *ctx)
{
	struct asked *asked = xcalloc(1, sizeof(*asked)), **at = &world->pending;

	check_pace(world, port);
	world->asked[port]++;
	world->asked_ms[port] = world_now_ms(world);
	buf_reset(&world->bodies[port]);
	buf_add(&world->bodies[port], body);
	*asked = (struct asked){
		.call = { cancel },
		.world = world,
		.port = port,
		.reply = take_reply(world, port),
		.body = xspandup(body),
		.at_ms = world_now_ms(world),
		.ctx = ctx,
	};
	while (*at)
		at = &(*at)->next;
	*at = asked;
	return asked;
}

bool asked_is_held(const struct asked *asked)
{
	return asked->world->by_hand || asked->reply.fate == FATE_HELD;
}

static struct call *ask_cloud(struct asked *asked)
{
	struct world *world = asked->world;

	asked->ready = asked_is_held(asked);
	if (!asked_is_last(asked) && !asked->ready)
		asked->inner = ports_after(&world->ports, WORLD_LATENCY_MS, asked_on_time, asked);
	return &asked->call;
}

static bool names_image(struct span body)
{
	struct span what = span_part(body, strlen("Action=DescribeImages&Version=2016-11-15&"),
	                             body.len);

	return span_starts(what, SPAN("ImageId.")) ||
	       span_starts(what, SPAN("Filter.1.Name=image-id&"));
}

static enum port port_of(const struct aws_request *request)
{
	static const struct aws_operation *const operations[] = {
		[PORT_RECEIVE] = &aws_sqs_receive_message,
		[PORT_DELETE] = &aws_sqs_delete_message_batch,
		[PORT_VISIBILITY] = &aws_sqs_change_message_visibility_batch,
		[PORT_ATTRIBUTES] = &aws_sqs_get_queue_attributes,
		[PORT_PIPELINE] = &aws_codepipeline_get_pipeline,
		[PORT_EXECUTIONS] = &aws_codepipeline_list_pipeline_executions,
		[PORT_START] = &aws_codepipeline_start_pipeline_execution,
		[PORT_GET] = &aws_codepipeline_get_pipeline_execution,
		[PORT_LIST] = &aws_codepipeline_list_action_executions,
		[PORT_PARAMETER] = &aws_ssm_get_parameter,
		[PORT_PUT] = &aws_ssm_put_parameter,
	};
	const struct aws_operation *operation = request->operation;
	size_t i = 0;

	if (operation == &aws_ec2_describe_images)
		return names_image(request->body) ? PORT_DESCRIBE : PORT_IMAGES;
	if (operation == &aws_ssm_get_parameters || operation == &aws_ssm_get_parameters_by_path)
		return PORT_PARAMETERS;
	while (operations[i] != operation)
		i++;
	return (enum port)i;
}

static struct call *ask_aws(void *ctx, const struct aws_request *request, aws_done_fn *done,
                            void *done_ctx)
{
	struct asked *asked = asked_new(ctx, port_of(request), request->body, done_ctx);

	asked->done.aws = done;
	return ask_cloud(asked);
}

static struct call *ask_certificate(void *ctx, const char *url, certificate_done_fn *done,
                                    void *done_ctx)
{
	struct asked *asked = asked_new(ctx, PORT_CERTIFICATE, span_of(url), done_ctx);

	asked->done.certificate = done;
	return ask_cloud(asked);
}

static struct call *ask_http(void *ctx, const struct http_request *request, http_done_fn *done,
                             void *done_ctx)
{
	struct asked *asked = asked_new(ctx, PORT_SLACK, request->body, done_ctx);
	struct world *world = ctx;

	asked->done.http = done;
	asked->url = xstrdup(request->url);
	buf_reset(&world->slack_url);
	buf_add_text(&world->slack_url, request->url);
	buf_reset(&world->slack_token);
	if (request->headers[1])
		buf_add_text(&world->slack_token, request->headers[1]);
	return ask_cloud(asked);
}

static struct call *ask_secret(void *ctx, const struct secret_ref *ref, secret_done_fn *done,
                               void *done_ctx)
{
	struct asked *asked = asked_new(ctx, PORT_SECRET, span_of(ref->name), done_ctx);

	asked->done.secret = done;
	return ask_cloud(asked);
}

/* ---- all together ---------------------------------------------------------------------------- */

void world_make_ports(struct world *world)
{
	world->ledger = scripted_ledger;
	world->ports = (struct ports){
		.timers = simulation_timers(world->simulation),
		.ledger = &world->ledger,
		.log = &world->log,
		.world = world,
		.aws = ask_aws,
		.certificate = ask_certificate,
		.http = ask_http,
		.secret = ask_secret,
	};
}

/* ---- by hand --------------------------------------------------------------------------------- */

size_t world_waiting(const struct world *world)
{
	size_t n = 0;

	for (const struct asked *asked = world->pending; asked; asked = asked->next)
		n += asked->ready;
	return n;
}

static struct asked *waiting(const struct world *world, size_t i)
{
	struct asked *asked = world->pending;

	while (asked && (!asked->ready || i--))
		asked = asked->next;
	if (!CHECK(asked != NULL))
		abort();
	return asked;
}

enum port world_waiting_port(const struct world *world, size_t i)
{
	return waiting(world, i)->port;
}

void world_release(struct world *world, size_t i, enum fate fate)
{
	struct asked *asked = waiting(world, i);

	if (asked->reply.fate == FATE_FINE || asked->reply.fate == FATE_HELD)
		asked->reply.fate = fate;
	asked_deliver(asked);
}
