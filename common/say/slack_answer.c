#include "common/base/members.h"
#include "common/base/text.h"
#include "common/say/slack.h"

#include <stdio.h>

#include "common/base/banned.h"

struct body {
	bool ok;
	struct span error, ts;
};

/* Errors of the Web API that pass by themselves; all others need a person. */
static bool passes(struct span error)
{
	static const char *const words[] = {
		"ratelimited",         "rate_limited",   "request_timeout",
		"service_unavailable", "internal_error", "fatal_error",
		"team_added_to_org",   "accesslimited",  "message_limit_exceeded",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (span_is(error, words[i]))
			return true;
	}
	return false;
}

static int64_t retry_after_ms(struct span retry_after)
{
	uint64_t seconds;

	return text_number(retry_after, 86400, &seconds) ? (int64_t)seconds * 1000 : -1;
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
		err_set(&answer->err, passes(body.error) ? ERR_TRANSIENT : ERR_REFUSED,
		        "Slack says %.*s", (int)(body.error.len < 80 ? body.error.len : 80),
		        body.error.at ? body.error.at : "not ok");
	} else {
		answer->sent = true;
		snprintf(answer->ts, sizeof(answer->ts), "%.*s", SPAN_ARG(body.ts));
	}
	reader_clear(&reader);
}

static void read_webhook_body(struct span body, struct slack_answer *answer)
{
	struct span word = span_part(span_trim(body), 0, 80);

	answer->sent = span_is(word, "ok");
	if (!answer->sent)
		err_set(&answer->err, ERR_REFUSED, "Slack's webhook says %.*s", SPAN_ARG(word));
}

void slack_read_answer(const struct slack_reply *reply, bool webhook,
                       struct slack_answer *ret_answer)
{
	*ret_answer = (struct slack_answer){ .retry_after_ms = -1 };
	if (reply->status == 429 || reply->status >= 500) {
		ret_answer->retry_after_ms = retry_after_ms(reply->retry_after);
		err_set(&ret_answer->err, ERR_TRANSIENT, "Slack answers %d", reply->status);
	} else if (webhook) {
		read_webhook_body(reply->body, ret_answer);
	} else if (reply->status != 200) {
		err_set(&ret_answer->err, ERR_REFUSED, "Slack answers %d", reply->status);
	} else {
		read_api_body(reply->body, ret_answer);
	}
}
