/*
 * online_checks: what the checks behind online.h share. They come in groups, one file each:
 * online_<group>.c adds its items when a run begins, and asks about one when it is its turn.
 *
 * An item ends with online_tell() or online_fail(), once, from the loop.
 */
#ifndef EVERGOLD_FLOWS_ONLINE_CHECKS_H
#define EVERGOLD_FLOWS_ONLINE_CHECKS_H

#include "common/aws/wire_queue.h"
#include "common/base/arena.h"
#include "common/base/secret.h"
#include "worker/flows/online.h"
#include "worker/flows/queue.h"

struct online_check {
	const char *name;
	bool signs;         /* it needs credentials */
	const char *denied; /* hint: what has to be allowed; NULL: not known */
	void (*ask)(struct online *online);
	/* With online_repair(), if a command can help against the error; NULL: none can. */
	void (*repair)(struct online *online, const struct err *err);
};

struct online_item {
	const struct online_check *check;
	const char *name;
	const void *about; /* what its group says; or NULL */
	struct online_item *next;
};

/* One of the queues that the configuration may name. */
struct online_queue {
	const char *setting; /* "queue.url" */
	struct queue queue;
	struct sqs_attributes attributes; /* arn NULL: they are not known; in `kept` */
};

struct online {
	struct online_options options;
	struct online_item *items, **end; /* in `kept`, as asked */
	struct online_item *at;           /* NULL: all are told */
	struct call *pending, *deadline;
	int64_t end_ms;       /* steady: of all questions */
	bool has_credentials; /* what needs none of them is asked in any case */
	struct online_queue announcements, events;
	const char *identity; /* ARN of who asks; NULL: not known */
	struct secret token;  /* of Slack, once it was read, */
	bool token_is_good;   /* and Slack takes it */
	const char *repair;   /* of the present result */
	struct arena kept;    /* items, and what they are about */
	struct arena texts;   /* of the present result */
};

/* The groups, which add their items. */
void online_list_signatures(struct online *online);
void online_list_identity(struct online *online);
void online_list_queues(struct online *online);
void online_list_topics(struct online *online);
void online_list_roles(struct online *online);
void online_list_pipelines(struct online *online);
void online_list_parameters(struct online *online);
void online_list_slack(struct online *online);
void online_list_sinks(struct online *online);

/* name, about: not copied. */
void online_add(struct online *online, const struct online_check *check, const char *name,
                const void *about);

void online_tell(struct online *online, enum online_status status, const char *detail,
                 const char *hint);
void online_fail(struct online *online, const struct err *err); /* with what repairs it */

/* The command line that goes with the next result. */
void online_repair(struct online *online, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same, which sets attributes of the queue: JSON. */
void online_repair_attribute(struct online *online, const struct online_queue *asked,
                             const char *attributes);

/* What is asked about in AWS, as its ARN says it. */
struct online_resource {
	const char *role_arn; /* in whose name, and so in which account; NULL: our own */
	const char *service, *region;
	const char *kind; /* "parameter", or "" */
	const char *name;
};

/* The command that allows the actions (up to NULL) on it; none if nobody knows who asks. */
void online_repair_grant(struct online *online, const struct online_resource *resource,
                         const char *const *actions);

/* Is AWS's answer that the action is not allowed? Not: that the role cannot be assumed. */
bool online_is_denied(const struct err *err);

#define ONLINE_ROLE_SESSION "evergold-check"
#define ONLINE_EXPIRED      "renew the session, or let evergold find a source that renews itself"
#define ONLINE_NO_ROLE \
	"allow sts:AssumeRole on the role, and let its trust policy name the identity above"

#endif
