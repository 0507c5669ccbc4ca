#include "tests/unit/slack_json.h"

#include "tests/unit/build_json.h"
#include "tests/unit/check.h"

#include <string.h>

static enum notice_kind kind_of(const char *word)
{
	for (enum notice_kind kind = NOTICE_FINISHED; kind < NOTICE_LAST; kind++) {
		if (strcmp(notice_word(kind), word) == 0)
			return kind;
	}
	CHECK_TEXT(word, notice_word(NOTICE_LAST));
	return NOTICE_LAST;
}

static bool *flag_of(struct slack_message *message, struct span key)
{
	if (span_is(key, "plain"))
		return &message->plain;
	return span_is(key, "several_regions") ? &message->several_regions : NULL;
}

static const char **text_of(struct slack_message *message, struct span key)
{
	const struct {
		const char *key, **text;
	} texts[] = {
		{ "text", &message->text },           { "channel", &message->channel },
		{ "mention", &message->mention },     { "ts", &message->ts },
		{ "thread_ts", &message->thread_ts }, { "post_id", &message->post_id },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (span_is(key, texts[i].key))
			return texts[i].text;
	}
	return NULL;
}

static const struct build *read_build(struct reader *reader, struct arena *arena)
{
	struct build *build = arena_alloc(arena, 1, sizeof(*build));

	*build = build_json_read(reader, arena);
	return build;
}

static void read_word(struct slack_message *message, struct span key, const char *word)
{
	if (span_is(key, "kind"))
		message->kind = kind_of(word);
	else if (span_is(key, "part"))
		message->part = strcmp(word, "details") == 0 ? SLACK_DETAILS : SLACK_ROOT;
	else if (CHECK(span_is(key, "whose"), "%.*s", SPAN_ARG(key)))
		message->publisher = catalogue_find(span_of(word));
}

static void read_member(struct reader *reader, struct slack_message *message, struct span key,
                        struct arena *arena)
{
	bool *flag = flag_of(message, key);
	const char **text = text_of(message, key);

	if (flag)
		CHECK(reader_bool(reader, flag));
	else if (text)
		*text = build_json_text(reader, arena);
	else if (span_is(key, "build"))
		message->build = read_build(reader, arena);
	else
		read_word(message, key, build_json_text(reader, arena));
}

struct slack_message slack_json_read(struct reader *reader, struct arena *arena)
{
	struct slack_message message = { 0 };
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key))
		read_member(reader, &message, key, arena);
	return message;
}
