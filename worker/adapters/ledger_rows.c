#include "worker/adapters/ledger_rows.h"

#include "common/base/buf.h"
#include "common/decide/version.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

/* One step a version, never changed once released. Times are ms since 1970 UTC. */
static const char *const migrations[] = {
	"CREATE TABLE announcements ("
	" topic TEXT NOT NULL, message_id TEXT NOT NULL, publisher TEXT, announced_ms INTEGER NOT "
	"NULL,"
	" received_ms INTEGER NOT NULL, PRIMARY KEY (topic, message_id)) WITHOUT ROWID;"
	"CREATE TABLE decisions ("
	" topic TEXT NOT NULL, message_id TEXT NOT NULL, family TEXT NOT NULL, region TEXT NOT "
	"NULL,"
	" release TEXT, outcome TEXT NOT NULL, reason TEXT NOT NULL, image_id TEXT, detail TEXT,"
	" decided_ms INTEGER NOT NULL, PRIMARY KEY (topic, message_id, family, region)) WITHOUT "
	"ROWID;"
	"CREATE TABLE builds ("
	" id INTEGER PRIMARY KEY, state TEXT NOT NULL,"
	" family TEXT NOT NULL, pipeline_region TEXT NOT NULL, pipeline TEXT NOT NULL,"
	" region TEXT NOT NULL, image_id TEXT NOT NULL, attempt INTEGER NOT NULL, token TEXT NOT "
	"NULL,"
	" publisher TEXT NOT NULL, release TEXT NOT NULL, image_name TEXT NOT NULL, architecture "
	"TEXT,"
	" message_id TEXT, notes_url TEXT, role_arn TEXT, variables TEXT NOT NULL,"
	" announced_ms INTEGER NOT NULL, wanted_ms INTEGER NOT NULL,"
	" execution_id TEXT, started_ms INTEGER NOT NULL, finished_ms INTEGER NOT NULL,"
	" status TEXT NOT NULL, summary TEXT, failed_stage TEXT, failed_action TEXT, error_code "
	"TEXT,"
	" error_message TEXT, error_url TEXT, golden_ami TEXT, base_written INTEGER NOT NULL,"
	" golden_written INTEGER NOT NULL, trouble TEXT, due_ms INTEGER NOT NULL,"
	" tries INTEGER NOT NULL,"
	" UNIQUE (family, region, image_id, pipeline_region, pipeline, attempt), UNIQUE (token));"
	"CREATE INDEX builds_due ON builds (due_ms) WHERE state <> 'finished';"
	"CREATE INDEX builds_execution ON builds (execution_id);"
	"CREATE TABLE notices ("
	" id INTEGER PRIMARY KEY, build INTEGER NOT NULL REFERENCES builds (id), kind TEXT NOT "
	"NULL,"
	" created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL,"
	" done INTEGER NOT NULL, ts TEXT);"
	"CREATE INDEX notices_waiting ON notices (build, id) WHERE NOT done;",
};

static bool schema_version(struct sqlite *sqlite, int64_t *ret_version, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, "PRAGMA user_version");

	*ret_version = sqlite_step(query) ? sqlite_integer(query, 0) : 0;
	return sqlite_finish(query, reterr);
}

bool ledger_rows_migrate(struct sqlite *sqlite, struct err *reterr)
{
	struct buf sql = buf_with_max(64 * 1024);
	int64_t version;
	bool ok = true;

	if (!schema_version(sqlite, &version, reterr))
		return false;
	if (version > (int64_t)ARRAY_LEN(migrations))
		return err_set(reterr, ERR_BROKEN,
		               "it was written by a newer evergold (schema %lld)",
		               (long long)version);
	for (; ok && version < (int64_t)ARRAY_LEN(migrations); version++) {
		buf_reset(&sql);
		buf_addf(&sql, "BEGIN IMMEDIATE; %s PRAGMA user_version = %lld; COMMIT;",
		         migrations[version], (long long)version + 1);
		ok = sqlite_run(sqlite, buf_text(&sql), reterr);
	}
	buf_clear(&sql);
	return ok;
}

