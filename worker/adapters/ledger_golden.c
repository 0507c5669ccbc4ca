#include "worker/adapters/ledger_golden.h"

#include "common/decide/version.h"

#include "common/base/banned.h"

/* ---- moves ----------------------------------------------------------------------------------- */

static bool add_move(struct sqlite *sqlite, const struct golden_move *move, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"INSERT INTO golden_moves (build, position, target, name, region, role_arn,"
		" value, version, state, detail, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)");

	sqlite_give_integer(query, move->build);
	sqlite_give_integer(query, move->position);
	sqlite_give_text(query, move->target);
	sqlite_give_text(query, move->name);
	sqlite_give_text(query, move->region);
	sqlite_give_text(query, move->role_arn);
	sqlite_give_text(query, move->value);
	sqlite_give_text(query, golden_state_word(move->state));
	sqlite_give_text(query, move->detail);
	sqlite_give_integer(query, move->at_ms);
	return sqlite_finish(query, reterr);
}

static bool is_planned(struct sqlite *sqlite, int64_t build, bool *ret_planned, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT EXISTS (SELECT 1 FROM golden_moves WHERE build = ?)");

	sqlite_give_integer(query, build);
	*ret_planned = sqlite_step(query) && sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

bool ledger_golden_plan(struct sqlite *sqlite, const struct ledger_plan *plan, struct err *reterr)
{
	bool planned = false, ok = is_planned(sqlite, plan->build, &planned, reterr);

	for (size_t i = 0; ok && !planned && i < plan->n; i++)
		ok = add_move(sqlite, &plan->moves[i], reterr);
	return ok;
}

bool ledger_golden_save(struct sqlite *sqlite, const struct golden_move *move, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE golden_moves SET version = ?, state = ?, detail = ?, at_ms = ?"
			" WHERE build = ? AND position = ?");

	sqlite_give_integer(query, move->version);
	sqlite_give_text(query, golden_state_word(move->state));
	sqlite_give_text(query, move->detail);
	sqlite_give_integer(query, move->at_ms);
	sqlite_give_integer(query, move->build);
	sqlite_give_integer(query, move->position);
	return sqlite_finish(query, reterr);
}

static const char *take_text(struct sqlite_query *query, int column, struct arena *arena)
{
	struct span text = sqlite_text(query, column);

	return text.at ? arena_text(arena, text) : NULL;
}

static struct golden_move take_move(struct sqlite_query *query, struct arena *arena)
{
	return (struct golden_move){
		.build = sqlite_integer(query, 0),
		.position = (int)sqlite_integer(query, 1),
		.target = take_text(query, 2, arena),
		.name = take_text(query, 3, arena),
		.region = take_text(query, 4, arena),
		.role_arn = take_text(query, 5, arena),
		.value = take_text(query, 6, arena),
		.previous = take_text(query, 7, arena),
		.version = sqlite_integer(query, 8),
		.state = golden_state_of(sqlite_text(query, 9)),
		.detail = take_text(query, 10, arena),
		.at_ms = sqlite_integer(query, 11),
	};
}

bool ledger_golden_read(struct sqlite *sqlite, int64_t build, struct arena *arena,
                        struct golden_moves *ret_moves, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT build, position, target, name, region, role_arn, value, previous,"
			" version, state, detail, at_ms FROM golden_moves WHERE build = ?"
			" ORDER BY position LIMIT ?");

	sqlite_give_integer(query, build);
	sqlite_give_integer(query, LIMIT_GOLDEN);
	ret_moves->n = 0;
	while (sqlite_step(query) && ret_moves->n < LIMIT_GOLDEN)
		ret_moves->rows[ret_moves->n++] = take_move(query, arena);
	return sqlite_finish(query, reterr);
}

bool ledger_golden_attach(struct sqlite *sqlite, struct build *build, struct arena *arena,
                          struct err *reterr)
{
	struct golden_moves *moves = arena_alloc(arena, 1, sizeof(*moves));

	if (!ledger_golden_read(sqlite, build->id, arena, moves, reterr))
		return false;
	build->golden_moves = moves->rows;
	build->n_golden_moves = moves->n;
	return true;
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

/* Of a row of `builds`: its base is in quarantine, or was taken back. */
#define TAINTED                                                        \
	"(withdrawn_ms <> 0 OR EXISTS (SELECT 1 FROM quarantines"      \
	" WHERE quarantines.family IN ('', builds.family) AND what IN" \
	" (release, image_id)))"

static bool is_tainted(struct sqlite *sqlite, const struct build *build, bool *ret_tainted,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "SELECT " TAINTED " FROM builds WHERE id = ?");

