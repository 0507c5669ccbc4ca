/*
 * slack_answer: what an answer of Slack means, of its Web API or of a webhook.
 *
 * HTTP 200 can hold a refusal. A message is in doubt when Slack may have posted it although its
 * answer says otherwise: of `fatal_error` and `internal_error` its documentation says so, and a
 * status of 5xx or a proxy's page says nothing about what is behind it (chat.postMessage, "Errors";
 * "Rate limits"; "Handling errors" of incoming webhooks).
 */
#ifndef EVERGOLD_SAY_SLACK_ANSWER_H
#define EVERGOLD_SAY_SLACK_ANSWER_H

#include "common/base/err.h"
#include "common/base/span.h"

#include <stdint.h>

enum slack_fault {
	SLACK_FINE,
	SLACK_SECRET_REFUSED, /* the token or webhook is no good, whatever is posted with it */
	SLACK_CHANNEL_WRONG,  /* not there, archived, or not open to us */
	SLACK_BLOCKS_REFUSED, /* they may be right for all we know: the text alone may be taken */
	SLACK_MESSAGE_GONE,  /* the one to be edited, or replied to; or it is too late to edit it */
	SLACK_SCOPE_MISSING, /* the token may not do that */
	SLACK_BUSY,          /* rate limited */
	SLACK_DOWN,          /* out of order: worth asking again later */
	SLACK_REFUSED,       /* whatever else */
};

struct slack_answer {
	enum slack_fault fault;
	bool in_doubt;          /* it may have been posted all the same */
	int64_t retry_after_ms; /* what Slack asks for; -1 when it does not */
	struct err err;         /* ERR_TRANSIENT when busy or down, else ERR_REFUSED; unless fine */
	char ts[32], channel[32]; /* of a message that a bot token posted or edited; "" */
	char detail[200];         /* what Slack says about blocks, in its words; "" */
};

struct slack_reply {
	int status; /* HTTP */
	struct span body, retry_after;
};

void slack_read_answer(const struct slack_reply *reply, bool webhook,
                       struct slack_answer *ret_answer);

/*
 * Looks in an answer of conversations.history or conversations.replies for the message whose
 * metadata names the post. False: it is not there, or the answer is none of these.
 */
bool slack_find_post(struct span body, const char *post_id, char ret_ts[32]);

#endif
