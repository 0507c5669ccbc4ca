#include "worker/adapters/ledger_notices.h"

#include "common/base/banned.h"

bool ledger_notices_add(struct sqlite *sqlite, const struct build *build, enum notice_kind kind,
                        int64_t now_ms, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO notices (build, kind, created_ms) VALUES (?, ?, ?)");

	sqlite_give_integer(query, build->id);
	sqlite_give_text(query, notice_word(kind));
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

bool ledger_notices_add_remark(struct sqlite *sqlite, const struct remark *remark, int64_t now_ms,
                               struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO notices (kind, created_ms, family, text, key)"
			" VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");

	sqlite_give_text(query, notice_word(remark->kind));
	sqlite_give_integer(query, now_ms);
	sqlite_give_text(query, remark->family);
	sqlite_give_text(query, remark->text);
	sqlite_give_text(query, remark->key);
	return sqlite_finish(query, reterr);
}
