/*
 * slack_build: what Slack is told about a build, as pages that are laid out later: functions of its
 * row as it is now.
 */
#ifndef EVERGOLD_SAY_SLACK_BUILD_H
#define EVERGOLD_SAY_SLACK_BUILD_H

#include "common/say/slack.h"
#include "common/say/slack_page.h"

/*
 * The message's part of it; of a webhook both parts in one. What is made for the page is in the
 * arena, all else borrowed from the message.
 */
struct slack_page slack_build_page(const struct slack_message *message, struct arena *arena);

/* Has somebody to do something about it? Whoever stopped it, or was quicker, knows. */
bool slack_build_calls(const struct build *build);

/* Its sign, and "al2023-web: build failed at Build/Packer". */
void slack_build_headline(const struct slack_message *message, struct slack_page *page);

/* Its details: what went wrong, its stages, and what came of it. */
void slack_build_details(const struct slack_message *message, struct slack_page *page);

#endif
