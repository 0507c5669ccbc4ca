#include "worker/adapters/ledger_deliveries.h"

#include "common/base/writer.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_posts.h"

#include "common/base/banned.h"

/* ---- sinks ----------------------------------------------------------------------------------- */

/* {"names": […]}, for json_each(). */
static void write_names(const char *const *names, size_t n, struct buf *out)
{
	struct writer *writer = writer_new();

	writer_array(writer, "names");
	for (size_t i = 0; i < n; i++)
		writer_text(writer, NULL, names[i]);
	writer_end(writer);
	writer_finish(writer, out);
}

static bool run_with_names(struct sqlite *sqlite, const char *sql, const struct buf *names,
                           struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, sql);

	sqlite_give_span(query, buf_span(names));
	return sqlite_finish(query, reterr);
}

bool ledger_deliveries_keep(struct sqlite *sqlite, const char *const *names, size_t n,
                            struct err *reterr)
{
	static const char *const statements[] = {
		"DELETE FROM deliveries WHERE sink NOT IN"
		" (SELECT value FROM json_each(?, '$.names'))",
		"DELETE FROM sinks WHERE name NOT IN (SELECT value FROM json_each(?, '$.names'))",
		"INSERT INTO sinks (name, since)"
		" SELECT value, (SELECT ifnull(max(id), 0) FROM notices)"
		" FROM json_each(?, '$.names') WHERE true ON CONFLICT DO NOTHING",
	};
	struct buf json = buf_with_max(LIMIT_AWS_BODY);
	bool ok = true;

	write_names(names, n, &json);
	for (size_t i = 0; ok && i < ARRAY_LEN(statements); i++)
		ok = run_with_names(sqlite, statements[i], &json, reterr);
	buf_clear(&json);
	return ok;
}

/* ---- the next notice ------------------------------------------------------------------------- */

static bool find_news(struct sqlite *sqlite, const char *sink, int64_t *ret_last,
                      struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "SELECT max(notices.id) FROM notices, sinks"
	                                          " WHERE name = ? AND notices.id > since");

	sqlite_give_text(query, sink);
	*ret_last = sqlite_step(query) ? sqlite_integer(query, 0) : 0;
	return sqlite_finish(query, reterr);
}

static bool add_news(struct sqlite *sqlite, const char *sink, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO deliveries (sink, notice, build, family, due_ms, tries)"
			" SELECT name, notices.id, build, ifnull(notices.family, builds.family),"
			" created_ms, 0 FROM sinks, notices LEFT JOIN builds ON builds.id = build"
			" WHERE name = ? AND notices.id > since");

	sqlite_give_text(query, sink);
	return sqlite_finish(query, reterr);
}

static bool move_on(struct sqlite *sqlite, const char *sink, int64_t last, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "UPDATE sinks SET since = ? WHERE name = ?");

	sqlite_give_integer(query, last);
	sqlite_give_text(query, sink);
	return sqlite_finish(query, reterr);
}

/* What was noticed since the sink was asked for last becomes a row of it. */
static bool take_over_news(struct sqlite *sqlite, const char *sink, struct err *reterr)
{
	int64_t last;

	if (!find_news(sqlite, sink, &last, reterr))
		return false;
	return last == 0 || (add_news(sqlite, sink, reterr) && move_on(sqlite, sink, last, reterr));
}

static enum notice_kind kind_of(struct span word)
{
	enum notice_kind kind = NOTICE_FINISHED;

	while (kind < NOTICE_LAST && !span_is(word, notice_word(kind)))
		kind++;
	return kind;
}

static const char *text_of(struct sqlite_query *query, int column, struct arena *arena)
{
	struct span text = sqlite_text(query, column);

	return text.at ? arena_text(arena, text) : NULL;
}

static struct sqlite_query *query_next(struct sqlite *sqlite, const struct notice_wish *wish)
{
	struct buf sql = buf_with_max(8192), json = buf_with_max(LIMIT_AWS_BODY);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT notices.id, notices.kind, created_ms, waiting.due_ms,"
	                   " waiting.tries, notices.family, notices.text, ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql,
	             " FROM deliveries AS waiting JOIN notices ON notices.id = waiting.notice"
	             " LEFT JOIN builds ON builds.id = waiting.build"
	             " WHERE sink = ?1 AND (ifnull(waiting.family, '') IN"
	             " (SELECT value FROM json_each(?2, '$.names'))) = ?3"
	             " AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.sink = ?1"
	             " AND earlier.build = waiting.build AND earlier.notice < waiting.notice)"
	             " ORDER BY waiting.due_ms, waiting.notice LIMIT 1");
	write_names(wish->families, wish->n_families, &json);
	query = sqlite_query(sqlite, buf_text(&sql));
	sqlite_give_text(query, wish->sink);
	sqlite_give_span(query, buf_span(&json));
	sqlite_give_integer(query, wish->alone);
	buf_clear(&sql);
	buf_clear(&json);
	return query;
}

