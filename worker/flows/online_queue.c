#include "common/aws/wire_queue.h"
#include "common/base/limits.h"
#include "worker/flows/online_checks.h"
#include "worker/flows/queue.h"
#include "worker/flows/redrive.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/banned.h"

#define SHORT_KEEPING (24 * 3600)

/* ---- How a queue is set up ------------------------------------------------------------------- */

/* Something that works, but not well. */
struct oddity {
	bool (*is_there)(const struct sqs_attributes *queue);
	const char *what, *hint;
	void (*repair)(struct online *online, const struct online_queue *asked);
};

static bool forgets_early(const struct sqs_attributes *queue)
{
	return queue->retention_s >= 0 && queue->retention_s < SHORT_KEEPING;
}

void online_repair_attribute(struct online *online, const struct online_queue *asked,
                             const char *attribute)
{
	online_repair(online,
	              "aws sqs set-queue-attributes --region %s --queue-url %s --attributes '%s'",
	              asked->queue.region, asked->queue.url, attribute);
}

#define REDRIVE(times)                                                  \
	"{\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"%s\\\"," \
	"\\\"maxReceiveCount\\\":" times "}\"}"

/* The other queue has this one's name, and a word more. */
static void give_dead_letters(struct online *online, const struct online_queue *asked)
{
	const char *arn = asked->attributes.arn;
	const char *name = strrchr(arn, ':');
	const char *policy = arena_printf(&online->texts, REDRIVE("5"),
	                                  arena_printf(&online->texts, "%s-dead", arn));

	online_repair(online,
	              "aws sqs create-queue --region %s --queue-name %s-dead && "
	              "aws sqs set-queue-attributes --region %s --queue-url %s --attributes '%s'",
	              asked->queue.region, name ? name + 1 : "", asked->queue.region,
	              asked->queue.url, policy);
}

static void give_more_receives(struct online *online, const struct online_queue *asked)
{
	online_repair_attribute(
		online, asked,
		arena_printf(&online->texts, REDRIVE("5"), asked->attributes.dead_letter_arn));
}

static void keep_longer(struct online *online, const struct online_queue *asked)
{
	online_repair_attribute(online, asked, "{\"MessageRetentionPeriod\":\"1209600\"}");
}

static const struct oddity oddities[] = {
	{ redrive_is_missing, "no redrive policy",
	  "give the queue a redrive policy: what is rejected comes back until the queue forgets "
	  "it",
	  give_dead_letters },
	{ redrive_is_early, "maxReceiveCount is under 3",
	  "raise maxReceiveCount: a passing trouble must not cost an announcement",
	  give_more_receives },
	{ forgets_early, "messages are kept for less than a day",
	  "raise MessageRetentionPeriod: what comes while no worker runs is lost", keep_longer },
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

static void judge_queue(struct online *online, const struct online_queue *asked)
{
	const char *detail = described(online, &asked->attributes), *hint = NULL;

	for (size_t i = 0; i < ARRAY_LEN(oddities); i++) {
		if (!oddities[i].is_there(&asked->attributes))
			continue;
		detail = arena_printf(&online->texts, "%s, %s", detail, oddities[i].what);
		if (!hint)
			oddities[i].repair(online, asked);
		hint = hint ? arena_printf(&online->texts, "%s; %s", hint, oddities[i].hint)
		            : oddities[i].hint;
	}
	online_tell(online, hint ? ONLINE_WARNING : ONLINE_OK, detail, hint);
}

/* ---- Is it there? ---------------------------------------------------------------------------- */

/* arn:aws:sqs:REGION:ACCOUNT:NAME */
static struct span region_of_arn(const char *arn)
{
	struct span rest = span_of(arn);

	for (int i = 0; i < 3; i++)
		span_cut(&rest, ':');
	return span_cut(&rest, ':');
}

/* What else is asked about the queue needs its attributes. */
static const struct online_queue *keep(struct online *online,
                                       const struct sqs_attributes *attributes)
{
	bool of_events = online->at->about == &online->events;
	struct online_queue *asked = of_events ? &online->events : &online->announcements;

	asked->attributes = *attributes;
	return asked;
}

static void on_queue(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	const struct online_queue *asked = online->at->about;
	const char *region = asked->queue.region;
	struct sqs_attributes queue;
	struct err why;

	online->pending = NULL;
	if (err) {
		online_fail(online, err);
	} else if (!sqs_attributes_answer(answer->body, &online->kept, &queue, &why)) {
		online_fail(online, &why);
	} else if (!span_is(region_of_arn(queue.arn), region)) {
		online_tell(online, ONLINE_FAILED,
		            arena_printf(&online->texts, "%s is not in %s, where it was asked for",
		                         queue.arn, region),
		            "name the queue's own region in queue.url, or as the default region");
	} else {
		judge_queue(online, keep(online, &queue));
	}
}

static void ask_queue(struct online *online)
{
	const struct online_queue *asked = online->at->about;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (!asked->queue.url) {
		online_tell(online, ONLINE_SKIPPED,
		            arena_printf(&online->texts, "%s is not set", asked->setting), NULL);
		return;
	}
	sqs_attributes_body(span_of(asked->queue.url), &body);
	online->pending = queue_start(
		&(struct queue_request){
			.queue = &asked->queue,
			.operation = &aws_sqs_get_queue_attributes,
			.body = &body,
		},
		on_queue, online);
	buf_clear(&body);
}

static const char *const actions[] = {
	"sqs:GetQueueAttributes",
	"sqs:ReceiveMessage",
	"sqs:DeleteMessage",
	"sqs:ChangeMessageVisibility",
	NULL,
};

static const char *name_in(const char *url)
{
	const char *name = strrchr(url, '/');

	return name ? name + 1 : url;
}

static void repair_queue(struct online *online, const struct err *err)
{
	const struct queue *queue = &((const struct online_queue *)online->at->about)->queue;

	if (strstr(err->text, "QueueDoesNotExist") || strstr(err->text, "NonExistentQueue"))
		online_repair(online, "aws sqs create-queue --region %s --queue-name %s",
		              queue->region, name_in(queue->url));
	else if (online_is_denied(err))
		online_repair_grant(online,
		                    &(struct online_resource){ NULL, "sqs", queue->region, "",
		                                               name_in(queue->url) },
		                    actions);
}

static const struct online_check queue_check = {
	.name = "queue",
	.signs = true,
	.denied =
		"allow sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and "
		"sqs:ChangeMessageVisibility on the queue; of another account, in its policy, too",
	.ask = ask_queue,
	.repair = repair_queue,
};

void online_list_queues(struct online *online)
{
	const struct online_options *options = &online->options;

	online->announcements = (struct online_queue){
		.setting = "queue.url",
		.queue = queue_of_announcements(options->ports, options->config),
	};
	online->events = (struct online_queue){
		.setting = "queue.events_url",
		.queue = queue_of_events(options->ports, options->config),
	};
	online_add(online, &queue_check, "queue", &online->announcements);
	if (options->everything && online->events.queue.url)
		online_add(online, &queue_check, "events queue", &online->events);
}
