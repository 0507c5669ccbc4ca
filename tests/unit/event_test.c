/*
 * Events of EventBridge. tests/cases/event has a folder for each: event.json, and in want.txt what
 * was read, or that it is none.
 */
#include "common/aws/event.h"

#include "common/base/plain.h"
#include "tests/unit/check.h"

#include <string.h>

static void dump_line(struct buf *out, const char *key, struct span text)
{
	buf_addf(out, "%s: ", key);
	plain_add(out, text.len ? text : SPAN("-"));
	buf_add_char(out, '\n');
}

static const char *const levels[] = {
	[EVENT_OTHER] = "other",   [EVENT_PIPELINE] = "pipeline", [EVENT_STAGE] = "stage",
	[EVENT_ACTION] = "action", [EVENT_BUILD] = "build",
};

static void dump(struct buf *out, const struct event *event)
{
	dump_line(out, "level", span_of(levels[event->level]));
	dump_line(out, "source", event->source);
	dump_line(out, "detail-type", event->detail_type);
	dump_line(out, "account", event->account);
	dump_line(out, "region", event->region);
	dump_line(out, "pipeline", event->pipeline);
	dump_line(out, "execution-id", event->execution_id);
	dump_line(out, "state", event->state);
	dump_line(out, "it has ended", span_of(event_is_end(event) ? "yes" : "no"));
}

static void event_case(const char *dir)
{
	struct buf out = buf_with_max(1 << 16);
	struct event event;
	struct span text;
	bool parsed;

	text.at = check_read(dir, "event.json", &text.len);
	parsed = event_parse(text, &event);
	CHECK(parsed == (strstr(dir, "/good-") != NULL));
	CHECK(!parsed || event_is_likely(text));
	if (parsed)
		dump(&out, &event);
	else
		buf_add_text(&out, "no event\n");
	CHECK_FILE(dir, "want.txt", buf_text(&out));
	event_clear(&event);
	buf_clear(&out);
}

TEST(nothing_is_no_event)
{
	struct event event;

	CHECK(!event_is_likely(SPAN_NONE));
	CHECK(!event_parse(SPAN_NONE, &event));
	event_clear(&event);
}

int main(void)
{
	check_run(nothing_is_no_event);
	check_cases("tests/cases/event", event_case);
	return check_done();
}
