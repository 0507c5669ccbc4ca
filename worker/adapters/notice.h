/*
 * notice: what is to be told, as the ledger hands it to one sink, and how far that one is with it.
 */
#ifndef EVERGOLD_ADAPTERS_NOTICE_H
#define EVERGOLD_ADAPTERS_NOTICE_H

#include "common/base/arena.h"
#include "common/decide/build.h"
#include "common/say/slack.h"

enum post_state {
	POST_NONE,   /* surely not there */
	POST_ASKED,  /* asked for; whether it is there nobody knows before the answer */
	POST_SENT,   /* there, with its ts */
	POST_CLOSED, /* as it is for good: it cannot be edited */
};

/* What Slack knows of a message of ours: a part of a build, or a remark. */
struct post {
	enum slack_part part;
	enum post_state state;
	int nth;                /* message in the place of one that was lost; 0: the first */
	const char *channel;    /* as it was named when it was asked for; NULL: it never was */
	const char *channel_id; /* what Slack calls that channel; NULL: not known yet */
	const char *ts;         /* what Slack calls the message; NULL */
	const char *thread_ts;  /* of details: their root's; NULL */
	char digest[DIGEST_SHA256_HEX]; /* of what was sent or asked for last; "" */
	int64_t asked_ms;               /* when it was asked for first */
};

#define POST_PARTS (SLACK_DETAILS + 1)

/*
 * A notice that waits for a sink, and the build that it is about, as its row is now; of a remark
 * the build has a family alone.
 */
struct notice {
	int64_t id;
	int64_t last;          /* up to this one, the notices of its build are delivered with it */
	int64_t created_ms;    /* of the last */
	enum notice_kind kind; /* of the last */
	const char *text;      /* of a remark; else NULL */
	struct build build;
	struct post posts[POST_PARTS];

	/* How far the sink is with it; save_notice() writes these. */
	int64_t due_ms;
	int tries;
	bool done;         /* delivered, or given up */
	const char *error; /* why not; NULL */
};

struct notice_wish {
	const char *sink;
	bool merges; /* of the notices of one build the last is enough */

	/* Which lanes are open: those of these families alone; or all but theirs. */
	const char *const *families;
	size_t n_families;
	bool alone;
};

/* A copy with texts of its own, in the arena. */
struct notice notice_copy(const struct notice *notice, struct arena *arena);
struct post post_copy(const struct post *post, struct arena *arena);

#endif
