/*
 * pacing: how often, and for how much, all receivers together ask the queue.
 *
 * While the queue works everybody asks at once. After a failure one asks at a time and the others
 * wait, first for a second or two, then longer, up to once a minute; the first answer sets all of
 * them free, one with messages when these are settled. At the start, too, one asks alone until it
 * has an answer. It is the same, but once a second, while long polls that bring nothing end early.
 * An answer that nobody can read, because it is too long for instance, may hide good messages: the
 * next LIMIT_BATCH messages are received one by one.
 *
 * Who was given a turn asks, and tells what came of it; only at the end of all may it do without.
 */
#ifndef EVERGOLD_FLOWS_PACING_H
#define EVERGOLD_FLOWS_PACING_H

#include "worker/flows/ports.h"

struct pacing;

void pacing_free(struct pacing *pacing); /* nobody waits any more */
struct pacing *pacing_new(const struct ports *ports) OWNED(pacing_free);

/* Calls done when it is time to ask. */
struct call *pacing_turn(struct pacing *pacing, timer_done_fn *done, void *ctx);

int pacing_messages(const struct pacing *pacing); /* to ask for: 1 or LIMIT_BATCH */

/*
 * How long a receive waits for messages. A second, until one brought none: somebody waits to hear
 * that the queue holds nothing more from before (worker.h). Then as long as SQS can.
 */
int pacing_wait_s(const struct pacing *pacing);

/* What came of a question of that (steady) time. n: messages that it brought, new ones. */
void pacing_answered(struct pacing *pacing, int64_t asked_ms, size_t n);

/* The messages that it brought are settled: the ledger has what they say. */
void pacing_settled(struct pacing *pacing, int64_t asked_ms);

/* No answer, or messages that the ledger does not take. Returns: asked again after so many ms. */
int64_t pacing_failed(struct pacing *pacing, int64_t asked_ms, const struct err *err);

#endif