/* ---- builds: one row of this table a column -------------------------------------------------- */

enum column_kind {
	COLUMN_TEXT,
	COLUMN_INTEGER,
	COLUMN_INT,
	COLUMN_BOOL,
	COLUMN_STATE,
	COLUMN_STATUS,
	COLUMN_TOKEN
};

struct column {
	const char *name;
	enum column_kind kind;
	size_t offset;
	bool moves; /* save() writes it; the others never change */
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
	FIXED(variables, TEXT),      FIXED(announced_ms, INTEGER), FIXED(wanted_ms, INTEGER),
	MOVES(execution_id, TEXT),   MOVES(started_ms, INTEGER),   MOVES(finished_ms, INTEGER),
	MOVES(status, STATUS),       MOVES(summary, TEXT),         MOVES(failed_stage, TEXT),
	MOVES(failed_action, TEXT),  MOVES(error_code, TEXT),      MOVES(error_message, TEXT),
	MOVES(error_url, TEXT),      MOVES(golden_ami, TEXT),      MOVES(base_written, BOOL),
	MOVES(golden_written, BOOL), MOVES(trouble, TEXT),         MOVES(due_ms, INTEGER),
	MOVES(tries, INT),
};

static enum build_state state_of(struct span word)
{
	if (span_is(word, build_state_word(BUILD_WANTED)))
		return BUILD_WANTED;
	return span_is(word, build_state_word(BUILD_STARTED)) ? BUILD_STARTED : BUILD_FINISHED;
}

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
		build->state = state_of(text);
		break;
	case COLUMN_STATUS:
		build->status = execution_status_of(text);
		break;
	case COLUMN_TOKEN:
		snprintf(build->token, sizeof(build->token), "%.*s", SPAN_ARG(text));
		break;
	}
}

/* "builds.id, builds.state, ..." */
static void add_names(struct buf *sql)
{
	buf_add_text(sql, "builds.id");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_addf(sql, ", builds.%s", columns[i].name);
}

/* The columns of add_names(), from column `first` of the row on. */
static void take_build(struct sqlite_query *query, int first, struct arena *arena,
                       struct build *ret_build)
{
	*ret_build = (struct build){ .id = sqlite_integer(query, first) };
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		take(query, first + 1 + (int)i, &columns[i], arena, ret_build);
}

struct image_line {
	const char *family, *region;
	struct span image_id;
};

/* What the builds of a family and region tell; `image`: is it among them? */
static bool read_facts(struct sqlite *sqlite, const struct image_line *line,
                       struct facts *ret_facts, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT image_id, release FROM builds WHERE family = ? AND region = ?");

	*ret_facts = (struct facts){ 0 };
	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	while (sqlite_step(query)) {
		struct span release = sqlite_text(query, 1);

		if (span_equal(sqlite_text(query, 0), line->image_id))
			ret_facts->image_started = true;
		if (!ret_facts->newest[0] ||
		    version_compare(release, span_of(ret_facts->newest)) > 0)
			snprintf(ret_facts->newest, sizeof(ret_facts->newest), "%.*s",
			         SPAN_ARG(release));
	}
	return sqlite_finish(query, reterr);
}

/* Another receiver may have recorded between this one's recall and now. */
static bool check_still_new(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct facts facts;

	if (!read_facts(
		    sqlite,
		    &(struct image_line){ build->family, build->region, span_of(build->image_id) },
		    &facts, reterr))
		return false;
	if (facts.image_started || (facts.newest[0] && version_compare(span_of(build->release),
	                                                               span_of(facts.newest)) < 0))
		return err_set(reterr, ERR_TRANSIENT, "other builds were recorded meanwhile");
	return true;
}

