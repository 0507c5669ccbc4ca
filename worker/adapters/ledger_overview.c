#include "worker/adapters/ledger_overview.h"

#include "common/base/limits.h"
#include "common/decide/version.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_facts.h"
#include "worker/adapters/ledger_golden.h"
#include "worker/adapters/ledger_lines.h"

#include <string.h>

#include "common/base/banned.h"

struct line {
	struct overview_line shown;
	int64_t built; /* the row of what was built; 0: nothing was */
	const char *built_release;
};

struct reading {
	struct sqlite *sqlite;
	struct arena *arena;
	struct line *lines;
	size_t n_lines, max_lines;
};

static size_t count(struct sqlite *sqlite, const char *sql)
{
	struct sqlite_query *query = sqlite_query(sqlite, sql);
	int64_t n = sqlite_step(query) ? sqlite_integer(query, 0) : 0;

	return sqlite_finish(query, NULL) ? (size_t)n : 0; /* a fault shows itself again */
}

/* A query of all columns of builds, and what the SQL says of them. */
static struct sqlite_query *query_builds(struct sqlite *sqlite, const char *rest)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	ledger_builds_add_names(&sql);
	buf_addf(&sql, " FROM builds %s", rest);
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	return query;
}

/* ---- lines: what was built of each ----------------------------------------------------------- */

static bool is_newer(struct span release, const char *than)
{
	return !than || version_compare(release, span_of(than)) > 0;
}

static struct line *line_of_row(struct reading *reading, struct sqlite_query *query)
{
	struct span family = sqlite_text(query, 1), region = sqlite_text(query, 2);
	struct line *line = reading->n_lines ? &reading->lines[reading->n_lines - 1] : NULL;

	if (line && span_is(family, line->shown.family) && span_is(region, line->shown.region))
		return line;
	if (reading->n_lines == reading->max_lines)
		return NULL;
	line = &reading->lines[reading->n_lines++];
	line->shown.family = arena_text(reading->arena, family);
	line->shown.region = arena_text(reading->arena, region);
	line->shown.publisher = arena_text(reading->arena, sqlite_text(query, 3));
	return line;
}

/* Of two attempts at one release the later one counts. */
static void take_row(struct reading *reading, struct sqlite_query *query)
{
	struct line *line = line_of_row(reading, query);
	struct span release = sqlite_text(query, 4), status = sqlite_text(query, 6);
	bool has_execution = sqlite_text(query, 7).at != NULL;
	enum build_state state;

	if (!line || !build_state_of(sqlite_text(query, 5), &state) ||
	    !ledger_lines_was_built(state, has_execution))
		return;
	if (is_newer(release, line->shown.newest))
		line->shown.newest = arena_text(reading->arena, release);
	if (state == BUILD_STARTED || (state == BUILD_FINISHED && !span_is(status, "Succeeded")))
		return;
	if (line->built && version_compare(release, span_of(line->built_release)) < 0)
		return;
	line->built = sqlite_integer(query, 0);
	line->built_release = arena_text(reading->arena, release);
}

static bool read_lines(struct reading *reading, struct err *reterr)
{
	struct sqlite_query *query;

	reading->max_lines = count(reading->sqlite,
	                           "SELECT count(*) FROM"
	                           " (SELECT DISTINCT family, region FROM builds)");
	reading->lines = arena_alloc(reading->arena, reading->max_lines, sizeof(struct line));
	query = sqlite_query(reading->sqlite,
	                     "SELECT id, family, region, publisher, release, state, status,"
	                     " execution_id FROM builds ORDER BY family, region, id");
	while (sqlite_step(query))
		take_row(reading, query);
	return sqlite_finish(query, reterr);
}

static bool read_built(struct reading *reading, struct line *line, struct err *reterr)
{
	struct sqlite_query *query = query_builds(reading->sqlite, "WHERE id = ?");
	struct build *built = arena_alloc(reading->arena, 1, sizeof(*built));

	sqlite_give_integer(query, line->built);
	if (sqlite_step(query)) {
		ledger_builds_take(query, 0, reading->arena, built);
		line->shown.built = built;
	}
	return sqlite_finish(query, reterr) &&
	       ledger_golden_attach(reading->sqlite, built, reading->arena, reterr);
}

