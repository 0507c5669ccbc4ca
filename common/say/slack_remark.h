/*
 * slack_remark: what is said on Slack that is about no build: a headline, the text, and whom it is
 * about. The text is foreign in part, and treated as if all of it were.
 */
#ifndef EVERGOLD_SAY_SLACK_REMARK_H
#define EVERGOLD_SAY_SLACK_REMARK_H

#include "common/say/slack.h"
#include "common/say/slack_page.h"

/* Of a message whose text is there. What is made for the page is in the arena. */
struct slack_page slack_remark_page(const struct slack_message *message, struct arena *arena);

#endif
