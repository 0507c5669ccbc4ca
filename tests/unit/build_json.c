#include "tests/unit/build_json.h"

#include "common/base/text.h"
#include "tests/unit/check.h"

#include <stddef.h>
#include <string.h>

enum kind { TEXT, TIME, NUMBER, COUNT, YES, STATE, STATUS, HELD };

#define MEMBER(name, field, kind)                             \
	{                                                     \
		(name), offsetof(struct build, field), (kind) \
	}
#define TEXT_MEMBER(field) MEMBER(#field, field, TEXT)

static const struct place {
	const char *key;
	size_t offset;
	enum kind kind;
} places[] = {
	TEXT_MEMBER(family),
	TEXT_MEMBER(region),
	TEXT_MEMBER(publisher),
	TEXT_MEMBER(release),
	TEXT_MEMBER(image_id),
	TEXT_MEMBER(image_name),
	TEXT_MEMBER(pipeline),
	TEXT_MEMBER(pipeline_region),
	TEXT_MEMBER(execution_id),
	TEXT_MEMBER(hold_detail),
	TEXT_MEMBER(summary),
	TEXT_MEMBER(failed_stage),
	TEXT_MEMBER(failed_action),
	TEXT_MEMBER(error_code),
	TEXT_MEMBER(error_message),
	TEXT_MEMBER(error_url),
	TEXT_MEMBER(golden_ami),
	TEXT_MEMBER(trouble),
	TEXT_MEMBER(role_arn),
	TEXT_MEMBER(architecture),
	TEXT_MEMBER(message_id),
	TEXT_MEMBER(notes_url),
	TEXT_MEMBER(base_previous),
	TEXT_MEMBER(golden_previous),
	TEXT_MEMBER(timeline),
	MEMBER("id", id, NUMBER),
	MEMBER("announced", announced_ms, TIME),
	MEMBER("wanted", wanted_ms, TIME),
	MEMBER("held_since", held_ms, TIME),
	MEMBER("started", started_ms, TIME),
	MEMBER("finished", finished_ms, TIME),
	MEMBER("due", due_ms, TIME),
	MEMBER("withdrawn", withdrawn_ms, TIME),
	MEMBER("attempt", attempt, COUNT),
	MEMBER("failures", failures, COUNT),
	MEMBER("base_written", base_written, YES),
	MEMBER("golden_written", golden_written, YES),
	MEMBER("state", state, STATE),
	MEMBER("status", status, STATUS),
	MEMBER("held", held, HELD),
};

const char *build_json_text(struct reader *reader, struct arena *arena)
{
	struct span text = SPAN_NONE;

	CHECK(reader_string(reader, &text));
	return arena_text(arena, text);
}

int64_t build_json_time(struct reader *reader)
{
	struct span text = SPAN_NONE;
	int64_t ms = 0;

	CHECK(reader_string(reader, &text) && text_parse_time(text, &ms), "%.*s", SPAN_ARG(text));
	return ms;
}

int64_t build_json_number(struct reader *reader)
{
	double number = 0;

	CHECK(reader_number(reader, &number));
	return (int64_t)number;
}

static void read_word(struct reader *reader, enum kind kind, struct build *build)
{
	struct span word = SPAN_NONE;

	CHECK(reader_string(reader, &word));
	if (kind == STATE)
		CHECK(build_state_of(word, &build->state), "%.*s", SPAN_ARG(word));
	else if (kind == HELD)
		CHECK(reason_of(word, &build->held), "%.*s", SPAN_ARG(word));
	else
		build->status = execution_status_of(word);
}

static void read_place(struct reader *reader, const struct place *place, struct build *build,
                       struct arena *arena)
{
	void *field = (char *)build + place->offset;

	if (place->kind == TEXT)
		*(const char **)field = build_json_text(reader, arena);
	else if (place->kind == TIME)
		*(int64_t *)field = build_json_time(reader);
	else if (place->kind == NUMBER)
		*(int64_t *)field = build_json_number(reader);
	else if (place->kind == COUNT)
		*(int *)field = (int)build_json_number(reader);
	else if (place->kind == YES)
		CHECK(reader_bool(reader, field));
	else
		read_word(reader, place->kind, build);
}

static bool read_member(struct reader *reader, struct span key, struct build *build,
                        struct arena *arena)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (span_is(key, places[i].key)) {
			read_place(reader, &places[i], build, arena);
			return true;
		}
	}
	return false;
}

struct build build_json_read(struct reader *reader, struct arena *arena)
{
	struct build build = { .held = REASON_MATCHED };
	struct span key;

	reader_object(reader);
	while (reader_member(reader, &key))
		CHECK(read_member(reader, key, &build, arena), "%.*s", SPAN_ARG(key));
	build_derive_token(&build);
	return build;
}
