/*
 * inbox: the messages in saved files and folders, one after the other, whatever they were saved
 * from (walk.h, common/decide/saved.h).
 */
#ifndef EVERGOLD_CLI_INBOX_H
#define EVERGOLD_CLI_INBOX_H

#include "common/decide/saved.h"
#include "worker/cli/walk.h"
#include "worker/flows/message.h"

struct inbox {
	struct walk *walk;
	struct span topic;  /* of bodies without envelope; empty: there are none */
	struct saved saved; /* the document that is being read */
	bool reading;       /* saved is open */
	char path[4096];    /* of it */
};

/* paths are NULL-ended; they and the topic, an ARN or NULL, are borrowed. */
void inbox_open(struct inbox *inbox, char *const *paths, const char *topic);
void inbox_close(struct inbox *inbox); /* also of one that is all zero */

/*
 * The next message, ready for message_start(); its body is borrowed until the next step. False: the
 * end, or a fault (then reterr->kind is not ERR_NONE).
 */
bool inbox_next(struct inbox *inbox, struct message *ret_message, struct err *reterr);

/* Is it the ARN of a topic, as bare bodies need one? Complains unless it is; NULL is none. */
bool inbox_takes_topic(const char *topic) MUST_USE;

#endif
