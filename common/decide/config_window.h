/*
 * config_window: the settings `window` and `slack.digest`, in two steps: their texts are read with
 * the file; their time zones, which come from the world, are looked up after that.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_WINDOW_H
#define EVERGOLD_DECIDE_CONFIG_WINDOW_H

#include "common/decide/config_read.h"

extern const struct kind kind_window; /* struct window_setting */
extern const struct kind kind_weekly; /* struct digest_setting */

/*
 * Finds the zone of each family's window, and of the digest. False: some are not to be had, and a
 * fault at the place of each says why.
 */
bool config_find_zones(struct config *config, zone_find_fn *find, struct faults *faults) MUST_USE;

#endif
