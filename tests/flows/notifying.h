/*
 * notifying: an outbox in a scripted world, and what it tells.
 */
#ifndef TESTS_FLOWS_NOTIFYING_H
#define TESTS_FLOWS_NOTIFYING_H

#include "tests/flows/scripted_world.h"
#include "worker/flows/outbox.h"

enum slack { SLACK_NONE, SLACK_TOKEN, SLACK_WEBHOOK };

#define NOTIFYING_WEBHOOK "https://hooks.slack.com/services/T/B/X"

struct notifying {
	struct world *world;
	struct outbox *outbox;
	int idle, quiet; /* how often each was told of */
};

/* So many builds, and no outbox yet. */
void notifying_open(struct notifying *notifying, size_t builds);
void notifying_start(struct notifying *notifying, enum slack slack);

/* Both, with a token; each build has one unsent notice. */
void notifying_begin(struct notifying *notifying, size_t builds);
void notifying_end(struct notifying *notifying);

size_t notifying_posts(const struct notifying *notifying);
int64_t notifying_waiting(const struct notifying *notifying); /* notices in the ledger */

/* The i-th post, from 0, is about this image. */
bool notifying_told_of(const struct notifying *notifying, size_t i, const char *image);

#endif
