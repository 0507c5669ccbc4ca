#include "common/say/slack_remark.h"

#include "common/base/banned.h"

static const struct words {
	const char *sign, *headline;
	bool calls_people; /* somebody has to do something about it */
} words[] = {
	[NOTICE_AMBIGUOUS] = { "🔀", "several images fit, none is built", true },
	[NOTICE_UNREADABLE] = { "❔", "an announcement cannot be read", true },
	[NOTICE_MISSED] = { "🔭", "a release was not announced to us", false },
	[NOTICE_WITHDRAWN] = { "⛔", "images were withdrawn", true },
	[NOTICE_UNRESOLVED] = { "🕳️", "what was announced was not found", true },
	[NOTICE_DIGEST] = { "📅", "weekly digest", false },
	[NOTICE_OTHER_EXECUTION] = { "👥", "somebody else runs the pipeline", false },
};

struct slack_page slack_remark_page(const struct slack_message *message, struct arena *arena)
{
	const struct words *said = &words[message->kind];
	const struct publisher *publisher = message->publisher;
	const char *family = message->build->family;
	struct slack_page page = {
		.arena = arena,
		.sign = said->sign,
		.headline = arena_printf(arena, "%s%s%s", family ? family : "", family ? ": " : "",
		                         said->headline),
		.mention = said->calls_people ? message->mention : NULL,
		.lines = message->text,
	};

	if (publisher) {
		page.source = publisher->title ? publisher->title : publisher->name;
		page.source_url = publisher->notes;
	}
	return page;
}
