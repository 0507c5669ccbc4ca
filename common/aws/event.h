/*
 * event: EventBridge's state changes of executions and builds, as they arrive through SQS.
 *
 * An event is a hint and proves nothing: it only makes us ask CodePipeline sooner. Fields come and
 * go, numbers are reals, and nothing is said about order or repetition; what is not known here is
 * ignored. Sources: AWS CodePipeline user guide, "Monitoring CodePipeline events"; AWS CodeBuild
 * user guide, "Build notifications input format reference"; Developer Tools console user guide,
 * "Notification concepts" (CodeStar Notifications, which write `detailType`).
 */
#ifndef EVERGOLD_AWS_EVENT_H
#define EVERGOLD_AWS_EVENT_H

#include "common/base/reader.h"

enum event_level {
	EVENT_OTHER, /* of CodePipeline or CodeBuild, but about something else */
	EVENT_PIPELINE,
	EVENT_STAGE,
	EVENT_ACTION,
	EVENT_BUILD, /* of CodeBuild, which does not know the execution that it belongs to */
};

/* What an event does not tell is empty. */
struct event {
	enum event_level level;
	struct span source;      /* "aws.codepipeline" or "aws.codebuild" */
	struct span detail_type; /* "CodePipeline Pipeline Execution State Change", ... */
	struct span account;
	struct span region;         /* of the pipeline; of a build its own */
	struct span pipeline;       /* of a build: the one that CodeBuild names as its initiator */
	struct span execution_id;   /* of no build */
	struct span state;          /* "STARTED", "SUCCEEDED", ...; of a build its status */
	struct reader whole, inner; /* owned: of the text, and of the Message in an envelope */
};

void event_clear(struct event *event);

/*
 * True when the text is a well-formed event of CodePipeline or CodeBuild: an object with source, a
 * detail type and an object detail, and nothing that only an SNS envelope has; or an SNS
 * Notification whose Message is one, whoever signed it. The spans live as long as the text, until
 * event_clear(), which the caller owes in any case.
 */
bool event_parse(struct span text, struct event *ret_event) MUST_USE;

/* Can the text be an event, or hold one? Cheap: it is searched and not read. */
bool event_is_likely(struct span text);

/* Does it say that the whole execution has ended? */
bool event_is_end(const struct event *event);

#endif
