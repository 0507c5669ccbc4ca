#include "worker/adapters/ledger_withdrawals.h"

#include "common/base/limits.h"
#include "common/say/withdrawn.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_notices.h"

#include "common/base/banned.h"

/* Made from it, and not marked yet: ?1 is the family, ?2 what was taken back. */
#define AFFECTED                                                 \
	" WHERE family = ?1 AND (release = ?2 OR image_id = ?2)" \
	" AND (state = 'started' OR status = 'Succeeded')"       \
	" AND withdrawn_ms = 0"

struct affected {
	struct build named[LIMIT_NAMED_BUILDS]; /* the newest first */
	size_t n_named, n;
};

static bool read_affected(struct sqlite *sqlite, const struct withdrawal *withdrawal,
                          struct arena *arena, struct affected *affected, struct err *reterr)
{
	struct buf sql = buf_with_max(4096);
	struct sqlite_query *query;

	buf_add_text(&sql, "SELECT ");
	ledger_builds_add_names(&sql);
	buf_add_text(&sql, " FROM builds" AFFECTED " ORDER BY id DESC");
	query = sqlite_query(sqlite, buf_text(&sql));
	buf_clear(&sql);
	sqlite_give_text(query, withdrawal->family);
	sqlite_give_text(query, withdrawal->what);
	for (; sqlite_step(query); affected->n++) {
		if (affected->n_named < LIMIT_NAMED_BUILDS)
			ledger_builds_take(query, 0, arena, &affected->named[affected->n_named++]);
	}
	return sqlite_finish(query, reterr);
}

static bool mark(struct sqlite *sqlite, const struct withdrawal *withdrawal, int64_t now_ms,
                 struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "UPDATE builds SET withdrawn_ms = ?3" AFFECTED);

	sqlite_give_text(query, withdrawal->family);
	sqlite_give_text(query, withdrawal->what);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

/* What an operator has said before stays. */
static bool quarantine(struct sqlite *sqlite, const struct withdrawal *withdrawal, int64_t now_ms,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO quarantines (family, what, reason, since_ms)"
			" VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");

	sqlite_give_text(query, withdrawal->family);
	sqlite_give_text(query, withdrawal->what);
	sqlite_give_text(query, withdrawal->reason);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

static bool tell(struct sqlite *sqlite, const struct withdrawal *withdrawal,
                 const struct affected *affected, int64_t now_ms, struct err *reterr)
{
	struct buf text = buf_with_max(LIMIT_AWS_BODY);
	bool ok;

	withdrawn_text(
		&(struct withdrawn){
			.text = withdrawal->text,
			.builds = affected->named,
			.n_builds = affected->n_named,
			.n_more = affected->n - affected->n_named,
		},
		&text);
	ok = ledger_notices_add_remark(sqlite,
	                               &(struct remark){
					       .kind = NOTICE_WITHDRAWN,
					       .key = withdrawal->key,
					       .family = withdrawal->family,
					       .text = buf_text(&text),
				       },
	                               now_ms, reterr);
	buf_clear(&text);
	return ok;
}

bool ledger_withdrawals_add(struct sqlite *sqlite, const struct withdrawal *withdrawal,
                            int64_t now_ms, struct err *reterr)
{
	struct affected affected = { .n = 0 };
	struct arena arena = { 0 };
	bool ok = quarantine(sqlite, withdrawal, now_ms, reterr) &&
	          read_affected(sqlite, withdrawal, &arena, &affected, reterr) &&
	          mark(sqlite, withdrawal, now_ms, reterr);

	if (ok && affected.n)
		ok = tell(sqlite, withdrawal, &affected, now_ms, reterr);
	arena_clear(&arena);
	return ok;
}
