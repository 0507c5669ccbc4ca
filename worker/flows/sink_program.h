/*
 * sink_program: what the sinks for programs share: SNS topics, webhooks and event buses.
 *
 * Each has one lane, for the families that it is told of. Every notice is told by itself, that of a
 * build with its row as it is now; a refusal or a hold that is over is not told any more.
 */
#ifndef EVERGOLD_FLOWS_SINK_PROGRAM_H
#define EVERGOLD_FLOWS_SINK_PROGRAM_H

#include "common/say/news.h"
#include "worker/flows/sink.h"

/* Does an answer of AWS say that it was taken? Its body is borrowed. */
typedef bool telling_read_fn(struct span body, struct err *reterr);

/* One notice under way. */
struct telling {
	struct call call; /* first: what the notifier holds */
	const struct sink_program *program;
	struct call *pending;
	sink_done_fn *done;
	void *ctx;
	telling_read_fn *read;
	struct sink_answer answer;
};

struct sink_program {
	struct sink sink; /* first */
	const struct ports *ports;
	const struct config *config;
	const struct sink_setting *setting;

	/* Sends the news: makes what is pending, with one of the functions below. */
	void (*send)(struct telling *telling, const struct news *news,
	             const struct secret *secrets);
};

/* Whoever makes it adds send, and the places of secrets. Everything given is borrowed. */
struct sink_program *sink_program_new(const struct ports *ports, const struct config *config,
                                      const struct sink_setting *setting);

/* From a callback: tells what became of it; the telling is gone. */
void telling_end(struct telling *telling, const struct sink_answer *answer);

/* From send: the same, with the next turn. */
void telling_end_soon(struct telling *telling, const struct sink_answer *answer);

/* From send: asks AWS, in the sink's region and role, and ends it by what is answered. */
void telling_ask(struct telling *telling, const struct aws_operation *operation, struct span body,
                 telling_read_fn *read);

struct sink *sink_sns_new(const struct ports *ports, const struct config *config,
                          const struct sink_setting *setting);
struct sink *sink_webhook_new(const struct ports *ports, const struct config *config,
                              const struct sink_setting *setting);
struct sink *sink_eventbridge_new(const struct ports *ports, const struct config *config,
                                  const struct sink_setting *setting);

#endif
