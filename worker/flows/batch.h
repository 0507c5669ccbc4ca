/*
 * batch: the messages of one receive, until the ledger has them.
 */
#ifndef EVERGOLD_FLOWS_BATCH_H
#define EVERGOLD_FLOWS_BATCH_H

#include "worker/flows/deletions.h"
#include "worker/flows/message.h"
#include "worker/flows/receiver.h"

struct batch_done {
	timer_done_fn *done; /* once, from the loop, when every message is settled */
	void *ctx;
};

struct batch {
	struct buf answer; /* owned: what the messages point into */
	struct reader reader;
	struct message messages[LIMIT_BATCH];
	size_t n, n_open;
	struct batch_done judged;

	/* What is recorded: decisions in the order of the messages, and the builds they make. */
	struct decision *decisions; /* owned */
	size_t n_decisions;
	struct build *builds;   /* owned; texts in the arena and in the messages */
	struct remark *remarks; /* owned; likewise */
	struct arena arena;
	struct ledger_entry entries[LIMIT_BATCH];
	size_t n_entries;
};

void batch_clear(struct batch *batch); /* abandons what is open; the batch is empty after */

/* Copies the answer of a receive and reads its messages. ERR_MALFORMED. */
bool batch_read(struct batch *batch, struct span answer, struct err *reterr) MUST_USE;

/* Whose messages they are, and what else is known of messages; borrowed. */
struct batch_keepers {
	struct deletions *deletions;
	struct leases *leases;
	const void *holder;
};

/* Takes the messages in hand; leaves out those that somebody has there, or is deleting, already. */
void batch_take(struct batch *batch, const struct batch_keepers *keepers);

/* Finds messages whose lease is lost: nothing more comes of them. Were there some? */
bool batch_lose(struct batch *batch, const struct batch_keepers *keepers);

void batch_judge(struct batch *batch, const struct ports *ports, const struct message_rules *rules,
                 const struct batch_done *done);
void batch_abandon(struct batch *batch); /* stops judging; the messages are still there */

bool batch_has_decisions(const struct batch *batch);

/* Copies the decisions of all decided messages, as they were before anything was known. */
void batch_collect(struct batch *batch);

/*
 * With the facts filled in: applies them, and makes entries and builds. What depends on the hour is
 * decided at now_ms; -1: at the time of each announcement, so that the clock has no say.
 */
void batch_decide(struct batch *batch, int64_t now_ms);

/*
 * The next signed message from *at on in a shape that we do not know, as a remark for people, whose
 * texts live as long as the batch. False: there is none.
 */
bool batch_next_unreadable(struct batch *batch, size_t *at, struct remark *ret_remark);

/* Logs what came of each message, and tells the listener. */
void batch_tell(const struct batch *batch, const struct ports *ports,
                const struct receiver_listener *listener);

/* Those that may be deleted are, with their newest handles. */
void batch_delete(const struct batch *batch, const struct batch_keepers *keepers);

#endif
