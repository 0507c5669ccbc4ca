/*
 * replay_compare: what another configuration would change, on standard output.
 */
#ifndef EVERGOLD_CLI_REPLAY_COMPARE_H
#define EVERGOLD_CLI_REPLAY_COMPARE_H

#include "common/decide/config.h"
#include "worker/cli/replay_options.h"

/*
 * Lets both configurations decide about everything, each with a ledger of its own. Prints what they
 * decide otherwise about the same announcement, family and region, and a sum.
 */
bool replay_compare(const struct replay_options *options, const struct config *before,
                    const struct config *after, struct err *reterr) MUST_USE;

#endif
