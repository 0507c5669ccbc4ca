/*
 * sigv4: signs a request with AWS Signature Version 4, header form.
 *
 * Source: IAM user guide, "Create a signed AWS API request". Pure: the time is an argument, so a
 * learned clock offset is simply added by the caller.
 *
 * Header values are trimmed and inner runs of blanks folded; repeated names are joined with a comma
 * in the order given. The path is percent-encoded as it stands, so what came encoded is encoded
 * twice, as every service but S3 wants it; names and values of the query are encoded exactly once
 * and sorted. A request whose signed parts pass LIMIT_SIGNED_TEXT gets a signature that AWS
 * refuses.
 */
#ifndef EVERGOLD_AWS_SIGV4_H
#define EVERGOLD_AWS_SIGV4_H

#include "common/base/buf.h"
#include "common/base/secret.h"
#include "common/base/span.h"

#include <stdint.h>

struct sigv4_credentials {
	struct span access_key_id;
	const struct secret *secret_access_key; /* borrowed */
	const struct secret *session_token;     /* borrowed; NULL or unset: long-term credentials */
};

struct sigv4_header {
	struct span name; /* any case */
	struct span value;
};

#define SIGV4_MAX_HEADERS 32

struct sigv4_request {
	struct span method;
	struct span path, query;            /* as they go on the wire; the path is "/" at least */
	const struct sigv4_header *headers; /* borrowed; those to be signed, Host among them */
	size_t n_headers;
	struct span body;
	struct span region, service; /* the signing name: "sqs", "codepipeline", ... */
	int64_t time_ms;
	bool sign_body;      /* adds x-amz-content-sha256 (S3 and the test suite) */
	bool normalize_path; /* resolve "." and ".." and double slashes */
	bool token_after;    /* x-amz-security-token is sent but not signed */
};

/* What is added to the request. */
struct sigv4_signature {
	char date[17];           /* X-Amz-Date */
	char content_sha256[65]; /* X-Amz-Content-Sha256, "" unless sign_body */
	char signature[65];
	struct buf authorization; /* Authorization; owned, buf_clear() */
};

/*
 * Adds x-amz-date, and what the request asks for, to the signed headers; the caller gives none of
 * them, at most SIGV4_MAX_HEADERS others (an assertion), and sends X-Amz-Security-Token himself.
 */
void sigv4_sign(const struct sigv4_request *request, const struct sigv4_credentials *credentials,
                struct sigv4_signature *ret_signature);

/*
 * The two texts in between, for tests and for understanding a SignatureDoesNotMatch. Appended to
 * *out. The canonical request holds the session token: buf_wipe().
 */
void sigv4_canonical_request(const struct sigv4_request *request,
                             const struct sigv4_credentials *credentials, struct buf *out);
void sigv4_string_to_sign(const struct sigv4_request *request, struct span canonical_request,
                          struct buf *out);

#endif
