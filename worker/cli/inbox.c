#include "worker/cli/inbox.h"

#include "common/sns/topic_arn.h"
#include "worker/cli/complain.h"

#include <stdio.h>

#include "common/base/banned.h"

void inbox_open(struct inbox *inbox, char *const *paths, const char *topic)
{
	*inbox = (struct inbox){ .walk = walk_open(paths), .topic = span_of(topic) };
}

static void close_document(struct inbox *inbox)
{
	if (inbox->reading)
		saved_close(&inbox->saved);
	inbox->reading = false;
}

void inbox_close(struct inbox *inbox)
{
	close_document(inbox);
	walk_close(inbox->walk);
	inbox->walk = NULL;
}

static bool next_document(struct inbox *inbox, struct err *reterr)
{
	struct walk_document document;

	close_document(inbox);
	if (!walk_next(inbox->walk, &document, reterr))
		return false;
	snprintf(inbox->path, sizeof(inbox->path), "%s", document.path);
	saved_open(&inbox->saved, document.text);
	inbox->reading = true;
	return true;
}

bool inbox_next(struct inbox *inbox, struct message *ret_message, struct err *reterr)
{
	struct saved_item item;
	bool bare;

	while (!inbox->reading || !saved_next(&inbox->saved, &item)) {
		if (!next_document(inbox, reterr))
			return false;
	}
	bare = inbox->topic.len && !saved_is_envelope(item.body);
	*ret_message = (struct message){
		.received = { .body = item.body },
		.form = item.form,
		.bare_topic = bare ? inbox->topic : SPAN_NONE,
	};
	return true;
}

bool inbox_takes_topic(const char *topic)
{
	struct topic_arn arn;

	if (!topic || topic_arn_parse(span_of(topic), &arn))
		return true;
	complain("--topic takes the ARN of an SNS topic; evergold publishers lists some");
	return false;
}
