/*
 * credential_sources: one credentials provider for each way to come by credentials.
 *
 * Each get() asks its source anew, and fails with ERR_TRANSIENT or ERR_BROKEN, its text naming the
 * source; nothing is kept but IMDS's session. credentials_cached() around one of them is what may
 * be asked often. The chain that the environment and files select is put together by credentials.c.
 *
 * What a step or a path points to is borrowed as long as the provider lives.
 */
#ifndef EVERGOLD_AWS_CREDENTIAL_SOURCES_H
#define EVERGOLD_AWS_CREDENTIAL_SOURCES_H

#include "common/aws/credential_plan.h"
#include "worker/adapters/http.h"
#include "worker/adapters/log.h"
#include "worker/aws/credentials.h"

struct aws_client;
struct aws_endpoint_settings;

/* Borrowed. */
struct credential_tools {
	struct loop *loop;
	struct http *http;
	struct timers *timers;
	struct aws_client *client; /* for STS; what to sign with, the source tells it */
	const char *region;        /* of STS */
	const char *home;          /* where .aws/sso/cache is; NULL: not known */
	const struct aws_endpoint_settings *endpoints; /* of the portal */
};

/*
 * Keeps the credentials of the source, which is handed over, and renews them ahead of time.
 *
 * From 15 minutes before they expire they are renewed in the background, from 10 minutes on those
 * who ask wait for it; both windows shrink for credentials that live shortly. While the source
 * fails, credentials that still work are given out, and the source is asked once a minute; only
 * when they have expired its error is the answer. Credentials that come expired out of the source
 * are given out all the same, as AWS may still honour them. However many ask, the source is asked
 * once. After expired() the next to ask waits for fresh ones. Failures are logged as
 * credentials_not_renewed (log: NULL for none).
 */
struct credentials_provider *credentials_cached(struct credentials_provider *source,
                                                struct timers *timers, const struct log *log)
	MUST_USE;

/* The keys of the step itself. */
struct credentials_provider *credentials_fixed(const struct credential_tools *tools,
                                               const struct credential_step *step) MUST_USE;

/* ECS, EKS Pod Identity. The token's file is read at every attempt: 3 of them, 2 s each. */
struct credentials_provider *credentials_container(const struct credential_tools *tools,
                                                   const struct credential_step *step) MUST_USE;

/* EC2 instance metadata, version 2 alone. A session that is refused is begun anew, once. */
struct credentials_provider *credentials_imds(const struct credential_tools *tools,
                                              const struct credential_step *step) MUST_USE;

/* credential_process: a minute, and 16 KiB. */
struct credentials_provider *credentials_process(const struct credential_tools *tools,
                                                 const struct credential_step *step) MUST_USE;

/* AssumeRole, signed with the base's credentials, which is handed over. */
struct credentials_provider *credentials_role(const struct credential_tools *tools,
                                              const struct credential_step *step,
                                              struct credentials_provider *base) MUST_USE;

/* AssumeRoleWithWebIdentity, unsigned. The token's file is read each time. */
struct credentials_provider *credentials_web_identity(const struct credential_tools *tools,
                                                      const struct credential_step *step) MUST_USE;

/* IAM Identity Center, with the login that the AWS CLI keeps; the error says how to log in. */
struct credentials_provider *credentials_sso(const struct credential_tools *tools,
                                             const struct credential_step *step) MUST_USE;

#endif
