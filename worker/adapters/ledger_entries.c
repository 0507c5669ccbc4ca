#include "worker/adapters/ledger_entries.h"

#include "common/decide/version.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_facts.h"
#include "worker/adapters/ledger_notices.h"
#include "worker/adapters/ledger_withdrawals.h"

#include "common/base/banned.h"

/* All but the newest so many announcements of a publisher; of nobody known, likewise. */
#define OLD                                                                          \
	" WHERE (topic, message_id) IN (SELECT topic, message_id FROM announcements" \
	" WHERE publisher IS ? ORDER BY announced_ms DESC LIMIT -1 OFFSET ?)"

static bool is_older(const struct build *build, const char *other)
{
	return other[0] && version_compare(span_of(build->release), span_of(other)) < 0;
}

/* Another receiver may have recorded between this one's recall and now. */
static bool check_still_new(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct facts facts;

	if (!ledger_facts_read(sqlite,
	                       &(struct ledger_line){ .family = build->family,
	                                              .region = build->region,
	                                              .image_id = span_of(build->image_id),
	                                              .release = span_of(build->release) },
	                       &facts, reterr))
		return false;
	if (facts.image_started || is_older(build, facts.newest) || is_older(build, facts.next))
		return err_set(reterr, ERR_TRANSIENT, "other builds were recorded meanwhile");
	return true;
}

bool ledger_entries_recall(struct sqlite *sqlite, struct decision *decision, struct err *reterr)
{
	return ledger_facts_read(sqlite,
	                         &(struct ledger_line){ .family = decision->family->name,
	                                                .region = decision->region,
	                                                .image_id = decision->image->id,
	                                                .release = decision->version },
	                         &decision->facts, reterr);
}

/* A bare message, which only a replay without effects takes, has none. */
static struct span id_of(const struct announcement *announcement)
{
	return announcement->message_id.at ? announcement->message_id : SPAN("");
}

static const char *publisher_of(const struct announcement *announcement)
{
	return announcement->publisher ? announcement->publisher->name : NULL;
}

static bool add_announcement(struct sqlite *sqlite, const struct announcement *announcement,
                             int64_t now_ms, bool *ret_new, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "INSERT INTO announcements VALUES (?, ?, ?, ?, ?)"
	                                          " ON CONFLICT DO NOTHING RETURNING 1");

	sqlite_give_span(query, announcement->topic);
	sqlite_give_span(query, id_of(announcement));
	sqlite_give_text(query, publisher_of(announcement));
	sqlite_give_integer(query, announcement->announced_ms);
	sqlite_give_integer(query, now_ms);
	*ret_new = sqlite_step(query);
	return sqlite_finish(query, reterr);
}

/* The first decision of a message stays: that its redelivery was a duplicate is no news. */
static bool add_decision(struct sqlite *sqlite, const struct announcement *announcement,
                         const struct decision *decision, int64_t now_ms, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
			" ON CONFLICT DO NOTHING");

	sqlite_give_span(query, announcement->topic);
	sqlite_give_span(query, id_of(announcement));
	sqlite_give_text(query, decision->family ? decision->family->name : "");
	sqlite_give_text(query, decision->region ? decision->region : "");
	sqlite_give_span(query, decision->version);
	sqlite_give_text(query, outcome_word(reason_outcome(decision->reason)));
	sqlite_give_text(query, reason_word(decision->reason));
	sqlite_give_span(query, decision->image ? decision->image->id : SPAN_NONE);
	sqlite_give_text(query, decision->detail);
	sqlite_give_integer(query, now_ms);
	return sqlite_finish(query, reterr);
}

/* Builds do not need them: what an old one led to is known from their own rows. */
static bool forget_old(struct sqlite *sqlite, const char *publisher, struct err *reterr)
{
	static const char *const statements[] = { "DELETE FROM decisions" OLD,
		                                  "DELETE FROM announcements" OLD };
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(statements); i++) {
		struct sqlite_query *query = sqlite_query(sqlite, statements[i]);

		sqlite_give_text(query, publisher);
		sqlite_give_integer(query, LIMIT_ANNOUNCEMENTS);
		ok = sqlite_finish(query, reterr);
	}
	return ok;
}

bool ledger_entries_add(struct sqlite *sqlite, const struct ledger_entry *entry, int64_t now_ms,
                        struct err *reterr)
{
	bool is_new = false;
	bool ok = add_announcement(sqlite, entry->announcement, now_ms, &is_new, reterr);

	for (size_t i = 0; ok && i < entry->n_decisions; i++)
		ok = add_decision(sqlite, entry->announcement, &entry->decisions[i], now_ms,
		                  reterr);
	for (size_t i = 0; ok && i < entry->n_builds; i++)
		ok = check_still_new(sqlite, &entry->builds[i], reterr) &&
		     ledger_builds_add(sqlite, &entry->builds[i], now_ms, reterr);
	for (size_t i = 0; ok && i < entry->n_remarks; i++)
		ok = ledger_notices_add_remark(sqlite, &entry->remarks[i], now_ms, reterr);
	for (size_t i = 0; ok && i < entry->n_withdrawals; i++)
		ok = ledger_withdrawals_add(sqlite, &entry->withdrawals[i], now_ms, reterr);
	return ok && (!is_new || forget_old(sqlite, publisher_of(entry->announcement), reterr));
}

/* ---- what was heard of a publisher ----------------------------------------------------------- */

#define HEARD " publisher = ? AND message_id NOT LIKE 'catch-up/%'"

static bool read_times(struct sqlite *sqlite, const char *publisher, struct heard *heard,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT announced_ms FROM announcements WHERE" HEARD
			" ORDER BY announced_ms DESC LIMIT ?");

	sqlite_give_text(query, publisher);
	sqlite_give_integer(query, LIMIT_HEARD);
	while (sqlite_step(query))
		heard->at_ms[heard->n++] = sqlite_integer(query, 0);
	return sqlite_finish(query, reterr);
}

static bool read_release(struct sqlite *sqlite, const char *publisher, const struct decision *about,
                         struct heard *heard, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT 1 FROM announcements JOIN decisions USING (topic, message_id) WHERE" HEARD
		" AND family = ? AND region = ? AND release = ? LIMIT 1");

	sqlite_give_text(query, publisher);
	sqlite_give_text(query, about->family->name);
	sqlite_give_text(query, about->region);
	sqlite_give_span(query, about->version);
	heard->release = sqlite_step(query);
	return sqlite_finish(query, reterr);
}

bool ledger_entries_heard(struct sqlite *sqlite, const char *publisher,
                          const struct decision *about, struct heard *ret_heard, struct err *reterr)
{
	*ret_heard = (struct heard){ .n = 0 };
	return read_times(sqlite, publisher, ret_heard, reterr) &&
	       (!about || read_release(sqlite, publisher, about, ret_heard, reterr));
}
