#include "worker/flows/builder.h"

#include "common/aws/retry.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/flows/hints.h"
#include "worker/flows/lanes.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define BACKOFF_BASE_MS 2000
#define BACKOFF_MAX_MS  60000

/* One row under way. */
struct slot {
	struct build_flow *flow;
	bool waits; /* for its start, and so takes up a lane */
};

struct builder {
	const struct ports *ports;
	struct builder_options options;
	struct slot slots[LIMIT_BUILDS_MOVED];
	size_t n_slots;
	struct lanes lanes;
	struct hints *hints;
	struct call *look;  /* at the ledger */
	struct call *timer; /* until the next look */
	bool again;         /* look once more when this look is over */
	bool stopping;
	int failures;
};

static void look(struct builder *builder);

static int64_t steady_ms(const struct builder *builder)
{
	return builder->ports->timers->steady_ms(builder->ports->timers);
}

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

static void leave_slot(struct builder *builder, const struct build_flow *flow)
{
	size_t at = 0;

	while (builder->slots[at].flow != flow)
		at++;
	if (builder->slots[at].waits)
		lanes_leave(&builder->lanes, build_flow_row(flow), build_flow_asked(flow),
		            steady_ms(builder));
	builder->slots[at] = builder->slots[--builder->n_slots];
}

static void on_moved(void *ctx, struct build_flow *flow, const struct err *err)
{
	struct builder *builder = ctx;
	const char *execution_id = build_flow_row(flow)->execution_id;

	leave_slot(builder, flow);
	if (builder->stopping) {
		builder->options.quiet(builder->options.ctx);
		return;
	}
	if (err) {
		on_ledger_failed(builder, err);
		return;
	}
	builder->failures = 0;
	if (execution_id)
		hints_saved(builder->hints, execution_id);
	builder->options.moved(builder->options.ctx);
	look(builder);
}

static bool under_way(const struct builder *builder, int64_t id)
{
	for (size_t i = 0; i < builder->n_slots; i++) {
		if (build_flow_row(builder->slots[i].flow)->id == id)
			return true;
	}
	return false;
}

static void take_up(struct builder *builder, const struct build *build)
{
	bool waits = build->state == BUILD_WANTED;

	if (builder->n_slots == LIMIT_BUILDS_MOVED || under_way(builder, build->id))
		return;
	if (waits && !lanes_enter(&builder->lanes, build, steady_ms(builder)))
		return;
	builder->slots[builder->n_slots++] = (struct slot){
		.flow = build_flow_start(&(struct build_flow_options){
			.ports = builder->ports,
			.config = builder->options.config,
			.build = build,
			.done = on_moved,
			.ctx = builder,
		}),
		.waits = waits,
	};
}

/* Until the next row is due, or a lane opens for one that is; -1: nothing is to come. */
static int64_t rest_ms(const struct builder *builder, const struct ledger_due *due)
{
	int64_t now_ms = ports_now_ms(builder->ports), lane_ms;
	int64_t due_ms = due->next_due_ms > now_ms ? due->next_due_ms - now_ms : 0;

	if (due->next_due_ms < 0)
		due_ms = -1;
	lane_ms = due->n_builds ? lanes_open_in_ms(&builder->lanes, steady_ms(builder)) : -1;
	if (lane_ms < 0 || due_ms < 0)
		return lane_ms < 0 ? due_ms : lane_ms;
	return lane_ms < due_ms ? lane_ms : due_ms;
}

static void rest(struct builder *builder, const struct ledger_due *due)
{
	int64_t delay_ms = rest_ms(builder, due);

	if (delay_ms >= 0)
		look_in(builder, delay_ms);
	if (builder->n_slots == 0 && !due->unfinished && builder->options.idle)
		builder->options.idle(builder->options.ctx);
}

/* Rows that can be read say nothing about writing them: only one that moved ends the back-off. */
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
	rest(builder, due);
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

static void on_hinted(void *ctx)
{
	look(ctx);
}

void builder_hurry(struct builder *builder, const struct event *event)
{
	hints_add(builder->hints, event);
}

struct builder *builder_new(const struct builder_options *options)
{
	struct builder *builder = xcalloc(1, sizeof(*builder));

	builder->ports = options->ports;
	builder->options = *options;
	builder->hints = hints_new(builder->ports, on_hinted, builder);
	look_in(builder, 0);
	return builder;
}

void builder_free(struct builder *builder)
{
	if (!builder)
		return;
	for (size_t i = 0; i < builder->n_slots; i++)
		build_flow_cancel(builder->slots[i].flow);
	lanes_clear(&builder->lanes);
	call_cancel(builder->look);
	call_cancel(builder->timer);
	hints_free(builder->hints);
	free(builder);
}

void builder_stop(struct builder *builder)
{
	builder->stopping = true;
	hints_stop(builder->hints);
	call_cancel(builder->timer);
	builder->timer = NULL;
}

bool builder_is_quiet(const struct builder *builder)
{
	return builder->n_slots == 0;
}
