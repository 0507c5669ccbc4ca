/*
 * wire_sts: AWS Security Token Service: who are we, and credentials of a role.
 *
 * Source: the STS API reference, version 2011-06-15. Bodies are appended to *out. Answers are XML;
 * one that is none, or lacks what is needed, is ERR_MALFORMED, and what we do not know is ignored.
 */
#ifndef EVERGOLD_AWS_WIRE_STS_H
#define EVERGOLD_AWS_WIRE_STS_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/secret.h"

#include <stdint.h>

#define STS_SESSION_NAME_SIZE 65

/* "evergold-web" for "web": a letter that a session's name may not have is '-', the rest is cut. */
void sts_session_name(struct span purpose, char ret_name[STS_SESSION_NAME_SIZE]);

/* Borrowed. STS checks what the limits say. */
struct sts_role {
	const char *role_arn;
	const char *session_name; /* 2..64 of [A-Za-z0-9_+=,.@-] */
	const char *external_id;  /* AssumeRole only; NULL: none */
	int duration_s;           /* 900..43200; 0: as the role has it */
};

void sts_assume_role_body(const struct sts_role *role, struct buf *out);

/* Sent unsigned. The room for the token is reserved here, so that no copy of it is left behind. */
void sts_web_identity_body(const struct sts_role *role, const struct secret *token,
                           struct buf *out);

/* Starts out zeroed. */
struct sts_credentials {
	const char *access_key_id;                      /* in the arena */
	struct secret secret_access_key, session_token; /* owned */
	int64_t expires_ms;                             /* ms since 1970 */
};

void sts_credentials_clear(struct sts_credentials *credentials);

/* After an error nothing is owned. */
bool sts_assume_role_answer(struct span xml, struct arena *arena,
                            struct sts_credentials *ret_credentials, struct err *reterr) MUST_USE;
bool sts_web_identity_answer(struct span xml, struct arena *arena,
                             struct sts_credentials *ret_credentials, struct err *reterr) MUST_USE;

void sts_identity_body(struct buf *out);

struct sts_identity {
	const char *arn, *account, *user_id; /* in the arena */
};

bool sts_identity_answer(struct span xml, struct arena *arena, struct sts_identity *ret_identity,
                         struct err *reterr) MUST_USE;

#endif
