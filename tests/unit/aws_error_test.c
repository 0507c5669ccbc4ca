/*
 * A case is an answer: status, the value of x-amzn-errortype when it has one, the body when it has
 * one, and the protocol when it is not JSON.
 *
 * tests/cases/protocols has answers in the form of botocore's protocol tests
 * (tests/unit/protocols/output): suites of cases, each with a response and the errorCode and
 * errorMessage that a client must make of it.
 */
#include "common/aws/error.h"
#include "common/base/attr.h"
#include "common/base/buf.h"
#include "common/base/members.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>
#include <strings.h>

static const char *const retry_words[] = {
	[RETRY_NEVER] = "never",
	[RETRY_TRANSIENT] = "transient",
	[RETRY_THROTTLING] = "throttling",
	[RETRY_CLOCK] = "clock",
	[RETRY_CREDENTIALS] = "credentials",
};

static const char *const kind_words[] = {
	[ERR_NONE] = "none",       [ERR_MALFORMED] = "malformed", [ERR_UNTRUSTED] = "untrusted",
	[ERR_REFUSED] = "refused", [ERR_TRANSIENT] = "transient", [ERR_BROKEN] = "broken",
};

static const char *const protocol_words[] = {
	[AWS_JSON] = "json",
	[AWS_QUERY] = "query",
	[AWS_EC2_QUERY] = "ec2",
};

static enum aws_protocol protocol_of(struct span word)
{
	size_t i = 0;

	while (i < ARRAY_LEN(protocol_words) && !span_is(word, protocol_words[i]))
		i++;
	CHECK(i < ARRAY_LEN(protocol_words), "%.*s", SPAN_ARG(word));
	return (enum aws_protocol)i;
}

static struct span read_if_there(const char *dir, const char *file)
{
	struct span bytes = SPAN_NONE;

	if (!check_missing(dir, file))
		bytes.at = check_read(dir, file, &bytes.len);
	return bytes;
}

/* "x-amzn-errortype: Value", one line. */
static struct span error_type_of(struct span headers)
{
	(void)span_cut(&headers, ':');
	return span_trim(headers);
}

static struct aws_error json_error(struct span body)
{
	struct aws_error error;

	aws_error_read(&(struct aws_error_answer){ AWS_JSON, 400, SPAN_NONE, body }, &error);
	return error;
}

static void error_case(const char *dir)
{
	struct span protocol = span_trim(read_if_there(dir, "protocol"));
	struct aws_error_answer answer = { .protocol = AWS_JSON };
	struct buf out = buf_with_max(4096);
	struct aws_error error;
	uint64_t status = 0;

	CHECK(text_number(span_trim(read_if_there(dir, "status")), 999, &status));
	answer.status = (int)status;
	answer.error_type = error_type_of(read_if_there(dir, "headers"));
	answer.body = read_if_there(dir, "body");
	if (protocol.len)
		answer.protocol = protocol_of(protocol);
	aws_error_read(&answer, &error);
	buf_addf(&out, "code: %s\nmessage: %s\nretry: %s\nkind: %s\n", error.code, error.message,
	         retry_words[error.retry], kind_words[error.kind]);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	CHECK_INT(error.status, (int)status);
	buf_clear(&out);
}

/* ---- Suites like botocore's ------------------------------------------------------------------ */

struct published {
	struct span id, code, message; /* wanted; a message that is absent must be empty */
	double status;
	struct span body, error_type;
};

static void read_headers(struct reader *reader, void *target)
{
	struct published *published = target;
	struct span name;

	reader_object(reader);
	while (reader_member(reader, &name)) {
		if (name.len == strlen("x-amzn-errortype") &&
		    strncasecmp(name.at, "x-amzn-errortype", name.len) == 0)
			reader_string(reader, &published->error_type);
		else
			reader_skip(reader);
	}
}

static const struct member response_members[] = {
	MEMBER_NUMBER(struct published, status, "status_code", true),
	MEMBER_STRING(struct published, body, "body", false),
	MEMBER_NESTED("headers", read_headers, false),
};

static void read_response(struct reader *reader, void *target)
{
	(void)members_read(reader, response_members, ARRAY_LEN(response_members), target);
}

static const struct member published_members[] = {
	MEMBER_STRING(struct published, id, "id", true),
	MEMBER_STRING(struct published, code, "errorCode", true),
	MEMBER_STRING(struct published, message, "errorMessage", false),
	MEMBER_NESTED("response", read_response, true),
};

