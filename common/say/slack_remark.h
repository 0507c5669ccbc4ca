/*
 * slack_remark: what is said on Slack that is about no build: a headline, the text, and whom it is
 * about. The text is foreign in part, and treated as if all of it were.
 */
#ifndef EVERGOLD_SAY_SLACK_REMARK_H
#define EVERGOLD_SAY_SLACK_REMARK_H

#include "common/base/writer.h"
#include "common/say/slack.h"

/* The member `text` of a message whose text is there; and its blocks, into the array that is open. */
void slack_write_remark_text(struct writer *writer, const struct slack_message *message);
void slack_write_remark_blocks(struct writer *writer, const struct slack_message *message);

#endif
