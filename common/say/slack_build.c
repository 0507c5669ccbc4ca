#include "common/say/slack_build.h"

#include "common/base/text.h"
#include "common/say/slack_console.h"

#include <string.h>

#include "common/base/banned.h"

/* The text in the arena; the buf is empty after. */
static const char *settle(struct buf *text, struct arena *arena)
{
	const char *settled = arena_text(arena, buf_span(text));

	buf_clear(text);
	return settled;
}

/* To the minute. */
static const char *moment(int64_t ms, struct arena *arena)
{
	char time[TEXT_TIME_SIZE];

	if (!ms)
		return NULL;
	text_time(ms, time);
	return arena_printf(arena, "%.10s %.5s UTC", time, time + strlen("2026-08-18T"));
}

static void add_image(struct slack_page *page, const char *label, const char *id,
                      const char *region)
{
	struct buf url = buf_with_max(500);

	slack_image_url(id ? id : "", region, &url);
	slack_facts_add(&page->facts, label, id, settle(&url, page->arena));
}

static void add_images(struct slack_page *page, const struct build *build)
{
	struct slack_facts *facts = &page->facts;
	const char *golden = build->golden_ami, *previous = build->golden_previous;

	add_image(page, "Golden AMI", golden, build->region);
	if (golden && previous && strcmp(previous, golden) != 0)
		add_image(page, "Previous golden AMI", previous, build->region);
	add_image(page, "Base AMI", build->image_id, build->region);
	if (facts->n)
		facts->at[facts->n - 1].more = build->image_name;
	slack_facts_add(facts, "Release", build->release, build->notes_url);
}

static void add_pipeline(struct slack_page *page, const struct build *build)
{
	struct buf url = buf_with_max(500);

	slack_console_url(build, &url);
	slack_facts_add(&page->facts, "Pipeline", build->pipeline, settle(&url, page->arena));
	slack_facts_add(&page->facts, "Region", build->region, NULL);
}

static void add_times(struct slack_page *page, const struct build *build)
{
	bool waits = build->state == BUILD_WANTED && build->held != REASON_MATCHED;
	bool runs = build->state == BUILD_STARTED;
	struct slack_facts *facts = &page->facts;
	struct arena *arena = page->arena;

	slack_facts_add(facts, "Announcement to start",
	                slack_duration(build->announced_ms, build->started_ms, arena), NULL);
	slack_facts_add(facts, "Build time",
	                slack_duration(build->started_ms, build->finished_ms, arena), NULL);
	slack_facts_add(facts, "Building since", moment(runs ? build->started_ms : 0, arena), NULL);
	slack_facts_add(facts, "Waits since", moment(waits ? build->held_ms : 0, arena), NULL);
	slack_facts_add(facts, "Base AMI taken back", moment(build->withdrawn_ms, arena), NULL);
}

/* Why it waits. */
static void add_hold(struct slack_page *page, const struct build *build)
{
	page->lines = build->held == REASON_MATCHED ? build->trouble : build->hold_detail;
	if (build->held == REASON_FAILING) {
		page->advice = "To go on:";
		page->command = arena_printf(page->arena, "evergold release %s", build->family);
	} else if (build->held == REASON_NOT_AVAILABLE_YET) {
		page->advice = "evergold keeps looking, and builds it as soon as it is there.";
	}
}

/* What went wrong of one that has ended, the details tell. */
static void fill_root(const struct slack_message *message, struct slack_page *page)
{
	const struct build *build = message->build;

	add_images(page, build);
	add_pipeline(page, build);
	add_times(page, build);
	if (build->state == BUILD_WANTED)
		add_hold(page, build);
	else if (build->state == BUILD_STARTED)
		page->lines = build->trouble;
	else if (build->state == BUILD_SUPERSEDED)
		page->lines = build->hold_detail;
}

/* "execution 6f1a52cc-… · build 0123456789ab · attempt 2"; a reply says of which release it is. */
static const char *context(const struct slack_message *message, struct arena *arena)
{
	const struct build *build = message->build;
	struct buf text = buf_with_max(1000);

	if (message->part == SLACK_DETAILS && build->release)
		buf_addf(&text, "%.64s · ", build->release);
	else if (build->execution_id)
		buf_addf(&text, "execution %.64s · ", build->execution_id);
	buf_addf(&text, "build %.12s", build->token);
	if (build->attempt)
		buf_addf(&text, " · attempt %d", build->attempt + 1);
	return settle(&text, arena);
}

/* In the channel an edit calls nobody: of what has ended the details call. */
static bool calls(const struct slack_message *message)
{
	const struct build *build = message->build;
	bool in_root = !slack_has_details(build) || !message->channel;

	return slack_build_calls(build) && (message->part == SLACK_DETAILS || in_root);
}

struct slack_page slack_build_page(const struct slack_message *message, struct arena *arena)
{
	struct slack_page page = {
		.arena = arena,
		.in_thread = message->part == SLACK_DETAILS,
		.mention = calls(message) ? message->mention : NULL,
		.context = context(message, arena),
	};

	slack_build_headline(message, &page);
	if (message->part == SLACK_ROOT)
		fill_root(message, &page);
	if (message->part == SLACK_DETAILS || !message->channel)
		slack_build_details(message, &page);
	return page;
}