static bool add_build(struct sqlite *sqlite, const struct build *build, int64_t now_ms,
                      struct err *reterr)
{
	struct build row = *build;
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	row.wanted_ms = row.due_ms = now_ms;
	buf_add_text(&sql, "INSERT INTO builds (");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_addf(&sql, "%s%s", i ? ", " : "", columns[i].name);
	buf_add_text(&sql, ") VALUES (");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		buf_add_text(&sql, i ? ", ?" : "?");
	buf_add_char(&sql, ')');
	query = sqlite_query(sqlite, buf_text(&sql));
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		give(query, &columns[i], &row);
	buf_clear(&sql);
	return sqlite_finish(query, reterr);
}

bool ledger_rows_save(struct sqlite *sqlite, const struct build *build, struct err *reterr)
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

/*
 * Due, or so far ahead that nobody meant it: the clock was ahead when it was written. Builds that
 * run come first, so that many that wait for their start cannot keep them waiting.
 */
bool ledger_rows_due(struct sqlite *sqlite, int64_t now_ms, struct arena *arena,
                     struct due_builds *ret_due, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	add_names(&sql);
	buf_add_text(&sql, " FROM builds WHERE state <> 'finished'"
	                   " AND (due_ms <= ? OR due_ms > ?)"
	                   " ORDER BY state = 'wanted', due_ms, id LIMIT ?");
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, now_ms + LIMIT_DUE_AHEAD_MS);
	sqlite_give_integer(query, LIMIT_BUILDS_MOVED);
	for (ret_due->n = 0; ret_due->n < LIMIT_BUILDS_MOVED && sqlite_step(query); ret_due->n++)
		take_build(query, 0, arena, &ret_due->rows[ret_due->n]);
	return sqlite_finish(query, reterr);
}

bool ledger_rows_next_due(struct sqlite *sqlite, int64_t now_ms, int64_t *ret_ms,
                          struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT min(due_ms) FROM builds WHERE state <> 'finished'"
			" AND due_ms > ? AND due_ms <= ?");

	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, now_ms + LIMIT_DUE_AHEAD_MS);
	*ret_ms = -1;
	if (sqlite_step(query) && sqlite_text(query, 0).at)
		*ret_ms = sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

bool ledger_rows_newer_golden(struct sqlite *sqlite, const struct build *build, bool *ret_yes,
                              struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT release FROM builds WHERE family = ? AND region = ? AND golden_written");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	*ret_yes = false;
	while (sqlite_step(query))
		*ret_yes |= version_compare(sqlite_text(query, 0), span_of(build->release)) > 0;
	return sqlite_finish(query, reterr);
}

bool ledger_rows_hurry(struct sqlite *sqlite, const char *execution_id, int64_t now_ms,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"UPDATE builds SET due_ms = ? WHERE execution_id = ? AND state = 'started'");

	sqlite_give_integer(query, now_ms);
	sqlite_give_text(query, execution_id);
	return sqlite_finish(query, reterr);
}

/* ---- announcements and decisions ------------------------------------------------------------- */

bool ledger_rows_recall(struct sqlite *sqlite, struct decision *decision, struct err *reterr)
{
	return read_facts(sqlite,
	                  &(struct image_line){ decision->family->name, decision->region,
	                                        decision->image->id },
	                  &decision->facts, reterr);
}

/* A bare message, which only a replay without effects takes, has none. */
static struct span id_of(const struct announcement *announcement)
{
	return announcement->message_id.at ? announcement->message_id : SPAN("");
}

