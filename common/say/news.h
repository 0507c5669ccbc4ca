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
#include "common/say/slack_page.h"

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

/* "build.given_up", "remark.withdrawn" */
void news_type(const struct news *news, struct buf *out);

/* "evergold build given up" */
void news_words(const struct news *news, struct buf *out);

enum { NEWS_RESOURCES = 3 };

/* ARNs of what it is about; that of a pipeline is known where its role tells the account. */
struct news_resources {
	const char *at[NEWS_RESOURCES];
	size_t n;
};

void news_resources(const struct news *news, struct arena *arena,
                    struct news_resources *ret_resources);

/* The same for people. What is made for the page is in the arena, all else borrowed. */
struct slack_page news_page(const struct news *news, struct arena *arena);

#define NEWS_ID 37 /* with NUL */

/* "msg_" and 32 digits: the same, and of this notice alone, however often it is told. */
void news_id(const struct news *news, char ret_id[NEWS_ID]);

#endif
