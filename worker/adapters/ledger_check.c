#include "worker/adapters/ledger_check.h"

#include "common/base/arena.h"
#include "common/decide/variables.h"
#include "common/decide/version.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_lines.h"
#include "worker/adapters/ledger_schema.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/banned.h"

/* One check under way. */
struct checking {
	struct sqlite *sqlite;
	struct ledger_checked checked;
	struct arena arena; /* of the findings */
};

typedef bool check_fn(struct checking *checking, struct err *reterr);

static void find(struct checking *checking, const char *what)
{
	struct ledger_checked *checked = &checking->checked;

	if (checked->n < LIMIT_FINDINGS)
		checked->findings[checked->n++] = what;
	else
		checked->more++;
}

/* ---- checks that compute --------------------------------------------------------------------- */

/* It says "ok", or what is wrong, a row each. */
static bool check_integrity(struct checking *checking, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(checking->sqlite, "PRAGMA integrity_check");

	while (sqlite_step(query)) {
		if (!span_is(sqlite_text(query, 0), "ok"))
			find(checking, arena_text(&checking->arena, sqlite_text(query, 0)));
	}
	return sqlite_finish(query, reterr);
}

static bool has_table(struct sqlite *sqlite, struct span name, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "SELECT 1 FROM sqlite_schema WHERE name = ?");
	bool has;

	sqlite_give_span(query, name);
	has = sqlite_step(query);
	return sqlite_finish(query, reterr) && has;
}

/* Those that a new ledger has. */
static bool check_tables(struct checking *checking, struct err *reterr)
{
	struct sqlite *sound = sqlite_open_private(reterr);
	bool ok = sound && ledger_schema_migrate(sound, reterr);
	struct sqlite_query *query;

	if (!ok) {
		sqlite_close(sound);
		return false;
	}
	query = sqlite_query(sound, "SELECT name, type FROM sqlite_schema ORDER BY name");
	while (sqlite_step(query)) {
		if (!has_table(checking->sqlite, sqlite_text(query, 0), reterr))
			find(checking, arena_printf(&checking->arena, "no %.*s %.*s",
			                            SPAN_ARG(sqlite_text(query, 1)),
			                            SPAN_ARG(sqlite_text(query, 0))));
	}
	ok = sqlite_finish(query, reterr);
	sqlite_close(sound);
	return ok;
}

static void check_token(struct checking *checking, const struct build *build)
{
	struct build derived = *build;

	build_derive_token(&derived);
	if (strcmp(derived.token, build->token) != 0)
		find(checking, arena_printf(&checking->arena, "build %" PRId64 " has %s, not %s",
		                            build->id, build->token, derived.token));
}

static void check_variables(struct checking *checking, const struct build *build)
{
	struct arena arena = { 0 };
	struct variables variables;
	struct err err;

	if (!variables_read(build->variables, &arena, &variables, &err))
		find(checking,
		     arena_printf(&checking->arena, "build %" PRId64 ": %s", build->id, err.text));
	arena_clear(&arena);
}

static bool each_build(struct checking *checking,
                       void (*check)(struct checking *, const struct build *), struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql, " FROM builds ORDER BY id");
	query = sqlite_query(checking->sqlite, buf_text(&sql));
	buf_clear(&sql);
	while (sqlite_step(query)) {
		struct arena arena = { 0 };
		struct build build;

		ledger_builds_take(query, 0, &arena, &build);
		check(checking, &build);
		arena_clear(&arena);
	}
	return sqlite_finish(query, reterr);
}

static bool check_tokens(struct checking *checking, struct err *reterr)
{
	return each_build(checking, check_token, reterr);
}

static bool check_all_variables(struct checking *checking, struct err *reterr)
{
	return each_build(checking, check_variables, reterr);
}

struct line_check {
	const char *family, *region;
	char kept[LIMIT_FACT_RELEASE];  /* by the row of the line; "": nothing, */
	char built[LIMIT_FACT_RELEASE]; /* by its builds */
	bool found;                     /* what is kept has a row, whatever became of it */
};

static bool read_line(struct sqlite *sqlite, struct line_check *line, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT release, state IN ('started', 'adopted')"
			" OR (state = 'finished' AND execution_id IS NOT NULL)"
			" FROM builds WHERE family = ? AND region = ?");

	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	while (sqlite_step(query)) {
		struct span release = sqlite_text(query, 0);

		line->found |= version_compare(release, span_of(line->kept)) == 0;
		if (sqlite_integer(query, 1))
			ledger_lines_keep_newer(line->built, release);
	}
	return sqlite_finish(query, reterr);
}

