#include "worker/adapters/ledger_salvage.h"

#include "common/base/buf.h"
#include "common/decide/build.h"
#include "common/decide/variables.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_schema.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* What others point to comes before them. `order`: the table's own, which needs no index. */
static const struct table {
	const char *name, *order;
} tables[] = {
	{ "builds", "rowid" },
	{ "announcements", "topic, message_id" },
	{ "decisions", "topic, message_id, family, region" },
	{ "golden_moves", "build, position" },
	{ "holds", "family" },
	{ "resets", "family" },
	{ "quarantines", "family, what" },
	{ "notices", "rowid" },
	{ "sinks", "name" },
	{ "deliveries", "sink, notice" },
	{ "posts", "build, notice, part" },
	{ "channels", "name" },
};

static_assert(ARRAY_LEN(tables) == LEDGER_TABLES, "all but `lines`, which is computed");

struct copying {
	struct sqlite *from, *into;
	const struct table *table;
	struct buf names; /* of the columns that both have */
	int n;            /* of them */
	int64_t rows;
};

/* ---- columns --------------------------------------------------------------------------------- */

static struct sqlite_query *query_columns(struct sqlite *sqlite, const struct table *table)
{
	struct sqlite_query *query = sqlite_query(sqlite, "SELECT name FROM pragma_table_info(?)");

	sqlite_give_text(query, table->name);
	return query;
}

static bool has_column(const struct copying *copying, struct span name)
{
	struct sqlite_query *query = query_columns(copying->from, copying->table);
	bool has = false;

	while (sqlite_step(query))
		has |= span_equal(sqlite_text(query, 0), name);
	return sqlite_finish(query, NULL) && has;
}

/* Of an older ledger there are fewer; of one whose schema is garbage, none. */
static bool find_columns(struct copying *copying, struct err *reterr)
{
	struct sqlite_query *query = query_columns(copying->into, copying->table);

	while (sqlite_step(query)) {
		if (has_column(copying, sqlite_text(query, 0)))
			buf_addf(&copying->names, "%s%.*s", copying->n++ ? ", " : "",
			         SPAN_ARG(sqlite_text(query, 0)));
	}
	return sqlite_finish(query, reterr);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* What does not fit into a sound ledger is garbage, or was read from the other end already. */
static void copy_row(struct copying *copying, struct sqlite_query *row)
{
	struct buf sql = buf_with_max(8192);
	struct sqlite_query *query;

	buf_addf(&sql, "INSERT INTO %s (%s) VALUES (", copying->table->name,
	         buf_text(&copying->names));
	for (int i = 0; i < copying->n; i++)
		buf_add_text(&sql, i ? ", ?" : "?");
	buf_add_char(&sql, ')');
	query = sqlite_query(copying->into, buf_text(&sql));
	buf_clear(&sql);
	for (int i = 0; i < copying->n; i++)
		sqlite_give_column(query, row, i);
	copying->rows += sqlite_finish(query, NULL);
}

/* "topic DESC, message_id DESC" */
static void add_order(const struct table *table, const char *direction, struct buf *out)
{
	struct span rest = span_of(table->order);
	const char *separator = "";

	while (rest.len) {
		struct span column = span_cut(&rest, ',');

		buf_addf(out, "%s%.*s %s", separator, SPAN_ARG(column), direction);
		separator = ",";
	}
}

static bool copy_rows(struct copying *copying, const char *direction)
{
	struct buf sql = buf_with_max(8192);
	struct sqlite_query *query;

	buf_addf(&sql, "SELECT %s FROM %s NOT INDEXED ORDER BY ", buf_text(&copying->names),
	         copying->table->name);
	add_order(copying->table, direction, &sql);
	query = sqlite_query(copying->from, buf_text(&sql));
	buf_clear(&sql);
	while (sqlite_step(query))
		copy_row(copying, query);
	return sqlite_finish(query, NULL);
}

static bool copy_table(struct copying *copying, struct ledger_salvaged *salvaged,
                       struct err *reterr)
{
	bool whole;

	if (!find_columns(copying, reterr))
		return false;
	whole = copying->n && copy_rows(copying, "ASC");
	if (copying->n && !whole)
		copy_rows(copying, "DESC");
	salvaged->at[salvaged->n].table = copying->table->name;
	salvaged->at[salvaged->n].rows = copying->rows;
	salvaged->at[salvaged->n++].broken = !whole;
	return true;
}

/* ---- what is no build ------------------------------------------------------------------------ */

static bool has_identity(const struct build *build, struct span state)
{
	struct build derived = *build;
	enum build_state known;

	build_derive_token(&derived);
	return strcmp(derived.token, build->token) == 0 && build_state_of(state, &known);
}

static bool has_variables(const struct build *build)
{
	struct arena arena = { 0 };
	struct variables variables;
	struct err err;
	bool has = variables_read(build->variables, &arena, &variables, &err);

	arena_clear(&arena);
	return has;
}

static bool change_build(struct sqlite *sqlite, const char *sql, int64_t id, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, sql);

	sqlite_give_integer(query, id);
	return sqlite_finish(query, reterr);
}

/* What was started needs its variables no more; without them nothing can be. */
static bool judge(struct sqlite *sqlite, const struct build *build, struct span state,
                  bool *ret_kept, struct err *reterr)
{
	bool startable = build->state == BUILD_WANTED && !build->execution_id;
	bool whole = has_variables(build);

	*ret_kept = has_identity(build, state) && (whole || !startable);
	if (!*ret_kept)
		return change_build(sqlite, "DELETE FROM builds WHERE id = ?", build->id, reterr);
	return whole || change_build(sqlite, "UPDATE builds SET variables = '{}' WHERE id = ?",
	                             build->id, reterr);
}

