#include "worker/adapters/ledger_operator.h"

#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_facts.h"

#include "common/base/banned.h"

/* ---- families -------------------------------------------------------------------------------- */

bool ledger_operator_hold(struct sqlite *sqlite, const struct family_hold *hold, int64_t now_ms,
                          struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO holds (family, reason, since_ms) VALUES (?, ?, ?)"
			" ON CONFLICT DO UPDATE SET reason = excluded.reason");

	sqlite_give_text(query, hold->family);
	sqlite_give_text(query, hold->reason);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr) &&
	       ledger_builds_wake(sqlite, hold->family, now_ms, reterr);
}

static bool count_anew(struct sqlite *sqlite, const char *family, int64_t now_ms,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO resets (family, at_ms) VALUES (?, ?)"
			" ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms");

	sqlite_give_text(query, family);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

bool ledger_operator_release(struct sqlite *sqlite, const char *family, int64_t now_ms,
                             bool *ret_was_held, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "DELETE FROM holds WHERE family = ? RETURNING family");

	sqlite_give_text(query, family);
	*ret_was_held = sqlite_step(query);
	return sqlite_finish(query, reterr) && count_anew(sqlite, family, now_ms, reterr) &&
	       ledger_builds_wake(sqlite, family, now_ms, reterr);
}

/* ---- releases and images --------------------------------------------------------------------- */

bool ledger_operator_quarantine(struct sqlite *sqlite, const struct quarantine *quarantine,
                                int64_t now_ms, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"INSERT INTO quarantines (family, what, reason, since_ms) VALUES (?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET reason = excluded.reason");

	sqlite_give_text(query, quarantine->family);
	sqlite_give_text(query, quarantine->what);
	sqlite_give_text(query, quarantine->reason);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr) &&
	       ledger_builds_wake(sqlite, quarantine->family, now_ms, reterr);
}

bool ledger_operator_lift(struct sqlite *sqlite, const struct lift_wish *wish, bool *ret_was_there,
                          struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "DELETE FROM quarantines WHERE family = ? AND what = ? RETURNING what");

	sqlite_give_text(query, wish->quarantine->family);
	sqlite_give_text(query, wish->quarantine->what);
	*ret_was_there = sqlite_step(query);
	return sqlite_finish(query, reterr) &&
	       ledger_builds_wake(sqlite, wish->quarantine->family, wish->now_ms, reterr);
}

/* ---- once more ------------------------------------------------------------------------------- */

/* The newest row of the line among those of a state that the SQL names; id 0: there is none. */
static bool read_newest(struct sqlite *sqlite, const struct retry_wish *wish, const char *states,
                        struct build *ret_build, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	ledger_builds_add_names(&sql);
	buf_addf(&sql,
	         " FROM builds WHERE family = ? AND region = ? AND state IN (%s)"
	         " ORDER BY id DESC LIMIT 1",
	         states);
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	sqlite_give_text(query, wish->family);
	sqlite_give_text(query, wish->region);
	*ret_build = (struct build){ .id = 0 };
	if (sqlite_step(query))
		ledger_builds_take(query, 0, wish->arena, ret_build);
	return sqlite_finish(query, reterr);
}

static bool check_idle(struct sqlite *sqlite, const struct retry_wish *wish, struct err *reterr)
{
	struct build open;

	if (!read_newest(sqlite, wish, "'wanted', 'started'", &open, reterr))
		return false;
	return open.id == 0 ||
	       err_set(reterr, ERR_REFUSED, "%s in %s: %s %s already", wish->family, wish->region,
	               open.release, open.state == BUILD_STARTED ? "is being built" : "waits");
}

static bool check_allowed(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	const struct ledger_line line = {
		.family = build->family,
		.region = build->region,
		.image_id = span_of(build->image_id),
		.release = span_of(build->release),
		.id = build->id,
	};
	struct facts facts;

	if (!ledger_facts_read(sqlite, &line, &facts, reterr))
		return false;
	return !facts.quarantine[0] || err_set(reterr, ERR_REFUSED, "%s (%s) is in quarantine: %s",
	                                       build->release, build->image_id, facts.quarantine);
}

/* What makes it that build stays, and all that it was decided from. */
static struct build next_attempt(const struct build *last)
{
	struct build build = {
		.state = BUILD_WANTED,
		.family = last->family,
		.pipeline_region = last->pipeline_region,
		.pipeline = last->pipeline,
		.region = last->region,
		.image_id = last->image_id,
		.attempt = last->attempt + 1,
		.publisher = last->publisher,
		.release = last->release,
		.image_name = last->image_name,
		.architecture = last->architecture,
		.message_id = last->message_id,
		.notes_url = last->notes_url,
		.role_arn = last->role_arn,
		.variables = last->variables,
		.announced_ms = last->announced_ms,
	};

	build_derive_token(&build);
	return build;
}

bool ledger_operator_retry(struct sqlite *sqlite, const struct retry_wish *wish,
                           struct build *ret_build, struct err *reterr)
{
	struct build last;

	if (!check_idle(sqlite, wish, reterr) ||
	    !read_newest(sqlite, wish, "'finished', 'adopted'", &last, reterr))
		return false;
	if (last.id == 0)
		return err_set(reterr, ERR_REFUSED, "%s in %s: nothing was ever built",
		               wish->family, wish->region);
	if (!check_allowed(sqlite, &last, reterr))
		return false;
	*ret_build = next_attempt(&last);
	if (!ledger_builds_add(sqlite, ret_build, wish->now_ms, reterr))
		return false;
	ret_build->id = sqlite_last_id(sqlite);
	return true;
}
