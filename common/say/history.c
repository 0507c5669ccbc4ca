#include "common/say/history.h"

#include "common/aws/role_arn.h"
#include "common/base/plain.h"
#include "common/base/text.h"
#include "common/decide/golden.h"
#include "common/decide/timeline.h"
#include "common/say/table.h"

#include <ctype.h>
#include <stdio.h>

#include "common/base/banned.h"

enum { MOST_STAGES = 20 };

/* ---- for scripts ----------------------------------------------------------------------------- */

static bool waits(const struct build *build)
{
	return build->state == BUILD_WANTED;
}

static void write_identity(struct writer *writer, const struct build *build)
{
	writer_integer(writer, "build", build->id);
	writer_text(writer, "family", build->family);
	writer_text(writer, "region", build->region);
	writer_text(writer, "publisher", build->publisher);
	writer_text(writer, "release", build->release);
	writer_text(writer, "image_id", build->image_id);
	writer_text(writer, "image_name", build->image_name);
	writer_text(writer, "pipeline", build->pipeline);
	writer_text(writer, "pipeline_region", build->pipeline_region);
	writer_integer(writer, "attempt", build->attempt);
	writer_text(writer, "token", build->token);
}

static void write_hold(struct writer *writer, const struct build *build)
{
	bool held = waits(build) && build->held != REASON_MATCHED;

	writer_text(writer, "held", held ? reason_word(build->held) : NULL);
	writer_text(writer, "held_detail", held ? build->hold_detail : NULL);
	writer_time(writer, "held_since", held ? build->held_ms : 0);
	writer_time(writer, "due", waits(build) ? build->due_ms : 0);
}

static void write_move(struct writer *writer, const struct golden_move *move)
{
	struct span account = role_arn_account(span_of(move->role_arn));

	writer_object(writer, NULL);
	writer_text(writer, "parameter", move->name);
	writer_text(writer, "region", move->region);
	writer_string(writer, "account", account.len ? account : SPAN_NONE);
	writer_text(writer, "state", golden_state_word(move->state));
	writer_text(writer, "value", move->value);
	writer_text(writer, "previous", move->previous);
	if (move->version)
		writer_integer(writer, "version", move->version);
	else
		writer_null(writer, "version");
	writer_text(writer, "detail", move->detail);
	writer_time(writer, "time", move->at_ms);
	writer_end(writer);
}

/* Where they were not asked for, nothing is said of them. */
static void write_moves(struct writer *writer, const struct build *build)
{
	if (!build->golden_moves)
		return;
	writer_array(writer, "golden_moves");
	for (size_t i = 0; i < build->n_golden_moves; i++)
		write_move(writer, &build->golden_moves[i]);
	writer_end(writer);
}

static void write_end(struct writer *writer, const struct build *build)
{
	writer_text(writer, "summary", build->summary);
	writer_text(writer, "failed_stage", build->failed_stage);
	writer_text(writer, "failed_action", build->failed_action);
	writer_text(writer, "error_code", build->error_code);
	writer_text(writer, "error_message", build->error_message);
	writer_text(writer, "error_url", build->error_url);
	writer_text(writer, "trouble", build->trouble);
	writer_text(writer, "golden_ami", build->golden_ami);
	writer_bool(writer, "golden_written", build->golden_written);
	writer_text(writer, "golden_previous", build->golden_previous);
	writer_text(writer, "base_previous", build->base_previous);
	writer_time(writer, "withdrawn", build->withdrawn_ms);
}

static void write_facts(struct writer *writer, const struct build *build)
{
	const char *status = build->execution_id ? execution_status_word(build->status) : NULL;

	write_identity(writer, build);
	writer_text(writer, "state", build_state_word(build->state));
	write_hold(writer, build);
	writer_text(writer, "execution_id", build->execution_id);
	writer_text(writer, "status", status);
	writer_time(writer, "announced", build->announced_ms);
	writer_time(writer, "wanted", build->wanted_ms);
	writer_time(writer, "started", build->started_ms);
	writer_time(writer, "finished", build->finished_ms);
	write_end(writer, build);
}

void history_write_seconds(struct writer *writer, const char *key, int64_t from_ms, int64_t to_ms)
{
	if (from_ms && to_ms)
		writer_integer(writer, key, (to_ms - from_ms) / 1000);
	else
		writer_null(writer, key);
}

static void write_stage(struct writer *writer, const struct timeline_stage *stage)
{
	writer_object(writer, NULL);
	writer_text(writer, "stage", stage->name);
	writer_text(writer, "status", action_status_word(stage->status));
	writer_time(writer, "started", stage->started_ms);
	writer_time(writer, "ended", stage->ended_ms);
	history_write_seconds(writer, "seconds", stage->started_ms, stage->ended_ms);
	writer_end(writer);
}

static void write_stages(struct writer *writer, const struct timeline *timeline)
{
	struct timeline_stages stages;

	timeline_stages(timeline, &stages);
	writer_array(writer, "stages");
	for (size_t i = 0; i < stages.n && i < MOST_STAGES; i++)
		write_stage(writer, &stages.at[i]);
	writer_end(writer);
}

static void write_count(struct writer *writer, const char *key, int64_t count)
{
	if (count < 0)
		writer_null(writer, key);
	else
		writer_integer(writer, key, count);
}

static void write_tests(struct writer *writer, const struct timeline *timeline)
{
	const struct timeline_tests *tests = &timeline->tests;

	if (!timeline_has_tests(timeline)) {
		writer_null(writer, "tests");
		return;
	}
	writer_object(writer, "tests");
	write_count(writer, "passed", tests->passed);
	write_count(writer, "failed", tests->failed);
	write_count(writer, "skipped", tests->skipped);
	writer_text(writer, "report", tests->report);
	writer_end(writer);
}

