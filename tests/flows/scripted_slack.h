/*
 * scripted_slack: Slack's channels as far as the worker can tell: messages, edits, threads and
 * history.
 *
 * A channel's id is its name in capitals, behind a "C". Part of scripted_cloud.h.
 */
#ifndef TESTS_FLOWS_SCRIPTED_SLACK_H
#define TESTS_FLOWS_SCRIPTED_SLACK_H

#include "common/base/buf.h"

#include <stddef.h>
#include <stdint.h>

#define SLACK_LOG 256 /* messages; what comes after is counted only */

struct slack_shown {
	char *body; /* owned: as it was posted, or edited last */
	char channel[64], thread[32], post[160];
	int64_t at_ms; /* steady, when it was posted */
	int64_t edited_ms;
	int edits;
	bool broadcast; /* a reply that is shown in the channel, too */
	bool gone;      /* somebody has deleted it */
};

struct slack_channels {
	struct slack_shown posts[SLACK_LOG];
	size_t n_posts;
	int updates, reads; /* how often each was asked for */
	bool blind;         /* history may not be read */
};

void slack_channels_clear(struct slack_channels *channels);

/* A request to a method of the Web API, or to a webhook. */
void slack_channels_answer(struct slack_channels *channels, const char *url, const char *body,
                           int64_t now_ms, struct buf *answer);

/* What people see in the end, without times: messages that are alike are described alike. */
void slack_channels_describe(const struct slack_channels *channels, struct buf *out);

#endif
