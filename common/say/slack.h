/*
 * slack: what is said on Slack about a build, or as a remark besides, as the JSON of
 * chat.postMessage, chat.update or a webhook.
 *
 * A build has at most two messages: its root in the channel, and its details, one reply in the
 * root's thread, once it has ended. Both are functions of the row as it is, and are edited as it
 * moves, so that whatever happened in between the end is the same. An edit calls nobody: whoever
 * has to do something about a failure is mentioned in its details, which are shown in the channel,
 * too. A webhook can neither edit nor thread: each notice is one message with all that fits.
 *
 * Blocks for people who look, and a `text` with the same facts for notifications, screen readers,
 * and where blocks are refused. Everything that came from outside is made plain, escaped (& < >)
 * and cut: a header has at most 150 characters, a section 3,000, all together 12,000 (Slack API,
 * "Blocks"). The texts are verbatim: nothing links or pings but what we wrote as a link or a
 * mention.
 */
#ifndef EVERGOLD_SAY_SLACK_H
#define EVERGOLD_SAY_SLACK_H

#include "common/base/buf.h"
#include "common/decide/build.h"
#include "common/release/catalogue.h"

enum notice_kind {
	NOTICE_FINISHED,   /* the execution has ended, one way or the other */
	NOTICE_STARTED,    /* it was started, or runs again */
	NOTICE_SUPERSEDED, /* it gave way to a newer release before it was started */
	NOTICE_REFUSED,    /* AWS refuses to start it; it is tried again later */
	NOTICE_GIVEN_UP,   /* it was never started */
	NOTICE_HELD,       /* it waits for what people may have to do something about */

	/* About no build of ours: remarks. */
	NOTICE_AMBIGUOUS,       /* several images fit */
	NOTICE_UNREADABLE,      /* a publisher writes in a shape that we do not know */
	NOTICE_MISSED,          /* a release was found that had not been announced to us */
	NOTICE_WITHDRAWN,       /* a publisher has taken images back */
	NOTICE_UNRESOLVED,      /* what a publisher announced was not found */
	NOTICE_DIGEST,          /* what a week has brought */
	NOTICE_OTHER_EXECUTION, /* somebody else's in a pipeline of ours */
	NOTICE_LAST = NOTICE_OTHER_EXECUTION
};

const char *notice_word(enum notice_kind kind); /* "finished", ... */

enum slack_part { SLACK_ROOT, SLACK_DETAILS };

struct slack_message {
	enum notice_kind kind;
	enum slack_part part;      /* of a build; a remark and a webhook have a root alone */
	const struct build *build; /* of a remark it has a family alone, or not even that */
	const char *text;          /* of a remark: lines for people; else NULL */
	const struct publisher *publisher; /* whom a remark may be about; NULL: not known */
	const char *mention;  /* "<!subteam^S012345>", for whoever has to do something; NULL */
	bool several_regions; /* of its family: the headline says which */

	const char *channel;   /* NULL for a webhook, which has its own */
	const char *ts;        /* edit this message (chat.update); NULL: a new one */
	const char *thread_ts; /* of details: their root's; NULL: no thread */
	const char *post_id;   /* found again in `metadata` when an answer was lost; NULL: none */
	bool plain;            /* Slack has refused the blocks: the same facts as text alone */
};

/* Has it ended, so that there are details to be told? */
bool slack_has_details(const struct build *build);

void slack_message_json(const struct slack_message *message, struct buf *out);

#endif