static void write_timeline(struct writer *writer, const struct build *build)
{
	struct arena arena = { 0 };
	struct timeline *timeline = arena_alloc(&arena, 1, sizeof(*timeline));

	(void)timeline_read(build->timeline, &arena, timeline);
	write_stages(writer, timeline);
	write_tests(writer, timeline);
	arena_clear(&arena);
}

void history_write(struct writer *writer, const struct build *build)
{
	write_facts(writer, build);
	writer_integer(writer, "failures_before", build->failures);
	write_timeline(writer, build);
	write_moves(writer, build);
}

void history_json(const struct build *build, struct buf *out)
{
	struct writer *writer = writer_new();

	history_write(writer, build);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

/* ---- for people ------------------------------------------------------------------------------ */

enum { WIDTH_OUTCOME = 11, WIDTH_DURATION = 9 };

static void add_outcome(const struct build *build, struct buf *out)
{
	const char *word = build_state_word(build->state);
	char outcome[32];

	if (waits(build))
		word = build->held == REASON_MATCHED ? "starting" : "held";
	else if (build->state == BUILD_STARTED)
		word = "building";
	else if (build->state == BUILD_FINISHED)
		word = build->execution_id ? execution_status_word(build->status) : "given up";
	snprintf(outcome, sizeof(outcome), "%s", word);
	outcome[0] = (char)tolower((unsigned char)outcome[0]);
	table_cell(out, span_of(outcome), WIDTH_OUTCOME);
}

static void add_duration(int64_t from_ms, int64_t to_ms, struct buf *out)
{
	struct buf text = buf_with_max(64);

	if (from_ms && to_ms)
		text_add_duration(&text, to_ms - from_ms);
	table_cell(out, buf_span(&text), WIDTH_DURATION);
	buf_clear(&text);
}

/* One fact more, after a separator when there are some already. */
static void add_fact(struct buf *out, size_t first, const char *separator, const char *fact)
{
	if (!fact || !fact[0])
		return;
	if (out->len > first)
		buf_add_text(out, separator);
	plain_add(out, span_of(fact));
}

static void add_failure(const struct build *build, struct buf *out)
{
	size_t first = out->len;

	add_fact(out, first, "", build->failed_stage);
	add_fact(out, first, "/", build->failed_action);
	add_fact(out, first, ": ", build->error_code);
	add_fact(out, first, ": ", build->error_message);
	if (out->len == first)
		add_fact(out, first, "", build->summary);
}

static void add_wait(const struct build *build, struct buf *out)
{
	size_t first = out->len;

	if (build->held != REASON_MATCHED)
		add_fact(out, first, "", reason_word(build->held));
	add_fact(out, first, ": ", build->hold_detail);
	if (build->held == REASON_MATCHED)
		add_fact(out, first, "; ", build->trouble);
}

static void add_end(const struct build *build, struct buf *out)
{
	size_t first = out->len;

	if (build->status == EXECUTION_SUCCEEDED)
		add_fact(out, first, "", build->golden_ami);
	else
		add_failure(build, out);
	add_fact(out, first, "; ", build->trouble);
}

void history_add_cause(const struct build *build, struct buf *out)
{
	size_t first = out->len;

	switch (build->state) {
	case BUILD_WANTED:
		add_wait(build, out);
		break;
	case BUILD_STARTED:
	case BUILD_FINISHED:
		add_end(build, out);
		break;
	case BUILD_SUPERSEDED:
		buf_add_text(out, "a newer release was started");
		break;
	case BUILD_ADOPTED:
		buf_add_text(out, "it was there before evergold");
		break;
	}
	if (out->len == first)
		buf_add_char(out, '-');
	if (build->withdrawn_ms)
		buf_add_text(out, "  (withdrawn)");
	if (build->attempt)
		buf_addf(out, "  (attempt %d)", build->attempt + 1);
}

void history_table_head(size_t family_width, struct buf *out)
{
	table_cell(out, SPAN("WANTED (UTC)"), TABLE_TIME);
	table_cell(out, SPAN("FAMILY"), family_width);
	table_cell(out, SPAN("REGION"), TABLE_REGION);
	table_cell(out, SPAN("RELEASE"), TABLE_RELEASE);
	table_cell(out, SPAN("OUTCOME"), WIDTH_OUTCOME);
	table_cell(out, SPAN("WAITED"), WIDTH_DURATION);
	table_cell(out, SPAN("TOOK"), WIDTH_DURATION);
	buf_add_text(out, "WHAT CAME OF IT\n");
}

/* What has no end yet lasts until now. */
static int64_t end_of(const struct history_row *row)
{
	return row->build->finished_ms ? row->build->finished_ms : row->now_ms;
}

void history_table_row(const struct history_row *row, struct buf *out)
{
	const struct build *build = row->build;
	int64_t end_ms = end_of(row);

	table_time_cell(out, build->wanted_ms);
	table_cell(out, span_of(build->family), row->family_width);
	table_cell(out, span_of(build->region), TABLE_REGION);
	table_cell(out, span_of(build->release), TABLE_RELEASE);
	add_outcome(build, out);
	add_duration(build->state == BUILD_ADOPTED ? 0 : build->wanted_ms,
	             build->started_ms ? build->started_ms : end_ms, out);
	add_duration(build->started_ms, end_ms, out);
	history_add_cause(build, out);
	buf_add_char(out, '\n');
}
