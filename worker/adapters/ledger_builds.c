#include "worker/adapters/ledger_builds.h"

#include "worker/adapters/ledger_lines.h"
#include "worker/adapters/ledger_past.h"

#include <stddef.h>
#include <stdio.h>

#include "common/base/banned.h"

/* A row of this table is a column of the table `builds`. */

enum column_kind {
	COLUMN_TEXT,
	COLUMN_INTEGER,
	COLUMN_INT,
	COLUMN_BOOL,
	COLUMN_STATE,
	COLUMN_STATUS,
	COLUMN_REASON,
	COLUMN_TOKEN
};

struct column {
	const char *name;
	enum column_kind kind;
	size_t offset;
	bool moves; /* save() writes it as it is; the others never change, or by other words */
};

#define FIXED(name, kind)                                                 \
	{                                                                 \
#name, COLUMN_##kind, offsetof(struct build, name), false \
	}
#define MOVES(name, kind)                                                \
	{                                                                \
#name, COLUMN_##kind, offsetof(struct build, name), true \
	}

static const struct column columns[] = {
	MOVES(state, STATE),         FIXED(family, TEXT),          FIXED(pipeline_region, TEXT),
	FIXED(pipeline, TEXT),       FIXED(region, TEXT),          FIXED(image_id, TEXT),
	FIXED(attempt, INT),         FIXED(token, TOKEN),          FIXED(publisher, TEXT),
	FIXED(release, TEXT),        FIXED(image_name, TEXT),      FIXED(architecture, TEXT),
	FIXED(message_id, TEXT),     FIXED(notes_url, TEXT),       FIXED(role_arn, TEXT),
	MOVES(variables, TEXT),      FIXED(announced_ms, INTEGER), FIXED(wanted_ms, INTEGER),
	MOVES(execution_id, TEXT),   MOVES(started_ms, INTEGER),   MOVES(finished_ms, INTEGER),
	MOVES(status, STATUS),       MOVES(summary, TEXT),         MOVES(failed_stage, TEXT),
	MOVES(failed_action, TEXT),  MOVES(error_code, TEXT),      MOVES(error_message, TEXT),
	MOVES(error_url, TEXT),      MOVES(golden_ami, TEXT),      MOVES(base_written, BOOL),
	MOVES(golden_written, BOOL), MOVES(trouble, TEXT),         FIXED(due_ms, INTEGER),
	MOVES(tries, INT),           MOVES(held, REASON),          MOVES(held_ms, INTEGER),
	MOVES(hold_detail, TEXT),    MOVES(admitted, BOOL),        MOVES(doubted, BOOL),
	FIXED(wakes, INT),           FIXED(withdrawn_ms, INTEGER), MOVES(base_parameter, TEXT),
	MOVES(base_previous, TEXT),  MOVES(golden_previous, TEXT), MOVES(timeline, TEXT),
	MOVES(watched, BOOL),        FIXED(hinted, BOOL),          FIXED(failures, INT),
};

static void give(struct sqlite_query *query, const struct column *column, const struct build *build)
{
	const void *field = (const char *)build + column->offset;

	switch (column->kind) {
	case COLUMN_TEXT:
		sqlite_give_text(query, *(const char *const *)field);
		break;
	case COLUMN_INTEGER:
		sqlite_give_integer(query, *(const int64_t *)field);
		break;
	case COLUMN_INT:
		sqlite_give_integer(query, *(const int *)field);
		break;
	case COLUMN_BOOL:
		sqlite_give_integer(query, *(const bool *)field);
		break;
	case COLUMN_STATE:
		sqlite_give_text(query, build_state_word(build->state));
		break;
	case COLUMN_STATUS:
		sqlite_give_text(query, execution_status_word(build->status));
		break;
	case COLUMN_REASON:
		sqlite_give_text(query, reason_word(build->held));
		break;
	case COLUMN_TOKEN:
		sqlite_give_text(query, build->token);
		break;
	}
}

static void take(struct sqlite_query *query, int at, const struct column *column,
                 struct arena *arena, struct build *build)
{
	void *field = (char *)build + column->offset;
	struct span text = sqlite_text(query, at);

	switch (column->kind) {
	case COLUMN_TEXT:
		*(const char **)field = text.at ? arena_text(arena, text) : NULL;
		break;
	case COLUMN_INTEGER:
		*(int64_t *)field = sqlite_integer(query, at);
		break;
	case COLUMN_INT:
		*(int *)field = (int)sqlite_integer(query, at);
		break;
	case COLUMN_BOOL:
		*(bool *)field = sqlite_integer(query, at) != 0;
		break;
	case COLUMN_STATE:
		if (!build_state_of(text, &build->state))
			build->state = BUILD_FINISHED; /* nothing is done with it */
		break;
	case COLUMN_STATUS:
		build->status = execution_status_of(text);
		break;
	case COLUMN_REASON:
		if (!reason_of(text, &build->held))
			build->held = REASON_MATCHED; /* it is asked again */
		break;
	case COLUMN_TOKEN:
		snprintf(build->token, sizeof(build->token), "%.*s", SPAN_ARG(text));
		break;
	}
}

