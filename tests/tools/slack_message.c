/*
 * Writes messages for Slack as the worker does: for each line of standard input, a message as
 * tests/unit/slack_json.h has it, one line with the body that is posted.
 */
#include "tests/unit/check.h"
#include "tests/unit/slack_json.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM (1024 * 1024)

static void write_line(struct span line)
{
	struct arena arena = { 0 };
	struct buf out = buf_with_max(ROOM);
	struct slack_message message;
	struct reader reader;

	reader_init(&reader, line);
	message = slack_json_read(&reader, &arena);
	if (!CHECK(reader_done(&reader, NULL)) || !CHECK(message.build))
		exit(1);
	slack_message_json(&message, &out);
	puts(buf_text(&out));
	reader_clear(&reader);
	buf_clear(&out);
	arena_clear(&arena);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) >= 0)
		write_line((struct span){ line, (size_t)len });
	free(line);
	return 0;
}
