#include "common/say/remarks.h"

#include "common/base/limits.h"
#include "common/say/slack_console.h"

#include "common/base/banned.h"

struct remark_words remark_ambiguous(const struct announcement *announcement,
                                     const struct decision *decision, struct arena *arena)
{
	const struct image *one = decision->rivals[0], *other = decision->rivals[1];

	return (struct remark_words){
		.key = arena_printf(arena, "ambiguous/%s/%s/%.*s", decision->family->name,
		                    decision->region, SPAN_ARG(decision->version)),
		.text = arena_printf(
			arena,
			"Nothing is started for %s in %s: two images of %s %.*s fit and are "
			"equally new, %.*s (%.*s) and %.*s (%.*s). Make `images` narrower, or "
			"exclude one of them.",
			decision->family->name, decision->region, announcement->publisher->name,
			SPAN_ARG(decision->version), SPAN_ARG(one->name), SPAN_ARG(one->id),
			SPAN_ARG(other->name), SPAN_ARG(other->id)),
	};
}

struct remark_words remark_unreadable(const struct notification *notification, struct arena *arena)
{
	const struct announcement *announcement = &notification->announcement;
	const char *publisher = announcement->publisher->name;
	struct span subject = span_part(notification->envelope.subject, 0, LIMIT_SUBJECT);

	return (struct remark_words){
		.key = arena_printf(arena, "unreadable/%s/%.*s", publisher,
		                    SPAN_ARG(announcement->message_id)),
		.text = arena_printf(
			arena,
			"%s has announced something that cannot be read, and nothing was decided "
			"for it. Subject: %.*s. What was wrong: %s. Message %.*s stays in the "
			"queue until the redrive policy moves it to the dead-letter queue.",
			publisher, SPAN_ARG(subject.len ? subject : SPAN("(none)")),
			notification->decisions.at[0].detail, SPAN_ARG(announcement->message_id)),
	};
}

/* What started it, and in whose name; "" when AWS does not say. */
static const char *trigger_of(const struct codepipeline_execution *execution, struct arena *arena)
{
	const char *trigger = execution->trigger, *detail = execution->trigger_detail;

	if (!trigger)
		return "";
	return arena_printf(arena, " It was started by %s%s%s.", trigger, detail ? ", " : "",
	                    detail ? detail : "");
}

struct remark_words remark_other_execution(const struct build *build,
                                           const struct codepipeline_execution *execution,
                                           struct arena *arena)
{
	const char *status = execution_status_word(execution->status),
		   *summary = execution->summary;
	struct buf url = buf_with_max(LIMIT_URL);
	struct remark_words words;

	slack_console_url(build, &url);
	words = (struct remark_words){
		.key = arena_printf(arena, "execution/%s/%s", build->execution_id, status),
		.text = arena_printf(arena,
		                     "An execution of %s in %s that evergold did not start has "
		                     "ended: %s%s%s.%s %s",
		                     build->pipeline, build->pipeline_region, status,
		                     summary ? ", " : "", summary ? summary : "",
		                     trigger_of(execution, arena), buf_text(&url)),
	};
	buf_clear(&url);
	return words;
}
