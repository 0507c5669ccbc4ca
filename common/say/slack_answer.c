#include "common/base/members.h"
#include "common/base/plain.h"
#include "common/base/text.h"
#include "common/say/slack.h"

#include <stdio.h>

#include "common/base/banned.h"

#define MAX_WORD 40 /* Slack's longest is half of that */

struct body {
	bool ok;
	struct span error, ts;
};

static bool is_one_of(struct span word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (span_is(word, words[i]))
			return true;
	}
	return false;
}

/* Errors of the Web API that pass by themselves; all others need a person. */
static bool passes(struct span error)
{
	static const char *const words[] = {
		"ratelimited",         "rate_limited",   "request_timeout",
		"service_unavailable", "internal_error", "fatal_error",
		"team_added_to_org",   "accesslimited",  "message_limit_exceeded",
	};

	return is_one_of(error, words, ARRAY_LEN(words));
}

/* Errors of the Web API that are about the token and not about what was posted. */
static bool is_about_token(struct span error)
{
	static const char *const words[] = {
		"token_revoked", "token_expired", "invalid_auth", "not_authed", "account_inactive",
	};

	return is_one_of(error, words, ARRAY_LEN(words));
}

/* Gone (410) is also said of an archived channel: the webhook of another one would help. */
static bool is_about_webhook(int status, struct span word)
{
	static const char *const words[] = {
		"invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team",
	};

	return status == 410 || (status != 200 && is_one_of(word, words, ARRAY_LEN(words)));
}

static int64_t retry_after_ms(struct span retry_after)
{
	uint64_t seconds;

	return text_number(retry_after, 86400, &seconds) ? (int64_t)seconds * 1000 : -1;
}

/* Fills the error with the beginning of what Slack said. */
static void quote(struct slack_answer *answer, enum err_kind kind, const char *who,
                  struct span said)
{
	struct buf words = buf_with_max(80);

	plain_add(&words, said);
	err_set(&answer->err, kind, "%s %s", who, buf_text(&words));
	buf_clear(&words);
}

static void read_api_body(struct span json, struct slack_answer *answer)
{
	static const struct member members[] = {
		MEMBER_BOOL(struct body, ok, "ok", true),
		MEMBER_STRING(struct body, error, "error", false),
		MEMBER_STRING(struct body, ts, "ts", false),
	};
	struct body body = { 0 };
	struct reader reader;

	reader_init(&reader, json);
	if (!members_parse(&reader, members, ARRAY_LEN(members), &body, &answer->err)) {
		err_wrap(&answer->err, "Slack");
		answer->err.kind = ERR_TRANSIENT; /* a proxy's page, not Slack's word */
	} else if (!body.ok) {
		answer->secret_refused = is_about_token(body.error);
		quote(answer, passes(body.error) ? ERR_TRANSIENT : ERR_REFUSED, "Slack says",
		      body.error.len ? body.error : SPAN("not ok"));
	} else {
		answer->sent = true;
		if (body.ts.len < sizeof(answer->ts))
			snprintf(answer->ts, sizeof(answer->ts), "%.*s", SPAN_ARG(body.ts));
	}
	reader_clear(&reader);
}

/* A proxy's page may repeat the path, which is the secret. Slack's own answers are words. */
static struct span word_of(struct span body)
{
	struct span word = span_trim(body);

	if (word.len == 0)
		return SPAN("nothing");
	if (word.len > MAX_WORD || !span_only(word, "abcdefghijklmnopqrstuvwxyz_"))
		return SPAN("not an answer of Slack");
	return word;
}

/* With 200 only "ok" is Slack's word; anything else comes from a proxy. */
static void read_webhook_body(int status, struct span body, struct slack_answer *answer)
{
	struct span word = word_of(body);
	char who[40];

	answer->sent = status == 200 && span_is(word, "ok");
	if (answer->sent)
		return;
	answer->secret_refused = is_about_webhook(status, word);
	snprintf(who, sizeof(who), "Slack's webhook answers %d:", status);
	quote(answer, status == 200 ? ERR_TRANSIENT : ERR_REFUSED, who, word);
}

void slack_read_answer(const struct slack_reply *reply, bool webhook,
                       struct slack_answer *ret_answer)
{
	*ret_answer = (struct slack_answer){
		.retry_after_ms = retry_after_ms(reply->retry_after),
	};
	if (reply->status == 429 || reply->status >= 500) {
		err_set(&ret_answer->err, ERR_TRANSIENT, "Slack answers %d", reply->status);
	} else if (webhook) {
		read_webhook_body(reply->status, reply->body, ret_answer);
	} else if (reply->status != 200) {
		err_set(&ret_answer->err, ERR_REFUSED, "Slack answers %d", reply->status);
	} else {
		read_api_body(reply->body, ret_answer);
	}
}
