#include "worker/adapters/ledger_facts.h"

#include "common/decide/version.h"

#include <stdio.h>

#include "common/base/banned.h"

#define STREAK_MAX "100" /* executions; no family stops later */

/* ---- builds of the family and region --------------------------------------------------------- */

/* Keeps the newer release. */
static void keep_newer(char kept[sizeof(((struct facts *)0)->newest)], struct span release)
{
	if (!kept[0] || version_compare(release, span_of(kept)) > 0)
		snprintf(kept, sizeof(((struct facts *)0)->newest), "%.*s", SPAN_ARG(release));
}

bool ledger_facts_was_built(enum build_state state, bool has_execution)
{
	return state == BUILD_STARTED || state == BUILD_ADOPTED ||
	       (state == BUILD_FINISHED && has_execution);
}

static void take_row(struct sqlite_query *query, const struct ledger_line *line,
                     struct facts *facts)
{
	struct span release = sqlite_text(query, 1);
	bool held = !span_is(sqlite_text(query, 3), reason_word(REASON_MATCHED));
	enum build_state state;

	if (!build_state_of(sqlite_text(query, 2), &state))
		return;
	facts->line_known = true;
	facts->busy |= state == BUILD_STARTED;
	facts->image_started |= span_equal(sqlite_text(query, 0), line->image_id);
	if (ledger_facts_was_built(state, sqlite_text(query, 4).at != NULL))
		keep_newer(facts->newest, release);
	else if (state == BUILD_WANTED && !held)
		keep_newer(facts->next, release);
}

static bool read_builds(struct sqlite *sqlite, const struct ledger_line *line, struct facts *facts,
                        struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT image_id, release, state, held, execution_id FROM builds"
			" WHERE family = ? AND region = ? AND id <> ?");

	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	sqlite_give_integer(query, line->id);
	while (sqlite_step(query))
		take_row(query, line, facts);
	return sqlite_finish(query, reterr);
}

/* ---- executions of the family that failed ---------------------------------------------------- */

bool ledger_facts_failures(struct sqlite *sqlite, const char *family, struct facts *facts,
                           struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT status, finished_ms FROM builds WHERE family = ?1 AND state = 'finished'"
		" AND finished_ms > ifnull((SELECT at_ms FROM resets WHERE family = ?1), 0)"
		" AND status IN ('Succeeded', 'Failed')"
		" ORDER BY finished_ms DESC, id DESC LIMIT " STREAK_MAX);

	sqlite_give_text(query, family);
	while (sqlite_step(query) && span_is(sqlite_text(query, 0), "Failed")) {
		if (facts->failures++ == 0)
			facts->failed_ms = sqlite_integer(query, 1);
	}
	return sqlite_finish(query, reterr);
}

/* ---- the operator's hand --------------------------------------------------------------------- */

/* The first row's text, or the words for none. */
static bool read_why(struct sqlite_query *query, const char *unsaid, char ret_why[LIMIT_WHY],
                     struct err *reterr)
{
	if (sqlite_step(query)) {
		struct span why = sqlite_text(query, 0);

		snprintf(ret_why, LIMIT_WHY, "%.*s", SPAN_ARG(why.len ? why : span_of(unsaid)));
	}
	return sqlite_finish(query, reterr);
}

static bool read_hold(struct sqlite *sqlite, const char *family, struct facts *facts,
                      struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "SELECT reason FROM holds WHERE family = ?");

	sqlite_give_text(query, family);
	return read_why(query, "held by hand", facts->family_hold, reterr);
}

static bool read_quarantine(struct sqlite *sqlite, const struct ledger_line *line,
                            struct facts *facts, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT reason FROM quarantines WHERE family IN ('', ?) AND what IN (?, ?)"
			" ORDER BY family DESC LIMIT 1");

	sqlite_give_text(query, line->family);
	sqlite_give_span(query, line->release);
	sqlite_give_span(query, line->image_id);
	return read_why(query, "in quarantine", facts->quarantine, reterr);
}

bool ledger_facts_read(struct sqlite *sqlite, const struct ledger_line *line,
                       struct facts *ret_facts, struct err *reterr)
{
	*ret_facts = (struct facts){ 0 };
	return read_builds(sqlite, line, ret_facts, reterr) &&
	       ledger_facts_failures(sqlite, line->family, ret_facts, reterr) &&
	       read_hold(sqlite, line->family, ret_facts, reterr) &&
	       read_quarantine(sqlite, line, ret_facts, reterr);
}
