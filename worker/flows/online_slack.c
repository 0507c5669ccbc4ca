#include "common/base/limits.h"
#include "common/base/members.h"
#include "common/say/slack_answer.h"
#include "worker/flows/online_checks.h"
#include "worker/flows/slack_call.h"

#include <string.h>

#include "common/base/banned.h"

/* ---- What Slack says ------------------------------------------------------------------------- */

#define WHOLE_TOKEN                                                                             \
	"put the app's whole bot token, xoxb-..., where slack.token says that it is; a worker " \
	"reads it again by itself"
#define NEW_TOKEN                                                                              \
	"install the app to the workspace again, and put its new bot token where slack.token " \
	"says that it is; a worker reads it again by itself"
#define INVITE "make the channel, or invite the app to it: /invite @its-name in the channel"
#define RENAME "name another channel in slack.channel, or in slack.channel of the families"

static const struct {
	const char *code, *hint;
} repairs[] = {
	{ "invalid_auth", WHOLE_TOKEN },   { "not_authed", WHOLE_TOKEN },
	{ "account_inactive", NEW_TOKEN }, { "token_revoked", NEW_TOKEN },
	{ "token_expired", NEW_TOKEN },    { "channel_not_found", INVITE },
	{ "is_archived", RENAME },
};

static const char *hint_of(const struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(repairs); i++) {
		if (strstr(err->text, repairs[i].code))
			return repairs[i].hint;
	}
	return NULL;
}

static void refused(struct online *online, const struct err *err)
{
	const char *hint = hint_of(err);

	if (hint)
		online_tell(online, ONLINE_FAILED, err->text, hint);
	else
		online_fail(online, err);
}

/* NULL: that is told already. */
static const struct http_answer *taken(struct online *online, const struct http_answer *reply,
                                       const struct err *err)
{
	struct slack_answer answer;

	if (err) {
		online_fail(online, err);
		return NULL;
	}
	slack_read_answer(&(struct slack_reply){ reply->status, reply->body, reply->retry_after },
	                  false, &answer);
	if (answer.fault == SLACK_FINE)
		return reply;
	if (answer.fault == SLACK_SCOPE_MISSING)
		online_tell(online, ONLINE_SKIPPED,
		            "whether it can be posted to is not known: the token may not look",
		            "give the app the scope channels:read, or groups:read");
	else
		refused(online, &answer.err);
	return NULL;
}

static void ask_method(struct online *online, const char *method, struct span form,
                       http_done_fn *done)
{
	online->pending = slack_call(
		&(struct slack_request){
			.ports = online->options.ports,
			.config = online->options.config,
			.secret = &online->token,
			.method = method,
			.body = form,
			.form = true,
			.max_answer = LIMIT_SLACK_ANSWER,
		},
		done, online);
}

/* ---- The token ------------------------------------------------------------------------------- */

struct identity {
	struct span team, user;
};

static const struct member identity_members[] = {
	MEMBER_STRING(struct identity, team, "team", true),
	MEMBER_STRING(struct identity, user, "user", true),
};

static void tell_identity(struct online *online, struct span json)
{
	struct identity identity = { .team = SPAN_NONE };
	struct reader reader;
	struct err err;

	reader_init(&reader, json);
	if (members_parse(&reader, identity_members, ARRAY_LEN(identity_members), &identity, &err))
		online_tell(online, ONLINE_OK,
		            arena_printf(&online->texts, "workspace %.*s, as %.*s",
		                         SPAN_ARG(identity.team), SPAN_ARG(identity.user)),
		            NULL);
	else
		online_fail(online, &err);
	reader_clear(&reader);
}

static void on_tested(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct online *online = ctx;

	online->pending = NULL;
	reply = taken(online, reply, err);
	if (reply) {
		online->token_is_good = true;
		tell_identity(online, reply->body);
	}
}

static void on_token(void *ctx, const struct secret *secret, const struct err *err)
{
	struct online *online = ctx;

	online->pending = NULL;
	if (!secret) {
		online_tell(online, ONLINE_FAILED, err->text,
		            "put the token where slack.token says that it is");
		return;
	}
	online->token = secret_copy(secret);
	ask_method(online, "auth.test", SPAN_NONE, on_tested);
}

static void ask_token(struct online *online)
{
	const struct ports *ports = online->options.ports;

	online->pending = ports->secret(ports->world, &online->options.config->slack.token,
	                                on_token, online);
}

static const struct online_check token_check = { .name = "Slack", .ask = ask_token };

/* ---- Channels -------------------------------------------------------------------------------- */

struct channel {
	bool archived, member;
	struct span name;
};

