/*
 * aws_error: whatever the answer is, the code is one word and the message is text for a log line.
 * The first line is the header's value, the rest the body.
 */
#include "common/aws/error.h"
#include "common/base/text.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void judge(enum aws_protocol protocol, int status, struct span error_type, struct span body)
{
	struct aws_error error;
	struct span code, message;

	aws_error_read(&(struct aws_error_answer){ protocol, status, error_type, body }, &error);
	code = span_of(error.code);
	message = span_of(error.message);
	must(code.len && !text_has_control(code) && span_equal(code, span_trim(code)));
	must(text_is_utf8(message) && !text_has_control(message));
	must(error.status == status && error.kind != ERR_NONE && error.kind != ERR_MALFORMED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = { (const char *)data, size }, rest = body;
	struct span line = span_cut(&rest, '\n');

	judge(AWS_JSON, 400, SPAN_NONE, body);
	judge(AWS_JSON, 503, line, rest);
	judge(AWS_QUERY, 400, SPAN_NONE, body);
	judge(AWS_EC2_QUERY, 400, SPAN_NONE, body);
	return 0;
}
