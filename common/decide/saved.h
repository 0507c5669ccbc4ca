/*
 * saved: the notifications in one saved document, whatever it was saved from.
 *
 * Recognised by content: a response of `aws sqs receive-message` (Messages[].Body), a Lambda SNS
 * event (Records[].Sns), else the document itself is one envelope. A stream of JSON Lines is read
 * line by line, each line a document.
 *
 *	saved_open(&saved, document);
 *	while (saved_next(&saved, &item))
 *		...
 *	saved_close(&saved);
 */
#ifndef EVERGOLD_DECIDE_SAVED_H
#define EVERGOLD_DECIDE_SAVED_H

#include "common/base/reader.h"
#include "common/sns/envelope.h"

struct saved_item {
	struct span body; /* valid until saved_close() */
	enum envelope_form form;
};

struct saved {
	struct span document; /* borrowed until saved_close() */
	struct reader reader;
	const char *list; /* "Messages", "Records"; NULL: the document is the only item */
	bool done;
};

void saved_open(struct saved *saved, struct span document);
bool saved_next(struct saved *saved, struct saved_item *ret_item);
void saved_close(struct saved *saved);

/* Is the whole text one acceptable JSON value? */
bool saved_is_document(struct span text);

/* Has the document the shape of an SNS envelope (a Type and a TopicArn), whether sound or not? */
bool saved_is_envelope(struct span document);

#endif
