/*
 * redrive: can what is rejected leave the queue?
 *
 * The worker deletes nothing that it rejects (the redrive policy carries it away, as evidence), so
 * a queue without such a policy shows it again and again until it forgets it; and one that gives
 * up after a receive or two carries away what only met a passing trouble. SQS is asked once, and
 * each of the two is a warning. Where nobody may ask, that is said at debug, and nothing depends on
 * it.
 */
#ifndef EVERGOLD_FLOWS_REDRIVE_H
#define EVERGOLD_FLOWS_REDRIVE_H

#include "common/aws/wire_queue.h"
#include "worker/flows/queue.h"

bool redrive_is_missing(const struct sqs_attributes *queue);
bool redrive_is_early(const struct sqs_attributes *queue);

/* What is wrong, in words; NULL: nothing. */
const char *redrive_trouble(const struct sqs_attributes *queue);

struct redrive;

void redrive_free(struct redrive *redrive);
struct redrive *redrive_new(const struct queue *queue /* borrowed */) OWNED(redrive_free);

void redrive_ask(struct redrive *redrive);  /* only the first time */
void redrive_stop(struct redrive *redrive); /* no answer is waited for, and nothing asked */

#endif
