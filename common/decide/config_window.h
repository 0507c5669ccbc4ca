/*
 * config_window: the setting `window`, in two steps: its text is read with the file; its time zone,
 * which comes from the world, is looked up after that.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_WINDOW_H
#define EVERGOLD_DECIDE_CONFIG_WINDOW_H

#include "common/decide/config_read.h"

extern const struct kind kind_window; /* struct window_setting */

/*
 * Finds the zone of each family's window. False: some are not to be had, and a fault at the place
 * of each says why.
 */
bool config_find_zones(struct config *config, zone_find_fn *find, struct faults *faults) MUST_USE;

#endif
