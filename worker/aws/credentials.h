/*
 * credentials: where AWS credentials come from, behind one asynchronous question.
 *
 * Which source it is, the environment and the AWS files say (common/aws/credential_plan.h): keys,
 * roles, web identity, IAM Identity Center, a process, a container's endpoint, EC2's metadata.
 * Empty variables are unset ones.
 */
#ifndef EVERGOLD_AWS_CREDENTIALS_H
#define EVERGOLD_AWS_CREDENTIALS_H

#include "common/base/err.h"
#include "common/base/secret.h"
#include "worker/adapters/timers.h"

#include <stdint.h>

struct credentials {
	char *access_key_id;
	struct secret secret_access_key;
	struct secret session_token; /* unset for long-term keys */
	char *source;                /* "environment", "profile NAME in FILE": for people */
	int64_t expires_ms;          /* ms since 1970; 0: they do not expire */
};

struct credentials credentials_copy(const struct credentials *credentials); /* owned */
void credentials_clear(struct credentials *credentials); /* overwrites what is secret */

/* credentials: borrowed until done returns; NULL with err (ERR_BROKEN or ERR_TRANSIENT). */
typedef void credentials_done_fn(void *ctx, const struct credentials *credentials,
                                 const struct err *err);

struct credentials_provider {
	struct call *(*get)(struct credentials_provider *provider, credentials_done_fn *done,
	                    void *ctx);
	void (*expired)(struct credentials_provider *provider); /* the service refused them */
	void (*free)(
		struct credentials_provider *provider); /* all gets must be done or cancelled */
};

struct aws_endpoint_settings;
struct credential_plan;
struct loop;
struct http;
struct log;

/* Borrowed. */
struct credentials_options {
	struct loop *loop;
	struct http *http;
	struct timers *timers;
	const struct log *log;
	const char *region; /* of STS, when environment and profile name none; NULL: us-east-1 */
};

/*
 * Kept and renewed as worker/aws/credential_sources.h says. The environment and files are read at
 * the first question, after a fault in them, and again when credentials were refused as expired,
 * unknown or wrong: somebody may have written fresh ones. Faults are told by get(), with file and
 * line. Owned: provider->free().
 */
struct credentials_provider *credentials_standard(const struct credentials_options *options)
	MUST_USE;

/* As common/aws/endpoint_settings.h says it, of the environment and the AWS files. */
bool credentials_endpoints(struct aws_endpoint_settings *ret_settings, struct err *reterr) MUST_USE;

/* credential_plan_imds() of them: to be cleared in any case. */
bool credentials_metadata(struct credential_plan *ret_plan, struct err *reterr) MUST_USE;

/*
 * Tells each file that may be read for credentials from now on, whether it is there or not. True:
 * a program is run for them, or it cannot be said, for the files are faulty.
 */
bool credentials_needs(void (*needed)(void *ctx, const char *path), void *ctx);

/* The region of AWS_REGION, AWS_DEFAULT_REGION or the profile; owned, NULL when none names one. */
char *credentials_region(void) MUST_USE;

#endif
