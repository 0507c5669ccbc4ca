/*
 * secrets: what the configuration keeps elsewhere, fetched from there: the environment, a file,
 * Parameter Store (GetParameter, decrypted) or Secrets Manager (GetSecretValue).
 *
 * A secret is one line of text; blanks and line ends around it are taken off. What is empty, has
 * more than one line or is a JSON object, which is what the console of Secrets Manager makes by
 * default, is ERR_BROKEN. Errors name the place of a secret and never what is there.
 */
#ifndef EVERGOLD_AWS_SECRETS_H
#define EVERGOLD_AWS_SECRETS_H

#include "common/base/secret.h"
#include "common/decide/config.h"
#include "worker/aws/client.h"

struct secrets {
	struct aws_client *client; /* borrowed, like the timers */
	struct timers *timers;
};

/* The secret is NULL with err, else borrowed until done returns. */
typedef void secret_done_fn(void *ctx, const struct secret *secret, const struct err *err);

/* ref: some place, borrowed until the end. Nothing is kept: whoever asks again, reads again. */
struct call *secrets_get(const struct secrets *secrets, const struct secret_ref *ref,
                         secret_done_fn *done, void *ctx);

/* The same at once, for what is not in AWS. *ret_secret is owned by the caller. */
bool secrets_is_local(const struct secret_ref *ref);
bool secrets_read_local(const struct secret_ref *ref, struct secret *ret_secret, struct err *reterr)
	MUST_USE;

#endif
