#include "tests/flows/building.h"

#include "tests/flows/temporary.h"
#include "tests/unit/check.h"

#include <string.h>

#define HOUR 3600000

static void on_moved(void *ctx)
{
	((struct building *)ctx)->moved++;
}

static void on_idle(void *ctx)
{
	((struct building *)ctx)->idle++;
}

static void on_quiet(void *ctx)
{
	((struct building *)ctx)->quiet++;
}

void building_begin(struct building *building, size_t builds)
{
	building_begin_wishing(building, builds, NULL);
}

static struct builder *start_builder(struct building *building)
{
	return builder_new(&(struct builder_options){
		.ports = &building->world->ports,
		.config = building->world->config,
		.moved = on_moved,
		.idle = on_idle,
		.quiet = on_quiet,
		.ctx = building,
	});
}

static void begin(struct building *building, size_t builds, const struct world_options *options)
{
	struct world *world = world_new(options);

	world_want_builds(world, builds);
	(void)cloud_set_parameter(world->cloud, "/golden/base", BUILDING_EARLIER);
	*building = (struct building){ .world = world };
	building->builder = start_builder(building);
}

void building_begin_wishing(struct building *building, size_t builds, const char *wishes)
{
	begin(building, builds,
	      &(struct world_options){ .folder = temporary_empty(), .wishes = wishes });
}

void building_begin_golden(struct building *building, size_t builds, const char *golden)
{
	begin(building, builds,
	      &(struct world_options){ .folder = temporary_empty(), .golden = golden });
}

void building_restart(struct building *building)
{
	builder_free(building->builder);
	world_restart(building->world);
	building->builder = start_builder(building);
}

void building_end(struct building *building)
{
	builder_free(building->builder);
	world_free(building->world);
}

void building_run_until_asked(struct building *building, enum port port)
{
	struct world *world = building->world;
	int before = world->asked[port];
	int64_t until_ms = world_now_ms(world) + HOUR;

	while (world->asked[port] == before && world_now_ms(world) < until_ms &&
	       simulation_run_next(world->simulation))
		;
	CHECK(world->asked[port] > before);
}

void building_hint(struct building *building, const char *execution_id)
{
	builder_hurry(building->builder, &(struct event){ .level = EVENT_STAGE,
	                                                  .execution_id = span_of(execution_id) });
}

int64_t building_finished(const struct building *building)
{
	return world_count(building->world, "SELECT count(*) FROM builds WHERE state = 'finished'");
}

int64_t building_troubled(const struct building *building)
{
	return world_count(building->world,
	                   "SELECT count(*) FROM builds WHERE trouble IS NOT NULL");
}

int64_t building_notices(const struct building *building)
{
	return world_count(building->world, "SELECT count(*) FROM notices"
	                                    " WHERE kind NOT IN ('started', 'superseded')");
}

bool building_was_put(const struct building *building, const char *put)
{
	const struct cloud *cloud = building->world->cloud;

	for (size_t i = 0; i < cloud->n_puts; i++) {
		if (strcmp(cloud->puts[i], put) == 0)
			return true;
	}
	return false;
}
