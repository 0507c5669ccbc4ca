/*
 * hints: what events said, until the rows that they are about are due.
 *
 * They are written one after the other, and again with back-off while the ledger is out of order.
 * None waits twice. An execution that no row has may be one whose start is not recorded yet, so it
 * is remembered. All of it is in memory, since it may be lost: polling finds out what a hint would
 * have told. At most LIMIT_HINTS wait, and LIMIT_UNKNOWN are remembered, the latest of them.
 */
#ifndef EVERGOLD_FLOWS_HINTS_H
#define EVERGOLD_FLOWS_HINTS_H

#include "common/aws/event.h"
#include "worker/flows/ports.h"

struct hints;

void hints_free(struct hints *hints);

/* due: a row of the ledger is due now because of a hint. */
struct hints *hints_new(const struct ports *ports, void (*due)(void *ctx), void *ctx)
	OWNED(hints_free);

/* Copied. What names neither an execution nor a pipeline is no hint. */
void hints_add(struct hints *hints, const struct event *event);

/* A row with this execution was saved: what was heard of it before is a hint now. */
void hints_saved(struct hints *hints, const char *execution_id);

void hints_stop(struct hints *hints); /* writes nothing more */

#endif
