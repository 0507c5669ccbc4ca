#define _GNU_SOURCE /* memmem. NOLINT(readability-identifier-naming): the C library chose it */

#include "common/aws/event.h"

#include "common/base/members.h"

#include <string.h>

#include "common/base/banned.h"

#define BUILD_INITIATOR "codepipeline/" /* and the pipeline's name */
#define PIPELINE_ARN    "arn:aws"       /* "arn:aws-cn:codepipeline:REGION:ACCOUNT:NAME" */

/* What is in the text, and of an envelope what no event has. */
struct event_text {
	struct event *event;
	struct span source, detail_type, processed_type, account, region;
	struct span pipeline, execution_id, state, build_status, initiator;
	struct span resource; /* the first */
	struct span type, topic_arn, signature, message;
	bool has_detail;
};

/* ---- reading --------------------------------------------------------------------------------- */

static void read_additional(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event_text, initiator, "initiator", false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

static void read_detail(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event_text, pipeline, "pipeline", false),
		MEMBER_STRING(struct event_text, execution_id, "execution-id", false),
		MEMBER_STRING(struct event_text, state, "state", false),
		MEMBER_STRING(struct event_text, build_status, "build-status", false),
		MEMBER_NESTED("additional-information", read_additional, false),
	};
	struct event_text *text = target;

	text->has_detail = true;
	members_read(reader, members, ARRAY_LEN(members), target);
}

static void read_resources(struct reader *reader, void *target)
{
	struct event_text *text = target;

	reader_array(reader);
	while (reader_element(reader)) {
		if (!text->resource.at && reader_peek(reader) == JSON_STRING)
			reader_string(reader, &text->resource);
		else
			reader_skip(reader);
	}
}

static bool read_text(struct span json, struct reader *reader, struct event_text *ret_text)
{
	static const struct member members[] = {
		MEMBER_STRING(struct event_text, source, "source", false),
		MEMBER_STRING(struct event_text, detail_type, "detail-type", false),
		MEMBER_STRING(struct event_text, processed_type, "detailType", false),
		MEMBER_STRING(struct event_text, account, "account", false),
		MEMBER_STRING(struct event_text, region, "region", false),
		MEMBER_NESTED("resources", read_resources, false),
		MEMBER_NESTED("detail", read_detail, false),
		MEMBER_STRING(struct event_text, type, "Type", false),
		MEMBER_STRING(struct event_text, topic_arn, "TopicArn", false),
		MEMBER_STRING(struct event_text, signature, "Signature", false),
		MEMBER_STRING(struct event_text, message, "Message", false),
	};

	*ret_text = (struct event_text){ 0 };
	reader_init(reader, json);
	return members_parse(reader, members, ARRAY_LEN(members), ret_text, NULL);
}

/* ---- what it means --------------------------------------------------------------------------- */

static bool source_is_known(struct span source)
{
	return span_is(source, "aws.codepipeline") || span_is(source, "aws.codebuild");
}

static bool is_envelope(const struct event_text *text)
{
	return text->type.at || text->topic_arn.at || text->signature.at;
}

static bool is_event(const struct event_text *text)
{
	return source_is_known(text->source) && text->has_detail && !is_envelope(text) &&
	       (text->detail_type.at || text->processed_type.at);
}

static bool holds_message(const struct event_text *text)
{
	return span_is(text->type, "Notification") && text->message.at && !text->source.at;
}

static enum event_level level_of(struct span detail_type)
{
	static const struct {
		const char *detail_type;
		enum event_level level;
	} levels[] = {
		{ "CodePipeline Pipeline Execution State Change", EVENT_PIPELINE },
		{ "CodePipeline Stage Execution State Change", EVENT_STAGE },
		{ "CodePipeline Action Execution State Change", EVENT_ACTION },
		{ "CodeBuild Build State Change", EVENT_BUILD },
		{ "CodeBuild Build Phase Change", EVENT_BUILD },
	};

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (span_is(detail_type, levels[i].detail_type))
			return levels[i].level;
	}
	return EVENT_OTHER;
}

/* An action may run in another region than its pipeline, and its event names that one. */
static struct span pipeline_region(const struct event_text *text)
{
	struct span rest = text->resource, fields[4]; /* "arn", partition, service, region */

	if (!span_starts(rest, SPAN(PIPELINE_ARN)))
		return text->region;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		fields[i] = span_cut(&rest, ':');
	return span_is(fields[2], "codepipeline") && fields[3].len ? fields[3] : text->region;
}

static struct span initiating_pipeline(const struct event_text *text)
{
	struct span prefix = SPAN(BUILD_INITIATOR);

	return span_starts(text->initiator, prefix)
	               ? span_part(text->initiator, prefix.len, text->initiator.len)
	               : SPAN_NONE;
}

static void take(struct event *event, const struct event_text *text)
{
	bool build = span_is(text->source, "aws.codebuild");

	event->source = text->source;
	event->detail_type = text->detail_type.at ? text->detail_type : text->processed_type;
	event->level = level_of(event->detail_type);
	event->account = text->account;
	event->region = build ? text->region : pipeline_region(text);
	event->pipeline = build ? initiating_pipeline(text) : text->pipeline;
	event->execution_id = build ? SPAN_NONE : text->execution_id;
	event->state = build ? text->build_status : text->state;
}

bool event_parse(struct span text, struct event *ret_event)
{
	struct event_text read;

	*ret_event = (struct event){ 0 };
	if (!read_text(text, &ret_event->whole, &read))
		return false;
	if (holds_message(&read) && !read_text(read.message, &ret_event->inner, &read))
		return false;
	if (!is_event(&read))
		return false;
	take(ret_event, &read);
	return true;
}

void event_clear(struct event *event)
{
	reader_clear(&event->whole);
	reader_clear(&event->inner);
	*event = (struct event){ 0 };
}

bool event_is_likely(struct span text)
{
	static const char source[] = "\"aws.code";

	return text.len && memmem(text.at, text.len, source, sizeof(source) - 1);
}

bool event_is_end(const struct event *event)
{
	static const char *const ends[] = { "SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED",
		                            "CANCELED" };
	size_t i = 0;

	while (i < ARRAY_LEN(ends) && !span_is(event->state, ends[i]))
		i++;
	return event->level == EVENT_PIPELINE && i < ARRAY_LEN(ends);
}
