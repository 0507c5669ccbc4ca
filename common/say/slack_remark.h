/*
 * slack_remark: what is said on Slack that is about no build: a headline, the text, and whom it is
 * about. The text is foreign in part, and treated as if all of it were.
 */
#ifndef EVERGOLD_SAY_SLACK_REMARK_H
#define EVERGOLD_SAY_SLACK_REMARK_H

#include "common/base/writer.h"
#include "common/say/slack.h"

/* The members `text` and `blocks` of a message, whose text is there. */
void slack_write_remark(struct writer *writer, const struct slack_message *message);

#endif
