/*
 * receiving: receivers and deletions in a scripted world, and what the receivers tell.
 */
#ifndef TESTS_FLOWS_RECEIVING_H
#define TESTS_FLOWS_RECEIVING_H

#include "tests/flows/scripted_world.h"
#include "worker/flows/receiver.h"

struct receiving {
	struct world *world;
	struct queue queue;
	struct deletions *deletions;
	struct leases *leases;
	struct pacing *pacing;
	struct receiver *receivers[LIMIT_RECEIVERS];
	size_t n_receivers;
	struct receiver_listener listener;

	/* How often each was told of. */
	int wanted, notices, answered, stopped, events, left_open, empty;
	char execution[40]; /* of the last event */
};

/* With an empty ledger, and no receiver yet. */
void receiving_begin(struct receiving *receiving, int receivers);
void receiving_add(struct receiving *receiving);
void receiving_end(struct receiving *receiving);

int64_t receiving_builds(const struct receiving *receiving); /* rows of the ledger */
int64_t receiving_announcements(const struct receiving *receiving);

#endif
