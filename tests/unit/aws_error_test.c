/*
 * A case is an answer: status, the value of x-amzn-errortype when it has one, and the body when it
 * has one.
 */
#include "common/aws/error.h"
#include "common/base/buf.h"
#include "common/base/text.h"
#include "tests/unit/check.h"

#include <string.h>

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

static void error_case(const char *dir)
{
	struct buf out = buf_with_max(4096);
	struct aws_error error;
	uint64_t status = 0;

	CHECK(text_number(span_trim(read_if_there(dir, "status")), 999, &status));
	aws_error_read((int)status, error_type_of(read_if_there(dir, "headers")),
	               read_if_there(dir, "body"), &error);
	buf_addf(&out, "code: %s\nmessage: %s\nretry: %s\nkind: %s\n", error.code, error.message,
	         retry_words[error.retry], kind_words[error.kind]);
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	CHECK_INT(error.status, (int)status);
	buf_clear(&out);
}

/* A message that is longer than its room, and whose character of four bytes lies across the end. */
TEST(a_long_message_is_cut_between_characters)
{
	struct buf body = buf_with_max(1024);
	struct aws_error error;

	buf_add_text(&body, "{\"__type\":\"X\",\"message\":\"");
	for (size_t i = 0; i < sizeof error.message - 3; i++)
		buf_add_char(&body, 'm');
	buf_add_text(&body, "\xf0\x9d\x84\x9e and more\"}");
	aws_error_read(400, SPAN_NONE, buf_span(&body), &error);
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
	aws_error_read(400, SPAN_NONE, buf_span(&body), &error);
	CHECK_TEXT(error.code, "400");
	buf_clear(&body);
}

int main(void)
{
	check_cases("tests/cases/aws_error", error_case);
	check_run(a_long_message_is_cut_between_characters);
	check_run(a_code_that_does_not_fit_is_none);
	return check_done();
}
