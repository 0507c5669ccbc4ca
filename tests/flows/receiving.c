#include "tests/flows/receiving.h"

#include "tests/flows/temporary.h"

#include <stdio.h>

static void on_builds_wanted(void *ctx)
{
	((struct receiving *)ctx)->wanted++;
}

static void on_notices_wait(void *ctx)
{
	((struct receiving *)ctx)->notices++;
}

static void on_answered(void *ctx)
{
	((struct receiving *)ctx)->answered++;
}

static void on_event_came(void *ctx, const struct event *event)
{
	struct receiving *receiving = ctx;

	receiving->events++;
	snprintf(receiving->execution, sizeof(receiving->execution), "%.*s",
	         SPAN_ARG(event->execution_id));
}

static void on_left_open(void *ctx, const struct decision *decision)
{
	(void)decision;
	((struct receiving *)ctx)->left_open++;
}

static void on_came_back(void *ctx, bool empty)
{
	((struct receiving *)ctx)->empty += empty;
}

static void on_stopped(void *ctx)
{
	struct receiving *receiving = ctx;

	if (++receiving->stopped == (int)receiving->n_receivers)
		leases_hand_back(receiving->leases);
}

void receiving_begin(struct receiving *receiving, int receivers)
{
	struct world *world = world_new(&(struct world_options){
		.folder = temporary_empty(),
		.receivers = receivers,
	});

	*receiving = (struct receiving){
		.world = world,
		.queue = queue_of_announcements(&world->ports, world->config),
		.pacing = pacing_new(&world->ports),
		.listener = {
			.builds_wanted = on_builds_wanted,
			.notices_wait = on_notices_wait,
			.answered = on_answered,
			.event_came = on_event_came,
			.left_open = on_left_open,
			.ctx = receiving,
		},
	};
	receiving->leases = leases_new(&receiving->queue);
	receiving->deletions = deletions_new(&receiving->queue, receiving->leases);
}

void receiving_add(struct receiving *receiving)
{
	receiving->receivers[receiving->n_receivers++] = receiver_new(&(struct receiver_options){
		.queue = &receiving->queue,
		.rules = &receiving->world->rules,
		.deletions = receiving->deletions,
		.leases = receiving->leases,
		.pacing = receiving->pacing,
		.listener = &receiving->listener,
		.came_back = on_came_back,
		.stopped = on_stopped,
		.ctx = receiving,
	});
}

void receiving_end(struct receiving *receiving)
{
	for (size_t i = 0; i < receiving->n_receivers; i++)
		receiver_free(receiving->receivers[i]);
	pacing_free(receiving->pacing);
	deletions_free(receiving->deletions);
	leases_free(receiving->leases);
	world_free(receiving->world);
}

int64_t receiving_builds(const struct receiving *receiving)
{
	return world_count(receiving->world, "SELECT count(*) FROM builds");
}

int64_t receiving_announcements(const struct receiving *receiving)
{
	return world_count(receiving->world, "SELECT count(*) FROM announcements");
}