/* Before anything points to them. *ret_dropped: so many. */
static bool drop_garbage(struct sqlite *sqlite, int64_t *ret_dropped, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;
	bool ok = true;

	buf_add_text(&sql, "SELECT state, ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql, " FROM builds");
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	*ret_dropped = 0;
	while (ok && sqlite_step(query)) {
		struct arena arena = { 0 };
		struct build build;
		bool kept = false;

		ledger_builds_take(query, 1, &arena, &build);
		ok = judge(sqlite, &build, sqlite_text(query, 0), &kept, reterr);
		*ret_dropped += !kept;
		arena_clear(&arena);
	}
	return sqlite_finish(query, ok ? reterr : NULL) && ok;
}

/* A build that is dropped was none that could be read. */
static bool settle_builds(struct sqlite *sqlite, struct ledger_salvaged *salvaged,
                          struct err *reterr)
{
	int64_t dropped;

	if (!drop_garbage(sqlite, &dropped, reterr))
		return false;
	salvaged->at[0].rows -= dropped;
	salvaged->at[0].broken |= dropped > 0;
	return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool copy_tables(struct sqlite *from, struct sqlite *into, struct ledger_salvaged *salvaged,
                        struct err *reterr)
{
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(tables); i++) {
		struct copying copying = {
			.from = from,
			.into = into,
			.table = &tables[i],
			.names = buf_with_max(4096),
		};

		ok = copy_table(&copying, salvaged, reterr) &&
		     (i || settle_builds(into, salvaged, reterr));
		buf_clear(&copying.names);
	}
	return ok;
}

/*
 * The identity of a build is sound by now, and it is never given up for what is strange beside it:
 * it might be built again. Other rows that lost what they need would be taken for another's, of a
 * build with the number of one that is lost, say. Of two claims the older one stays.
 */
static const char settling[] =
	"UPDATE builds SET state = 'wanted' WHERE state = 'started' AND execution_id IS NULL;"
	"UPDATE builds SET state = iif(finished_ms > 0, 'finished', 'started')"
	" WHERE state IN ('wanted', 'superseded', 'adopted') AND execution_id IS NOT NULL;"
	"UPDATE builds SET started_ms = max(wanted_ms, 1)"
	" WHERE state = 'started' AND started_ms <= 0;"
	"UPDATE builds SET finished_ms = max(started_ms, wanted_ms, 1)"
	" WHERE state IN ('finished', 'superseded') AND finished_ms <= 0;"
	"DELETE FROM golden_moves WHERE state NOT IN ('waiting', 'written', 'left')"
	" OR (state = 'written' AND value IS NULL);"
	"UPDATE golden_moves SET previous = NULL WHERE state = 'waiting' AND EXISTS ("
	" SELECT 1 FROM golden_moves AS older WHERE older.target = golden_moves.target"
	" AND older.state = 'waiting' AND older.previous IS NOT NULL"
	" AND older.build < golden_moves.build);"
	"DELETE FROM deliveries WHERE notice IN"
	" (SELECT id FROM notices WHERE build IS NULL AND text IS NULL);"
	"DELETE FROM notices WHERE build IS NULL AND text IS NULL;"
	"UPDATE deliveries SET build = (SELECT build FROM notices WHERE id = notice);"
	"INSERT OR IGNORE INTO sinks SELECT DISTINCT sink,"
	" (SELECT max(id) FROM notices), NULL FROM deliveries;"
	"DELETE FROM posts WHERE (build <> 0) = (notice <> 0)"
	" OR (build <> 0 AND build NOT IN (SELECT id FROM builds))"
	" OR (notice <> 0 AND notice NOT IN (SELECT id FROM notices))"
	" OR (state = 'sent' AND ts IS NULL);"
	"DELETE FROM decisions WHERE NOT EXISTS (SELECT 1 FROM announcements AS a"
	" WHERE a.topic = decisions.topic AND a.message_id = decisions.message_id)";

/* A number that is behind what a sink has heard would never be told it. */
static bool compute(struct sqlite *into, struct err *reterr)
{
	return sqlite_run(into,
	                  "UPDATE sinks SET since ="
	                  " min(since, (SELECT ifnull(max(id), 0) FROM notices));"
	                  "INSERT OR IGNORE INTO lines SELECT DISTINCT family, region, release"
	                  " FROM builds WHERE state IN ('started', 'adopted')"
	                  " OR (state = 'finished' AND execution_id IS NOT NULL)",
	                  reterr);
}

static bool is_newer(struct sqlite *from)
{
	int64_t version = 0;

	return ledger_schema_version(from, &version, NULL) && version > ledger_schema_newest();
}

static bool salvage_from(struct sqlite *from, struct sqlite *into, struct ledger_salvaged *salvaged,
                         struct err *reterr)
{
	if (is_newer(from))
		return err_set(reterr, ERR_BROKEN, "it was written by a newer evergold");
	return sqlite_run(into, "PRAGMA foreign_keys = ON; BEGIN", reterr) &&
	       copy_tables(from, into, salvaged, reterr) && sqlite_run(into, settling, reterr) &&
	       compute(into, reterr) && sqlite_run(into, "COMMIT", reterr);
}

bool ledger_salvage(struct sqlite *into, const char *path, struct ledger_salvaged *ret_salvaged,
                    struct err *reterr)
{
	struct sqlite *from = access(path, F_OK) == 0 ? sqlite_open_reader(path, NULL) : NULL;
	bool ok;

	*ret_salvaged = (struct ledger_salvaged){ .n = 0 };
	if (!from)
		return true;
	ok = salvage_from(from, into, ret_salvaged, reterr);
	sqlite_close(from);
	return ok || err_wrap(reterr, "%s", path);
}
