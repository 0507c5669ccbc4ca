#include "worker/flows/slack_delivery.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/say/slack_answer.h"
#include "worker/flows/slack_call.h"
#include "worker/flows/slack_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

#define CLOCKS_APART_MS 120000 /* how far Slack's may be from ours */
#define HISTORY_PAGE    100    /* messages since then that are looked through */
#define MOST_TRIES      4      /* of a notice, while they cannot be read */

struct slack_delivery {
	struct call call; /* first: what the notifier holds */
	const struct ports *ports;
	const struct config *config;
	struct slack_memory *memory;
	const struct notice *notice;
	const struct secret *token;
	const char *channel;
	sink_done_fn *done;
	void *ctx;

	struct call *pending;
	void (*next)(struct slack_delivery *delivery); /* when the ledger knows */
	struct post posts[POST_PARTS];                 /* as they are by now */
	struct post *post;                             /* the one in hand, */
	char wanted[DIGEST_SHA256_HEX];                /* and what it should say */
	bool plain;                                    /* its blocks were refused */
	bool sent;                                     /* one message, which is all for now */
	struct sink_answer answer;
	struct arena arena;
};

static void go_on(struct slack_delivery *delivery);

/* ---- the end --------------------------------------------------------------------------------- */

static void release(struct slack_delivery *delivery)
{
	arena_clear(&delivery->arena);
	free(delivery);
}

static void cancel(struct call *call)
{
	struct slack_delivery *delivery = (struct slack_delivery *)call;

	call_cancel(delivery->pending);
	release(delivery);
}

static void end(struct slack_delivery *delivery)
{
	delivery->done(delivery->ctx, &delivery->answer);
	release(delivery);
}

static void end_with(struct slack_delivery *delivery, enum sink_outcome outcome,
                     const struct err *err)
{
	delivery->answer.outcome = outcome;
	if (err)
		delivery->answer.err = *err;
	end(delivery);
}

static void log_slack(const struct slack_delivery *delivery, const char *event,
                      const struct slack_answer *answer)
{
	const struct build *build = &delivery->notice->build;

	log_event(delivery->ports->log, LOG_WARNING, event,
	          LOG_FIELDS(LOG_TEXT("family", build->family),
	                     LOG_TEXT("build", build->token[0] ? build->token : NULL),
	                     LOG_TEXT("channel", delivery->channel),
	                     LOG_TEXT("error", answer->err.text),
	                     LOG_TEXT("detail", answer->detail[0] ? answer->detail : NULL)));
}

/* ---- what must be durable -------------------------------------------------------------------- */

void slack_memory_clear(struct slack_memory *memory)
{
	arena_clear(&memory->arena);
	memory->unsaved = false;
}

/* It was posted or edited, which must not happen again because the ledger is out of order. */
static void remember(struct slack_delivery *delivery)
{
	struct slack_memory *memory = delivery->memory;

	slack_memory_clear(memory);
	memory->unsaved = true;
	memory->notice = (struct notice){ .id = delivery->notice->id };
	memory->notice.build.id = delivery->notice->build.id;
	memory->post = post_copy(delivery->post, &memory->arena);
}

static void on_saved(void *ctx, const struct err *err)
{
	struct slack_delivery *delivery = ctx;

	delivery->pending = NULL;
	if (!err) {
		delivery->next(delivery);
		return;
	}
	if (delivery->post->state == POST_SENT)
		remember(delivery);
	end_with(delivery, SINK_LEDGER_FAILED, err);
}

static void save_and(struct slack_delivery *delivery, void (*next)(struct slack_delivery *))
{
	struct ledger *ledger = delivery->ports->ledger;

	delivery->next = next;
	delivery->pending = ledger->save_post(ledger, delivery->notice, delivery->post, on_saved,
	                                      delivery);
}

/* ---- what Slack answers ---------------------------------------------------------------------- */

static void note_answer(struct slack_delivery *delivery, const struct slack_answer *answer)
{
	delivery->answer = (struct sink_answer){ slack_outcome(answer->fault),
		                                 answer->retry_after_ms, answer->err };
}

static void ask_slack(struct slack_delivery *delivery, const char *method, const struct buf *body,
                      http_done_fn *done)
{
	bool reads = !strncmp(method, "conversations.", strlen("conversations."));

	delivery->pending = slack_call(
		&(struct slack_request){
			.ports = delivery->ports,
			.config = delivery->config,
			.secret = delivery->token,
			.method = method,
			.body = buf_span(body),
			.form = reads,
			.max_answer = reads ? LIMIT_SLACK_PAGE : LIMIT_SLACK_ANSWER,
		},
		done, delivery);
}

