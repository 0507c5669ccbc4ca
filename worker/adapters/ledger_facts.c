#include "worker/adapters/ledger_facts.h"

#include "common/decide/version.h"

#include <stdio.h>

#include "common/base/banned.h"

bool ledger_facts_read(struct sqlite *sqlite, const struct ledger_line *line,
                       struct facts *ret_facts, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT image_id, release FROM builds WHERE family = ? AND region = ?");

	*ret_facts = (struct facts){ 0 };
	sqlite_give_text(query, line->family);
	sqlite_give_text(query, line->region);
	while (sqlite_step(query)) {
		struct span release = sqlite_text(query, 1);

		if (span_equal(sqlite_text(query, 0), line->image_id))
			ret_facts->image_started = true;
		if (!ret_facts->newest[0] ||
		    version_compare(release, span_of(ret_facts->newest)) > 0)
			snprintf(ret_facts->newest, sizeof(ret_facts->newest), "%.*s",
			         SPAN_ARG(release));
	}
	return sqlite_finish(query, reterr);
}