/* What was adopted is kept, though a build that still waits may have taken its place. */
static bool line_holds(const struct line_check *line)
{
	int newer = version_compare(span_of(line->kept), span_of(line->built));

	return newer == 0 || (newer > 0 && line->found);
}

static bool check_line(struct checking *checking, struct sqlite_query *query, struct err *reterr)
{
	struct arena *arena = &checking->arena;
	struct line_check line = {
		.family = arena_text(arena, sqlite_text(query, 0)),
		.region = arena_text(arena, sqlite_text(query, 1)),
	};

	if (!ledger_lines_newest(checking->sqlite, line.family, line.region, line.kept, reterr) ||
	    !read_line(checking->sqlite, &line, reterr))
		return false;
	if (!line_holds(&line))
		find(checking,
		     arena_printf(arena, "%s in %s: %s was built, %s is kept", line.family,
		                  line.region, line.built[0] ? line.built : "nothing",
		                  line.kept[0] ? line.kept : "nothing"));
	return true;
}

static bool check_lines(struct checking *checking, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(checking->sqlite,
	                                          "SELECT family, region FROM builds"
	                                          " UNION SELECT family, region FROM lines");
	bool ok = true;

	while (ok && sqlite_step(query))
		ok = check_line(checking, query, reterr);
	return sqlite_finish(query, ok ? reterr : NULL) && ok;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define A_BUILD " 'build ' || id || ' of ' || family || ' in ' || region "

static const struct row {
	const char *check, *promise;
	const char *sql; /* finds what breaks it, a text each; NULL: by the function */
	check_fn *function;
} rows[] = {
	{ "file", "every page and index is what SQLite wrote", NULL, check_integrity },
	{ "tables", "all tables and indexes are there", NULL, check_tables },
	{ "references", "what a row points to is there",
	  "SELECT \"table\" || ': a row points to nothing in ' || parent"
	  " FROM pragma_foreign_key_check",
	  NULL },
	{ "identity", "one identity has one build",
	  "SELECT family || ' in ' || region || ': ' || count(*) || ' builds of ' || image_id"
	  " FROM builds GROUP BY family, region, image_id, pipeline_region, pipeline, attempt"
	  " HAVING count(*) > 1",
	  NULL },
	{ "tokens", "the token of each build follows from its identity", NULL, check_tokens },
	{ "variables", "the variables of each build can be read", NULL, check_all_variables },
	{ "states", "each build is in a state that there is",
	  "SELECT" A_BUILD "|| ': ' || state FROM builds WHERE state NOT IN"
	  " ('wanted', 'started', 'finished', 'superseded', 'adopted')",
	  NULL },
	{ "started", "what is started has an execution, and since when",
	  "SELECT" A_BUILD "FROM builds WHERE state = 'started'"
	  " AND (execution_id IS NULL OR started_ms <= 0)",
	  NULL },
	{ "waiting", "what was never started has no execution",
	  "SELECT" A_BUILD "FROM builds WHERE state IN ('wanted', 'superseded', 'adopted')"
	  " AND execution_id IS NOT NULL",
	  NULL },
	{ "finished", "what is over has its end",
	  "SELECT" A_BUILD "FROM builds WHERE state IN ('finished', 'superseded')"
	  " AND finished_ms <= 0",
	  NULL },
	{ "executions", "one execution is one build",
	  "SELECT execution_id || ': ' || count(*) || ' builds' FROM builds"
	  " WHERE execution_id IS NOT NULL GROUP BY execution_id HAVING count(*) > 1",
	  NULL },
	{ "lines", "the newest release of each line is that of its builds", NULL, check_lines },
	{ "claims", "no parameter is claimed by two moves",
	  "SELECT target || ': builds ' || group_concat(build, ', ') FROM golden_moves"
	  " WHERE state = 'waiting' AND previous IS NOT NULL GROUP BY target HAVING count(*) > 1",
	  NULL },
	{ "moves", "each move of a golden parameter is waiting, written or left alone",
	  "SELECT target || ' of build ' || build || ': ' || state FROM golden_moves"
	  " WHERE state NOT IN ('waiting', 'written', 'left')"
	  " OR (state = 'written' AND value IS NULL)",
	  NULL },
	{ "notices", "each notice has a build, or a text of its own",
	  "SELECT 'notice ' || id FROM notices WHERE build IS NULL AND text IS NULL", NULL },
	{ "deliveries", "what waits for a sink is a notice for a sink that there is",
	  "SELECT sink || ': notice ' || notice FROM deliveries"
	  " WHERE sink NOT IN (SELECT name FROM sinks)"
	  " OR build IS NOT (SELECT build FROM notices WHERE id = notice)",
	  NULL },
	{ "posts", "each message in Slack is of a build or a remark, and has its place",
	  "SELECT part || ' of build ' || build || ', notice ' || notice FROM posts"
	  " WHERE (build <> 0) = (notice <> 0)"
	  " OR (build <> 0 AND build NOT IN (SELECT id FROM builds))"
	  " OR (notice <> 0 AND notice NOT IN (SELECT id FROM notices))"
	  " OR (state = 'sent' AND ts IS NULL)",
	  NULL },
	{ "decisions", "each decision has its announcement",
	  "SELECT message_id || ' for ' || family || ' in ' || region FROM decisions"
	  " WHERE NOT EXISTS (SELECT 1 FROM announcements AS a WHERE a.topic = decisions.topic"
	  " AND a.message_id = decisions.message_id)",
	  NULL },
};

static bool find_by_sql(struct checking *checking, const char *sql, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(checking->sqlite, sql);

	while (sqlite_step(query))
		find(checking, arena_text(&checking->arena, sqlite_text(query, 0)));
	return sqlite_finish(query, reterr);
}

/* What cannot be asked is broken, too. */
static void check_row(struct sqlite *sqlite, const struct row *row, ledger_checked_fn *tell,
                      void *ctx)
{
	struct checking checking = {
		.sqlite = sqlite,
		.checked = { .check = row->check, .promise = row->promise },
	};
	struct err err;
	bool asked = row->sql ? find_by_sql(&checking, row->sql, &err)
	                      : row->function(&checking, &err);

	if (!asked)
		find(&checking, err.text);
	tell(ctx, &checking.checked);
	arena_clear(&checking.arena);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool is_file(const char *path, struct err *reterr)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return err_set(reterr, ERR_BROKEN, "%s: %s", path,
		               errno == ENOENT ? "there is no ledger" : strerror(errno));
	if (!S_ISREG(status.st_mode))
		return err_set(reterr, ERR_BROKEN, "%s: it is no file", path);
	if (status.st_size == 0)
		return err_set(reterr, ERR_BROKEN, "%s: the file is empty", path);
	return access(path, R_OK) == 0 ||
	       err_set(reterr, ERR_BROKEN, "%s: it cannot be read: %s", path, strerror(errno));
}

static bool is_ours(struct sqlite *sqlite, int64_t version, struct err *reterr)
{
	if (version > ledger_schema_newest())
		return err_set(reterr, ERR_BROKEN,
		               "it was written by a newer evergold (schema %" PRId64
		               ", this one knows %" PRId64 ")",
		               version, ledger_schema_newest());
	return version > 0 || has_table(sqlite, SPAN("builds"), NULL) ||
	       err_set(reterr, ERR_BROKEN, "it is a database, but no ledger");
}

/* One of an older evergold is brought up to date in a copy. */
static struct sqlite *open_current(const char *path, struct sqlite *sqlite, struct err *reterr)
{
	struct sqlite *copy = sqlite_open_copy(path, reterr);

	sqlite_close(sqlite);
	if (copy && ledger_schema_migrate(copy, reterr))
		return copy;
	sqlite_close(copy);
	return NULL;
}

static struct sqlite *open_ledger(const char *path, struct err *reterr)
{
	struct sqlite *sqlite = is_file(path, reterr) ? sqlite_open_reader(path, reterr) : NULL;
	int64_t version = 0;

	if (!sqlite)
		return NULL;
	if (!ledger_schema_version(sqlite, &version, reterr) || !is_ours(sqlite, version, reterr)) {
		err_wrap(reterr, "%s", path);
		sqlite_close(sqlite);
		return NULL;
	}
	return version < ledger_schema_newest() ? open_current(path, sqlite, reterr) : sqlite;
}

bool ledger_check(const char *path, ledger_checked_fn *tell, void *ctx, struct err *reterr)
{
	struct sqlite *sqlite = open_ledger(path, reterr);
	bool ok = sqlite && sqlite_run(sqlite, "BEGIN", reterr);

	for (size_t i = 0; ok && i < ARRAY_LEN(rows); i++)
		check_row(sqlite, &rows[i], tell, ctx);
	sqlite_close(sqlite);
	return ok;
}