/* ---- lines: what runs and waits, and what failed --------------------------------------------- */

static void give_to_line(struct reading *reading, const struct build *open)
{
	for (size_t i = 0; i < reading->n_lines; i++) {
		struct overview_line *line = &reading->lines[i].shown;

		if (strcmp(line->family, open->family) != 0 ||
		    strcmp(line->region, open->region) != 0)
			continue;
		if (line->n_open++ == 0)
			line->open = open;
		return;
	}
}

/* In the order of the lines, so that what belongs to one is one piece of the array. */
static bool read_open(struct reading *reading, struct err *reterr)
{
	size_t n = 0, max = count(reading->sqlite, "SELECT count(*) FROM builds"
	                                           " WHERE state IN ('wanted', 'started')");
	struct build *open = arena_alloc(reading->arena, max, sizeof(*open));
	struct sqlite_query *query = query_builds(reading->sqlite,
	                                          "WHERE state IN ('wanted', 'started')"
	                                          " ORDER BY family, region, id");

	for (; n < max && sqlite_step(query); n++) {
		ledger_builds_take(query, 0, reading->arena, &open[n]);
		give_to_line(reading, &open[n]);
	}
	return sqlite_finish(query, reterr);
}

static bool read_rest(struct reading *reading, struct line *line, struct err *reterr)
{
	struct facts facts = { .failures = 0 };

	if (!ledger_facts_failures(reading->sqlite, line->shown.family, &facts, reterr))
		return false;
	line->shown.failures = facts.failures;
	return !line->built || read_built(reading, line, reterr);
}

static bool show_lines(struct reading *reading, struct overview *overview, struct err *reterr)
{
	struct overview_line *lines = arena_alloc(reading->arena, reading->n_lines, sizeof(*lines));
	bool ok = read_open(reading, reterr);

	for (size_t i = 0; ok && i < reading->n_lines; i++) {
		ok = read_rest(reading, &reading->lines[i], reterr);
		lines[i] = reading->lines[i].shown;
	}
	overview->lines = lines;
	overview->n_lines = reading->n_lines;
	return ok;
}

/* ---- what operators have said ---------------------------------------------------------------- */

static bool read_holds(struct reading *reading, struct overview *overview, struct err *reterr)
{
	size_t n = 0, max = count(reading->sqlite, "SELECT count(*) FROM holds");
	struct family_hold *holds = arena_alloc(reading->arena, max, sizeof(*holds));
	struct sqlite_query *query = sqlite_query(
		reading->sqlite, "SELECT family, reason, since_ms FROM holds ORDER BY family");

	for (; n < max && sqlite_step(query); n++)
		holds[n] = (struct family_hold){
			.family = arena_text(reading->arena, sqlite_text(query, 0)),
			.reason = arena_text(reading->arena, sqlite_text(query, 1)),
			.since_ms = sqlite_integer(query, 2),
		};
	overview->holds = holds;
	overview->n_holds = n;
	return sqlite_finish(query, reterr);
}

static const char *text_of(struct reading *reading, struct sqlite_query *query, int column)
{
	struct span text = sqlite_text(query, column);

	return text.at ? arena_text(reading->arena, text) : NULL;
}

/* An image's release is known from its builds; what is no image is a release by itself. */
static struct quarantine quarantine_of_row(struct reading *reading, struct sqlite_query *query)
{
	struct quarantine quarantine = {
		.family = arena_text(reading->arena, sqlite_text(query, 0)),
		.what = arena_text(reading->arena, sqlite_text(query, 1)),
		.reason = arena_text(reading->arena, sqlite_text(query, 2)),
		.since_ms = sqlite_integer(query, 3),
		.release = text_of(reading, query, 4),
		.publisher = text_of(reading, query, 5),
	};