static bool read_next(struct sqlite *sqlite, const struct notice_wish *wish, struct arena *arena,
                      struct notice *notice, struct err *reterr)
{
	struct sqlite_query *query = query_next(sqlite, wish);

	*notice = (struct notice){ 0 };
	if (sqlite_step(query)) {
		notice->id = notice->last = sqlite_integer(query, 0);
		notice->kind = kind_of(sqlite_text(query, 1));
		notice->created_ms = sqlite_integer(query, 2);
		notice->due_ms = sqlite_integer(query, 3);
		notice->tries = (int)sqlite_integer(query, 4);
		notice->text = text_of(query, 6, arena);
		if (notice->text)
			notice->build = (struct build){ .family = text_of(query, 5, arena) };
		else
			ledger_builds_take(query, 7, arena, &notice->build);
	}
	return sqlite_finish(query, reterr);
}

/* The last one that is delivered with it. */
static bool read_last(struct sqlite *sqlite, const struct notice_wish *wish, struct notice *notice,
                      struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT notice, kind, created_ms FROM deliveries JOIN notices ON id = notice"
		" WHERE sink = ? AND deliveries.build = ? ORDER BY notice DESC LIMIT 1");

	sqlite_give_text(query, wish->sink);
	sqlite_give_integer(query, notice->build.id);
	if (sqlite_step(query)) {
		notice->last = sqlite_integer(query, 0);
		notice->kind = kind_of(sqlite_text(query, 1));
		notice->created_ms = sqlite_integer(query, 2);
	}
	return sqlite_finish(query, reterr);
}

bool ledger_deliveries_next(struct sqlite *sqlite, const struct notice_wish *wish,
                            struct arena *arena, struct notice *ret_notice, struct err *reterr)
{
	if (!take_over_news(sqlite, wish->sink, reterr) ||
	    !read_next(sqlite, wish, arena, ret_notice, reterr))
		return false;
	if (wish->merges && ret_notice->build.id && !read_last(sqlite, wish, ret_notice, reterr))
		return false;
	return !ret_notice->id || ledger_posts_read(sqlite, arena, ret_notice, reterr);
}

/* ---- what became of it ----------------------------------------------------------------------- */

static bool put_off(struct sqlite *sqlite, const char *sink, const struct notice *notice,
                    struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"UPDATE deliveries SET due_ms = ?, tries = ? WHERE sink = ? AND notice = ?");

	sqlite_give_integer(query, notice->due_ms);
	sqlite_give_integer(query, notice->tries);
	sqlite_give_text(query, sink);
	sqlite_give_integer(query, notice->id);
	return sqlite_finish(query, reterr);
}

/* With those of its build that were delivered with it. */
static bool forget(struct sqlite *sqlite, const char *sink, const struct notice *notice,
                   struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "DELETE FROM deliveries WHERE sink = ?1"
			" AND (notice = ?2 OR (build = ?3 AND notice BETWEEN ?2 AND ?4))");

	sqlite_give_text(query, sink);
	sqlite_give_integer(query, notice->id);
	sqlite_give_integer(query, notice->build.id);
	sqlite_give_integer(query, notice->last);
	return sqlite_finish(query, reterr);
}

/* What `status` says of the sink. */
static bool note(struct sqlite *sqlite, const char *sink, const char *error, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE sinks SET error = ?1 WHERE name = ?2 AND error IS NOT ?1");

	sqlite_give_text(query, error);
	sqlite_give_text(query, sink);
	return sqlite_finish(query, reterr);
}

bool ledger_deliveries_save(struct sqlite *sqlite, const char *sink, const struct notice *notice,
                            struct err *reterr)
{
	bool ok = notice->done ? forget(sqlite, sink, notice, reterr)
	                       : put_off(sqlite, sink, notice, reterr);

	return ok && note(sqlite, sink, notice->error, reterr);
}
