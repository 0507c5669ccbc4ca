/*
 * decide: what follows from an announcement for each family and region.
 *
 * In two steps, because the second needs the ledger: decide_announcement() matches, and
 * decide_known() turns a match into duplicate or older when the ledger knows better, or into held
 * when it has to wait (hold.h). In one batch an earlier build counts for the later decisions:
 * decide_learn().
 */
#ifndef EVERGOLD_DECIDE_DECIDE_H
#define EVERGOLD_DECIDE_DECIDE_H

#include "common/base/reason.h"
#include "common/decide/build.h"
#include "common/decide/config.h"
#include "common/decide/hold.h"
#include "common/release/release.h"

struct decision {
	const struct family *family;   /* NULL: the announcement as a whole */
	const char *region;            /* one of the family's; NULL without family */
	enum reason reason;            /* the outcome follows: reason_outcome() */
	const struct image *image;     /* the chosen one; NULL */
	const struct image *rivals[2]; /* of an ambiguous one: two that fit */
	struct span version;           /* of the image; the release's when there is none */
	struct facts facts;            /* filled by the ledger */
	int64_t held_until_ms;         /* when it is held */
	char detail[240];              /* for people; may be empty */
};

struct decisions {
	struct decision *at; /* owned */
	size_t n;
};

void decisions_clear(struct decisions *decisions);

/*
 * Appends one decision for each tracked family of the publisher and region of that family, or one
 * `no_family` when there is none (publisher may be NULL). At most LIMIT_CANDIDATES in all: more are
 * refused by the configuration. A release that names no images leaves each of them held without an
 * image; a withdrawal does so with those of the publisher that it withdraws from.
 */
void decide_announcement(const struct config *config, const struct publisher *publisher,
                         const struct release *release, struct decisions *decisions);

/* For one family of the publisher in one region. */
void decide_line(const struct family *family, const char *region, const struct release *release,
                 struct decision *ret_decision);

/* A decision that rejects: family NULL. */
void decide_rejected(enum reason reason, const char *detail, struct decisions *decisions);

bool decision_starts(const struct decision *decision);

/* It starts, or waits as a row of the ledger until nothing holds it any more. */
bool decision_builds(const struct decision *decision);

/* When is it? What was announced in the future was announced now. */
struct moment {
	int64_t announced_ms, now_ms;
};

/* Looks at decision->facts. Changes only what would start. */
void decide_known(struct decision *decision, const struct moment *moment);

/* `built` builds: what does that change in what is known for `other`? */
void decide_learn(const struct decision *built, struct decision *other);

/* What is known about an announcement besides its release. Texts are borrowed. */
struct announcement {
	struct span message_id, topic;
	const struct publisher *publisher; /* NULL: none of ours */
	int64_t announced_ms;              /* SNS's Timestamp; 0: not known */
};

/* The row that a decision makes that builds. Its texts are in the arena and the configuration. */
void decision_build(const struct decision *decision, const struct announcement *announcement,
                    const struct release *release, struct arena *arena, struct build *ret_build);

#endif
