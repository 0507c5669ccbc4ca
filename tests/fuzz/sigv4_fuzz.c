/*
 * sigv4: a canonical query is its own canonical form; the canonical path is made of what a path may
 * hold. The input is a request as text.
 */
#include "common/aws/sigv4.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ROOM    (64 * 1024)
#define LONGEST 256 /* what is longer only takes longer */
#define HASHED  32  /* every so many: the hashes cost most of the time and find nothing */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void read_request(struct span text, struct sigv4_header *headers,
                         struct sigv4_request *request)
{
	struct span line = span_cut(&text, '\n');

	request->path = span_cut(&line, '?');
	request->query = line;
	request->headers = headers;
	while (text.len && request->n_headers < SIGV4_MAX_HEADERS) {
		struct span value = span_cut(&text, '\n');
		struct span name = span_cut(&value, ':');

		if (name.len == 0)
			break;
		headers[request->n_headers++] = (struct sigv4_header){ name, value };
	}
	request->body = text;
}

/* Path and query of a canonical request are its second and third line. */
static void split(const struct buf *canonical, struct span *ret_path, struct span *ret_query)
{
	struct span rest = buf_span(canonical);

	(void)span_cut(&rest, '\n');
	*ret_path = span_cut(&rest, '\n');
	*ret_query = span_cut(&rest, '\n');
}

static void canonical_again(struct sigv4_request request,
                            const struct sigv4_credentials *credentials)
{
	struct buf once = buf_with_max(ROOM), twice = buf_with_max(ROOM);
	struct span path, query, same;

	sigv4_canonical_request(&request, credentials, &once);
	split(&once, &path, &query);
	must(span_only(path,
	               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/%"));
	must(!request.normalize_path || span_starts(path, SPAN("/")));
	request.query = query;
	sigv4_canonical_request(&request, credentials, &twice);
	split(&twice, &path, &same);
	must(span_equal(query, same));
	buf_clear(&once);
	buf_clear(&twice);
}

static void sign(const struct sigv4_request *request, const struct sigv4_credentials *credentials)
{
	struct sigv4_signature signature;

	sigv4_sign(request, credentials, &signature);
	must(strlen(signature.signature) == 64);
	must(span_ends(buf_span(&signature.authorization), span_of(signature.signature)));
	buf_clear(&signature.authorization);
}

static void judge(struct span text)
{
	struct secret secret = secret_of(SPAN("secret")), token = secret_of(SPAN("token"));
	const struct sigv4_credentials credentials = { SPAN("AKID"), &secret, &token };
	struct sigv4_header headers[SIGV4_MAX_HEADERS];
	struct sigv4_request request = {
		.method = SPAN("POST"),
		.region = SPAN("eu-west-1"),
		.service = SPAN("sqs"),
		.normalize_path = text.len % 2,
		.sign_body = text.len % 3 == 0,
		.token_after = text.len % 5 == 0,
	};

	read_request(text, headers, &request);
	canonical_again(request, &credentials);
	if (text.len % HASHED == 0)
		sign(&request, &credentials);
	secret_clear(&secret);
	secret_clear(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size <= LONGEST)
		judge((struct span){ (const char *)data, size });
	return 0;
}
