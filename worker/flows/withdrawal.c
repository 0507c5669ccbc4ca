#include "worker/flows/withdrawal.h"

#include "common/base/text.h"

#include "common/base/banned.h"

/* "2026-11-23" */
static const char *day_of(int64_t ms, struct arena *arena)
{
	char time[TEXT_TIME_SIZE];

	text_time(ms, time);
	return arena_printf(arena, "%.10s", time);
}

static void fill_one(const struct ledger_entry *entry, const struct decision *decision,
                     struct arena *arena, struct withdrawal *ret_withdrawal)
{
	const struct family *family = decision->family;
	const char *release = arena_text(arena, decision->version);

	*ret_withdrawal = (struct withdrawal){
		.family = family->name,
		.what = release,
		.reason = arena_printf(arena, "withdrawn by AWS on %s",
		                       day_of(entry->announcement->announced_ms, arena)),
		.text = arena_printf(arena,
		                     "AWS has withdrawn %s %s. Nothing more is built from it.",
		                     family->publisher->title, release),
		.key = arena_printf(arena, "withdrawn/%s/%s/%s", family->publisher->name, release,
		                    family->name),
	};
}

/* The decisions of one family, a region each, are neighbours. */
static void fill_all(struct ledger_entry *entry, struct arena *arena)
{
	struct withdrawal *all = arena_alloc(arena, entry->n_decisions, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < entry->n_decisions; i++) {
		const struct decision *decision = &entry->decisions[i];

		if (decision->family && (i == 0 || decision->family != decision[-1].family))
			fill_one(entry, decision, arena, &all[n++]);
	}
	entry->withdrawals = all;
	entry->n_withdrawals = n;
}

static void fill_remark(struct ledger_entry *entry, struct arena *arena)
{
	const struct announcement *announcement = entry->announcement;
	struct remark *remark = arena_alloc(arena, 1, sizeof(*remark));

	*remark = (struct remark){
		.kind = NOTICE_WITHDRAWN,
		.key = arena_printf(arena, "withdrawn/%.*s", SPAN_ARG(announcement->message_id)),
		.text = arena_printf(
			arena, "%s: a message of %s tells of some, but not of which release.",
			announcement->publisher->title, day_of(announcement->announced_ms, arena)),
	};
	entry->remarks = remark;
	entry->n_remarks = 1;
}

void withdrawal_fill(struct ledger_entry *entry, const struct release *release, struct arena *arena)
{
	if (!release->withdrawal || !entry->decisions[0].family)
		return;
	if (release->version.len)
		fill_all(entry, arena);
	else
		fill_remark(entry, arena);
}
