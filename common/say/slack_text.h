/*
 * slack_text: foreign words in Slack's markup, and how much of them fits.
 *
 * Slack's limits are in characters ("Reference: blocks", Slack API); ours are in bytes, escaped,
 * and thereby on the safe side. What is cut off ends in "…".
 */
#ifndef EVERGOLD_SAY_SLACK_TEXT_H
#define EVERGOLD_SAY_SLACK_TEXT_H

#include "common/base/buf.h"

/* Of Slack; of the text it is the limit of chat.update, chat.postMessage's is ten times that. */
enum { SLACK_HEADER = 150, SLACK_FIELD = 2000, SLACK_SECTION = 3000, SLACK_TEXT = 4000 };

/* What parts of those may take up. */
enum { SLACK_ID = 64, SLACK_WORD = 100, SLACK_NAME = 200, SLACK_URL = 1000 };

#define SLACK_ELLIPSIS "…"

/* What is left of max; 0 when it is used up. */
size_t slack_room(size_t max, size_t used);

/* Adds at most max bytes, on one line, that mean nothing but themselves. NULL: none. */
void slack_add_escaped(struct buf *out, const char *text, size_t max);

/* The same, but its lines stay lines. */
void slack_add_lines(struct buf *out, const char *text, size_t max);

/*
 * The same as code, in which marks such as * and _ mean nothing, either: in other texts they are
 * formatted, verbatim or not (Slack API, "Formatting text"). In a block lines stay lines. Of an
 * empty text nothing is added.
 */
void slack_add_code(struct buf *out, const char *text, size_t max);
void slack_add_code_block(struct buf *out, const char *text, size_t max);

/* Is it https, short, and unable to break out of its brackets? NULL is not. */
bool slack_can_link(const char *url);

/* The text alone when the URL would not do. */
void slack_add_link(struct buf *out, const char *url, const char *text);

#endif