/* False: it was plain already. */
static bool can_be_plainer(struct slack_delivery *delivery, const struct slack_answer *answer)
{
	if (answer->fault != SLACK_BLOCKS_REFUSED || delivery->plain)
		return false;
	log_slack(delivery, "slack_blocks_refused", answer);
	delivery->plain = true;
	return true;
}

/* ---- a message that is no more --------------------------------------------------------------- */

/* Another one takes its place, once. */
static void replace(struct slack_delivery *delivery, struct post *post,
                    const struct slack_answer *answer)
{
	log_slack(delivery, "slack_message_lost", answer);
	delivery->post = post;
	if (post->nth == 0)
		*post = (struct post){ .part = post->part, .nth = 1 };
	else
		post->state = POST_CLOSED;
	post->channel = post->channel ? post->channel : delivery->channel;
	save_and(delivery, go_on);
}

/* ---- post ------------------------------------------------------------------------------------ */

static const struct post *root_of(const struct slack_delivery *delivery)
{
	return &delivery->posts[SLACK_ROOT];
}

/* NULL: it is no reply, or there is nothing that could be replied to. */
static const char *thread_of(const struct slack_delivery *delivery)
{
	const struct post *root = root_of(delivery);

	return delivery->post != root && root->state == POST_SENT ? root->ts : NULL;
}

static void write_part(struct slack_delivery *delivery, struct slack_message place,
                       struct buf *body)
{
	place.part = delivery->post->part;
	place.plain = delivery->plain;
	slack_part_write(delivery->config, delivery->notice, &place, body);
}

/* It is surely not there. */
static void unask(struct slack_delivery *delivery)
{
	delivery->post->state = POST_NONE;
	delivery->post->asked_ms = 0;
	save_and(delivery, end);
}

static void note_posted(struct slack_delivery *delivery, const struct slack_answer *answer)
{
	struct post *post = delivery->post;

	post->state = POST_SENT;
	post->ts = arena_text(&delivery->arena, span_of(answer->ts));
	post->channel_id = answer->channel[0]
	                           ? arena_text(&delivery->arena, span_of(answer->channel))
	                           : NULL;
	delivery->sent = true;
	save_and(delivery, go_on);
}

static void send(struct slack_delivery *delivery);

static void on_posted(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct slack_delivery *delivery = ctx;
	struct slack_answer answer;

	delivery->pending = NULL;
	slack_read_reply(reply, err, &answer);
	note_answer(delivery, &answer);
	if (answer.fault == SLACK_FINE)
		note_posted(delivery, &answer);
	else if (can_be_plainer(delivery, &answer))
		send(delivery);
	else if (answer.fault == SLACK_MESSAGE_GONE && thread_of(delivery))
		replace(delivery, &delivery->posts[SLACK_ROOT], &answer);
	else if (answer.in_doubt)
		end(delivery);
	else
		unask(delivery);
}

static void send(struct slack_delivery *delivery)
{
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	const struct post *post = delivery->post;

	write_part(delivery,
	           (struct slack_message){
			   .channel = post->channel_id ? post->channel_id : post->channel,
			   .thread_ts = post->thread_ts,
			   .post_id = slack_part_post_id(delivery->notice, post, &delivery->arena),
		   },
	           &body);
	ask_slack(delivery, "chat.postMessage", &body, on_posted);
	buf_clear(&body);
}

/* Written down before: who comes after us has to know that it may be there. */
static void ask(struct slack_delivery *delivery)
{
	struct post *asked = delivery->post;
	const struct post *root = root_of(delivery);

	asked->state = POST_ASKED;
	asked->channel = asked == root ? delivery->channel : root->channel;
	asked->channel_id = asked == root ? NULL : root->channel_id;
	asked->thread_ts = thread_of(delivery);
	if (!asked->asked_ms)
		asked->asked_ms = ports_now_ms(delivery->ports);
	memcpy(asked->digest, delivery->wanted, sizeof(asked->digest));
	save_and(delivery, send);
}

/* ---- find what may be there ------------------------------------------------------------------ */

