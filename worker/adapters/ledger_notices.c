#include "worker/adapters/ledger_notices.h"

#include "worker/adapters/ledger_builds.h"

#include "common/base/banned.h"

bool ledger_notices_add(struct sqlite *sqlite, const struct build *build, enum notice_kind kind,
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

bool ledger_notices_add_remark(struct sqlite *sqlite, const struct remark *remark, int64_t now_ms,
                               struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"INSERT INTO notices (kind, created_ms, due_ms, tries, done, family, text, key)"
		" VALUES (?, ?, ?, 0, 0, ?, ?, ?) ON CONFLICT DO NOTHING");

	sqlite_give_text(query, notice_word(remark->kind));
	sqlite_give_integer(query, now_ms);
	sqlite_give_integer(query, now_ms);
	sqlite_give_text(query, remark->family);
	sqlite_give_text(query, remark->text);
	sqlite_give_text(query, remark->key);
	return sqlite_finish(query, reterr);
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

bool ledger_notices_next(struct sqlite *sqlite, struct arena *arena, struct notice *ret_notice,
                         struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT notices.id, notices.kind, notices.created_ms, notices.due_ms,"
	                   " notices.tries, notices.family, notices.text, ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql,
	             " FROM notices LEFT JOIN builds ON builds.id = notices.build"
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
		ret_notice->text = text_of(query, 6, arena);
		if (ret_notice->text)
			ret_notice->build = (struct build){ .family = text_of(query, 5, arena) };
		else
			ledger_builds_take(query, 7, arena, &ret_notice->build);
	}
	return sqlite_finish(query, reterr);
}

bool ledger_notices_save(struct sqlite *sqlite, const struct notice *notice, struct err *reterr)
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