void ledger_builds_add_names(struct buf *sql)
{
	buf_add_text(sql, "builds.id");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_addf(sql, ", builds.%s", columns[i].name);
}

void ledger_builds_take(struct sqlite_query *query, int first, struct arena *arena,
                        struct build *ret_build)
{
	*ret_build = (struct build){ .id = sqlite_integer(query, first) };
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		take(query, first + 1 + (int)i, &columns[i], arena, ret_build);
}

static bool take_place(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "DELETE FROM builds WHERE family = ? AND region = ? AND image_id = ?"
			" AND " LEDGER_UNBUILT);

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	sqlite_give_text(query, build->image_id);
	return sqlite_finish(query, reterr);
}

static bool insert(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "INSERT INTO builds (");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_addf(&sql, "%s%s", i ? ", " : "", columns[i].name);
	buf_add_text(&sql, ") VALUES (");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_add_text(&sql, i ? ", ?" : "?");
	buf_add_char(&sql, ')');
	query = sqlite_query(sqlite, buf_text(&sql));
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		give(query, &columns[i], build);
	buf_clear(&sql);
	return sqlite_finish(query, reterr);
}

bool ledger_builds_add(struct sqlite *sqlite, const struct build *build, int64_t now_ms,
                       struct err *reterr)
{
	struct build row = *build;

	row.wanted_ms = now_ms;
	if (!row.due_ms)
		row.due_ms = now_ms;
	row.held_ms = row.held == REASON_MATCHED ? 0 : now_ms;
	return take_place(sqlite, &row, reterr) && insert(sqlite, &row, reterr) &&
	       ledger_lines_learn(sqlite, &row, reterr);
}

static bool write_moved(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;
	const char *separator = "";

	buf_add_text(&sql, "UPDATE builds SET ");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (!columns[i].moves)
			continue;
		buf_addf(&sql, "%s%s = ?", separator, columns[i].name);
		separator = ", ";
	}
	buf_add_text(&sql, " WHERE id = ?");
	query = sqlite_query(sqlite, buf_text(&sql));
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (columns[i].moves)
			give(query, &columns[i], build);
	}
	sqlite_give_integer(query, build->id);
	buf_clear(&sql);
	return sqlite_finish(query, reterr);
}

/* What backs off stays so; but what is looked at just now may be about to be held. */
#define WAKE                                                         \
	"UPDATE builds SET wakes = wakes + 1,"                       \
	" due_ms = CASE held WHEN 'matched' THEN due_ms ELSE ?1 END" \
	" WHERE state = 'wanted'"

bool ledger_builds_wake(struct sqlite *sqlite, const char *family, int64_t now_ms,
                        struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, WAKE " AND ?2 IN ('', family)");

	sqlite_give_integer(query, now_ms);
	sqlite_give_text(query, family);
	return sqlite_finish(query, reterr);
}

/* Unless neither its state nor what holds it changes. */
static bool wake_others(struct sqlite *sqlite, const struct build *build, int64_t now_ms,
                        struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		WAKE " AND id <> ?2 AND family ="
		     " (SELECT family FROM builds WHERE id = ?2 AND (state <> ?3 OR held <> ?4))");

	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, build->id);
	sqlite_give_text(query, build_state_word(build->state));
	sqlite_give_text(query, reason_word(build->held));
	return sqlite_finish(query, reterr);
}

/* What has made it due since it was read has not been seen to: it stays due. */
static bool write_due(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE builds SET due_ms = ? WHERE id = ? AND wakes = ?");

	sqlite_give_integer(query, build->due_ms);
	sqlite_give_integer(query, build->id);
	sqlite_give_integer(query, build->wakes);
	return sqlite_finish(query, reterr);
}

bool ledger_builds_save(struct sqlite *sqlite, const struct build *build, int64_t now_ms,
                        struct err *reterr)
{
	return wake_others(sqlite, build, now_ms, reterr) &&
	       ledger_past_count(sqlite, build, reterr) && write_moved(sqlite, build, reterr) &&
	       write_due(sqlite, build, reterr) && ledger_past_unwatch(sqlite, build, reterr) &&
	       ledger_lines_learn(sqlite, build, reterr);
}

/* What is looked at when it is due, in the words of the index: what is not, costs nothing. */
#define LOOKED_AT " (state IN ('wanted', 'started') OR watched)"

/*
 * Due, or so far ahead that nobody meant it: the clock was ahead when it was written. Builds that
 * run come first, and what is watched, so that many that wait for their start cannot keep them
 * waiting; and what was admitted is started before anything else is.
 */
