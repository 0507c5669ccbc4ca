/*
 * news: a notice as one JSON document, for programs: what every sink but Slack is told.
 *
 * Its keys, their order and their meaning are fixed; the manual page has them. Keys that do not
 * apply are null. Texts are as they came from outside: whoever shows them makes them harmless. A
 * document has at most LIMIT_NEWS bytes: texts are cut, and end in "…", until it does.
 */
#ifndef EVERGOLD_SAY_NEWS_H
#define EVERGOLD_SAY_NEWS_H

#include "common/base/buf.h"
#include "common/decide/build.h"
#include "common/say/slack.h"

/* Borrowed. */
struct news {
	int64_t notice_id, created_ms; /* of the notice, in the ledger that has it */
	enum notice_kind kind;
	const struct build *build;         /* of a remark it has a family alone, or not even that */
	const char *text;                  /* of a remark; else NULL */
	const struct publisher *publisher; /* whom a remark may be about; NULL: not known */
	bool several_regions;              /* of its family: the title says which */
};

void news_json(const struct news *news, struct buf *out);

/* "build.finished", "remark.withdrawn" */
void news_type(const struct news *news, struct buf *out);

#define NEWS_ID 37 /* with NUL */

/* "msg_" and 32 digits: the same, and of this notice alone, however often it is told. */
void news_id(const struct news *news, char ret_id[NEWS_ID]);

#endif
