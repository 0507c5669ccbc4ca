/*
 * credential_answer: the keys in what a source of credentials answers with.
 *
 * Sources: AWS SDKs and Tools Reference Guide, "Process credential provider", "Container credential
 * provider" and "IMDS credential provider"; IAM Identity Center portal API, GetRoleCredentials; the
 * file that `aws sso login` leaves (AWS CLI).
 */
#ifndef EVERGOLD_AWS_CREDENTIAL_ANSWER_H
#define EVERGOLD_AWS_CREDENTIAL_ANSWER_H

#include "common/aws/credential_plan.h"
#include "common/base/reader.h"

/* The spans are borrowed from the text that was parsed and from `reader`. */
struct credential_answer {
	struct span access_key_id, secret_access_key; /* not empty */
	struct span token;                            /* empty: there is none */
	int64_t expires_ms;                           /* 0: never */
	struct reader reader;                         /* owned */
};

void credential_answer_clear(struct credential_answer *answer); /* wipes what was unescaped */

/*
 * What a container's endpoint, IMDS, a credential_process and the portal of IAM Identity Center
 * answer with. The caller owes credential_answer_clear() in any case; the text is borrowed until
 * then. ERR_BROKEN; never a key in its text.
 */
bool credential_answer_parse(struct span json, enum credential_kind kind,
                             struct credential_answer *ret_answer, struct err *reterr) MUST_USE;

struct credential_login {
	struct span token; /* not empty, without control characters; borrowed as above */
	int64_t expires_ms;
	struct reader reader; /* owned */
};

void credential_login_clear(struct credential_login *login);

/* What a login to IAM Identity Center has left. Likewise; false: it cannot be read. */
bool credential_login_parse(struct span json, struct credential_login *ret_login) MUST_USE;

#endif