static const struct member channel_members[] = {
	MEMBER_STRING(struct channel, name, "name", false),
	MEMBER_BOOL(struct channel, archived, "is_archived", false),
	MEMBER_BOOL(struct channel, member, "is_member", false),
};

static void read_channel(struct reader *reader, void *target)
{
	(void)members_read(reader, channel_members, ARRAY_LEN(channel_members), target);
}

static const struct member info_members[] = {
	MEMBER_NESTED("channel", read_channel, true),
};

static void judge_channel(struct online *online, const struct channel *channel)
{
	const char *name = arena_printf(&online->texts, "#%.*s", SPAN_ARG(channel->name));

	if (channel->archived)
		online_tell(online, ONLINE_FAILED,
		            arena_printf(&online->texts, "%s is archived", name), RENAME);
	else if (channel->member)
		online_tell(online, ONLINE_OK, name, NULL);
	else
		online_tell(online, ONLINE_WARNING,
		            arena_printf(&online->texts,
		                         "%s, where the app is no member: posts need the scope "
		                         "chat:write.public",
		                         name),
		            INVITE);
}

static void on_channel(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct online *online = ctx;
	struct channel channel = { .name = SPAN_NONE };
	struct reader reader;
	struct err why;

	online->pending = NULL;
	reply = taken(online, reply, err);
	if (!reply)
		return;
	reader_init(&reader, reply->body);
	if (members_parse(&reader, info_members, ARRAY_LEN(info_members), &channel, &why))
		judge_channel(online, &channel);
	else
		online_fail(online, &why);
	reader_clear(&reader);
}

/* "C024BE91L"; Slack finds none by its name. */
static bool is_id(const char *channel)
{
	return strlen(channel) >= 9 && strchr("CG", channel[0]) &&
	       span_only(span_of(channel), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static void ask_channel(struct online *online)
{
	const char *channel = online->at->about;
	struct buf form = buf_with_max(LIMIT_URL);

	if (!online->token_is_good) {
		online_tell(online, ONLINE_SKIPPED, "needs a token that is good", NULL);
	} else if (!is_id(channel)) {
		online_tell(online, ONLINE_SKIPPED,
		            "whether it can be posted to is not known: Slack tells of a channel by "
		            "its id alone",
		            "name it by its id, which stands at the end of its details in Slack");
	} else {
		buf_addf(&form, "channel=%s", channel);
		ask_method(online, "conversations.info", buf_span(&form), on_channel);
	}
	buf_clear(&form);
}

static const struct online_check channel_check = { .name = "Slack channel", .ask = ask_channel };

static void add_channel(struct online *online, const char *channel)
{
	for (const struct online_item *item = online->items; item; item = item->next) {
		if (item->check == &channel_check && strcmp(item->about, channel) == 0)
			return;
	}
	online_add(online, &channel_check, arena_printf(&online->kept, "Slack channel %s", channel),
	           channel);
}

/* ---- The webhook ----------------------------------------------------------------------------- */

static void on_webhook(void *ctx, const struct secret *secret, const struct err *err)
{
	struct online *online = ctx;

	online->pending = NULL;
	if (secret)
		online_tell(online, ONLINE_SKIPPED,
		            "a webhook is there; whether Slack takes it shows only when it is "
		            "posted to",
		            NULL);
	else
		online_tell(online, ONLINE_FAILED, err->text,
		            "put the webhook's URL where slack.webhook says that it is");
}

static void ask_webhook(struct online *online)
{
	const struct ports *ports = online->options.ports;

	online->pending = ports->secret(ports->world, &online->options.config->slack.webhook,
	                                on_webhook, online);
}

static const struct online_check webhook_check = { .name = "Slack", .ask = ask_webhook };

/* ---- All of it ------------------------------------------------------------------------------- */

static void ask_nothing(struct online *online)
{
	online_tell(online, ONLINE_SKIPPED, "slack is not set: nobody is told there", NULL);
}

static const struct online_check no_check = { .name = "Slack", .ask = ask_nothing };

static void list_channels(struct online *online)
{
	const struct config *config = online->options.config;

	if (config->slack.channel)
		add_channel(online, config->slack.channel);
	for (size_t i = 0; i < config->n_families; i++) {
		if (config->families[i].slack_channel)
			add_channel(online, config->families[i].slack_channel);
	}
}

void online_list_slack(struct online *online)
{
	const struct config *config = online->options.config;
	const struct online_check *check = &no_check;

	if (!online->options.everything)
		return;
	if (config->slack.token.source != SECRET_NONE)
		check = &token_check;
	else if (config->slack.webhook.source != SECRET_NONE)
		check = &webhook_check;
	online_add(online, check, check->name, NULL);
	if (check == &token_check)
		list_channels(online);
}
