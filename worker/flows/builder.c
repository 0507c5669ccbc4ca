#include "worker/flows/builder.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  60000

struct builder {
	const struct ports *ports;
	struct builder_options options;
	struct build_flow *flows[LIMIT_BUILDS_MOVED];
	size_t n_flows;
	struct call *look;  /* at the ledger */
	struct call *timer; /* until the next look */
	struct call *hint;  /* being written */
	bool again;         /* look once more when this look is over */
	bool stopping;
	int failures;
};

static void look(struct builder *builder);

static void on_time(void *ctx)
{
	struct builder *builder = ctx;

	builder->timer = NULL;
	look(builder);
}

static void look_in(struct builder *builder, int64_t delay_ms)
{
	call_cancel(builder->timer);
	builder->timer = ports_after(builder->ports, delay_ms, on_time, builder);
}

static void on_ledger_failed(struct builder *builder, const struct err *err)
{
	int64_t delay_ms = retry_backoff_ms(builder->failures++, BACKOFF_BASE_MS, BACKOFF_MAX_MS,
	                                    ports_random(builder->ports));

	log_event(builder->ports->log, LOG_ERROR, "ledger_failed",
	          LOG_FIELDS(LOG_TEXT("error", err->text), LOG_NUMBER("again_in_ms", delay_ms)));
	look_in(builder, delay_ms);
}

static void on_moved(void *ctx, struct build_flow *flow, const struct err *err)
{
	struct builder *builder = ctx;

	for (size_t i = 0; i < builder->n_flows; i++) {
		if (builder->flows[i] == flow)
			builder->flows[i] = builder->flows[--builder->n_flows];
	}
	if (builder->stopping) {
		builder->options.quiet(builder->options.ctx);
		return;
	}
	if (err) {
		on_ledger_failed(builder, err);
		return;
	}
	builder->failures = 0;
	builder->options.moved(builder->options.ctx);
	look(builder);
}

static bool under_way(const struct builder *builder, int64_t id)
{
	for (size_t i = 0; i < builder->n_flows; i++) {
		if (build_flow_id(builder->flows[i]) == id)
			return true;
	}
	return false;
}

static void take_up(struct builder *builder, const struct build *build)
{
	if (builder->n_flows == LIMIT_BUILDS_MOVED || under_way(builder, build->id))
		return;
	builder->flows[builder->n_flows++] = build_flow_start(&(struct build_flow_options){
		.ports = builder->ports,
		.config = builder->options.config,
		.build = build,
		.done = on_moved,
		.ctx = builder,
	});
}

static void rest(struct builder *builder, int64_t next_due_ms)
{
	int64_t now_ms = ports_now_ms(builder->ports);

	if (next_due_ms >= 0)
		look_in(builder, next_due_ms > now_ms ? next_due_ms - now_ms : 0);
	else if (builder->n_flows == 0 && builder->options.idle)
		builder->options.idle(builder->options.ctx);
}

/* That rows can be read says nothing about writing them: only a row that moved ends the back-off. */
static void on_due(void *ctx, const struct ledger_due *due, const struct err *err)
{
	struct builder *builder = ctx;
	bool again = builder->again;

	builder->look = NULL;
	builder->again = false;
	if (err) {
		on_ledger_failed(builder, err);
		return;
	}
	if (builder->stopping)
		return;
	if (again) { /* rows have moved meanwhile: these may be old */
		look(builder);
		return;
	}
	for (size_t i = 0; i < due->n_builds; i++)
		take_up(builder, &due->builds[i]);
	if (due->n_builds == 0)
		builder->failures = 0;
	rest(builder, due->next_due_ms);
}

static void look(struct builder *builder)
{
	struct ledger *ledger = builder->ports->ledger;

	if (builder->stopping)
		return;
	if (builder->look) {
		builder->again = true;
		return;
	}
	call_cancel(builder->timer);
	builder->timer = NULL;
	builder->look = ledger->due(ledger, ports_now_ms(builder->ports), on_due, builder);
}

void builder_wake(struct builder *builder)
{
	look(builder);
}

static void on_hurried(void *ctx, const struct err *err)
{
	struct builder *builder = ctx;

	builder->hint = NULL;
	if (!err) /* else the next poll finds out */
		look(builder);
}

void builder_hurry(struct builder *builder, struct span execution_id)
{
	struct ledger *ledger = builder->ports->ledger;
	char *id;

	/* The row too: a step under way may be past the point where it sets the time of the next. */
	for (size_t i = 0; i < builder->n_flows; i++) {
		if (build_flow_follows(builder->flows[i], execution_id))
			build_flow_hurry(builder->flows[i]);
	}
	if (builder->stopping)
		return;
	id = xspandup(execution_id);
	call_cancel(builder->hint); /* losing a hint costs one poll interval */
	builder->hint = ledger->hurry(ledger, id, on_hurried, builder);
	free(id);
}

struct builder *builder_new(const struct builder_options *options)
{
	struct builder *builder = xcalloc(1, sizeof(*builder));

	builder->ports = options->ports;
	builder->options = *options;
	look_in(builder, 0);
	return builder;
}

void builder_free(struct builder *builder)
{
	if (!builder)
		return;
	for (size_t i = 0; i < builder->n_flows; i++)
		build_flow_cancel(builder->flows[i]);
	call_cancel(builder->look);
	call_cancel(builder->timer);
	call_cancel(builder->hint);
	free(builder);
}

void builder_stop(struct builder *builder)
{
	builder->stopping = true;
	call_cancel(builder->timer);
	builder->timer = NULL;
}

bool builder_is_quiet(const struct builder *builder)
{
	return builder->n_flows == 0;
}
