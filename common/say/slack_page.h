/*
 * slack_page: what one message on Slack says, before it is laid out as blocks for people who look,
 * and as text for all else. Both are made of the same page, so they tell the same facts.
 *
 * Texts are foreign, all of them: the layout makes them plain, escapes and cuts them. Only `sign`
 * and `mention` stand as they are. What is NULL or empty is left out.
 */
#ifndef EVERGOLD_SAY_SLACK_PAGE_H
#define EVERGOLD_SAY_SLACK_PAGE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/writer.h"

#include <stdint.h>

enum { SLACK_FACTS = 10 }; /* Slack takes no more fields in a section */

struct slack_fact {
	const char *label, *value;
	const char *url;  /* where the value leads; one that is no good is left out */
	const char *more; /* on a line of its own */
};

struct slack_facts {
	struct slack_fact at[SLACK_FACTS];
	size_t n;
};

/* "✅ Build/Packer 12m 01s" */
struct slack_step {
	const char *sign, *name, *took;
};

struct slack_page {
	struct arena *arena; /* of texts that are made for it */
	const char *sign, *headline;
	bool in_thread;      /* a reply: its headline is no header */
	const char *mention; /* of those who are called */
	struct slack_facts facts;
	const char *error;   /* its code */
	const char *log_url; /* where it can be read */
	const char *words;   /* its own, as they are */
	const char *lines;   /* what else there is to say */
	const struct slack_step *steps;
	size_t n_steps;
	struct slack_facts outcome; /* what has come of it */
	const char *advice, *command;
	const char *context;
	const char *source, *source_url; /* who has said so */
};

/* Unless it has no value, or there are SLACK_FACTS already. Texts are borrowed; url may be NULL. */
void slack_facts_add(struct slack_facts *facts, const char *label, const char *value,
                     const char *url);

/* "14m 02s" in the arena; "" when one of the two is 0: not known. */
const char *slack_duration(int64_t from_ms, int64_t to_ms, struct arena *arena);

void slack_page_blocks(const struct slack_page *page, struct writer *writer); /* into an array */

/* What does not fit into *out, a new one of SLACK_TEXT, is left out. */
void slack_page_text(const struct slack_page *page, struct buf *out);

#endif
