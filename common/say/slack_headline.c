#include "common/say/slack_build.h"

#include "common/base/banned.h"

struct headline {
	const char *sign, *words;
};

static struct headline headline(const char *sign, const char *words)
{
	return (struct headline){ sign, words };
}

/* " in 14m 02s" */
static const char *took(const struct build *build, struct arena *arena)
{
	const char *time = slack_duration(build->started_ms, build->finished_ms, arena);

	return time[0] ? arena_printf(arena, " in %s", time) : "";
}

/* " at Build/Packer" */
static const char *place(const struct build *build, struct arena *arena)
{
	if (!build->failed_stage)
		return "";
	return arena_printf(arena, " at %.50s%s%.50s", build->failed_stage,
	                    build->failed_action ? "/" : "",
	                    build->failed_action ? build->failed_action : "");
}

static struct headline of_wanted(const struct build *build)
{
	if (build->held == REASON_FAILING)
		return headline("⏸", "no more builds, they keep failing");
	if (build->held == REASON_NOT_AVAILABLE_YET)
		return headline("⏸", "the announced image is not there");
	if (build->held != REASON_MATCHED)
		return headline("⏸", "a build waits");
	if (build->trouble)
		return (struct headline){ "⏳",
			                  "AWS refuses to start the build; evergold keeps trying" };
	return headline("⏳", "a build is about to start");
}

static struct headline of_started(const struct slack_message *message, struct arena *arena)
{
	const struct build *build = message->build;
	const struct publisher *publisher = message->publisher;
	const char *title = publisher && publisher->title ? publisher->title : build->publisher;

	if (build->status == EXECUTION_STOPPING)
		return headline("🟡", "the build is being stopped");
	return headline("🟡",
	                arena_printf(arena, "building golden AMI from %s %s", title ? title : "",
	                             build->release ? build->release : ""));
}

static struct headline of_success(const struct build *build, struct arena *arena)
{
	const char *what = build->golden_ami ? "golden AMI built" : "build succeeded";
	const char *in = took(build, arena);

	if (build->withdrawn_ms)
		return headline("⛔", "built from an image that was taken back");
	if (build->trouble)
		return headline("⚠️",
		                arena_printf(arena, "%s%s, but not all went well", what, in));
	if (build->failures)
		return headline("🟢", arena_printf(arena, "fixed after %d failure%s, %s%s",
		                                     build->failures,
		                                     build->failures == 1 ? "" : "s", what, in));
	return headline("✅", arena_printf(arena, "%s%s", what, in));
}

static struct headline of_failure(const struct build *build, struct arena *arena)
{
	const char *at = place(build, arena);

	if (build->failures)
		return headline("❌", arena_printf(arena, "still failing, %d in a row%s%s",
		                                  build->failures + 1, at[0] ? "," : "", at));
	return headline("❌", arena_printf(arena, "build failed%s", at));
}

static struct headline of_finished(const struct build *build, struct arena *arena)
{
	if (!build->execution_id)
		return headline("❌", "the build could not be started");
	switch (build->status) {
	case EXECUTION_SUCCEEDED:
		return of_success(build, arena);
	case EXECUTION_FAILED:
		return of_failure(build, arena);
	case EXECUTION_STOPPED:
		return headline("⏹", "build was stopped by hand");
	case EXECUTION_SUPERSEDED:
		return headline("⚪", "superseded by a newer execution");
	case EXECUTION_CANCELLED:
		return headline("⚪", "build was cancelled");
	case EXECUTION_UNKNOWN:
	case EXECUTION_IN_PROGRESS:
	case EXECUTION_STOPPING:
		break;
	}
	return headline("❔", "how the build ended is not known");
}

static struct headline of_state(const struct slack_message *message, struct arena *arena)
{
	switch (message->build->state) {
	case BUILD_WANTED:
		return of_wanted(message->build);
	case BUILD_STARTED:
		return of_started(message, arena);
	case BUILD_SUPERSEDED:
		return headline("⚪", "gave way to a newer release");
	case BUILD_ADOPTED:
		return headline("⚪", "was there before evergold");
	case BUILD_FINISHED:
		break;
	}
	return of_finished(message->build, arena);
}

/* Details that call nobody are seen under their root, which has said how it ended. */
static struct headline headline_of(const struct slack_message *message, struct arena *arena)
{
	struct headline said = of_state(message, arena);

	if (message->part == SLACK_DETAILS && !slack_build_calls(message->build))
		said.words = "details of the build";
	return said;
}

void slack_build_headline(const struct slack_message *message, struct slack_page *page)
{
	struct headline said = headline_of(message, page->arena);
	const struct build *build = message->build;

	page->sign = said.sign;
	page->headline = message->several_regions
	                         ? arena_printf(page->arena, "%s in %s: %s", build->family,
	                                        build->region, said.words)
	                         : arena_printf(page->arena, "%s: %s", build->family, said.words);
}

bool slack_build_calls(const struct build *build)
{
	if (build->state == BUILD_WANTED)
		return build->trouble || build->held == REASON_FAILING;
	if (build->state != BUILD_FINISHED)
		return false;
	return !build->execution_id || build->trouble || build->status == EXECUTION_FAILED;
}
