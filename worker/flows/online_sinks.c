#include "common/aws/wire_eventbridge.h"
#include "common/aws/wire_sns.h"
#include "common/base/limits.h"
#include "common/base/web_url.h"
#include "common/decide/webhook_url.h"
#include "common/say/webhook.h"
#include "worker/flows/online_checks.h"

#include <string.h>

#include "common/base/banned.h"

#define NO_KEY "keep a key there, as one line: echo \"whsec_$(openssl rand -base64 32)\""
#define NO_URL "keep the URL of the webhook there, as one line"

static const struct sink_setting *sink_of(const struct online *online)
{
	return online->at->about;
}

/* ---- Topics and buses ------------------------------------------------------------------------ */

static const struct question {
	const struct aws_operation *operation;
	const char *unseen, *absent; /* hints */
} questions[] = {
	[SINK_SNS] = { &aws_sns_get_topic_attributes, "allow sns:GetTopicAttributes, too",
	               "make sns the ARN of a topic that is there" },
	[SINK_EVENTBRIDGE] = { &aws_eventbridge_describe_event_bus,
	                       "allow events:DescribeEventBus, too",
	                       "make eventbridge the name or ARN of a bus that is there" },
};

/* Whoever may publish need not be allowed to look. */
static void tell_refusal(struct online *online, const struct err *err)
{
	const struct question *question = &questions[sink_of(online)->kind];

	if (err->kind == ERR_TRANSIENT || strstr(err->text, "AssumeRole"))
		online_fail(online, err);
	else if (err->kind == ERR_BROKEN)
		online_tell(online, ONLINE_SKIPPED,
		            arena_printf(&online->texts, "it may not be looked at: %s", err->text),
		            question->unseen);
	else
		online_tell(online, ONLINE_FAILED, err->text, question->absent);
}

static void on_there(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct online *online = ctx;
	const struct sink_setting *sink = sink_of(online);

	(void)answer;
	online->pending = NULL;
	if (err)
		tell_refusal(online, err);
	else
		online_tell(online, ONLINE_OK,
		            arena_printf(&online->texts, "%s is there, in %s",
		                         sink->topic ? sink->topic : sink->bus, sink->region),
		            NULL);
}

static void ask_aws(struct online *online)
{
	const struct ports *ports = online->options.ports;
	const struct sink_setting *sink = sink_of(online);
	const struct aws_role role = {
		.arn = sink->role_arn,
		.session_name = ONLINE_ROLE_SESSION,
		.region = sink->region,
	};
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (sink->topic)
		sns_topic_body(sink->topic, &body);
	else
		eventbridge_bus_body(sink->bus, &body);
	online->pending = ports->aws(ports->world,
	                             &(struct aws_request){
					     .operation = questions[sink->kind].operation,
					     .region = sink->region,
					     .role = role.arn ? &role : NULL,
					     .body = buf_span(&body),
				     },
	                             on_there, online);
	buf_clear(&body);
}

/* ---- Webhooks -------------------------------------------------------------------------------- */

/* Nothing is sent: a receiver would take it for news. */
static void tell_webhook(struct online *online, struct span text)
{
	struct web_url url;
	struct err err;

	if (!webhook_url_check(text, &err) || !web_url_parse(text, &url, &err))
		online_tell(online, ONLINE_FAILED, err.text, NO_URL);
	else
		online_tell(online, ONLINE_OK,
		            arena_printf(&online->texts,
		                         "its key is there; %.*s is asked when there is news",
		                         SPAN_ARG(url.host)),
		            NULL);
}

static void on_url(void *ctx, const struct secret *secret, const struct err *err)
{
	struct online *online = ctx;

	online->pending = NULL;
	if (err)
		online_tell(online, ONLINE_FAILED, err->text, NO_URL);
	else
		tell_webhook(online, secret_reveal(secret));
}

static void on_key(void *ctx, const struct secret *secret, const struct err *err)
{
	struct online *online = ctx;
	const struct ports *ports = online->options.ports;
	const struct sink_setting *sink = sink_of(online);
	struct err why;

	online->pending = NULL;
	if (err)
		online_tell(online, ONLINE_FAILED, err->text, NO_KEY);
	else if (!webhook_check_keys(secret, &why))
		online_tell(online, ONLINE_FAILED, why.text, NO_KEY);
	else if (sink->url.text)
		tell_webhook(online, span_of(sink->url.text));
	else
		online->pending = ports->secret(ports->world, &sink->url.place, on_url, online);
}

static void ask_webhook(struct online *online)
{
	const struct ports *ports = online->options.ports;

	online->pending = ports->secret(ports->world, &sink_of(online)->key, on_key, online);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static const struct online_check aws_check = { "sink", true, NULL, ask_aws, NULL };
static const struct online_check local_check = { "sink", false, NULL, ask_webhook, NULL };
static const struct online_check secret_check = { "sink", true, NULL, ask_webhook, NULL };

static bool is_here(const struct secret_ref *ref)
{
	return ref->source == SECRET_NONE || secrets_is_local(ref);
}

static const struct online_check *check_of(const struct sink_setting *sink)
{
	if (sink->kind != SINK_WEBHOOK)
		return &aws_check;
	return is_here(&sink->key) && is_here(&sink->url.place) ? &local_check : &secret_check;
}

void online_list_sinks(struct online *online)
{
	const struct config *config = online->options.config;

	if (!online->options.everything)
		return;
	for (size_t i = 0; i < config->n_sinks; i++) {
		const struct sink_setting *sink = &config->sinks[i];

		online_add(online, check_of(sink),
		           arena_printf(&online->kept, "sink %s", sink->name), sink);
	}
}
