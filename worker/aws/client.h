/*
 * client: the one place that talks to AWS: signs, sends, classifies, repeats.
 *
 * An operation that failed with `done` has used up its attempts; nobody above tries again at once.
 * Every attempt has the operation's time-out, the whole call max_attempts of them, or as many as
 * common/aws/endpoint_settings.h says, and 30 s more for credentials and waits. A long poll is
 * never repeated. The offset of the clock that AWS's answers teach is kept here and used for
 * signing; what it teaches is repeated once, as is what was refused for credentials that expired or
 * were replaced. Repetitions draw on one quota for all calls (common/aws/retry.h). An answer whose
 * body is not what its x-amz-crc32 says counts as lost. An anonymous operation asks for no
 * credentials and sends none.
 *
 * Each failed attempt is logged as aws_request_failed: at warning when it is the last, and at debug
 * when it is repeated or of a long poll, whose caller logs every failure with the request's id.
 */
#ifndef EVERGOLD_AWS_CLIENT_H
#define EVERGOLD_AWS_CLIENT_H

#include "common/aws/endpoint_settings.h"
#include "common/aws/error.h"
#include "common/aws/operation.h"
#include "worker/adapters/http.h"
#include "worker/adapters/log.h"
#include "worker/aws/credentials.h"

struct aws_client;

struct aws_client_options {
	struct http *http;
	struct timers *timers;
	struct credentials_provider *credentials;
	const struct log *log;
};

void aws_client_free(struct aws_client *client); /* all calls must be done or cancelled */

/*
 * Everything is borrowed. Reads what common/aws/endpoint_settings.h says; what is faulty is
 * ERR_MALFORMED, or ERR_BROKEN in the AWS files, as is a file of certificates to trust that cannot
 * be read.
 */
struct aws_client *aws_client_new(const struct aws_client_options *options, struct err *reterr)
	OWNED(aws_client_free);

/* In whose name a request is made instead of the client's own; see roles.h. */
struct aws_role {
	const char *arn;
	const char *session_name; /* as common/aws/wire_sts.h wants it; shown by CloudTrail */
	const char *region;       /* whose STS is asked */
};

struct aws_request {
	const struct aws_operation *operation;
	const char *region;
	const char *origin; /* "https://host" (a queue URL's) unless overridden; NULL: regional */
	const struct aws_role *role;              /* NULL: none */
	struct credentials_provider *credentials; /* borrowed until the end; NULL: the client's */
	struct span body;
};

struct aws_answer {
	struct span body; /* borrowed until done returns; of a refusal, too: it may hold an item */
	struct span request_id;
	const struct aws_error *error; /* NULL on success */
	bool in_doubt; /* an attempt before the last may have had its effect, unheard */
};

/*
 * On failure err says why for people, operation first, and answer->error what AWS said; answer is
 * NULL when no answer came at all. On success err is NULL.
 */
typedef void aws_done_fn(void *ctx, const struct aws_answer *answer, const struct err *err);

/* The request's texts and body are copied; the operation must stay. */
struct call *aws_start(struct aws_client *client, const struct aws_request *request,
                       aws_done_fn *done, void *ctx);

#endif
