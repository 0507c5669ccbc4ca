/*
 * ledger_golden: the moves of golden parameters, and the good bases, in the SQLite ledger.
 */
#ifndef EVERGOLD_ADAPTERS_LEDGER_GOLDEN_H
#define EVERGOLD_ADAPTERS_LEDGER_GOLDEN_H

#include "worker/adapters/ledger.h"
#include "worker/adapters/sqlite.h"

struct golden_moves {
	struct golden_move rows[LIMIT_GOLDEN]; /* their texts are in the arena */
	size_t n;
};

/* As ledger.h says of golden_plan(), golden_claim() and golden_save(). */
bool ledger_golden_plan(struct sqlite *sqlite, const struct ledger_plan *plan, struct err *reterr)
	MUST_USE;
bool ledger_golden_claim(struct sqlite *sqlite, const struct ledger_claim *claim,
                         enum golden_claim *ret_claim, struct err *reterr) MUST_USE;
bool ledger_golden_save(struct sqlite *sqlite, const struct golden_move *move, struct err *reterr)
	MUST_USE;

/* Of one build, in their order. */
bool ledger_golden_read(struct sqlite *sqlite, int64_t build, struct arena *arena,
                        struct golden_moves *ret_moves, struct err *reterr) MUST_USE;

/* The same, as the build's golden_moves; in the arena. */
bool ledger_golden_attach(struct sqlite *sqlite, struct build *build, struct arena *arena,
                          struct err *reterr) MUST_USE;

/* As ledger.h says of good_base(). */
bool ledger_golden_base(struct sqlite *sqlite, const struct build *build, struct arena *arena,
                        const char **ret_base, struct err *reterr) MUST_USE;

#endif
