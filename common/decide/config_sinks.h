/*
 * config_sinks: what follows from the settings of a sink, and what is wrong with them together.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_SINKS_H
#define EVERGOLD_DECIDE_CONFIG_SINKS_H

#include "common/decide/config_read.h"

/* Its kind, and unless they are written its name and region. */
void config_complete_sink(struct sink_setting *sink, const char *default_region,
                          struct arena *arena);

/* As config_check(). */
void config_check_sinks(struct reading *reading, const struct yaml_node *root);

#endif