bool ledger_builds_due(struct sqlite *sqlite, int64_t now_ms, struct arena *arena,
                       struct due_builds *ret_due, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql, " FROM builds WHERE" LOOKED_AT " AND (due_ms <= ? OR due_ms > ?)"
	                   " ORDER BY state = 'wanted', watched, NOT admitted, due_ms, id"
	                   " LIMIT ?");
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, now_ms + LIMIT_DUE_AHEAD_MS);
	sqlite_give_integer(query, LIMIT_BUILDS_MOVED);
	for (ret_due->n = 0; ret_due->n < LIMIT_BUILDS_MOVED && sqlite_step(query); ret_due->n++)
		ledger_builds_take(query, 0, arena, &ret_due->rows[ret_due->n]);
	return sqlite_finish(query, reterr);
}

bool ledger_builds_next_due(struct sqlite *sqlite, int64_t now_ms, int64_t *ret_ms,
                            struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "SELECT min(due_ms) FROM builds WHERE" LOOKED_AT
	                                          " AND due_ms > ? AND due_ms <= ?");

	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, now_ms + LIMIT_DUE_AHEAD_MS);
	*ret_ms = -1;
	if (sqlite_step(query) && sqlite_text(query, 0).at)
		*ret_ms = sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

bool ledger_builds_unfinished(struct sqlite *sqlite, bool *ret_some, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT EXISTS (SELECT 1 FROM builds WHERE state IN ('wanted', 'started'))");

	*ret_some = sqlite_step(query) && sqlite_integer(query, 0) != 0;
	return sqlite_finish(query, reterr);
}

/* The first condition is the index's own, which SQLite would not see in the second. */
bool ledger_builds_first_wanted(struct sqlite *sqlite, int64_t now_ms, struct arena *arena,
                                struct build *ret_build, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql, " FROM builds WHERE state IN ('wanted', 'started') AND state = 'wanted'"
	                   " AND due_ms <= ? ORDER BY due_ms, id LIMIT 1");
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	sqlite_give_integer(query, now_ms);
	*ret_build = (struct build){ 0 };
	if (sqlite_step(query))
		ledger_builds_take(query, 0, arena, ret_build);
	return sqlite_finish(query, reterr);
}

/* A stage may be retried in the console long after its watch is over; save() ends it again. */
static struct sqlite_query *hurry_execution(struct sqlite *sqlite, int64_t now_ms)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE builds SET due_ms = ?, wakes = wakes + 1, hinted = 1,"
			" watched = state = 'finished' WHERE execution_id = ?"
			" AND (state = 'started' OR watched"
			" OR state = 'finished' AND status IN ('Failed', 'Stopped'))");

	sqlite_give_integer(query, now_ms);
	return query;
}

static struct sqlite_query *hurry_pipeline(struct sqlite *sqlite, int64_t now_ms)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE builds SET due_ms = ?, wakes = wakes + 1"
			" WHERE (state IN ('wanted', 'started') OR watched)"
			" AND state <> 'wanted' AND pipeline = ? AND pipeline_region = ?");

	sqlite_give_integer(query, now_ms);
	return query;
}

bool ledger_builds_hurry(struct sqlite *sqlite, const struct ledger_hint *hint, int64_t now_ms,
                         struct err *reterr)
{
	const char *execution_id = hint->execution_id;
	struct sqlite_query *query = execution_id ? hurry_execution(sqlite, now_ms)
	                                          : hurry_pipeline(sqlite, now_ms);

	sqlite_give_text(query, execution_id ? execution_id : hint->pipeline);
	if (!execution_id)
		sqlite_give_text(query, hint->region);
	return sqlite_finish(query, reterr);
}

bool ledger_builds_known(struct sqlite *sqlite, const struct ledger_hint *hint, bool *ret_known,
                         struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT 1 FROM builds WHERE execution_id = ? LIMIT 1");

	sqlite_give_text(query, hint->execution_id);
	*ret_known = sqlite_step(query) || !hint->execution_id;
	return sqlite_finish(query, reterr);
}

static bool is_starting(struct sqlite *sqlite, const struct ledger_hint *hint, bool *ret_starting,
                        struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT 1 FROM builds WHERE state IN ('wanted', 'started')"
			" AND state = 'wanted' AND admitted"
			" AND pipeline = ? AND pipeline_region = ? LIMIT 1");

	sqlite_give_text(query, hint->pipeline);
	sqlite_give_text(query, hint->region);
	*ret_starting = sqlite_step(query);
	return sqlite_finish(query, reterr);
}

bool ledger_builds_owner(struct sqlite *sqlite, const struct ledger_hint *hint,
                         enum ledger_owner *ret_owner, struct err *reterr)
{
	bool ours = false, starting = false;

	if (!ledger_builds_known(sqlite, hint, &ours, reterr) ||
	    !is_starting(sqlite, hint, &starting, reterr))
		return false;
	*ret_owner = ours ? OWNER_US : starting ? OWNER_UNCLEAR : OWNER_OTHERS;
	return true;
}
