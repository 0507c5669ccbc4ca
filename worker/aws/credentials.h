/*
 * credentials: where AWS credentials come from, behind one asynchronous question.
 *
 * So far: the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) and static
 * keys of a profile (AWS_PROFILE in AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE). Half a pair in
 * the environment is an error, as in the SDKs.
 */
#ifndef EVERGOLD_AWS_CREDENTIALS_H
#define EVERGOLD_AWS_CREDENTIALS_H

#include "common/base/err.h"
#include "common/base/secret.h"
#include "worker/adapters/timers.h"

struct credentials {
	const char *access_key_id;
	struct secret secret_access_key;
	struct secret session_token; /* unset for long-term keys */
	const char *source;          /* "environment", "profile NAME in FILE": for people */
};

/* credentials: borrowed until done returns; NULL with err (ERR_BROKEN or ERR_TRANSIENT). */
typedef void credentials_done_fn(void *ctx, const struct credentials *credentials,
                                 const struct err *err);

struct credentials_provider {
	struct call *(*get)(struct credentials_provider *provider, credentials_done_fn *done,
	                    void *ctx);
	void (*expired)(struct credentials_provider *provider); /* the service refused them as expired */
	void (*free)(struct credentials_provider *provider);
};

/* Reads the environment and files now. Faults are told by the first get(), with file and line. */
struct credentials_provider *credentials_standard(struct timers *timers);

/* The region of AWS_REGION, AWS_DEFAULT_REGION or the profile; owned, NULL when none names one. */
char *credentials_region(void);

#endif
