#include "worker/flows/sink_slack.h"

#include "common/base/mem.h"
#include "worker/flows/slack_delivery.h"
#include "worker/flows/slack_webhook.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PACE_MS 1000 /* Slack: one message a second per channel */

struct sink_slack {
	struct sink sink; /* first */
	const struct ports *ports;
	const struct config *config;
	struct slack_memory memory;
};

static const char *channel_of(const struct sink *sink, const char *family)
{
	const struct config *config = ((const struct sink_slack *)sink)->config;
	const struct family *found = family ? config_family(config, family) : NULL;

	return found && found->slack_channel ? found->slack_channel : config->slack.channel;
}

static const char *lane_of_webhook(const struct sink *sink, const char *family)
{
	(void)sink;
	(void)family;
	return "";
}

static struct call *deliver(struct sink *sink, const struct delivery *delivery, sink_done_fn *done,
                            void *ctx)
{
	struct sink_slack *slack = (struct sink_slack *)sink;

	return slack_deliver(
		&(struct slack_task){
			.ports = slack->ports,
			.config = slack->config,
			.memory = &slack->memory,
			.channel = channel_of(sink, delivery->notice->build.family),
			.delivery = delivery,
		},
		done, ctx);
}

static struct call *deliver_by_webhook(struct sink *sink, const struct delivery *delivery,
                                       sink_done_fn *done, void *ctx)
{
	struct sink_slack *slack = (struct sink_slack *)sink;

	return slack_webhook_deliver(slack->ports, slack->config, delivery, done, ctx);
}

static void free_slack(struct sink *sink)
{
	struct sink_slack *slack = (struct sink_slack *)sink;

	slack_memory_clear(&slack->memory);
	free(slack);
}

struct sink *sink_slack_new(const struct ports *ports, const struct config *config)
{
	bool webhook = config->slack.webhook.source != SECRET_NONE;
	struct sink_slack *slack;

	if (!webhook && config->slack.token.source == SECRET_NONE)
		return NULL;
	slack = xcalloc(1, sizeof(*slack));
	slack->ports = ports;
	slack->config = config;
	slack->sink = (struct sink){
		.name = SINK_SLACK,
		.secret_word = "slack_token",
		.secrets = { webhook ? &config->slack.webhook : &config->slack.token },
		.pace_ms = PACE_MS,
		.merges = true,
		.lane = webhook ? lane_of_webhook : channel_of,
		.deliver = webhook ? deliver_by_webhook : deliver,
		.free = free_slack,
	};
	return &slack->sink;
}
