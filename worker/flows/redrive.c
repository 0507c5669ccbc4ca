#include "worker/flows/redrive.h"

#include "common/base/limits.h"
#include "common/base/mem.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define FEW_RECEIVES 3

struct redrive {
	const struct queue *queue;
	struct call *pending;
	bool asked;
};

bool redrive_is_missing(const struct sqs_attributes *queue)
{
	return !queue->dead_letter_arn;
}

bool redrive_is_early(const struct sqs_attributes *queue)
{
	return queue->max_receives >= 0 && queue->max_receives < FEW_RECEIVES;
}

const char *redrive_trouble(const struct sqs_attributes *queue)
{
	if (redrive_is_missing(queue))
		return "no redrive policy: what is rejected comes back until the queue forgets it";
	if (redrive_is_early(queue))
		return "maxReceiveCount is under 3: a passing trouble can cost an announcement";
	return NULL;
}

static void tell(const struct redrive *redrive, enum log_level level, const char *event,
                 const char *detail)
{
	log_event(redrive->queue->ports->log, level, event,
	          LOG_FIELDS(LOG_TEXT("queue", redrive->queue->url), LOG_TEXT("detail", detail)));
}

static void on_attributes(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct redrive *redrive = ctx;
	struct arena arena = { 0 };
	struct sqs_attributes queue;
	struct err why;

	redrive->pending = NULL;
	if (err)
		tell(redrive, LOG_DEBUG, "redrive_unknown", err->text);
	else if (!sqs_attributes_answer(answer->body, &arena, &queue, &why))
		tell(redrive, LOG_DEBUG, "redrive_unknown", why.text);
	else if (redrive_trouble(&queue))
		tell(redrive, LOG_WARNING, "redrive", redrive_trouble(&queue));
	arena_clear(&arena);
}

struct redrive *redrive_new(const struct queue *queue)
{
	struct redrive *redrive = xcalloc(1, sizeof(*redrive));

	redrive->queue = queue;
	return redrive;
}

void redrive_free(struct redrive *redrive)
{
	if (!redrive)
		return;
	call_cancel(redrive->pending);
	free(redrive);
}

void redrive_ask(struct redrive *redrive)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (redrive->asked)
		return;
	redrive->asked = true;
	sqs_attributes_body(span_of(redrive->queue->url), &body);
	redrive->pending = queue_start(
		&(struct queue_request){
			.queue = redrive->queue,
			.operation = &aws_sqs_get_queue_attributes,
			.body = &body,
		},
		on_attributes, redrive);
	buf_clear(&body);
}

void redrive_stop(struct redrive *redrive)
{
	call_cancel(redrive->pending);
	redrive->pending = NULL;
	redrive->asked = true;
}
