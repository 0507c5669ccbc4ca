/*
 * error: what a failed AWS answer means.
 *
 * Reads the code from the body's __type, the header x-amzn-errortype or the body's code, in the
 * shapes that botocore's protocol tests list, for the JSON protocols. The message may be absent,
 * and the body may be no JSON at all: then the code is the HTTP status and the body the message.
 * Retry classes follow the SDKs and tools reference guide, "Retry behavior".
 */
#ifndef EVERGOLD_AWS_ERROR_H
#define EVERGOLD_AWS_ERROR_H

#include "common/aws/retry.h"
#include "common/base/err.h"
#include "common/base/span.h"

struct aws_error {
	char code[96];     /* "ThrottlingException"; the HTTP status when there is none */
	char message[200]; /* "" when absent; cut at the size; UTF-8 without control characters */
	int status;        /* HTTP */
	enum retry_class retry;
	enum err_kind kind; /* ERR_TRANSIENT, ERR_REFUSED or ERR_BROKEN (access, credentials) */
};

/* status is not 2xx. error_type: the header's value or SPAN_NONE. */
void aws_error_read(int status, struct span error_type, struct span body,
                    struct aws_error *ret_error);

#endif
