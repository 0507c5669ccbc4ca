#include "worker/flows/slack_webhook.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/slack_answer.h"
#include "worker/flows/slack_call.h"

#include <stdlib.h>

#include "common/base/banned.h"

struct slack_webhook {
	struct call call; /* first: what the notifier holds */
	const struct ports *ports;
	const struct config *config;
	const struct notice *notice;
	const struct secret *url;
	struct call *pending;
	bool plain; /* its blocks were refused */
	sink_done_fn *done;
	void *ctx;
};

static void cancel(struct call *call)
{
	struct slack_webhook *webhook = (struct slack_webhook *)call;

	call_cancel(webhook->pending);
	free(webhook);
}

static void end(struct slack_webhook *webhook, const struct sink_answer *answer)
{
	webhook->done(webhook->ctx, answer);
	free(webhook);
}

/* What is over by now was nobody's business; and who was never told of a build misses nothing. */
static bool is_news(const struct notice *notice)
{
	const struct build *build = &notice->build;

	switch (notice->kind) {
	case NOTICE_REFUSED:
		return build->state == BUILD_WANTED;
	case NOTICE_HELD:
		return build->state == BUILD_WANTED && build->held != REASON_MATCHED;
	case NOTICE_SUPERSEDED:
		return false;
	case NOTICE_FINISHED:
	case NOTICE_STARTED:
	case NOTICE_GIVEN_UP:
	case NOTICE_AMBIGUOUS:
	case NOTICE_UNREADABLE:
	case NOTICE_MISSED:
	case NOTICE_WITHDRAWN:
	case NOTICE_UNRESOLVED:
	case NOTICE_DIGEST:
	case NOTICE_OTHER_EXECUTION:
		break;
	}
	return true;
}

/* A secret that is no URL cannot be asked whether it is any good. */
static void read_reply(const struct http_answer *reply, const struct err *err,
                       struct slack_answer *ret_answer)
{
	*ret_answer = (struct slack_answer){ .retry_after_ms = -1 };
	if (reply) {
		slack_read_answer(
			&(struct slack_reply){ reply->status, reply->body, reply->retry_after },
			true, ret_answer);
		return;
	}
	ret_answer->fault = err->kind == ERR_MALFORMED ? SLACK_SECRET_REFUSED : SLACK_DOWN;
	ret_answer->err = *err;
}

static void post(struct slack_webhook *webhook);

static void on_posted(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct slack_webhook *webhook = ctx;
	struct slack_answer answer;

	webhook->pending = NULL;
	read_reply(reply, err, &answer);
	if (answer.fault == SLACK_BLOCKS_REFUSED && !webhook->plain) {
		log_event(webhook->ports->log, LOG_WARNING, "slack_blocks_refused",
		          LOG_FIELDS(LOG_TEXT("family", webhook->notice->build.family),
		                     LOG_TEXT("error", answer.err.text)));
		webhook->plain = true;
		post(webhook);
		return;
	}
	end(webhook, &(struct sink_answer){ slack_outcome(answer.fault), answer.retry_after_ms,
	                                    answer.err });
}

static void post(struct slack_webhook *webhook)
{
	const struct notice *notice = webhook->notice;
	const char *name = notice->build.family;
	const struct family *family = name ? config_family(webhook->config, name) : NULL;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	slack_message_json(
		&(struct slack_message){
			.kind = notice->kind,
			.build = &notice->build,
			.text = notice->text,
			.publisher = family ? family->publisher : NULL,
			.mention = family ? family->slack_mention : NULL,
			.several_regions = family && family->n_regions > 1,
			.plain = webhook->plain,
		},
		&body);
	webhook->pending = slack_call(
		&(struct slack_request){
			.ports = webhook->ports,
			.config = webhook->config,
			.secret = webhook->url,
			.body = buf_span(&body),
			.max_answer = LIMIT_SLACK_ANSWER,
		},
		on_posted, webhook);
	buf_clear(&body);
}

static void on_turn(void *ctx)
{
	end(ctx, &(struct sink_answer){ SINK_DELIVERED, -1, { ERR_NONE, "" } });
}

struct call *slack_webhook_deliver(const struct ports *ports, const struct config *config,
                                   const struct delivery *delivery, sink_done_fn *done, void *ctx)
{
	struct slack_webhook *webhook = xcalloc(1, sizeof(*webhook));

	*webhook = (struct slack_webhook){
		.call = { cancel },
		.ports = ports,
		.config = config,
		.notice = delivery->notice,
		.url = &delivery->secrets[0],
		.done = done,
		.ctx = ctx,
	};
	if (is_news(webhook->notice))
		post(webhook);
	else
		webhook->pending = ports_after(ports, 0, on_turn, webhook);
	return &webhook->call;
}
