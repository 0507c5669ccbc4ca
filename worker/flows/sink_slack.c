#include "worker/flows/sink_slack.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/slack.h"
#include "common/say/slack_answer.h"
#include "worker/flows/slack_call.h"

#include <stdlib.h>

#include "common/base/banned.h"

#define PACE_MS 1000 /* Slack: one message a second per channel */

struct sink_slack {
	struct sink sink; /* first */
	const struct ports *ports;
	const struct config *config;
};

/* One notice under way. */
struct posting {
	struct call call; /* first: what the notifier holds */
	struct sink_slack *slack;
	struct call *pending;
	sink_done_fn *done;
	void *ctx;
};

static bool uses_webhook(const struct sink_slack *slack)
{
	return slack->config->slack.webhook.source != SECRET_NONE;
}

static void cancel(struct call *call)
{
	struct posting *posting = (struct posting *)call;

	call_cancel(posting->pending);
	free(posting);
}

static enum sink_outcome outcome_of(const struct slack_answer *answer)
{
	if (answer->fault == SLACK_FINE)
		return SINK_DELIVERED;
	if (answer->fault == SLACK_SECRET_REFUSED)
		return SINK_SECRET_REFUSED;
	return answer->err.kind == ERR_TRANSIENT ? SINK_UNAVAILABLE : SINK_REFUSED;
}

/* A webhook that is no URL cannot be asked whether it is any good. */
static void read_failure(const struct sink_slack *slack, const struct err *err,
                         struct slack_answer *ret_answer)
{
	ret_answer->err = *err;
	ret_answer->fault = uses_webhook(slack) && err->kind == ERR_MALFORMED ? SLACK_SECRET_REFUSED
	                                                                      : SLACK_DOWN;
}

static void on_posted(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct posting *posting = ctx;
	struct slack_answer answer = { .retry_after_ms = -1 };

	if (err)
		read_failure(posting->slack, err, &answer);
	else
		slack_read_answer(
			&(struct slack_reply){ reply->status, reply->body, reply->retry_after },
			uses_webhook(posting->slack), &answer);
	posting->done(posting->ctx, &(struct sink_answer){ outcome_of(&answer),
	                                                   answer.retry_after_ms, answer.err });
	free(posting);
}

static const char *lane(const struct sink *sink, const char *family)
{
	const struct config *config = ((const struct sink_slack *)sink)->config;
	const struct family *found = family ? config_family(config, family) : NULL;

	if (uses_webhook((const struct sink_slack *)sink))
		return "";
	return found && found->slack_channel ? found->slack_channel : config->slack.channel;
}

static void write_message(const struct sink_slack *slack, const struct notice *notice,
                          struct buf *body)
{
	const char *name = notice->build.family;
	const struct family *family = name ? config_family(slack->config, name) : NULL;

	slack_message_json(
		&(struct slack_message){
			.kind = notice->kind,
			.build = &notice->build,
			.text = notice->text,
			.publisher = family ? family->publisher : NULL,
			.channel = uses_webhook(slack) ? NULL : lane(&slack->sink, name),
			.mention = family ? family->slack_mention : NULL,
			.several_regions = family && family->n_regions > 1,
		},
		body);
}

static bool still_true(const struct notice *notice)
{
	const struct build *build = &notice->build;

	if (notice->kind == NOTICE_REFUSED)
		return build->state == BUILD_WANTED;
	if (notice->kind == NOTICE_HELD)
		return build->state == BUILD_WANTED && build->held != REASON_MATCHED;
	return true;
}

static void on_turn(void *ctx)
{
	struct posting *posting = ctx;

	posting->done(posting->ctx, &(struct sink_answer){ .outcome = SINK_DELIVERED });
	free(posting);
}

static struct call *deliver(struct sink *sink, const struct delivery *delivery, sink_done_fn *done,
                            void *ctx)
{
	struct sink_slack *slack = (struct sink_slack *)sink;
	struct posting *posting = xcalloc(1, sizeof(*posting));
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	*posting = (struct posting){ { cancel }, slack, NULL, done, ctx };
	if (!still_true(delivery->notice)) {
		posting->pending = ports_after(slack->ports, 0, on_turn, posting);
		return &posting->call;
	}
	write_message(slack, delivery->notice, &body);
	posting->pending = slack_call(
		&(struct slack_request){
			.ports = slack->ports,
			.config = slack->config,
			.secret = &delivery->secrets[0],
			.method = uses_webhook(slack) ? NULL : "chat.postMessage",
			.body = buf_span(&body),
			.max_answer = LIMIT_SLACK_ANSWER,
		},
		on_posted, posting);
	buf_clear(&body);
	return &posting->call;
}

static void free_slack(struct sink *sink)
{
	free(sink);
}

struct sink *sink_slack_new(const struct ports *ports, const struct config *config)
{
	bool webhook = config->slack.webhook.source != SECRET_NONE;
	struct sink_slack *slack;

	if (!webhook && config->slack.token.source == SECRET_NONE)
		return NULL;
	slack = xcalloc(1, sizeof(*slack));
	*slack = (struct sink_slack){
		.sink = {
			.name = SINK_SLACK,
			.secret_word = "slack_token",
			.secrets = { webhook ? &config->slack.webhook : &config->slack.token },
			.pace_ms = PACE_MS,
			.lane = lane,
			.deliver = deliver,
			.free = free_slack,
		},
		.ports = ports,
		.config = config,
	};
	return &slack->sink;
}
