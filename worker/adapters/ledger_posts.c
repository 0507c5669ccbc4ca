#include "worker/adapters/ledger_posts.h"

#include <stdio.h>

#include "common/base/banned.h"

static const char *const part_words[] = { [SLACK_ROOT] = "root", [SLACK_DETAILS] = "details" };

static const char *const state_words[] = {
	[POST_NONE] = "none",
	[POST_ASKED] = "asked",
	[POST_SENT] = "sent",
	[POST_CLOSED] = "closed",
};

/* The number of the word; n when it is none of them. */
static size_t index_of(struct span word, const char *const *words, size_t n)
{
	size_t i = 0;

	while (i < n && !span_is(word, words[i]))
		i++;
	return i;
}

/* A remark is no build's. */
static void give_owner(struct sqlite_query *query, const struct notice *notice)
{
	sqlite_give_integer(query, notice->build.id);
	sqlite_give_integer(query, notice->build.id ? 0 : notice->id);
}

static const char *text_of(struct sqlite_query *query, int column, struct arena *arena)
{
	struct span text = sqlite_text(query, column);

	return text.at ? arena_text(arena, text) : NULL;
}

static struct post post_of_row(struct sqlite_query *query, struct arena *arena)
{
	struct post post = {
		.nth = (int)sqlite_integer(query, 2),
		.channel = text_of(query, 3, arena),
		.channel_id = text_of(query, 4, arena),
		.ts = text_of(query, 5, arena),
		.thread_ts = text_of(query, 6, arena),
		.asked_ms = sqlite_integer(query, 8),
	};
	size_t state = index_of(sqlite_text(query, 1), state_words, ARRAY_LEN(state_words));

	post.state = state < ARRAY_LEN(state_words) ? (enum post_state)state : POST_NONE;
	snprintf(post.digest, sizeof(post.digest), "%.*s", SPAN_ARG(sqlite_text(query, 7)));
	return post;
}

bool ledger_posts_read(struct sqlite *sqlite, struct arena *arena, struct notice *notice,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT part, state, nth, channel,"
		" ifnull(channel_id, (SELECT id FROM channels WHERE name = channel)),"
		" ts, thread_ts, digest, asked_ms FROM posts WHERE build = ? AND notice = ?");

	give_owner(query, notice);
	for (size_t i = 0; i < POST_PARTS; i++)
		notice->posts[i] = (struct post){ .part = (enum slack_part)i };
	while (sqlite_step(query)) {
		size_t part = index_of(sqlite_text(query, 0), part_words, ARRAY_LEN(part_words));

		if (part == POST_PARTS)
			continue;
		notice->posts[part] = post_of_row(query, arena);
		notice->posts[part].part = (enum slack_part)part;
	}
	return sqlite_finish(query, reterr);
}

/* By a channel's name Slack takes messages, but shows none. */
static bool learn_channel(struct sqlite *sqlite, const struct post *post, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO channels (name, id) VALUES (?, ?)"
			" ON CONFLICT DO UPDATE SET id = excluded.id WHERE id <> excluded.id");

	sqlite_give_text(query, post->channel);
	sqlite_give_text(query, post->channel_id);
	return sqlite_finish(query, reterr);
}

bool ledger_posts_save(struct sqlite *sqlite, const struct notice *notice, const struct post *post,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT OR REPLACE INTO posts (build, notice, part, state, nth, channel,"
			" channel_id, ts, thread_ts, digest, asked_ms)"
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	give_owner(query, notice);
	sqlite_give_text(query, part_words[post->part]);
	sqlite_give_text(query, state_words[post->state]);
	sqlite_give_integer(query, post->nth);
	sqlite_give_text(query, post->channel);
	sqlite_give_text(query, post->channel_id);
	sqlite_give_text(query, post->ts);
	sqlite_give_text(query, post->thread_ts);
	sqlite_give_text(query, post->digest);
	sqlite_give_integer(query, post->asked_ms);
	if (!sqlite_finish(query, reterr))
		return false;
	return !post->channel_id || learn_channel(sqlite, post, reterr);
}
