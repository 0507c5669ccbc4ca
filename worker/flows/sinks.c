#include "worker/flows/sink.h"
#include "worker/flows/sink_slack.h"

#include "common/base/banned.h"

size_t sinks_open(const struct ports *ports, const struct config *config, struct sink **ret_sinks)
{
	struct sink *slack = sink_slack_new(ports, config);
	size_t n = 0;

	if (slack)
		ret_sinks[n++] = slack;
	return n;
}