	sqlite_give_integer(query, build->id);
	*ret_tainted = sqlite_step(query) && sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

static bool is_claimed(struct sqlite *sqlite, const struct golden_move *move, bool *ret_claimed,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT EXISTS (SELECT 1 FROM golden_moves WHERE target = ? AND build <> ?"
			" AND state = 'waiting' AND previous IS NOT NULL)");

	sqlite_give_text(query, move->target);
	sqlite_give_integer(query, move->build);
	*ret_claimed = sqlite_step(query) && sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

/* What holds the AMI of a move that was given up was written by it after all. */
static bool is_newer(struct sqlite *sqlite, const struct ledger_claim *claim, bool *ret_newer,
                     struct err *reterr)
{
	const struct build *build = claim->build;
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT id, release FROM builds WHERE family = ?1 AND region = ?2 AND id <> ?3"
		" AND (golden_written OR EXISTS (SELECT 1 FROM golden_moves WHERE build = builds.id"
		" AND target = ?4 AND (state = 'written' OR value = ?5)))");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	sqlite_give_integer(query, build->id);
	sqlite_give_text(query, claim->move->target);
	sqlite_give_text(query, claim->holds);
	*ret_newer = false;
	while (sqlite_step(query)) {
		int order = version_compare(sqlite_text(query, 1), span_of(build->release));

		*ret_newer |= order > 0 || (order == 0 && sqlite_integer(query, 0) > build->id);
	}
	return sqlite_finish(query, reterr);
}

static bool remember(struct sqlite *sqlite, const struct ledger_claim *claim, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE golden_moves SET previous = ? WHERE build = ? AND position = ?");

	sqlite_give_text(query, claim->holds);
	sqlite_give_integer(query, claim->move->build);
	sqlite_give_integer(query, claim->move->position);
	return sqlite_finish(query, reterr);
}

bool ledger_golden_claim(struct sqlite *sqlite, const struct ledger_claim *claim,
                         enum golden_claim *ret_claim, struct err *reterr)
{
	bool tainted = false, newer = false, busy = false;

	if (!is_tainted(sqlite, claim->build, &tainted, reterr) ||
	    !is_newer(sqlite, claim, &newer, reterr) ||
	    !is_claimed(sqlite, claim->move, &busy, reterr))
		return false;
	*ret_claim = tainted ? GOLDEN_TAINTED
	             : newer ? GOLDEN_NEWER
	             : busy  ? GOLDEN_BUSY
	                     : GOLDEN_CLAIMED;
	return *ret_claim != GOLDEN_CLAIMED || remember(sqlite, claim, reterr);
}

/* ---- bases ----------------------------------------------------------------------------------- */

#define GOOD "(status = 'Succeeded' AND NOT " TAINTED ")"

struct search {
	struct sqlite *sqlite;
	struct arena *arena;
	const struct build *build;
	const char *base; /* as far as is known; NULL: nothing is */
	int64_t before;   /* this row */
};

static bool find_good(struct search *search, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		search->sqlite, "SELECT image_id FROM builds WHERE family = ? AND region = ?"
				" AND state = 'finished' AND " GOOD " ORDER BY id DESC LIMIT 1");

	sqlite_give_text(query, search->build->family);
	sqlite_give_text(query, search->build->region);
	if (sqlite_step(query))
		search->base = arena_text(search->arena, sqlite_text(query, 0));
	return sqlite_finish(query, reterr);
}

/* Is the base one of ours that failed, too? Then on to what was there before it. */
static bool step_back(struct search *search, bool *ret_stepped, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		search->sqlite,
		"SELECT id, base_previous FROM builds WHERE family = ? AND region = ?"
		" AND image_id = ? AND id < ? AND base_previous IS NOT NULL AND NOT " GOOD
		" ORDER BY id DESC LIMIT 1");

	sqlite_give_text(query, search->build->family);
	sqlite_give_text(query, search->build->region);
	sqlite_give_text(query, search->base);
	sqlite_give_integer(query, search->before);
	*ret_stepped = sqlite_step(query);
	if (*ret_stepped) {
		search->before = sqlite_integer(query, 0);
		search->base = arena_text(search->arena, sqlite_text(query, 1));
	}
	return sqlite_finish(query, reterr);
}

static bool find_earlier(struct search *search, struct err *reterr)
{
	bool stepped = true;

	search->base = search->build->base_previous;
	search->before = search->build->id;
	while (search->base && stepped) {
		if (!step_back(search, &stepped, reterr))
			return false;
	}
	return true;
}

bool ledger_golden_base(struct sqlite *sqlite, const struct build *build, struct arena *arena,
                        const char **ret_base, struct err *reterr)
{
	struct search search = { .sqlite = sqlite, .arena = arena, .build = build };
	bool ok = find_good(&search, reterr) && (search.base || find_earlier(&search, reterr));

	*ret_base = search.base;
	return ok;
}
