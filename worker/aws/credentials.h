/*
 * credentials: where AWS credentials come from, behind one asynchronous question.
 *
 * So far: the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), else the
 * static keys of a profile (AWS_PROFILE, else "default") in AWS_SHARED_CREDENTIALS_FILE (else
 * ~/.aws/credentials) and AWS_CONFIG_FILE (else ~/.aws/config), the first of the two that has keys.
 * Empty variables are unset ones. Half a pair is an error, as in the SDKs, and so is a profile that
 * asks for a role, SSO or a process.
 */
#ifndef EVERGOLD_AWS_CREDENTIALS_H
#define EVERGOLD_AWS_CREDENTIALS_H

#include "common/base/err.h"
#include "common/base/secret.h"
#include "worker/adapters/timers.h"

struct credentials {
	char *access_key_id;
	struct secret secret_access_key;
	struct secret session_token; /* unset for long-term keys */
	char *source;                /* "environment", "profile NAME in FILE": for people */
};

/* credentials: borrowed until done returns; NULL with err (ERR_BROKEN or ERR_TRANSIENT). */
typedef void credentials_done_fn(void *ctx, const struct credentials *credentials,
                                 const struct err *err);

struct credentials_provider {
	struct call *(*get)(struct credentials_provider *provider, credentials_done_fn *done,
	                    void *ctx);
	void (*expired)(
		struct credentials_provider *provider); /* the service refused them as expired */
	void (*free)(
		struct credentials_provider *provider); /* all gets must be done or cancelled */
};

/*
 * Reads the environment and files now, and again when they were refused as expired: somebody may
 * have written fresh ones. Faults are told by get(), with file and line. Owned: provider->free().
 */
struct credentials_provider *credentials_standard(struct timers *timers) MUST_USE;

/* The region of AWS_REGION, AWS_DEFAULT_REGION or the profile; owned, NULL when none names one. */
char *credentials_region(void) MUST_USE;

#endif