/* Channels, private ones, and those of the API before 2019. */
static bool is_channel_id(const char *channel)
{
	return channel && strlen(channel) >= 9 && strchr("CGD", channel[0]) &&
	       span_only(span_of(channel), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

/* Slack's history knows a channel by its id alone; NULL: nobody has told us that one. */
static const char *place_of(const struct slack_delivery *delivery)
{
	const struct post *asked = delivery->post;

	if (asked->channel_id)
		return asked->channel_id;
	return is_channel_id(asked->channel) ? asked->channel : NULL;
}

static void note_found(struct slack_delivery *delivery, const char *ts)
{
	struct post *found = delivery->post;

	found->state = POST_SENT;
	found->channel_id = place_of(delivery);
	found->ts = arena_text(&delivery->arena, span_of(ts));
	save_and(delivery, go_on);
}

/* As far as anybody can tell; what is over by now is not posted any more. */
static void ask_again(struct slack_delivery *delivery)
{
	struct post *missing = delivery->post;

	missing->state = POST_NONE;
	if (slack_part_is_wanted(delivery->notice, delivery->posts, missing->part))
		ask(delivery);
	else
		save_and(delivery, go_on);
}

/* Said once; but another channel may be one that can be read. */
static void post_blindly(struct slack_delivery *delivery, const struct slack_answer *answer)
{
	if (!delivery->memory->said_blind)
		log_slack(delivery, "slack_history_unreadable", answer);
	delivery->memory->said_blind = true;
	ask_again(delivery);
}

static void look_through(struct slack_delivery *delivery, struct span body)
{
	char ts[32];

	if (slack_find_post(body,
	                    slack_part_post_id(delivery->notice, delivery->post, &delivery->arena),
	                    ts))
		note_found(delivery, ts);
	else
		ask_again(delivery);
}

/* Too large, or without an end: it may be readable next time; and if it never is, goes without. */
static void end_unread(struct slack_delivery *delivery, struct slack_answer *answer)
{
	answer->fault = SLACK_DOWN;
	answer->err.kind = ERR_TRANSIENT;
	note_answer(delivery, answer);
	if (delivery->notice->tries < MOST_TRIES)
		end(delivery);
	else
		unask(delivery);
}

static void on_history(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct slack_delivery *delivery = ctx;
	struct slack_answer answer;

	delivery->pending = NULL;
	slack_read_reply(reply, err, &answer);
	if (answer.err.kind == ERR_MALFORMED) {
		end_unread(delivery, &answer);
		return;
	}
	note_answer(delivery, &answer);
	switch (answer.fault) {
	case SLACK_FINE:
		look_through(delivery, reply->body);
		break;
	case SLACK_MESSAGE_GONE:
		if (thread_of(delivery))
			replace(delivery, &delivery->posts[SLACK_ROOT], &answer);
		else
			ask_again(delivery);
		break;
	case SLACK_SECRET_REFUSED:
	case SLACK_BUSY:
	case SLACK_DOWN:
		end(delivery);
		break;
	case SLACK_CHANNEL_WRONG: /* the app may post to it without being a member */
	case SLACK_SCOPE_MISSING:
	case SLACK_BLOCKS_REFUSED:
	case SLACK_REFUSED:
		post_blindly(delivery, &answer);
		break;
	}
}

/* A timestamp of Slack's: seconds, and what tells messages of one apart. */
static void add_oldest(const struct slack_delivery *delivery, struct buf *body)
{
	int64_t oldest_ms = delivery->post->asked_ms - CLOCKS_APART_MS;

	buf_addf(body, "&oldest=%" PRId64 ".000000", oldest_ms / 1000);
}

static void find(struct slack_delivery *delivery)
{
	const char *channel = place_of(delivery), *thread = delivery->post->thread_ts;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	if (!channel) {
		ask_again(delivery);
		return;
	}
	buf_addf(&body, "channel=%s&include_all_metadata=true&limit=%d", channel, HISTORY_PAGE);
	add_oldest(delivery, &body);
	if (thread)
		buf_addf(&body, "&ts=%s", thread);
	ask_slack(delivery, thread ? "conversations.replies" : "conversations.history", &body,
	          on_history);
	buf_clear(&body);
}

/* ---- edit ------------------------------------------------------------------------------------ */

static void edit(struct slack_delivery *delivery);

/* Where it stands may be another channel than where it would go today. */
static bool is_elsewhere(const struct slack_delivery *delivery)
{
	const char *channel = delivery->post->channel;

	return channel && strcmp(channel, delivery->channel) != 0;
}

/* Slack has more words against an edit than it lists: what is refused again will always be. */
static bool is_lost(const struct slack_delivery *delivery, const struct slack_answer *answer)
{
	switch (answer->fault) {
	case SLACK_MESSAGE_GONE:
		return true;
	case SLACK_CHANNEL_WRONG:
		return is_elsewhere(delivery);
	case SLACK_REFUSED:
	case SLACK_BLOCKS_REFUSED:
		return delivery->notice->tries > 0 && !answer->in_doubt;
	case SLACK_FINE:
	case SLACK_SECRET_REFUSED:
	case SLACK_SCOPE_MISSING:
	case SLACK_BUSY:
	case SLACK_DOWN:
		break;
	}
	return false;
}

static void on_edited(void *ctx, const struct http_answer *reply, const struct err *err)
{
	struct slack_delivery *delivery = ctx;
	struct slack_answer answer;

	delivery->pending = NULL;
	slack_read_reply(reply, err, &answer);
	note_answer(delivery, &answer);
	if (answer.fault == SLACK_FINE) {
		memcpy(delivery->post->digest, delivery->wanted, sizeof(delivery->wanted));
		delivery->sent = true;
		save_and(delivery, go_on);
	} else if (can_be_plainer(delivery, &answer)) {
		edit(delivery);
	} else if (is_lost(delivery, &answer)) {
		replace(delivery, delivery->post, &answer);
	} else {
		end(delivery);
	}
}

static void edit(struct slack_delivery *delivery)
{
	const struct post *there = delivery->post;
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	write_part(delivery,
	           (struct slack_message){
			   .channel = there->channel_id ? there->channel_id : there->channel,
			   .ts = there->ts,
		   },
	           &body);
	ask_slack(delivery, "chat.update", &body, on_edited);
	buf_clear(&body);
}

/* ---- what is missing ------------------------------------------------------------------------- */

/* Details of a root that was replaced belong into the thread of the other one. */
static void follow_root(struct slack_delivery *delivery)
{
	struct post *there = delivery->post;
	const char *thread = thread_of(delivery);

	if (there->state != POST_CLOSED && thread && there->thread_ts &&
	    strcmp(thread, there->thread_ts) != 0)
		*there = (struct post){ .part = there->part, .nth = there->nth + 1 };
}

/* Does it stand there as it should? */
static bool stands(struct slack_delivery *delivery, enum slack_part part)
{
	struct post *there = &delivery->posts[part];

	delivery->post = there;
	delivery->plain = false;
	follow_root(delivery);
	slack_part_digest(delivery->config, delivery->notice, part, delivery->wanted);
	return there->state == POST_CLOSED ||
	       (there->state == POST_SENT && strcmp(there->digest, delivery->wanted) == 0);
}

static void take_in_hand(struct slack_delivery *delivery)
{
	switch (delivery->post->state) {
	case POST_NONE:
		ask(delivery);
		break;
	case POST_ASKED:
		find(delivery);
		break;
	case POST_SENT:
	case POST_CLOSED:
		edit(delivery);
		break;
	}
}

static void go_on(struct slack_delivery *delivery)
{
	for (enum slack_part part = SLACK_ROOT; part < POST_PARTS; part++) {
		if (!slack_part_is_wanted(delivery->notice, delivery->posts, part) ||
		    stands(delivery, part))
			continue;
		if (delivery->sent)
			end_with(delivery, SINK_UNFINISHED, NULL);
		else
			take_in_hand(delivery);
		return;
	}
	end_with(delivery, SINK_DELIVERED, NULL);
}

/* ---- the beginning --------------------------------------------------------------------------- */

static void on_remembered_saved(void *ctx, const struct err *err)
{
	struct slack_delivery *delivery = ctx;
	struct slack_memory *memory = delivery->memory;
	const struct notice *notice = delivery->notice;

	delivery->pending = NULL;
	if (err) {
		end_with(delivery, SINK_LEDGER_FAILED, err);
		return;
	}
	if (memory->notice.build.id == notice->build.id &&
	    (notice->build.id || memory->notice.id == notice->id))
		delivery->posts[memory->post.part] = post_copy(&memory->post, &delivery->arena);
	slack_memory_clear(memory);
	go_on(delivery);
}

/* From the loop, since nothing may be called back before the start has returned. */
static void on_turn(void *ctx)
{
	struct slack_delivery *delivery = ctx;
	struct slack_memory *memory = delivery->memory;
	struct ledger *ledger = delivery->ports->ledger;

	delivery->pending = NULL;
	if (memory->unsaved)
		delivery->pending = ledger->save_post(ledger, &memory->notice, &memory->post,
		                                      on_remembered_saved, delivery);
	else
		go_on(delivery);
}

struct call *slack_deliver(const struct slack_task *task, sink_done_fn *done, void *ctx)
{
	struct slack_delivery *delivery = xcalloc(1, sizeof(*delivery));

	*delivery = (struct slack_delivery){
		.call = { cancel },
		.ports = task->ports,
		.config = task->config,
		.memory = task->memory,
		.notice = task->delivery->notice,
		.token = &task->delivery->secrets[0],
		.channel = task->channel,
		.done = done,
		.ctx = ctx,
		.answer = { .retry_after_ms = -1 },
	};
	memcpy(delivery->posts, delivery->notice->posts, sizeof(delivery->posts));
	delivery->pending = ports_after(task->ports, 0, on_turn, delivery);
	return &delivery->call;
}
