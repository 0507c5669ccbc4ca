/*
 * event: EventBridge's state changes of executions and builds, as they arrive through SQS.
 *
 * An event is a hint and proves nothing: it only makes us ask CodePipeline sooner. Source: AWS
 * CodePipeline user guide, "Monitoring CodePipeline events".
 */
#ifndef EVERGOLD_AWS_EVENT_H
#define EVERGOLD_AWS_EVENT_H

#include "common/base/reader.h"

struct event {
	struct span source;      /* "aws.codepipeline" or "aws.codebuild" */
	struct span detail_type; /* "CodePipeline Pipeline Execution State Change", ... */
	struct span region;
	struct span pipeline;     /* detail.pipeline; empty when absent */
	struct span execution_id; /* detail.execution-id; empty when absent */
};

/*
 * True when the text is a well-formed event of CodePipeline or CodeBuild: an object with source,
 * detail-type and an object detail, and nothing that only an SNS envelope has. The spans live as
 * long as the text and the reader, which the caller clears.
 */
bool event_parse(struct span text, struct reader *reader, struct event *ret_event) MUST_USE;

#endif