struct suite {
	enum aws_protocol protocol;
	size_t n;
};

static void check_published(enum aws_protocol protocol, const struct published *published)
{
	struct aws_error error;

	aws_error_read(&(struct aws_error_answer){ protocol, (int)published->status,
	                                           published->error_type, published->body },
	               &error);
	CHECK(span_is(published->code, error.code), "%.*s: %s", SPAN_ARG(published->id),
	      error.code);
	CHECK(span_is(published->message, error.message), "%.*s: %s", SPAN_ARG(published->id),
	      error.message);
}

static void read_cases(struct reader *reader, void *target)
{
	struct suite *suite = target;

	reader_array(reader);
	while (reader_element(reader)) {
		struct published published = { .status = 0 };

		CHECK(!members_read(reader, published_members, ARRAY_LEN(published_members),
		                    &published));
		check_published(suite->protocol, &published);
		suite->n++;
	}
}

static const struct member suite_members[] = {
	MEMBER_NESTED("cases", read_cases, true),
};

static void check_suites(const char *file, enum aws_protocol protocol)
{
	struct suite suite = { protocol, 0 };
	struct reader reader;
	struct span text;
	struct err err = { 0 };

	text.at = check_read("tests/cases/protocols", file, &text.len);
	reader_init(&reader, text);
	reader_array(&reader);
	while (reader_element(&reader))
		(void)members_read(&reader, suite_members, ARRAY_LEN(suite_members), &suite);
	CHECK(reader_done(&reader, &err), "%s: %s", file, err.text);
	CHECK(suite.n > 0, "%s", file);
	reader_clear(&reader);
}

TEST(errors_in_the_form_of_the_protocol_tests)
{
	check_suites("json.json", AWS_JSON);
	check_suites("json_1_0.json", AWS_JSON);
	check_suites("json_1_0-query-compatible.json", AWS_JSON);
	check_suites("query.json", AWS_QUERY);
	check_suites("ec2.json", AWS_EC2_QUERY);
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

/* A message that is longer than its room, and whose character of four bytes lies across the end. */
TEST(a_long_message_is_cut_between_characters)
{
	struct buf body = buf_with_max(1024);
	struct aws_error error;

	buf_add_text(&body, "{\"__type\":\"X\",\"message\":\"");
	for (size_t i = 0; i < sizeof error.message - 3; i++)
		buf_add_char(&body, 'm');
	buf_add_text(&body, "\xf0\x9d\x84\x9e and more\"}");
	error = json_error(buf_span(&body));
	CHECK(strlen(error.message) == sizeof error.message - 3, "%s", error.message);
	CHECK(text_is_utf8(span_of(error.message)));
	buf_clear(&body);
}

TEST(a_code_that_does_not_fit_is_none)
{
	struct buf body = buf_with_max(1024);
	struct aws_error error;

	buf_add_text(&body, "{\"__type\":\"");
	for (size_t i = 0; i < sizeof error.code; i++)
		buf_add_char(&body, 'C');
	buf_add_text(&body, "\"}");
	error = json_error(buf_span(&body));
	CHECK_TEXT(error.code, "400");
	buf_clear(&body);
}

/* ---- Request ids ----------------------------------------------------------------------------- */

static void check_request_id(const char *body, const char *want)
{
	struct span id = aws_query_request_id(span_of(body));

	CHECK(span_is(id, want), "%s: %.*s", body, SPAN_ARG(id));
}

TEST(the_request_id_stands_in_the_body_of_a_query_answer)
{
	check_request_id("<A><B/><ResponseMetadata><RequestId>1a-2B</RequestId></C></A>", "1a-2B");
	check_request_id("<Response><Errors/><RequestID>\n 1\n</RequestID></Response>", "1");
	check_request_id("<R xmlns='x'><requestId>1</requestId><x>2</x></R>", "1");
	check_request_id("<R><RequestIdle>1</RequestIdle></R>", "");
	check_request_id("<RequestId>&lt;script</RequestId>", "");
	check_request_id("RequestId>1", "");
	check_request_id("<RequestId>", "");
	check_request_id("<html>busy</html>", "");
	check_request_id("", "");
}

int main(void)
{
	check_cases("tests/cases/aws_error", error_case);
	check_run(errors_in_the_form_of_the_protocol_tests);
	check_run(a_long_message_is_cut_between_characters);
	check_run(a_code_that_does_not_fit_is_none);
	check_run(the_request_id_stands_in_the_body_of_a_query_answer);
	return check_done();
}
