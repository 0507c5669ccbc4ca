/*
 * config_settings: every setting of evergold.yaml, one row each.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_SETTINGS_H
#define EVERGOLD_DECIDE_CONFIG_SETTINGS_H

#include "common/decide/config_read.h"

/* The whole file; its struct is struct config. */
extern const struct section config_section;

#endif
