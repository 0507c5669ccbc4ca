/*
 * config_check: what no setting shows by itself: names used twice, settings that need or exclude
 * each other, families that would fight, patterns that take more or less than was meant.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_CHECK_H
#define EVERGOLD_DECIDE_CONFIG_CHECK_H

#include "common/decide/config_read.h"

/* reading->config may lack whatever a fault was already found for. root may be NULL. */
void config_check(struct reading *reading, const struct yaml_node *root);

/* A secret at `key`: only a parameter's name can lack a region, since an ARN has its own. */
void config_check_secret(struct reading *reading, const struct yaml_node *root, const char *key,
                         const struct secret_ref *secret);

#endif
