/*
 * config_topics: the entries of trust.topics: an ARN, or an ARN with what its signatures must be.
 */
#ifndef EVERGOLD_DECIDE_CONFIG_TOPICS_H
#define EVERGOLD_DECIDE_CONFIG_TOPICS_H

#include "common/decide/config_read.h"

extern const struct kind kind_topic_rule; /* struct topic_rule; its section in the row */

/* No topic may have two entries. root: the whole file. */
void config_check_topics(struct reading *reading, const struct yaml_node *root);

#endif
