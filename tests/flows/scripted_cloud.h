/*
 * scripted_cloud: a queue, pipelines, parameters and Slack as far as the worker can tell.
 *
 * A small model that keeps the promises of the real ones on which the worker builds: a received
 * message is hidden for its visibility timeout, only its newest receipt handle deletes it (an older
 * one "succeeds"), and a start with a token that was seen before is the same execution. It holds
 * what outlives a crash of the worker. Tests read its fields and set those that say how.
 */
#ifndef TESTS_FLOWS_SCRIPTED_CLOUD_H
#define TESTS_FLOWS_SCRIPTED_CLOUD_H

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "tests/flows/scripted_slack.h"

#include <stdint.h>

/* Everything that a worker asks of the world but the time. */
enum port {
	PORT_RECEIVE,
	PORT_DELETE,
	PORT_VISIBILITY,
	PORT_ATTRIBUTES, /* of the queue */
	PORT_DESCRIBE,
	PORT_IMAGES,     /* DescribeImages of no certain image */
	PORT_PARAMETERS, /* public ones: GetParameters, GetParametersByPath */
	PORT_PARAMETER,  /* GetParameter */
	PORT_PIPELINE,   /* GetPipeline */
	PORT_EXECUTIONS,
	PORT_START,
	PORT_GET,
	PORT_LIST,
	PORT_PUT,
	PORT_CERTIFICATE,
	PORT_SLACK,
	PORT_SECRET,

	PORT_RECALL, /* the first of the ledger's */
	PORT_RECORD,
	PORT_LOOK_UP,
	PORT_HEARD,
	PORT_DUE,
	PORT_SAVE,
	PORT_GOLDEN_PLAN,
	PORT_GOLDEN_CLAIM,
	PORT_GOLDEN_SAVE,
	PORT_GOOD_BASE,
	PORT_HURRY,
	PORT_OWNER,
	PORT_TELL,
	PORT_WITHDRAW,
	PORT_OVERVIEW,
	PORT_HISTORY,
	PORT_KEEP_SINKS,
	PORT_NEXT_NOTICE,
	PORT_SAVE_NOTICE,
	PORT_SAVE_POST,
	PORT_CHANGED,
	PORTS
};

#define CLOUD_QUEUE      "https://sqs.eu-west-1.amazonaws.com/111122223333/releases"
#define CLOUD_EVENTS     "https://sqs.eu-west-1.amazonaws.com/111122223333/events"
#define CLOUD_MESSAGES   64
#define CLOUD_EXECUTIONS 64
#define CLOUD_IMAGES     16
#define CLOUD_PARAMETERS 16
#define CLOUD_GOLDEN     "ami-0000000000000901d" /* ends as all that builds make do */
#define CLOUD_IMAGE_NAME "al2023"                /* of an image that no announcement names */
/* That takes what the family of scripted_setup.c sends. */
#define CLOUD_PIPELINE                                                              \
	"{\"pipeline\":{\"pipelineType\":\"V2\",\"variables\":[{\"name\":\"BASE\"," \
	"\"defaultValue\":\"none\"}]}}"
#define CLOUD_ATTRIBUTES                                                            \
	"{\"Attributes\":{\"QueueArn\":\"arn:aws:sqs:eu-west-1:111122223333:ami\"," \
	"\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:dead\\\","        \
	"\\\"maxReceiveCount\\\":5}\"}}"
#define CLOUD_ID_REST  "-0000-4000-8000-000000000000"
#define CLOUD_FIRST_ID "00000000" CLOUD_ID_REST /* of the first execution */
#define CLOUD_LOG      256                      /* puts; what comes after is counted only */

struct cloud_message {
	char *body; /* owned */
	int receives;
	int64_t visible_ms, received_ms; /* steady */
	bool deleted, of_events;
	bool heard; /* the answer that brought it last arrived */
};

struct cloud_execution {
	char token[DIGEST_SHA256_HEX];
	int starts, polls;
	bool fails;
};

