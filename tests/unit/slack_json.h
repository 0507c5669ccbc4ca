/*
 * slack_json: messages for Slack as a test writes them: an object whose members are those of struct
 * slack_message, words as they are told, `whose` the name of the publisher, and `build` as
 * build_json.h has it.
 */
#ifndef TESTS_UNIT_SLACK_JSON_H
#define TESTS_UNIT_SLACK_JSON_H

#include "common/base/reader.h"
#include "common/say/slack.h"

/* Reads the object that comes next. All that it points to is in the arena. */
struct slack_message slack_json_read(struct reader *reader, struct arena *arena);

#endif
