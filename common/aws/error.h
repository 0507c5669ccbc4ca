/*
 * error: what a failed AWS answer means.
 *
 * Reads the code in the shapes that botocore's protocol tests list. JSON: the body's __type, the
 * header x-amzn-errortype or the body's code. XML: ErrorResponse/Error of query or
 * Response/Errors/Error of EC2, or a mix of both, as botocore takes it. The message may be absent,
 * and the body may be nothing of that kind at all: then the code is the HTTP status, unless the
 * header told one, and the body the message.
 * Retry classes follow the SDKs and tools reference guide, "Retry behavior".
 */
#ifndef EVERGOLD_AWS_ERROR_H
#define EVERGOLD_AWS_ERROR_H

#include "common/aws/operation.h"
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

struct aws_error_answer {
	enum aws_protocol protocol; /* of the service */
	int status;                 /* not 2xx */
	struct span error_type;     /* the header's value or SPAN_NONE; JSON only */
	struct span body;
};

void aws_error_read(const struct aws_error_answer *answer, struct aws_error *ret_error);

/*
 * The request id that an answer of a query protocol tells in its body, failed or not: RequestId,
 * RequestID or requestId, wherever it stands. Borrowed; empty when there is none that can be said.
 */
struct span aws_query_request_id(struct span body);

#endif
