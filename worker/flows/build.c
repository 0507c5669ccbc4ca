#include "worker/flows/build.h"

#include "common/base/mem.h"
#include "worker/flows/step.h"

#include <stdlib.h>

#include "common/base/banned.h"

static void begin(void *ctx)
{
	struct build_flow *flow = ctx;

	flow->pending = NULL;
	if (flow->build.state == BUILD_WANTED)
		build_wanted(flow);
	else if (flow->build.state == BUILD_STARTED)
		build_started(flow);
	else
		build_watched(flow);
}

struct build_flow *build_flow_start(const struct build_flow_options *options)
{
	struct build_flow *flow = xcalloc(1, sizeof(*flow));

	flow->ports = options->ports;
	flow->config = options->config;
	flow->build = build_copy(options->build, &flow->arena);
	flow->family = config_family(options->config, flow->build.family);
	flow->done = options->done;
	flow->ctx = options->ctx;
	flow->pending = ports_after(flow->ports, 0, begin, flow);
	return flow;
}

void build_flow_cancel(struct build_flow *flow)
{
	call_cancel(flow->pending);
	arena_clear(&flow->arena);
	free(flow);
}

const struct build *build_flow_row(const struct build_flow *flow)
{
	return &flow->build;
}

bool build_flow_asked(const struct build_flow *flow)
{
	return flow->asked;
}
