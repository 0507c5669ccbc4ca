/*
 * sink_slack: Slack as a sink, by a bot's token or by a webhook.
 *
 * What a family's builds have to be told goes to its channel; to the general one when it has none,
 * is unknown, or a remark is about no family. A channel is a lane: Slack takes one message a second
 * in each. A webhook has one lane, which is its own channel.
 */
#ifndef EVERGOLD_FLOWS_SINK_SLACK_H
#define EVERGOLD_FLOWS_SINK_SLACK_H

#include "worker/flows/sink.h"

#define SINK_SLACK "slack" /* its name in the ledger */

/* NULL: the configuration has neither token nor webhook. Everything given is borrowed. */
struct sink *sink_slack_new(const struct ports *ports, const struct config *config);

#endif
