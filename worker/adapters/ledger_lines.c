#include "worker/adapters/ledger_lines.h"

#include "common/decide/version.h"

#include <stdio.h>

#include "common/base/banned.h"

void ledger_lines_keep_newer(char kept[LIMIT_FACT_RELEASE], struct span release)
{
	if (!kept[0] || version_compare(release, span_of(kept)) > 0)
		snprintf(kept, LIMIT_FACT_RELEASE, "%.*s", SPAN_ARG(release));
}

bool ledger_lines_was_built(enum build_state state, bool has_execution)
{
	return state == BUILD_STARTED || state == BUILD_ADOPTED ||
	       (state == BUILD_FINISHED && has_execution);
}

/* There is one row, or, from before there was this table, one for each release of the line. */
bool ledger_lines_newest(struct sqlite *sqlite, const char *family, const char *region,
                         char ret_newest[LIMIT_FACT_RELEASE], struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT release FROM lines WHERE family = ? AND region = ?");

	sqlite_give_text(query, family);
	sqlite_give_text(query, region);
	ret_newest[0] = '\0';
	while (sqlite_step(query))
		ledger_lines_keep_newer(ret_newest, sqlite_text(query, 0));
	return sqlite_finish(query, reterr);
}

static bool forget(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "DELETE FROM lines WHERE family = ? AND region = ?");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	return sqlite_finish(query, reterr);
}

static bool keep(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, "INSERT INTO lines VALUES (?, ?, ?)");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	sqlite_give_text(query, build->release);
	return sqlite_finish(query, reterr);
}

bool ledger_lines_learn(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	char newest[LIMIT_FACT_RELEASE];

	if (!ledger_lines_was_built(build->state, build->execution_id != NULL))
		return true;
	if (!ledger_lines_newest(sqlite, build->family, build->region, newest, reterr))
		return false;
	if (newest[0] && version_compare(span_of(build->release), span_of(newest)) <= 0)
		return true;
	return forget(sqlite, build, reterr) && keep(sqlite, build, reterr);
}
