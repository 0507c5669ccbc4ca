#include "worker/flows/sink_program.h"
#include "worker/flows/sink_slack.h"

#include "common/base/banned.h"

typedef struct sink *sink_new_fn(const struct ports *ports, const struct config *config,
                                 const struct sink_setting *setting);

static sink_new_fn *const makers[] = {
	[SINK_SNS] = sink_sns_new,
	[SINK_WEBHOOK] = sink_webhook_new,
	[SINK_EVENTBRIDGE] = sink_eventbridge_new,
};

size_t sinks_open(const struct ports *ports, const struct config *config, struct sink **ret_sinks)
{
	struct sink *slack = sink_slack_new(ports, config);
	size_t n = 0;

	if (slack)
		ret_sinks[n++] = slack;
	for (size_t i = 0; i < config->n_sinks; i++) {
		const struct sink_setting *setting = &config->sinks[i];

		ret_sinks[n++] = makers[setting->kind](ports, config, setting);
	}
	return n;
}
