#include "worker/adapters/ledger_facts.h"

#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_lines.h"

#include <stdio.h>

#include "common/base/banned.h"

/* ---- builds of the family and region --------------------------------------------------------- */

#define OF_IMAGE " WHERE family = ?1 AND region = ?2 AND id <> ?3 AND image_id = ?4"

/* Is there any other row of the line, and of the image one that counts as its build? */
static bool read_known(struct sqlite *sqlite, const struct ledger_line *line, struct facts *facts,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT EXISTS (SELECT 1 FROM builds WHERE family = ?1 AND region = ?2"
			" AND id <> ?3),"
			" EXISTS (SELECT 1 FROM builds" OF_IMAGE " AND NOT (" LEDGER_UNBUILT ")),"
			" EXISTS (SELECT 1 FROM builds" OF_IMAGE " AND " LEDGER_UNBUILT ")");

	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	sqlite_give_integer(query, line->id);
	sqlite_give_span(query, line->image_id);
	if (sqlite_step(query)) {
		facts->line_known = sqlite_integer(query, 0) != 0;
		facts->image_started = sqlite_integer(query, 1) != 0;
		facts->image_adopted = sqlite_integer(query, 2) != 0;
	}
	return sqlite_finish(query, reterr);
}

/* Does a wanted build wait for nothing but what its whole line waits for? */
static bool is_rival(struct sqlite_query *query, enum reason held, const struct ledger_line *line)
{
	if (held == REASON_QUARANTINED || held == REASON_NOT_AVAILABLE_YET)
		return false;
	return held == REASON_MATCHED || sqlite_integer(query, 3) <= line->ripe_ms;
}

static void take_wanted(struct sqlite_query *query, const struct ledger_line *line,
                        struct facts *facts)
{
	struct span release = sqlite_text(query, 2);
	enum reason held = REASON_MATCHED;

	if (!reason_of(sqlite_text(query, 1), &held))
		return;
	if (held == REASON_MATCHED)
		ledger_lines_keep_newer(facts->next, release);
	if (is_rival(query, held, line))
		ledger_lines_keep_newer(facts->rival, release);
}

/* What is not finished is little, however long the history is. */
static bool read_open(struct sqlite *sqlite, const struct ledger_line *line, struct facts *facts,
                      struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT state, held, release, min(announced_ms, wanted_ms), admitted"
			" FROM builds WHERE state IN ('wanted', 'started')"
			" AND family = ? AND region = ? AND id <> ?");

	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	sqlite_give_integer(query, line->id);
	while (sqlite_step(query)) {
		bool started = span_is(sqlite_text(query, 0), build_state_word(BUILD_STARTED));

		facts->busy |= started || sqlite_integer(query, 4);
		if (!started)
			take_wanted(query, line, facts);
	}
	return sqlite_finish(query, reterr);
}

static bool read_overtaken(struct sqlite *sqlite, const struct ledger_line *line,
                           struct facts *facts, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT EXISTS (SELECT 1 FROM builds WHERE state = 'finished'"
			" AND family = ? AND region = ? AND id > ? AND status = 'Succeeded')");

	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	sqlite_give_integer(query, line->id);
	facts->overtaken = sqlite_step(query) && sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

/* ---- executions of the family that failed ---------------------------------------------------- */

bool ledger_facts_failures(struct sqlite *sqlite, const char *family, struct facts *facts,
                           struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT count(*), max(finished_ms) FROM builds"
		" WHERE family = ?1 AND state = 'finished' AND status = 'Failed' AND finished_ms > "
		"max("
		" ifnull((SELECT at_ms FROM resets WHERE family = ?1), 0),"
		" ifnull((SELECT finished_ms FROM builds WHERE family = ?1 AND state = 'finished'"
		"  AND status = 'Succeeded' ORDER BY finished_ms DESC LIMIT 1), 0))");

	sqlite_give_text(query, family);
	if (sqlite_step(query)) {
		facts->failures = (int)sqlite_integer(query, 0);
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

		if (!why.len)
			why = span_of(unsaid);
		snprintf(ret_why, LIMIT_WHY, "%.*s", SPAN_ARG(why));
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
	return ledger_lines_newest(sqlite, line->family, line->region, ret_facts->newest, reterr) &&
	       read_known(sqlite, line, ret_facts, reterr) &&
	       read_open(sqlite, line, ret_facts, reterr) &&
	       read_overtaken(sqlite, line, ret_facts, reterr) &&
	       ledger_facts_failures(sqlite, line->family, ret_facts, reterr) &&
	       read_hold(sqlite, line->family, ret_facts, reterr) &&
	       read_quarantine(sqlite, line, ret_facts, reterr);
}