static bool add_announcement(struct sqlite *sqlite, const struct announcement *announcement,
                             int64_t now_ms, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO announcements VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");

	sqlite_give_span(query, announcement->topic);
	sqlite_give_span(query, id_of(announcement));
	sqlite_give_text(query, announcement->publisher ? announcement->publisher->name : NULL);
	sqlite_give_integer(query, announcement->announced_ms);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

/* The first decision of a message stays: that its redelivery was a duplicate is no news. */
static bool add_decision(struct sqlite *sqlite, const struct announcement *announcement,
                         const struct decision *decision, int64_t now_ms, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
			" ON CONFLICT DO NOTHING");

	sqlite_give_span(query, announcement->topic);
	sqlite_give_span(query, id_of(announcement));
	sqlite_give_text(query, decision->family ? decision->family->name : "");
	sqlite_give_text(query, decision->region ? decision->region : "");
	sqlite_give_span(query, decision->version);
	sqlite_give_text(query, outcome_word(reason_outcome(decision->reason)));
	sqlite_give_text(query, reason_word(decision->reason));
	sqlite_give_span(query, decision->image ? decision->image->id : SPAN_NONE);
	sqlite_give_text(query, decision->detail);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

bool ledger_rows_add_entry(struct sqlite *sqlite, const struct ledger_entry *entry, int64_t now_ms,
                           struct err *reterr)
{
	bool ok = add_announcement(sqlite, entry->announcement, now_ms, reterr);

	for (size_t i = 0; ok && i < entry->n_decisions; i++)
		ok = add_decision(sqlite, entry->announcement, &entry->decisions[i], now_ms,
		                  reterr);
	for (size_t i = 0; ok && i < entry->n_builds; i++)
		ok = check_still_new(sqlite, &entry->builds[i], reterr) &&
		     add_build(sqlite, &entry->builds[i], now_ms, reterr);
	return ok;
}

/* ---- notices --------------------------------------------------------------------------------- */

bool ledger_rows_add_notice(struct sqlite *sqlite, const struct build *build, enum notice_kind kind,
                            int64_t now_ms, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO notices (build, kind, created_ms, due_ms, tries, done)"
			" VALUES (?, ?, ?, ?, 0, 0)");

	sqlite_give_integer(query, build->id);
	sqlite_give_text(query, notice_word(kind));
	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

static enum notice_kind kind_of(struct span word)
{
	if (span_is(word, notice_word(NOTICE_REFUSED)))
		return NOTICE_REFUSED;
	return span_is(word, notice_word(NOTICE_GIVEN_UP)) ? NOTICE_GIVEN_UP : NOTICE_FINISHED;
}

bool ledger_rows_next_notice(struct sqlite *sqlite, struct arena *arena, struct notice *ret_notice,
                             struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT notices.id, notices.kind, notices.created_ms, notices.due_ms,"
	                   " notices.tries, ");
	add_names(&sql);
	buf_add_text(&sql,
	             " FROM notices JOIN builds ON builds.id = notices.build"
	             " WHERE NOT notices.done AND NOT EXISTS (SELECT 1 FROM notices AS earlier"
	             " WHERE earlier.build = notices.build AND NOT earlier.done"
	             " AND earlier.id < notices.id)"
	             " ORDER BY notices.due_ms, notices.id LIMIT 1");
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	*ret_notice = (struct notice){ 0 };
	if (sqlite_step(query)) {
		ret_notice->id = sqlite_integer(query, 0);
		ret_notice->kind = kind_of(sqlite_text(query, 1));
		ret_notice->created_ms = sqlite_integer(query, 2);
		ret_notice->due_ms = sqlite_integer(query, 3);
		ret_notice->tries = (int)sqlite_integer(query, 4);
		take_build(query, 5, arena, &ret_notice->build);
	}
	return sqlite_finish(query, reterr);
}

bool ledger_rows_save_notice(struct sqlite *sqlite, const struct notice *notice, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE notices SET due_ms = ?, tries = ?, done = ?, ts = ? WHERE id = ?");

	sqlite_give_integer(query, notice->due_ms);
	sqlite_give_integer(query, notice->tries);
	sqlite_give_integer(query, notice->done);
	sqlite_give_text(query, notice->ts);
	sqlite_give_integer(query, notice->id);
	return sqlite_finish(query, reterr);
}
