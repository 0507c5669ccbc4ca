#include "common/decide/config_sinks.h"

#include "common/aws/endpoint.h"
#include "common/aws/role_arn.h"
#include "common/base/limits.h"
#include "common/base/nearest.h"
#include "common/decide/config_check.h"

#include <string.h>

#include "common/base/banned.h"

/* The keys, one of which an entry has; in the order of enum sink_kind. */
static const char *const keys[] = { "sns", "webhook", "eventbridge" };

const char *sink_kind_word(enum sink_kind kind)
{
	return keys[kind];
}

bool sink_wants(const struct sink_setting *sink, const char *family)
{
	for (size_t i = 0; family && i < sink->n_families; i++) {
		if (strcmp(sink->families[i], family) == 0)
			return true;
	}
	return sink->n_families == 0;
}

/* ---- What follows ---------------------------------------------------------------------------- */

/* False: what was written is wrong, and has its fault. */
static bool find_kind(struct sink_setting *sink)
{
	sink->kind = sink->topic ? SINK_SNS : sink->bus ? SINK_EVENTBRIDGE : SINK_WEBHOOK;
	return sink->kind != SINK_WEBHOOK || sink->url.text ||
	       sink->url.place.source != SECRET_NONE;
}

/* "arn:aws:sns:REGION:…"; empty when it is no ARN. */
static struct span region_of(const char *arn)
{
	struct span rest = span_of(arn);

	if (!span_starts(rest, SPAN("arn:")))
		return SPAN_NONE;
	for (int i = 0; i < 3; i++)
		(void)span_cut(&rest, ':');
	return span_cut(&rest, ':');
}

void config_complete_sink(struct sink_setting *sink, const char *default_region,
                          struct arena *arena)
{
	struct span named = region_of(sink->topic ? sink->topic : sink->bus);

	if (find_kind(sink) && !sink->name)
		sink->name = sink_kind_word(sink->kind);
	if (named.len)
		sink->region = arena_text(arena, named);
	else if (!sink->region)
		sink->region = default_region;
}

/* ---- One of three ---------------------------------------------------------------------------- */

static void check_kind(struct reading *reading, const struct yaml_node *node)
{
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!yaml_is_set(node, keys[i]))
			continue;
		if (first)
			reading_fault(reading, yaml_place_of(node, keys[i]),
			              "%s and %s exclude each other: they are two sinks", first,
			              keys[i]);
		first = keys[i];
	}
	if (!first)
		reading_fault(reading, node->place, "sns, webhook or eventbridge is missing");
}

/* A setting that only some sinks have. */
static void check_belongs(struct reading *reading, const struct yaml_node *node, const char *key,
                          const char *owner)
{
	if (yaml_is_set(node, key) && !yaml_is_set(node, owner))
		reading_fault(reading, yaml_place_of(node, key), "%s belongs to %s", key, owner);
}

static void check_webhook(struct reading *reading, const struct yaml_node *root,
                          const struct yaml_node *node, const struct sink_setting *sink)
{
	bool webhook = yaml_is_set(node, "webhook");

	check_belongs(reading, node, "key", "webhook");
	if (webhook && !yaml_is_set(node, "key"))
		reading_fault(reading, yaml_place_of(node, "webhook"),
		              "webhook needs key, with which what is sent is signed");
	if (webhook && yaml_is_set(node, "role_arn"))
		reading_fault(reading, yaml_place_of(node, "role_arn"),
		              "role_arn belongs to sns and eventbridge");
	config_check_secret(reading, root, "webhook", &sink->url.place);
	config_check_secret(reading, root, "key", &sink->key);
}

/* ---- Where ----------------------------------------------------------------------------------- */

static void check_region(struct reading *reading, const struct yaml_node *root,
                         const struct yaml_node *node, const struct sink_setting *sink)
{
	struct span named = region_of(sink->topic ? sink->topic : sink->bus);

	check_belongs(reading, node, "region", "eventbridge");
	if (named.len && !aws_region_is_valid(named))
		reading_fault(reading, yaml_place_of(node, sink_kind_word(sink->kind)),
		              "the ARN names no region");
	else if (named.len && sink->bus && yaml_is_set(node, "region"))
		reading_fault(reading, yaml_place_of(node, "region"),
		              "the ARN names the region already");
	else if (sink->bus && !sink->region && !yaml_is_set(root, "region"))
		reading_fault(reading, yaml_place_of(node, "eventbridge"),
		              "the bus has no region, and there is no default region either");
}

/* Nobody is let into another partition. */
static void check_role(struct reading *reading, const struct yaml_node *node,
                       const struct sink_setting *sink)
{
	const char *partition = aws_partition_of(span_of(sink->region))->name;
	struct role_arn role;

	if (sink->region && role_arn_parse(span_of(sink->role_arn), &role) &&
	    !span_is(role.partition, partition))
		reading_fault(reading, yaml_place_of(node, "role_arn"),
		              "role_arn must be of the partition %s, to which the region %s "
		              "belongs",
		              partition, sink->region);
}

/* ---- Whom and what --------------------------------------------------------------------------- */

static void check_family(struct reading *reading, const struct yaml_node *node)
{
	const struct config *config = reading->config;
	const char *names[LIMIT_FAMILIES], *meant;
	size_t n = 0;

	for (size_t i = 0; i < config->n_families; i++) {
		if (config->families[i].name)
			names[n++] = config->families[i].name;
	}
	for (size_t i = 0; i < n; i++) {
		if (span_is(node->text, names[i]))
			return;
	}
	meant = nearest_word(node->text, names, n);
	reading_fault(reading, node->place, "no family is called '%.*s'%s%s%s",
	              SPAN_ARG(faults_quote(node->text)), meant ? " (did you mean '" : "",
	              meant ? meant : "", meant ? "'?)" : "");
}

static void check_families(struct reading *reading, const struct yaml_node *node)
{
	const struct yaml_node *list = yaml_child(node, "families");
	size_t length = reading_enter(reading, "families");

	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->n; i++) {
		size_t inside = reading_enter_at(reading, i);
		const struct yaml_node *family = yaml_element(list, i);

		if (family->kind == YAML_TEXT)
			check_family(reading, family);
		reading_leave(reading, inside);
	}
	reading_leave(reading, length);
}

/* The ledger knows them by their names. */
static void check_name(struct reading *reading, const struct yaml_node *node, size_t at)
{
	const struct sink_setting *sinks = reading->config->sinks;
	struct span name = span_of(sinks[at].name);

	if (span_is(name, "slack"))
		reading_fault(reading, yaml_place_of(node, "name"), "'slack' is the name of Slack");
	for (size_t i = 0; name.at && i < at; i++) {
		if (sinks[i].name && span_is(name, sinks[i].name))
			reading_fault(reading, yaml_place_of(node, "name"),
			              "'%s' is the name of another sink already, at %d:%d; give "
			              "each a name",
			              sinks[at].name, sinks[i].place.line, sinks[i].place.column);
	}
}

void config_check_sinks(struct reading *reading, const struct yaml_node *root)
{
	const struct config *config = reading->config;

	for (size_t i = 0; i < config->n_sinks; i++) {
		const struct sink_setting *sink = &config->sinks[i];
		const struct yaml_node *node = reading_enter_element(reading, root, "sinks", i);

		if (node && node->kind == YAML_MAP) {
			check_kind(reading, node);
			check_webhook(reading, root, node, sink);
			check_region(reading, root, node, sink);
			check_role(reading, node, sink);
			check_families(reading, node);
			check_name(reading, node, i);
		}
		reading_leave(reading, 0);
	}
}
