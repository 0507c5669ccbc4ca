/*
 * online_checks: what the checks behind online.h share. They come in groups, one file each:
 * online_<group>.c adds its items when a run begins, and asks about one when it is its turn.
 *
 * An item ends with online_tell() or online_fail(), once, from the loop.
 */
#ifndef EVERGOLD_FLOWS_ONLINE_CHECKS_H
#define EVERGOLD_FLOWS_ONLINE_CHECKS_H

#include "common/base/arena.h"
#include "worker/flows/online.h"

struct online_check {
	const char *name;
	bool signs;         /* it needs credentials */
	const char *denied; /* hint: what has to be allowed; NULL: not known */
	void (*ask)(struct online *online);
};

struct online_item {
	const struct online_check *check;
	const char *name;
	const void *about; /* what its group says; or NULL */
	struct online_item *next;
};

struct online {
	struct online_options options;
	struct online_item *items, **end; /* in `kept`, as asked */
	struct online_item *at;           /* NULL: all are told */
	struct call *pending, *deadline;
	int64_t end_ms;       /* steady: of all questions */
	bool has_credentials; /* what needs none of them is asked in any case */
	struct arena kept;    /* items, and what they are about */
	struct arena texts;   /* of the present result */
};

/* The groups, which add their items. */
void online_list_identity(struct online *online);
void online_list_queues(struct online *online);
void online_list_roles(struct online *online);
void online_list_pipelines(struct online *online);

/* name, about: not copied. */
void online_add(struct online *online, const struct online_check *check, const char *name,
                const void *about);

void online_tell(struct online *online, enum online_status status, const char *detail,
                 const char *hint);
void online_fail(struct online *online, const struct err *err); /* with what repairs it */

#define ONLINE_ROLE_SESSION "evergold-check"
#define ONLINE_EXPIRED      "renew the session, or let evergold find a source that renews itself"
#define ONLINE_NO_ROLE \
	"allow sts:AssumeRole on the role, and let its trust policy name the identity above"

#endif
