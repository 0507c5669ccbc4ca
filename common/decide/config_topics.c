#include "common/decide/config_topics.h"

#include "common/decide/config_kinds.h"

#include <string.h>

#include "common/base/banned.h"

static bool read_topic_rule(struct reading *reading, const struct setting *setting,
                            const struct yaml_node *node, void *value)
{
	static const struct setting arn = { .kind = &kind_topic };
	struct topic_rule rule = { .arn = NULL };

	if (node->kind == YAML_MAP)
		section_read(reading, setting->section, node, &rule);
	else if (node->kind != YAML_TEXT)
		return reading_expected(reading, node, setting->kind->wanted);
	else if (!kind_topic.read(reading, &arn, node, &rule.arn))
		return false;
	memcpy(value, &rule, sizeof(rule));
	return true;
}

const struct kind kind_topic_rule = {
	.wanted = "the ARN of an SNS topic, or {arn: ARN, signature: 2}",
	.read = read_topic_rule,
	.size = sizeof(struct topic_rule),
};

/* An entry that was wrong has no ARN, and its fault already. */
static void check_topic(struct reading *reading, const struct yaml_node *root, size_t at)
{
	const struct topic_rule *rules = reading->config->trust.topics;
	const struct yaml_node *trust = yaml_child(root, "trust");

	for (size_t i = 0; rules[at].arn && i < at; i++) {
		if (rules[i].arn && strcmp(rules[i].arn, rules[at].arn) == 0)
			reading_fault(reading, yaml_place_of(trust, "topics"),
			              "trust.topics: '%s' stands in the list twice", rules[at].arn);
	}
}

void config_check_topics(struct reading *reading, const struct yaml_node *root)
{
	for (size_t i = 0; i < reading->config->trust.n_topics; i++)
		check_topic(reading, root, i);
}
