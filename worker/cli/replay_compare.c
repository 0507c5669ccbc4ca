#include "worker/cli/replay_compare.h"

#include "common/say/change.h"
#include "worker/adapters/sqlite.h"
#include "worker/cli/replay_pass.h"
#include "worker/cli/replay_print.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

struct comparison;

struct side {
	struct comparison *comparison;
	int bit; /* of `sides` in the table */
};

struct comparison {
	bool json;
	size_t family_width, n_changes;
	struct side before, after;
	struct sqlite *started; /* every build, by its token, and who starts it */
	struct err err;         /* of that table */
};

struct sum {
	long long before, after, more, fewer;
};

/* ---- builds ---------------------------------------------------------------------------------- */

static bool open_started(struct comparison *comparison)
{
	comparison->started = sqlite_open_private(&comparison->err);
	return comparison->started &&
	       sqlite_run(comparison->started,
	                  "CREATE TABLE started (token TEXT PRIMARY KEY, sides INTEGER NOT NULL)"
	                  " WITHOUT ROWID; PRAGMA journal_mode = OFF; BEGIN",
	                  &comparison->err);
}

static void on_started(void *ctx, const struct build *build)
{
	const struct side *side = ctx;
	struct comparison *comparison = side->comparison;
	struct sqlite_query *query;

	if (comparison->err.kind != ERR_NONE)
		return;
	query = sqlite_query(comparison->started,
	                     "INSERT INTO started VALUES (?, ?)"
	                     " ON CONFLICT (token) DO UPDATE SET sides = sides | excluded.sides");
	sqlite_give_text(query, build->token);
	sqlite_give_integer(query, side->bit);
	(void)sqlite_finish(query, &comparison->err); /* kept, and looked at after each message */
}

static bool read_sum(struct comparison *comparison, struct sum *ret_sum, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		comparison->started, "SELECT total(sides & 1), total(sides / 2), total(sides = 2),"
				     " total(sides = 1) FROM started");

	*ret_sum = (struct sum){ 0 };
	if (sqlite_step(query))
		*ret_sum = (struct sum){ sqlite_integer(query, 0), sqlite_integer(query, 1),
			                 sqlite_integer(query, 2), sqlite_integer(query, 3) };
	return sqlite_finish(query, reterr);
}

/* ---- what changes ---------------------------------------------------------------------------- */

static void print_head(const struct comparison *comparison)
{
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	if (comparison->json || comparison->n_changes)
		return;
	change_table_head(comparison->family_width, &line);
	fputs(buf_text(&line), stdout);
	buf_clear(&line);
}

static void print_change(struct comparison *comparison, const struct change *change)
{
	struct buf line = buf_with_max(2 * LIMIT_AWS_BODY);

	if (!change_is_one(change))
		return;
	print_head(comparison);
	comparison->n_changes++;
	if (comparison->json)
		change_json(change, &line);
	else
		change_table_row(change, comparison->family_width, &line);
	fwrite(buf_text(&line), 1, line.len, stdout);
	buf_clear(&line);
}

/* The life's record about the family and region of the other one's; false: it has none. */
static bool find_counterpart(const struct life *life, const struct record *other,
                             struct record *ret_record)
{
	for (size_t i = 0; i < life_n_decisions(life); i++) {
		*ret_record = life_record(life, i);
		if (change_is_pair(other, ret_record))
			return true;
	}
	return false;
}

static bool on_message(void *ctx, const struct life *lives, struct err *reterr)
{
	struct comparison *comparison = ctx;
	const struct life *before = &lives[0], *after = &lives[1];
	struct record one, other;

	for (size_t i = 0; i < life_n_decisions(before); i++) {
		one = life_record(before, i);
		print_change(comparison,
		             &(struct change){
				     &one, find_counterpart(after, &one, &other) ? &other : NULL });
	}
	for (size_t i = 0; i < life_n_decisions(after); i++) {
		one = life_record(after, i);
		if (!find_counterpart(before, &one, &other))
			print_change(comparison, &(struct change){ NULL, &one });
	}
	*reterr = comparison->err;
	return comparison->err.kind == ERR_NONE;
}

static bool print_sum(struct comparison *comparison, size_t n_messages, struct err *reterr)
{
	struct sum sum;

	if (comparison->json)
		return true;
	if (!read_sum(comparison, &sum, reterr))
		return false;
	printf("%s%zu %s, %zu %s otherwise; old starts %lld, new %lld: +%lld -%lld\n",
	       comparison->n_changes ? "\n" : "", n_messages,
	       n_messages == 1 ? "announcement" : "announcements", comparison->n_changes,
	       comparison->n_changes == 1 ? "decision" : "decisions", sum.before, sum.after,
	       sum.more, sum.fewer);
	return true;
}

static size_t wider(size_t a, size_t b)
{
	return a > b ? a : b;
}

bool replay_compare(const struct replay_options *options, const struct config *before,
                    const struct config *after, struct err *reterr)
{
	struct comparison comparison = {
		.json = replay_options_as_json(options),
		.family_width = wider(replay_print_family_width(before),
		                      replay_print_family_width(after)),
		.before = { &comparison, 1 },
		.after = { &comparison, 2 },
	};
	struct replay_pass pass = {
		.options = options,
		.lives = { { before, on_started, &comparison.before },
		           { after, on_started, &comparison.after } },
		.n_lives = 2,
		.message = on_message,
		.ctx = &comparison,
	};
	bool ok = open_started(&comparison) || err_wrap(&comparison.err, "the sum");

	if (!ok)
		*reterr = comparison.err;
	ok = ok && replay_pass(&pass, reterr) &&
	     print_sum(&comparison, pass.ret_n_messages, reterr);
	sqlite_close(comparison.started);
	return ok;
}
