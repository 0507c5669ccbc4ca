/*
 * slack_webhook: one notice told through an incoming webhook of Slack.
 *
 * It can neither edit nor be asked what is there: each notice is one message, in its order. It says
 * what the row of its build says by then, so of those of one build that wait the last is enough.
 */
#ifndef EVERGOLD_FLOWS_SLACK_WEBHOOK_H
#define EVERGOLD_FLOWS_SLACK_WEBHOOK_H

#include "worker/flows/sink.h"

/* What is pointed to is borrowed until done, but for the delivery itself. */
struct call *slack_webhook_deliver(const struct ports *ports, const struct config *config,
                                   const struct delivery *delivery, sink_done_fn *done, void *ctx);

#endif
