/*
 * sink: where notices are delivered: Slack, and each place that `sinks` names.
 *
 * A sink is asked to deliver one notice at a time, by the notifier that is its own (notifier.h),
 * which knows what waits, when it is tried again, and where the secrets are. A sink only does the
 * next thing for this notice and says what became of it. A notice is delivered again when its
 * outcome could not be written down, so that a sink that can tell repeats from news has to.
 *
 * What a sink is told about a family goes through one of its lanes (a channel, say), each with a
 * pace of its own: a lane that is slow or shut holds back no other.
 */
#ifndef EVERGOLD_FLOWS_SINK_H
#define EVERGOLD_FLOWS_SINK_H

#include "common/decide/config.h"
#include "worker/flows/ports.h"

enum sink_outcome {
	SINK_DELIVERED,   /* or there was nothing to be told */
	SINK_UNFINISHED,  /* something was sent; the notice is to be delivered once more, at once */
	SINK_REFUSED,     /* this notice is not taken: it is tried again, later and less often */
	SINK_LANE_SHUT,   /* its lane takes nothing for now: rate limited, or no such channel */
	SINK_UNAVAILABLE, /* nothing is taken for now */
	SINK_SECRET_REFUSED, /* the secrets are no good: they are read again */
	SINK_LEDGER_FAILED,  /* what had to be durable is not */
};

struct sink_answer {
	enum sink_outcome outcome;
	int64_t retry_after_ms; /* what the other side asks for; -1 when it does not */
	struct err err;         /* unless it was delivered; ERR_TRANSIENT: it may pass by itself */
};

/* answer: borrowed until done returns. */
typedef void sink_done_fn(void *ctx, const struct sink_answer *answer);

#define SINK_SECRETS 2

/* Borrowed until done; notice->build is its row as it was when the ledger was asked. */
struct delivery {
	const struct notice *notice;
	const struct secret *secrets; /* SINK_SECRETS of them, as the sink names their places */
};

struct sink {
	const char *name; /* in the ledger, in the log, in `status`; borrowed */
	const struct secret_ref *secrets[SINK_SECRETS]; /* read before each delivery; NULL: none */
	const char *secret_word; /* what the log calls them: "slack_token" in slack_token_refused */
	int64_t pace_ms;         /* between two deliveries in one lane */
	bool merges; /* tells a build's row: of the notices of one build the last is enough */

	/* The lane for a family (NULL: for none), borrowed; NULL: nobody is to be told. */
	const char *(*lane)(const struct sink *sink, const char *family);

	/* Follows the rules of adapters/call.h. */
	struct call *(*deliver)(struct sink *sink, const struct delivery *delivery,
	                        sink_done_fn *done, void *ctx);

	void (*free)(struct sink *sink); /* no delivery is under way */
};

/* The sinks of a configuration, at most 1 + LIMIT_SINKS; each is owned. Returns how many. */
size_t sinks_open(const struct ports *ports, const struct config *config, struct sink **ret_sinks);

#endif
