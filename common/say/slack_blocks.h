/*
 * slack_blocks: the blocks of a Slack message ("Reference: blocks", Slack API).
 *
 * Each is written into the array `blocks` that is open. Texts are mrkdwn that the caller has made
 * safe and short (slack_text.h).
 */
#ifndef EVERGOLD_SAY_SLACK_BLOCKS_H
#define EVERGOLD_SAY_SLACK_BLOCKS_H

#include "common/base/buf.h"
#include "common/base/writer.h"

/* Plain text. */
void slack_write_header(struct writer *writer, const struct buf *text);

/* The next two write nothing when there is no text. */
void slack_write_section(struct writer *writer, const struct buf *text);
void slack_write_context(struct writer *writer, const struct buf *text);

/* Into the array `fields` of a section, unless the value is empty. The value is empty after. */
void slack_write_field(struct writer *writer, const char *label, struct buf *value);

#endif
