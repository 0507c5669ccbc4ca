#include "common/aws/event.h"

#include "common/base/members.h"

#include "common/base/banned.h"

/* What is in the text, and of an envelope what no event has. */
struct event_text {
	struct event event;
	struct span type, topic_arn, signature;
};

static void read_detail(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event_text, event.pipeline, "pipeline", false),
		MEMBER_STRING(struct event_text, event.execution_id, "execution-id", false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

static bool is_envelope(const struct event_text *text)
{
	return text->type.at || text->topic_arn.at || text->signature.at;
}

static bool source_is_known(struct span source)
{
	return span_is(source, "aws.codepipeline") || span_is(source, "aws.codebuild");
}

bool event_parse(struct span text, struct reader *reader, struct event *ret_event)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event_text, event.source, "source", true),
		MEMBER_STRING(struct event_text, event.detail_type, "detail-type", true),
		MEMBER_STRING(struct event_text, event.region, "region", false),
		MEMBER_NESTED("detail", read_detail, true),
		MEMBER_STRING(struct event_text, type, "Type", false),
		MEMBER_STRING(struct event_text, topic_arn, "TopicArn", false),
		MEMBER_STRING(struct event_text, signature, "Signature", false),
	};
	struct event_text read = { 0 };
	bool good;

	reader_init(reader, text);
	good = members_parse(reader, members, ARRAY_LEN(members), &read, NULL);
	*ret_event = read.event;
	return good && source_is_known(read.event.source) && !is_envelope(&read);
}
