#include "common/aws/wire_queue.h"
#include "common/base/limits.h"
#include "worker/flows/online_checks.h"
#include "worker/flows/queue.h"

#include <inttypes.h>

#include "common/base/banned.h"

#define FEW_RECEIVES  3
#define SHORT_KEEPING (24 * 3600)

/* ---- Queue ----------------------------------------------------------------------------------- */

/* Something that works, but not well. */
struct oddity {
	bool (*is_there)(const struct sqs_attributes *queue);
	const char *what, *hint;
};

static bool has_no_dead_letters(const struct sqs_attributes *queue)
{
	return !queue->dead_letter_arn;
}

static bool gives_up_early(const struct sqs_attributes *queue)
{
	return queue->max_receives >= 0 && queue->max_receives < FEW_RECEIVES;
}

static bool forgets_early(const struct sqs_attributes *queue)
{
	return queue->retention_s >= 0 && queue->retention_s < SHORT_KEEPING;
}

static const struct oddity oddities[] = {
	{ has_no_dead_letters, "no redrive policy",
	  "give the queue a redrive policy: what is rejected comes back until the queue forgets "
	  "it" },
	{ gives_up_early, "maxReceiveCount is under 3",
	  "raise maxReceiveCount: a passing trouble must not cost an announcement" },
	{ forgets_early, "messages are kept for less than a day",
	  "raise MessageRetentionPeriod: what comes while no worker runs is lost" },
};

static const char *described(struct online *online, const struct sqs_attributes *queue)
{
	const char *text = queue->arn;

	if (queue->waiting >= 0)
		text = arena_printf(&online->texts, "%s, about %" PRId64 " messages waiting", text,
		                    queue->waiting);
	if (queue->dead_letter_arn)
		text = arena_printf(&online->texts, "%s, to %s after %" PRId64 " receives", text,
		                    queue->dead_letter_arn, queue->max_receives);
	return text;
}

static void judge_queue(struct online *online, const struct sqs_attributes *queue)
{
	const char *detail = described(online, queue), *hint = NULL;

	for (size_t i = 0; i < ARRAY_LEN(oddities); i++) {
		if (!oddities[i].is_there(queue))
			continue;
		detail = arena_printf(&online->texts, "%s, %s", detail, oddities[i].what);
		hint = hint ? arena_printf(&online->texts, "%s; %s", hint, oddities[i].hint)
		            : oddities[i].hint;
	}
	online_tell(online, hint ? ONLINE_WARNING : ONLINE_OK, detail, hint);
}

/* arn:aws:sqs:REGION:ACCOUNT:NAME */
static struct span region_of_arn(const char *arn)
{
	struct span rest = span_of(arn);

	for (int i = 0; i < 3; i++)
		span_cut(&rest, ':');
	return span_cut(&rest, ':');
}

static void on_queue(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	const char *region = online->options.config->queue.region;
	struct sqs_attributes queue;
	struct err why;

	online->pending = NULL;
	if (err) {
		online_fail(online, err);
	} else if (!sqs_attributes_answer(answer->body, &online->texts, &queue, &why)) {
		online_fail(online, &why);
	} else if (!span_is(region_of_arn(queue.arn), region)) {
		online_tell(online, ONLINE_FAILED,
		            arena_printf(&online->texts, "%s is not in %s, where it was asked for",
		                         queue.arn, region),
		            "name the queue's own region in queue.url, or as the default region");
	} else {
		judge_queue(online, &queue);
	}
}

static void ask_queue(struct online *online)
{
	const struct config *config = online->options.config;
	const struct queue queue = queue_of_announcements(online->options.ports, config);
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (!config->queue.url) {
		online_tell(online, ONLINE_SKIPPED, "queue.url is not set", NULL);
		return;
	}
	sqs_attributes_body(span_of(config->queue.url), &body);
	online->pending = queue_start(
		&(struct queue_request){
			.queue = &queue,
			.operation = &aws_sqs_get_queue_attributes,
			.body = &body,
		},
		on_queue, online);
	buf_clear(&body);
}

static const struct online_check queue_check = {
	"queue", true,
	"allow sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and "
	"sqs:ChangeMessageVisibility on the queue; of another account, in its policy, too",
	ask_queue
};

void online_list_queues(struct online *online)
{
	online_add(online, &queue_check, queue_check.name, NULL);
}
