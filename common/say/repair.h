/*
 * repair: command lines of the AWS CLI that repair what a check found, for people to run.
 *
 * Real names are filled in; of a role the command is for its account, whose credentials evergold
 * may not have. Everything in single quotes is for a POSIX shell, and names that AWS accepts hold
 * none.
 */
#ifndef EVERGOLD_SAY_REPAIR_H
#define EVERGOLD_SAY_REPAIR_H

#include "common/base/buf.h"

/* Borrowed for the call. */
struct repair_grant {
	const char *principal;      /* ARN of a user, a role, or a role that was assumed */
	const char *const *actions; /* up to NULL; all of one service */
	const char *resource;       /* ARN */
};

/* Appends the command that allows it by a policy of its own. False: no such principal has one. */
bool repair_add_grant(const struct repair_grant *grant, struct buf *out);

/* Which resource of a service: partition and account are those of the principal's ARN. */
struct repair_resource {
	const char *principal;
	const char *service, *region;
	const char *kind; /* "parameter", or "" */
	const char *name; /* "golden-al2023", "/golden/base" */
};

void repair_add_arn(const struct repair_resource *resource, struct buf *out);

#endif
