#include "common/say/slack_answer.h"

#include "common/base/members.h"
#include "common/base/plain.h"
#include "common/base/text.h"

#include <stdio.h>

#include "common/base/banned.h"

#define MAX_WORD 40 /* Slack's longest is half of that */

struct body {
	bool ok;
	struct span error, ts, channel, detail;
};

static bool is_one_of(struct span word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (span_is(word, words[i]))
			return true;
	}
	return false;
}

/* A row of this table is an error of the Web API that is more than a refusal. */
static const struct fault_word {
	const char *word;
	enum slack_fault fault;
	bool in_doubt;
} fault_words[] = {
	{ "token_revoked", SLACK_SECRET_REFUSED, false },
	{ "token_expired", SLACK_SECRET_REFUSED, false },
	{ "invalid_auth", SLACK_SECRET_REFUSED, false },
	{ "not_authed", SLACK_SECRET_REFUSED, false },
	{ "account_inactive", SLACK_SECRET_REFUSED, false },
	{ "channel_not_found", SLACK_CHANNEL_WRONG, false },
	{ "not_in_channel", SLACK_CHANNEL_WRONG, false },
	{ "is_archived", SLACK_CHANNEL_WRONG, false },
	{ "restricted_action", SLACK_CHANNEL_WRONG, false },
	{ "restricted_action_read_only_channel", SLACK_CHANNEL_WRONG, false },
	{ "restricted_action_thread_only_channel", SLACK_CHANNEL_WRONG, false },
	{ "invalid_blocks", SLACK_BLOCKS_REFUSED, false },
	{ "invalid_blocks_format", SLACK_BLOCKS_REFUSED, false },
	{ "msg_blocks_too_long", SLACK_BLOCKS_REFUSED, false },
	{ "msg_too_long", SLACK_BLOCKS_REFUSED, false },
	{ "message_not_found", SLACK_MESSAGE_GONE, false },
	{ "cant_update_message", SLACK_MESSAGE_GONE, false },
	{ "edit_window_closed", SLACK_MESSAGE_GONE, false },
	{ "thread_not_found", SLACK_MESSAGE_GONE, false },
	{ "invalid_thread_ts", SLACK_MESSAGE_GONE, false },
	{ "cannot_reply_to_message", SLACK_MESSAGE_GONE, false },
	{ "missing_scope", SLACK_SCOPE_MISSING, false },
	{ "not_allowed_token_type", SLACK_SCOPE_MISSING, false },
	{ "ratelimited", SLACK_BUSY, false },
	{ "rate_limited", SLACK_BUSY, false },
	{ "message_limit_exceeded", SLACK_BUSY, false },
	{ "request_timeout", SLACK_DOWN, false },
	{ "team_added_to_org", SLACK_DOWN, false },
	{ "accesslimited", SLACK_DOWN, false },
	{ "service_unavailable", SLACK_DOWN, true },
	{ "internal_error", SLACK_DOWN, true },
	{ "fatal_error", SLACK_DOWN, true },
};

static const struct fault_word *find_word(struct span error)
{
	for (size_t i = 0; i < ARRAY_LEN(fault_words); i++) {
		if (span_is(error, fault_words[i].word))
			return &fault_words[i];
	}
	return NULL;
}

static bool passes(enum slack_fault fault)
{
	return fault == SLACK_BUSY || fault == SLACK_DOWN;
}

/* Gone (410) is also said of an archived channel: the webhook of another one would help. */
static bool is_about_webhook(int status, struct span word)
{
	static const char *const words[] = {
		"invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team",
	};

	return status == 410 || (status != 200 && is_one_of(word, words, ARRAY_LEN(words)));
}

static bool is_about_blocks(struct span word)
{
	const struct fault_word *known = find_word(word);

	return known && known->fault == SLACK_BLOCKS_REFUSED;
}

static int64_t retry_after_ms(struct span retry_after)
{
	uint64_t seconds;

	return text_number(retry_after, 86400, &seconds) ? (int64_t)seconds * 1000 : -1;
}

/* Fills the error with the beginning of what Slack said. */
static void quote(struct slack_answer *answer, const char *who, struct span said)
{
	struct buf words = buf_with_max(80);

	plain_add(&words, said);
	err_set(&answer->err, passes(answer->fault) ? ERR_TRANSIENT : ERR_REFUSED, "%s %s", who,
	        buf_text(&words));
	buf_clear(&words);
}

static void note_fault(struct slack_answer *answer, struct span error)
{
	const struct fault_word *known = find_word(error);

	answer->fault = known ? known->fault : SLACK_REFUSED;
	answer->in_doubt = known && known->in_doubt;
	quote(answer, "Slack says", error.len ? error : SPAN("not ok"));
}

/* The first of response_metadata.messages. */
static void read_messages(struct reader *reader, void *target)
{
	struct body *body = target;
	struct span message;

	reader_array(reader);
	while (reader_element(reader)) {
		if (reader_string(reader, &message) && !body->detail.len)
			body->detail = message;
	}
}

