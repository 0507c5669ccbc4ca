#include "common/decide/hold.h"

#include "common/base/text.h"
#include "common/decide/version.h"

#include <stdio.h>

#include "common/base/banned.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (24 * 60 * MINUTE_MS)
#define ASK_MS    (15 * MINUTE_MS) /* when it is not told before */

static int64_t at_most_a_day(int64_t until_ms, int64_t now_ms)
{
	return until_ms < now_ms + DAY_MS ? until_ms : now_ms + DAY_MS;
}

static struct hold held_by(enum reason reason, const char *why, int64_t until_ms)
{
	struct hold hold = { .reason = reason, .until_ms = until_ms };

	snprintf(hold.detail, sizeof(hold.detail), "%s", why);
	return hold;
}

static struct hold soaking(int64_t ripe_ms, int64_t now_ms)
{
	struct hold hold = { .reason = REASON_SOAKING, .until_ms = at_most_a_day(ripe_ms, now_ms) };
	char time[TEXT_TIME_SIZE];

	text_time(ripe_ms, time);
	snprintf(hold.detail, sizeof(hold.detail), "until %s", time);
	return hold;
}

static struct hold outside(int64_t opens_ms, int64_t now_ms)
{
	struct hold hold = { .reason = REASON_OUTSIDE_WINDOW,
		             .until_ms = at_most_a_day(opens_ms, now_ms) };
	char time[TEXT_TIME_SIZE];

	text_time(opens_ms, time);
	snprintf(hold.detail, sizeof(hold.detail), "opens at %s", time);
	return hold;
}

struct hold hold_failing(const struct facts *facts, int64_t now_ms)
{
	struct hold hold = { .reason = REASON_FAILING,
		             .until_ms = now_ms + ASK_MS,
		             .urgent = true };

	snprintf(hold.detail, sizeof(hold.detail),
	         "the last %d execution%s failed; a successful one or `evergold release` goes on",
	         facts->failures, facts->failures == 1 ? "" : "s");
	return hold;
}

static bool keeps_failing(const struct hold_question *question)
{
	const struct family *family = question->family;

	return family && family->stop_after_failures > 0 &&
	       question->facts->failures >= family->stop_after_failures;
}

int64_t hold_ripe_ms(const struct family *family, int64_t now_ms)
{
	return family ? now_ms - family->soak_s * 1000 : now_ms;
}

static int64_t ripe_ms(const struct hold_question *question)
{
	return question->family ? question->announced_ms + question->family->soak_s * 1000 : 0;
}

/* Now, when it is open. */
static int64_t opens_ms(const struct hold_question *question)
{
	const struct window_setting *window = question->family ? &question->family->window : NULL;

	if (!window)
		return question->now_ms;
	return window_opens_ms(&window->hours, window->zone ? window->zone : &zone_utc,
	                       question->now_ms);
}

static bool yields(const struct hold_question *question)
{
	const char *rival = question->facts->rival;

	return question->release && rival[0] &&
	       version_compare(span_of(rival), span_of(question->release)) > 0;
}

static struct hold yielding(const struct facts *facts, int64_t now_ms)
{
	struct hold hold = { .reason = REASON_PIPELINE_BUSY, .until_ms = now_ms + ASK_MS };

	snprintf(hold.detail, sizeof(hold.detail), "%s is about to be started", facts->rival);
	return hold;
}

struct hold hold_judge(const struct hold_question *question)
{
	const struct facts *facts = question->facts;
	int64_t now_ms = question->now_ms;

	if (facts->quarantine[0])
		return held_by(REASON_QUARANTINED, facts->quarantine, now_ms + DAY_MS);
	if (facts->family_hold[0])
		return held_by(REASON_FAMILY_HELD, facts->family_hold, now_ms + DAY_MS);
	if (ripe_ms(question) > now_ms)
		return soaking(ripe_ms(question), now_ms);
	if (opens_ms(question) > now_ms)
		return outside(opens_ms(question), now_ms);
	if (keeps_failing(question))
		return hold_failing(facts, now_ms);
	if (facts->busy)
		return held_by(REASON_PIPELINE_BUSY, "an earlier build is still running",
		               now_ms + ASK_MS);
	if (yields(question))
		return yielding(facts, now_ms);
	return (struct hold){ .reason = REASON_MATCHED };
}
