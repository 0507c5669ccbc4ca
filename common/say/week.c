#include "common/say/week.h"

#include "common/base/text.h"

#include <string.h>

#include "common/base/banned.h"

enum { MAX_NAMED = 10, MAX_TEXT = 8000, FAILING = 2 };

static bool is_within(const struct week *week, int64_t ms)
{
	return ms >= week->from_ms && ms < week->to_ms;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- What was built -------------------------------------------------------------------------- */

static bool has_ended(const struct week *week, const struct build *build)
{
	return build->state == BUILD_FINISHED && is_within(week, build->finished_ms);
}

static bool has_succeeded(const struct week *week, const struct build *build)
{
	return has_ended(week, build) && build->status == EXECUTION_SUCCEEDED;
}

static bool has_failed(const struct week *week, const struct build *build)
{
	return has_ended(week, build) &&
	       (build->status == EXECUTION_FAILED || !build->execution_id);
}

static bool was_left_out(const struct week *week, const struct build *build)
{
	return build->state == BUILD_SUPERSEDED && is_within(week, build->finished_ms);
}

static bool was_wanted(const struct week *week, const struct build *build)
{
	return build->state != BUILD_ADOPTED && build->attempt == 0 &&
	       is_within(week, build->wanted_ms);
}

typedef bool is_fn(const struct week *week, const struct build *build);

static size_t count(const struct week *week, is_fn *is)
{
	size_t n = 0;

	for (size_t i = 0; i < week->n_builds; i++)
		n += is(week, &week->builds[i]);
	return n;
}

static void add_counts(const struct week *week, struct buf *out)
{
	size_t built = count(week, has_succeeded), failed = count(week, has_failed);
	size_t left_out = count(week, was_left_out);

	buf_addf(out, "\n%zu golden AMI%s built, %zu build%s failed", built, plural(built), failed,
	         plural(failed));
	if (left_out)
		buf_addf(out, ", %zu left out", left_out);
}

static void add_mean(const struct week *week, struct buf *out)
{
	int64_t sum_ms = 0, n = 0;

	for (size_t i = 0; i < week->n_builds; i++) {
		const struct build *build = &week->builds[i];

		if (has_succeeded(week, build) && build->announced_ms && !build->attempt &&
		    build->finished_ms >= build->announced_ms) {
			sum_ms += (build->finished_ms - build->announced_ms) / 1000;
			n++;
		}
	}
	if (!n)
		return;
	buf_add_text(out, "\nFrom announcement to golden AMI on average ");
	text_add_duration(out, sum_ms / n * 1000);
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static bool same_release(const struct build *a, const struct build *b)
{
	return span_equal(span_of(a->publisher), span_of(b->publisher)) &&
	       span_equal(span_of(a->release), span_of(b->release));
}

/* Each release once, though it is built for several families and regions. */
static bool is_first(const struct week *week, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (was_wanted(week, &week->builds[i]) &&
		    same_release(&week->builds[i], &week->builds[at]))
			return false;
	}
	return true;
}

static void add_release(const struct build *build, struct buf *out)
{
	buf_addf(out, "%s %s", build->publisher ? build->publisher : "?",
	         build->release ? build->release : "?");
}

static void add_releases(const struct week *week, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < week->n_builds; i++) {
		if (!was_wanted(week, &week->builds[i]) || !is_first(week, i) || n++ >= MAX_NAMED)
			continue;
		buf_add_text(out, n == 1 ? "\nNew releases: " : ", ");
		add_release(&week->builds[i], out);
	}
	if (n > MAX_NAMED)
		buf_addf(out, " and %zu more", n - MAX_NAMED);
	if (!n)
		buf_add_text(out, "\nNo new release");
}

static void add_builds(const struct week *week, is_fn *is, const char *what, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < week->n_builds; i++) {
		const struct build *build = &week->builds[i];
		const char *why = build->state == BUILD_SUPERSEDED ? build->hold_detail
		                                                   : build->failed_stage;

		if (!is(week, build) || n++ >= MAX_NAMED)
			continue;
		buf_addf(out, "\n• %s: %s in %s, %.64s%s%.200s", what, build->family, build->region,
		         build->release ? build->release : "?", why ? ": " : "", why ? why : "");
	}
	if (n > MAX_NAMED)
		buf_addf(out, "\n• %s: %zu more", what, n - MAX_NAMED);
}

/* ---- How it stands --------------------------------------------------------------------------- */

static void add_oldest(const struct week *week, struct buf *out)
{
	const struct build *oldest = NULL;
	char time[TEXT_TIME_SIZE];

	for (size_t i = 0; i < week->overview->n_lines; i++) {
		const struct build *built = week->overview->lines[i].built;

		if (built && built->state == BUILD_FINISHED &&
		    (!oldest || built->finished_ms < oldest->finished_ms))
			oldest = built;
	}
	if (!oldest)
		return;
	text_time(oldest->finished_ms, time);
	buf_addf(out, "\nThe oldest golden AMI: %s in %s, built on %.10s", oldest->family,
	         oldest->region, time);
}

/* Failures are counted for a family as a whole: its lines stand together. */
static void add_failing(const struct week *week, struct buf *out)
{
	const struct overview *overview = week->overview;

	for (size_t i = 0; i < overview->n_lines; i++) {
		const struct overview_line *line = &overview->lines[i];

		if (line->failures < FAILING || (i && strcmp(line[-1].family, line->family) == 0))
			continue;
		buf_addf(out, "\n• keeps failing: %s, %d in a row", line->family, line->failures);
	}
}

static void add_held(const struct week *week, struct buf *out)
{
	for (size_t i = 0; i < week->overview->n_holds; i++) {
		const struct family_hold *hold = &week->overview->holds[i];
		char time[TEXT_TIME_SIZE];

		text_time(hold->since_ms, time);
		buf_addf(out, "\n• on hold: %s since %.10s%s%.200s", hold->family, time,
		         hold->reason[0] ? ": " : "", hold->reason);
	}
}

static void add_waiting(const struct week *week, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < week->overview->n_lines; i++) {
		const struct overview_line *line = &week->overview->lines[i];

		for (size_t k = 0; k < line->n_open; k++)
			n += line->open[k].state == BUILD_WANTED;
	}
	if (n)
		buf_addf(out, "\n%zu build%s wait%s", n, plural(n), n == 1 ? "s" : "");
}

/* "2026-11-16 to 2026-11-23", in UTC. */
static void add_days(const struct week *week, struct buf *out)
{
	char from[TEXT_TIME_SIZE], to[TEXT_TIME_SIZE];

	text_time(week->from_ms, from);
	text_time(week->to_ms, to);
	buf_addf(out, "%.10s to %.10s", from, to);
}

const char *week_text(const struct week *week, struct arena *arena)
{
	struct buf out = buf_with_max(MAX_TEXT);
	const char *text;

	add_days(week, &out);
	add_releases(week, &out);
	add_counts(week, &out);
	add_mean(week, &out);
	add_oldest(week, &out);
	add_waiting(week, &out);
	add_builds(week, has_failed, "failed", &out);
	add_builds(week, was_left_out, "left out", &out);
	add_failing(week, &out);
	add_held(week, &out);
	text = arena_text(arena, buf_span(&out));
	buf_clear(&out);
	return text;
}
