/*
 * slack_parts: which messages a notice asks for, and what is in them. Pure.
 *
 * A remark is one message. A build has a root, once there is anything to be told of it, and details
 * when it has ended. What they say follows from its row alone, and not from the notices: so that
 * they end alike, however many there were.
 */
#ifndef EVERGOLD_FLOWS_SLACK_PARTS_H
#define EVERGOLD_FLOWS_SLACK_PARTS_H

#include "common/base/buf.h"
#include "common/decide/config.h"
#include "worker/adapters/notice.h"

/* Is there to be such a message? What is there stays, and is edited. */
bool slack_part_is_wanted(const struct notice *notice, const struct post *posts,
                          enum slack_part part);

/* As it is sent; `place` has the members that say where to. */
void slack_part_write(const struct config *config, const struct notice *notice,
                      const struct slack_message *place, struct buf *out);

/* Of what it says, wherever it stands. */
void slack_part_digest(const struct config *config, const struct notice *notice,
                       enum slack_part part, char ret_digest[DIGEST_SHA256_HEX]);

/* What a message is found again by: the same for each try to post it. In the arena. */
const char *slack_part_post_id(const struct notice *notice, const struct post *post,
                               struct arena *arena);

#endif
