/*
 * Reads failed answers for tests/differential: a JSON object a line comes in (protocol, status,
 * error_type, body), one with code and message goes out.
 */
#include "common/aws/error.h"
#include "common/base/members.h"
#include "common/base/writer.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM 4096

struct input {
	struct span protocol, error_type, body;
	double status;
};

static const struct member input_members[] = {
	MEMBER_STRING(struct input, protocol, "protocol", true),
	MEMBER_STRING(struct input, error_type, "error_type", false),
	MEMBER_STRING(struct input, body, "body", true),
	MEMBER_NUMBER(struct input, status, "status", true),
};

static void print(const struct aws_error *error)
{
	struct writer *writer = writer_new();
	struct buf line = buf_with_max(ROOM);

	writer_text(writer, "code", error->code);
	writer_text(writer, "message", error->message);
	writer_finish(writer, &line);
	puts(buf_text(&line));
	buf_clear(&line);
}

static void judge(const struct input *input)
{
	struct aws_error_answer answer = { .protocol = AWS_JSON,
		                           .status = (int)input->status,
		                           .error_type = input->error_type,
		                           .body = input->body };
	struct aws_error error;

	if (span_is(input->protocol, "query"))
		answer.protocol = AWS_QUERY;
	if (span_is(input->protocol, "ec2"))
		answer.protocol = AWS_EC2_QUERY;
	aws_error_read(&answer, &error);
	print(&error);
}

static bool judge_line(struct span line)
{
	struct input input = { .status = 0 };
	struct reader reader;
	struct err err = { 0 };
	bool fine;

	reader_init(&reader, line);
	fine = members_parse(&reader, input_members, ARRAY_LEN(input_members), &input, &err);
	if (fine)
		judge(&input);
	else
		fprintf(stderr, "wire_error: %s\n", err.text);
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
		fine = judge_line((struct span){ line, (size_t)len });
	free(line);
	return fine ? 0 : 1;
}
