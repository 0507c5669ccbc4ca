/*
 * replay_expect: are the records of a replay those that were saved before?
 *
 * Both come in the same order, so the file is read along with the replay and never held as a whole.
 * A record is looked for among the next LIMIT_EXPECTED ones of the file that were not met yet; what
 * is farther away counts as one that is missing and one that was not expected.
 */
#ifndef EVERGOLD_CLI_REPLAY_EXPECT_H
#define EVERGOLD_CLI_REPLAY_EXPECT_H

#include "common/decide/config.h"
#include "worker/cli/replay_options.h"

/*
 * Says every difference on standard output and the sum on standard error. Returns the exit status:
 * EXIT_COULD_NOT when there is one; EXIT_USAGE when a line of the file is no record.
 */
int replay_expect(const struct replay_options *options, const struct config *config);

#endif