/* What AWS has besides what was announced. */
struct cloud_image {
	const char *id, *name;
	const char *created; /* "2026-08-18T01:00:00.000Z" */
};

/* Of Parameter Store, whatever the region. */
struct cloud_parameter {
	char *name, *value;    /* owned; value NULL: there is none */
	char *coming;          /* owned; the value that EC2 has not let in yet */
	const char *data_type; /* "text" */
	int version;
};

struct cloud {
	struct cloud_message messages[CLOUD_MESSAGES];
	struct cloud_execution executions[CLOUD_EXECUTIONS];
	char *puts[CLOUD_LOG]; /* owned: "name=value" */
	struct slack_channels slack;
	struct cloud_parameter parameters[CLOUD_PARAMETERS];
	size_t n_messages, n_executions, n_puts, n_parameters;

	const char *secret; /* of Slack, where the configuration says that it is */

	int64_t sent_ms; /* SentTimestamp of all messages; 0: they have none */

	const char *pipeline;   /* what GetPipeline answers, */
	const char *attributes; /* and GetQueueAttributes */

	/* How executions go. */
	int polls;          /* at this one they have ended */
	const char *status; /* which they end with, */
	const char *fails;  /* but for the next one of this pipeline; NULL: none */
	const char *output; /* GOLDEN_AMI_ID of those that succeed; NULL: none */
	const char *tests;  /* TESTS_PASSED, however they end; NULL: none */
	int64_t acted_ms;   /* startTime of their action, */
	int64_t ended_ms;   /* and its lastUpdateTime; 0: AWS tells none */
	bool no_actions;    /* they ended before any began */
	bool same_output;   /* else each has an AMI of its own, the first of them this one */

	/* How EC2 describes the images that were announced, or wanted without that. */
	const char *image_state; /* "available"; NULL: there is no such image */
	const char *image_gone;  /* the one that there is not, whatever the others are; NULL */
	const char *image_owner; /* the alias */

	/* What EC2 lists, whatever it is asked, and so many on a page; 0: all. */
	struct cloud_image images[CLOUD_IMAGES];
	size_t n_images, page;
	const char *recommended; /* the one value of all public parameters; NULL: there are none */

	/* What becomes of golden AMIs, and of those that Parameter Store has EC2 check. */
	const char *golden_state; /* "available"; NULL: there is no such image */
	bool let_in;
};

void cloud_free(struct cloud *cloud);
struct cloud *cloud_new(void) OWNED(cloud_free);

/* Somebody retries the first execution in the console: it ends so at this poll from now on. */
void cloud_run_again(struct cloud *cloud, int polls, const char *status);

/* Puts a message into the queue of announcements, or into that of events. */
void cloud_send(struct cloud *cloud, struct span body);
void cloud_send_event(struct cloud *cloud, struct span body);

size_t cloud_left(const struct cloud *cloud); /* messages that are not deleted */
size_t cloud_hidden(const struct cloud *cloud, int64_t now_ms);
size_t cloud_hidden_heard(const struct cloud *cloud, int64_t now_ms);
void cloud_lose_receive(struct cloud *cloud, int64_t now_ms); /* what it has just brought */

/* Would this request to receive bring something? */
bool cloud_has_visible(const struct cloud *cloud, const char *request, int64_t now_ms);

/* The n-th text of this name in a request of ours, from 0; "" when there is none. Static. */
const char *cloud_text(const char *body, const char *name, size_t n);

/* A parameter's value, "" when there is none; and giving it one, as a person would. */
const char *cloud_parameter(struct cloud *cloud, const char *name);
struct cloud_parameter *cloud_set_parameter(struct cloud *cloud, const char *name,
                                            const char *value);

/* Does what the request asks for and appends the answer's body; or returns a refusal's code. */
const char *cloud_answer(struct cloud *cloud, enum port port, const char *body, int64_t now_ms,
                         struct buf *answer);

#endif
