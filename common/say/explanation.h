/*
 * explanation: why a message was decided as it was, as text for people and as JSON for scripts.
 *
 * The JSON's keys, their order and their meaning are fixed (evergold(1)). What others wrote is made
 * plain in the text (common/base/plain.h).
 */
#ifndef EVERGOLD_SAY_EXPLANATION_H
#define EVERGOLD_SAY_EXPLANATION_H

#include "common/decide/explain.h"
#include "common/decide/notification.h"

/* The message as a whole. */
struct explanation_head {
	const char *source; /* the file it was read from */
	const struct notification *notification;
	const struct config *config;
};

/* Message, trust and release; if it was rejected, why. */
void explanation_add_head(const struct explanation_head *head, struct buf *out);

/* One family and region. */
void explanation_add(const struct explanation_head *head, const struct explanation *explanation,
                     struct buf *out);

/* The families that the message does not concern, because they follow others. */
void explanation_add_others(const struct explanation_head *head, struct buf *out);

/* One object on a line; explanation NULL: of a decision without family. */
void explanation_json(const struct explanation_head *head, const struct decision *decision,
                      const struct explanation *explanation, struct buf *out);

#endif
