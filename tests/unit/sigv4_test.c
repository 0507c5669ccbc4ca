/*
 * The cases hold requests as text and what botocore's signer makes of them; see
 * tests/cases/sigv4/make.py. tests/differential compares many more.
 */
#include "common/aws/sigv4.h"

#include "common/base/members.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#define ROOM (64 * 1024)

struct context {
	struct span access_key_id, secret_access_key, session_token, region, service, timestamp;
	bool sign_body, normalize, token_after;
};

static const struct member context_members[] = {
	MEMBER_STRING(struct context, access_key_id, "access_key_id", true),
	MEMBER_STRING(struct context, secret_access_key, "secret_access_key", true),
	MEMBER_STRING(struct context, session_token, "session_token", false),
	MEMBER_STRING(struct context, region, "region", true),
	MEMBER_STRING(struct context, service, "service", true),
	MEMBER_STRING(struct context, timestamp, "timestamp", true),
	MEMBER_BOOL(struct context, sign_body, "sign_body", false),
	MEMBER_BOOL(struct context, normalize, "normalize", false),
	MEMBER_BOOL(struct context, token_after, "token_after", false),
};

static struct span read_span(const char *dir, const char *file)
{
	struct span bytes;

	bytes.at = check_read(dir, file, &bytes.len);
	return bytes;
}

/* ---- A request as text ----------------------------------------------------------------------- */

/* "POST /a path?query HTTP/1.1": the path may hold blanks. */
static void read_request_line(struct span line, struct sigv4_request *request)
{
	request->method = span_cut(&line, ' ');
	while (line.len && line.at[line.len - 1] != ' ')
		line.len--;
	line = span_trim(line);
	request->path = span_cut(&line, '?');
	request->query = line;
}

/* A line that begins with a blank continues the value before it. */
static void read_header(struct span line, struct sigv4_header *headers, size_t *n)
{
	if (line.at[0] == ' ' || line.at[0] == '\t') {
		struct span *value = &headers[*n - 1].value;

		value->len = (size_t)(line.at + line.len - value->at);
		return;
	}
	headers[*n].name = span_cut(&line, ':');
	headers[*n].value = line;
	(*n)++;
}

static void read_request(struct span text, struct sigv4_header *headers,
                         struct sigv4_request *request)
{
	read_request_line(span_cut(&text, '\n'), request);
	request->headers = headers;
	for (;;) {
		struct span line = span_cut(&text, '\n');

		if (line.len == 0)
			break;
		read_header(line, headers, &request->n_headers);
	}
	request->body = text;
}

/* ---- Cases ----------------------------------------------------------------------------------- */

static void check_texts(const char *dir, const struct sigv4_request *request,
                        const struct sigv4_credentials *credentials)
{
	struct buf canonical = buf_with_max(ROOM), to_sign = buf_with_max(ROOM);
	struct sigv4_signature signature;

	sigv4_canonical_request(request, credentials, &canonical);
	sigv4_string_to_sign(request, buf_span(&canonical), &to_sign);
	sigv4_sign(request, credentials, &signature);
	CHECK_FILE(dir, "canonical-request.txt", buf_text(&canonical));
	CHECK_FILE(dir, "string-to-sign.txt", buf_text(&to_sign));
	CHECK_FILE(dir, "authorization.txt", buf_text(&signature.authorization));
	CHECK(span_ends(buf_span(&signature.authorization), span_of(signature.signature)));
	CHECK(span_ends(buf_span(&canonical), span_of(signature.content_sha256)));
	CHECK_INT(signature.content_sha256[0] != '\0', request->sign_body);
	buf_clear(&canonical);
	buf_clear(&to_sign);
	buf_clear(&signature.authorization);
}

static void sign_as(const char *dir, const struct context *context)
{
	struct secret secret = secret_of(context->secret_access_key);
	struct secret token = { 0 };
	struct sigv4_header headers[SIGV4_MAX_HEADERS];
	struct sigv4_request request = {
		.region = context->region,
		.service = context->service,
		.sign_body = context->sign_body,
		.normalize_path = context->normalize,
		.token_after = context->token_after,
	};

	if (context->session_token.len)
		token = secret_of(context->session_token);
	CHECK(text_parse_time(context->timestamp, &request.time_ms));
	read_request(read_span(dir, "request.txt"), headers, &request);
	check_texts(dir, &request,
	            &(struct sigv4_credentials){ context->access_key_id, &secret, &token });
	secret_clear(&secret);
	secret_clear(&token);
}

static void sigv4_case(const char *dir)
{
	struct context context = { 0 };
	struct reader reader;
	struct err err = { 0 };

	reader_init(&reader, read_span(dir, "context.json"));
	if (CHECK(members_parse(&reader, context_members, ARRAY_LEN(context_members), &context,
	                        &err),
	          "%s", err.text))
		sign_as(dir, &context);
	reader_clear(&reader);
}

TEST(date_is_the_time_given)
{
	struct secret secret = secret_of(SPAN("s"));
	struct sigv4_request request = {
		.method = SPAN("POST"),
		.path = SPAN("/"),
		.region = SPAN("eu-west-1"),
		.service = SPAN("sqs"),
		.time_ms = 1790000000999,
	};
	struct sigv4_signature signature;

	sigv4_sign(&request, &(struct sigv4_credentials){ SPAN("id"), &secret, NULL }, &signature);
	CHECK_TEXT(signature.date, "20260921T141320Z");
	CHECK_TEXT(signature.content_sha256, "");
	buf_clear(&signature.authorization);
	secret_clear(&secret);
}

int main(void)
{
	check_cases("tests/cases/sigv4", sigv4_case);
	check_run(date_is_the_time_given);
	return check_done();
}
