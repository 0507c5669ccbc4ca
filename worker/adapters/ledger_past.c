#include "worker/adapters/ledger_past.h"

#include "common/base/limits.h"

#include "common/base/banned.h"

/* ---- failures in a row ----------------------------------------------------------------------- */

static bool failures_before(struct sqlite *sqlite, const struct build *build, int *ret_failures,
                            struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT status FROM builds WHERE state = 'finished'"
			" AND family = ? AND region = ? AND id < ? ORDER BY id DESC LIMIT ?");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	sqlite_give_integer(query, build->id);
	sqlite_give_integer(query, LIMIT_IN_A_ROW);
	*ret_failures = 0;
	while (sqlite_step(query)) {
		enum execution_status status = execution_status_of(sqlite_text(query, 0));

		if (status == EXECUTION_SUCCEEDED)
			break;
		*ret_failures += status == EXECUTION_FAILED;
	}
	return sqlite_finish(query, reterr);
}

bool ledger_past_count(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query;
	int failures;

	if (build->state != BUILD_FINISHED)
		return true;
	if (!failures_before(sqlite, build, &failures, reterr))
		return false;
	query = sqlite_query(sqlite, "UPDATE builds SET failures = ?"
	                             " WHERE id = ? AND state <> 'finished'");
	sqlite_give_integer(query, failures);
	sqlite_give_integer(query, build->id);
	return sqlite_finish(query, reterr);
}

/* ---- who is watched -------------------------------------------------------------------------- */

static bool unwatch_older(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE builds SET watched = 0"
			" WHERE watched AND family = ? AND region = ? AND id < ?");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	sqlite_give_integer(query, build->id);
	return sqlite_finish(query, reterr);
}

/* A newer one was started while this one ran, or was looked at. */
static bool unwatch_overtaken(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE builds SET watched = 0 WHERE id = ?1 AND EXISTS"
			" (SELECT 1 FROM builds WHERE family = ?2 AND region = ?3 AND id > ?1"
			" AND execution_id IS NOT NULL)");

	sqlite_give_integer(query, build->id);
	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	return sqlite_finish(query, reterr);
}

bool ledger_past_unwatch(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	if (build->state == BUILD_STARTED)
		return unwatch_older(sqlite, build, reterr);
	return !build->watched || unwatch_overtaken(sqlite, build, reterr);
}
