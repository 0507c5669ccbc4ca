/*
 * Signs requests for tests/differential: a JSON object a line comes in, one with the texts of the
 * signature goes out. The members are those of Request in botocore_signer.py.
 */
#include "common/aws/sigv4.h"
#include "common/base/members.h"
#include "common/base/text.h"
#include "common/base/writer.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM (1024 * 1024)

struct input {
	struct sigv4_request request;
	struct sigv4_header headers[SIGV4_MAX_HEADERS];
	struct span access_key_id, secret_access_key, session_token, timestamp;
};

static void read_headers(struct reader *reader, void *target)
{
	struct input *input = target;

	reader_array(reader);
	while (reader_element(reader) && input->request.n_headers < SIGV4_MAX_HEADERS) {
		struct sigv4_header *header = &input->headers[input->request.n_headers++];

		reader_array(reader);
		if (reader_element(reader))
			reader_string(reader, &header->name);
		if (reader_element(reader))
			reader_string(reader, &header->value);
		(void)reader_element(reader);
	}
}

static const struct member input_members[] = {
	MEMBER_STRING(struct input, request.method, "method", true),
	MEMBER_STRING(struct input, request.path, "path", true),
	MEMBER_STRING(struct input, request.query, "query", true),
	MEMBER_NESTED("headers", read_headers, true),
	MEMBER_STRING(struct input, request.body, "body", true),
	MEMBER_STRING(struct input, access_key_id, "access_key_id", true),
	MEMBER_STRING(struct input, secret_access_key, "secret_access_key", true),
	MEMBER_STRING(struct input, session_token, "session_token", false),
	MEMBER_STRING(struct input, request.region, "region", true),
	MEMBER_STRING(struct input, request.service, "service", true),
	MEMBER_STRING(struct input, timestamp, "timestamp", true),
	MEMBER_BOOL(struct input, request.sign_body, "sign_body", true),
	MEMBER_BOOL(struct input, request.normalize_path, "normalize", true),
	MEMBER_BOOL(struct input, request.token_after, "token_after", true),
};

static void print(const struct sigv4_request *request, const struct sigv4_credentials *credentials)
{
	struct writer *writer = writer_new();
	struct buf canonical = buf_with_max(ROOM), to_sign = canonical, line = canonical;
	struct sigv4_signature signature;

	sigv4_canonical_request(request, credentials, &canonical);
	sigv4_string_to_sign(request, buf_span(&canonical), &to_sign);
	sigv4_sign(request, credentials, &signature);
	writer_string(writer, "canonical_request", buf_span(&canonical));
	writer_string(writer, "string_to_sign", buf_span(&to_sign));
	writer_string(writer, "authorization", buf_span(&signature.authorization));
	writer_finish(writer, &line);
	puts(buf_text(&line));
	buf_clear(&canonical);
	buf_clear(&to_sign);
	buf_clear(&line);
	buf_clear(&signature.authorization);
}

static void sign(struct input *input)
{
	struct secret secret = secret_of(input->secret_access_key);
	struct secret token = { 0 };

	if (input->session_token.at)
		token = secret_of(input->session_token);
	input->request.headers = input->headers;
	print(&input->request,
	      &(struct sigv4_credentials){ input->access_key_id, &secret, &token });
	secret_clear(&secret);
	secret_clear(&token);
}

static bool sign_line(struct span line)
{
	struct input input = { 0 };
	struct reader reader;
	struct err err = { 0 };
	bool fine;

	reader_init(&reader, line);
	fine = members_parse(&reader, input_members, ARRAY_LEN(input_members), &input, &err) &&
	       text_parse_time(input.timestamp, &input.request.time_ms);
	if (fine)
		sign(&input);
	else
		fprintf(stderr, "sigv4_sign: %s\n", err.text);
	reader_clear(&reader);
	return fine;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool fine = true;

	while (fine && (len = getline(&line, &size, stdin)) >= 0)
		fine = sign_line((struct span){ line, (size_t)len });
	free(line);
	return fine ? 0 : 1;
}