static void read_response_metadata(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_NESTED("messages", read_messages, false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

/* An id where a message is told of; conversations.info tells of the channel itself. */
static void read_channel(struct reader *reader, void *target)
{
	struct body *body = target;

	if (reader_peek(reader) == JSON_STRING)
		reader_string(reader, &body->channel);
	else
		reader_skip(reader);
}

static void keep(char *kept, size_t size, struct span text)
{
	if (text.len < size)
		snprintf(kept, size, "%.*s", SPAN_ARG(text));
}

static void keep_detail(struct slack_answer *answer, struct span detail)
{
	struct buf words = buf_with_max(sizeof(answer->detail) - 1);

	plain_add(&words, span_part(detail, 0, sizeof(answer->detail) / 2));
	keep(answer->detail, sizeof(answer->detail), buf_span(&words));
	buf_clear(&words);
}

static void read_api_body(struct span json, struct slack_answer *answer)
{
	static const struct member members[] = {
		MEMBER_BOOL(struct body, ok, "ok", true),
		MEMBER_STRING(struct body, error, "error", false),
		MEMBER_STRING(struct body, ts, "ts", false),
		MEMBER_NESTED("channel", read_channel, false),
		MEMBER_NESTED("response_metadata", read_response_metadata, false),
	};
	struct body body = { 0 };
	struct reader reader;

	reader_init(&reader, json);
	if (!members_parse(&reader, members, ARRAY_LEN(members), &body, &answer->err)) {
		err_wrap(&answer->err, "Slack");
		answer->err.kind = ERR_TRANSIENT; /* a proxy's page, not Slack's word */
		answer->fault = SLACK_DOWN;
		answer->in_doubt = true;
	} else if (!body.ok) {
		note_fault(answer, body.error);
		keep_detail(answer, body.detail);
	} else {
		keep(answer->ts, sizeof(answer->ts), body.ts);
		keep(answer->channel, sizeof(answer->channel), body.channel);
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

	if (status == 200 && span_is(word, "ok"))
		return;
	answer->fault = is_about_webhook(status, word) ? SLACK_SECRET_REFUSED
	                : is_about_blocks(word)        ? SLACK_BLOCKS_REFUSED
	                : status == 200                ? SLACK_DOWN
	                                               : SLACK_REFUSED;
	snprintf(who, sizeof(who), "Slack's webhook answers %d:", status);
	quote(answer, who, word);
}

/* The status alone says what became of it. Slack refuses with 200: any other is a proxy's. */
static void read_status(int status, struct slack_answer *answer)
{
	answer->fault = status == 429 ? SLACK_BUSY : SLACK_DOWN;
	answer->in_doubt = status >= 500;
	err_set(&answer->err, ERR_TRANSIENT, "Slack answers %d", status);
}

void slack_read_answer(const struct slack_reply *reply, bool webhook,
                       struct slack_answer *ret_answer)
{
	*ret_answer = (struct slack_answer){
		.retry_after_ms = retry_after_ms(reply->retry_after),
	};
	if (reply->status == 429 || reply->status >= 500 || (!webhook && reply->status != 200))
		read_status(reply->status, ret_answer);
	else if (webhook)
		read_webhook_body(reply->status, reply->body, ret_answer);
	else
		read_api_body(reply->body, ret_answer);
}

/* ---- history --------------------------------------------------------------------------------- */

struct shown {
	struct span ts, post;
};

static void read_payload(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct shown, post, "post", false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

static void read_metadata(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_NESTED("event_payload", read_payload, false),
	};

	members_read(reader, members, ARRAY_LEN(members), target);
}

struct search {
	const char *post_id;
	char *ts; /* 32 bytes */
};

static void read_shown_messages(struct reader *reader, void *target)
{
	static const struct member members[] = {
		MEMBER_STRING(struct shown, ts, "ts", false),
		MEMBER_NESTED("metadata", read_metadata, false),
	};
	struct search *search = target;

	reader_array(reader);
	while (reader_element(reader)) {
		struct shown shown = { 0 };

		members_read(reader, members, ARRAY_LEN(members), &shown);
		if (span_is(shown.post, search->post_id))
			keep(search->ts, 32, shown.ts);
	}
}

bool slack_find_post(struct span body, const char *post_id, char ret_ts[32])
{
	static const struct member members[] = {
		MEMBER_NESTED("messages", read_shown_messages, true),
	};
	struct search search = { post_id, ret_ts };
	struct reader reader;
	struct err ignored;
	bool fine;

	ret_ts[0] = '\0';
	reader_init(&reader, body);
	fine = members_parse(&reader, members, ARRAY_LEN(members), &search, &ignored);
	reader_clear(&reader);
	if (!fine)
		ret_ts[0] = '\0';
	return ret_ts[0] != '\0';
}