	if (!quarantine.release && !span_starts(span_of(quarantine.what), SPAN("ami-")))
		quarantine.release = quarantine.what;
	return quarantine;
}

static bool read_quarantines(struct reading *reading, struct overview *overview, struct err *reterr)
{
	size_t n = 0, max = count(reading->sqlite, "SELECT count(*) FROM quarantines");
	struct quarantine *quarantines = arena_alloc(reading->arena, max, sizeof(*quarantines));
	struct sqlite_query *query = sqlite_query(
		reading->sqlite,
		"SELECT family, what, reason, since_ms,"
		" (SELECT release FROM builds WHERE what IN (image_id, release) LIMIT 1),"
		" (SELECT publisher FROM builds WHERE what IN (image_id, release) LIMIT 1)"
		" FROM quarantines ORDER BY since_ms, family, what");

	while (n < max && sqlite_step(query)) {
		quarantines[n] = quarantine_of_row(reading, query);
		n += overview_in_force(overview, &quarantines[n]);
	}
	overview->quarantines = quarantines;
	overview->n_quarantines = n;
	return sqlite_finish(query, reterr);
}

/* Also what no sink has been asked to deliver yet. */
static bool read_undelivered(struct reading *reading, struct overview *overview, struct err *reterr)
{
	size_t n = 0, max = count(reading->sqlite, "SELECT count(*) FROM sinks");
	struct undelivered *found = arena_alloc(reading->arena, max, sizeof(*found));
	struct sqlite_query *query = sqlite_query(
		reading->sqlite,
		"SELECT name, count(*), min(created_ms), error FROM sinks, notices"
		" WHERE notices.id > since"
		" OR notices.id IN (SELECT notice FROM deliveries WHERE sink = name)"
		" GROUP BY name ORDER BY name");

	for (; n < max && sqlite_step(query); n++)
		found[n] = (struct undelivered){
			.sink = arena_text(reading->arena, sqlite_text(query, 0)),
			.n = sqlite_integer(query, 1),
			.since_ms = sqlite_integer(query, 2),
			.reason = text_of(reading, query, 3),
		};
	overview->undelivered = found;
	overview->n_undelivered = n;
	return sqlite_finish(query, reterr);
}

bool ledger_overview_read(struct sqlite *sqlite, struct arena *arena, struct overview *ret_overview,
                          struct err *reterr)
{
	struct reading reading = { .sqlite = sqlite, .arena = arena };

	*ret_overview = (struct overview){ 0 };
	return read_lines(&reading, reterr) && show_lines(&reading, ret_overview, reterr) &&
	       read_holds(&reading, ret_overview, reterr) &&
	       read_quarantines(&reading, ret_overview, reterr) &&
	       read_undelivered(&reading, ret_overview, reterr);
}

/* ---- history --------------------------------------------------------------------------------- */

bool ledger_overview_history(struct sqlite *sqlite, const struct ledger_history *question,
                             struct arena *arena, struct ledger_page *ret_page, struct err *reterr)
{
	size_t max = question->limit < LIMIT_HISTORY_PAGE ? question->limit : LIMIT_HISTORY_PAGE;
	struct sqlite_query *query = query_builds(sqlite, "WHERE ifnull(?1, family) = family"
	                                                  " AND (?2 = 0 OR id < ?2)"
	                                                  " ORDER BY id DESC LIMIT ?3");

	sqlite_give_text(query, question->family);
	sqlite_give_integer(query, question->before_id);
	sqlite_give_integer(query, (int64_t)max);
	ret_page->rows = arena_alloc(arena, max, sizeof(*ret_page->rows));
	for (ret_page->n = 0; ret_page->n < max && sqlite_step(query); ret_page->n++)
		ledger_builds_take(query, 0, arena, &ret_page->rows[ret_page->n]);
	if (!sqlite_finish(query, reterr))
		return false;
	for (size_t i = 0; i < ret_page->n; i++) {
		if (!ledger_golden_attach(sqlite, &ret_page->rows[i], arena, reterr))
			return false;
	}
	return true;
}
