/*
 * config_golden: what is wrong with a family's golden parameters: each needs an output that names
 * its AMI, a role of its region's partition, and no other build that writes it.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_GOLDEN_H
#define EVERGOLD_DECIDE_CONFIG_GOLDEN_H

#include "common/decide/config_read.h"

/* The path of the reading is the family's, node too. */
void config_check_golden(struct reading *reading, const struct yaml_node *node,
                         const struct family *family);

/* Do two families write one parameter? */
bool config_golden_shared(const struct family *a, const struct family *b);

#endif
