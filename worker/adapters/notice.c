#include "worker/adapters/notice.h"

#include "common/base/banned.h"

static const char *copy(const char *text, struct arena *arena)
{
	return text ? arena_text(arena, span_of(text)) : NULL;
}

struct post post_copy(const struct post *post, struct arena *arena)
{
	struct post made = *post;

	made.channel = copy(post->channel, arena);
	made.channel_id = copy(post->channel_id, arena);
	made.ts = copy(post->ts, arena);
	made.thread_ts = copy(post->thread_ts, arena);
	return made;
}

struct notice notice_copy(const struct notice *notice, struct arena *arena)
{
	struct notice made = *notice;

	made.build = build_copy(&notice->build, arena);
	made.text = copy(notice->text, arena);
	made.error = copy(notice->error, arena);
	for (size_t i = 0; i < POST_PARTS; i++)
		made.posts[i] = post_copy(&notice->posts[i], arena);
	return made;
}
