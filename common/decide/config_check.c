#include "common/decide/config_check.h"

#include "common/aws/endpoint.h"
#include "common/aws/role_arn.h"
#include "common/base/limits.h"
#include "common/decide/config_golden.h"
#include "common/decide/config_images.h"
#include "common/decide/config_sinks.h"
#include "common/decide/config_topics.h"
#include "common/decide/version.h"

#include <fnmatch.h>
#include <string.h>

#include "common/base/banned.h"

#define MOST_PAIRS (LIMIT_CANDIDATES / LIMIT_BATCH)

static bool same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The name of another, which may have forgotten it. */
static const char *quoted(struct reading *reading, const char *name, const char *nameless)
{
	return name ? arena_printf(&reading->config->arena, "'%s'", name) : nameless;
}

/* ---- Publishers ------------------------------------------------------------------------------ */

static void check_publisher_against(struct reading *reading, const struct yaml_node *node,
                                    const struct publisher *publisher,
                                    const struct publisher *other)
{
	if (same_text(publisher->name, other->name))
		reading_fault(reading, yaml_place_of(node, "name"),
		              "'%s' names another publisher already", publisher->name);
	if (publisher->topic && publisher_has_topic(other, span_of(publisher->topic)))
		reading_fault(reading, yaml_place_of(node, "topic"),
		              "%s announces on this topic already",
		              quoted(reading, other->name, "another publisher"));
}

static void check_pointers(struct reading *reading, const struct yaml_node *node,
                           const struct publisher *publisher)
{
	const struct yaml_node *shape = yaml_child(node, "shape");
	bool generic = publisher->shape == SHAPE_GENERIC, pointers = yaml_is_set(node, "pointers");
	bool v1 = !shape || span_is(shape->text, "v1"); /* another word has its fault already */

	if (generic && !pointers)
		reading_fault(reading, yaml_place_of(node, "shape"),
		              "pointers is missing, which the shape generic needs");
	if (pointers && v1)
		reading_fault(reading, yaml_place_of(node, "pointers"),
		              "pointers belong to the shape generic");
}

static void check_publishers(struct reading *reading, const struct yaml_node *root)
{
	const struct config *config = reading->config;

	for (size_t i = 0; i < config->n_publishers; i++) {
		const struct publisher *publisher = &config->publishers[i];
		const struct yaml_node *node = reading_enter_element(reading, root, "publishers",
		                                                     i);

		check_pointers(reading, node, publisher);
		for (size_t j = 0; j < catalogue_size; j++)
			check_publisher_against(reading, node, publisher, &catalogue[j]);
		for (size_t j = 0; j < i; j++)
			check_publisher_against(reading, node, publisher, &config->publishers[j]);
		reading_leave(reading, 0);
	}
}

/* ---- Families -------------------------------------------------------------------------------- */

static void check_regions(struct reading *reading, const struct yaml_node *root,
                          const struct yaml_node *node, const struct family *family)
{
	if (family->n_regions == 0 && !yaml_is_set(node, "regions") && !yaml_is_set(root, "region"))
		reading_fault(reading, yaml_place_of(node, "regions"),
		              "regions is missing, and there is no default region either");
}

static void check_channel(struct reading *reading, const struct yaml_node *root,
                          const struct yaml_node *node, const struct family *family)
{
	const struct yaml_node *slack = yaml_child(root, "slack"), *own = yaml_child(node, "slack");
	bool token = yaml_is_set(slack, "token"), webhook = yaml_is_set(slack, "webhook");

	if (token && !yaml_is_set(slack, "channel") && !yaml_is_set(own, "channel"))
		reading_fault(
			reading, yaml_place_of(node, "slack"),
			"no channel: neither slack.channel of the file nor of this family is set");
	if (webhook && !token && family->slack_channel)
		reading_warn(reading, yaml_place_of(own, "channel"),
		             "slack.channel has no effect, a webhook belongs to one channel");
}

/* Where the family's builds run in one of its regions. */
static const char *build_region(const struct family *family, size_t at)
{
	return family->pipeline.region ? family->pipeline.region : family->regions[at];
}

static const char *partition_name(const char *region)
{
	return aws_partition_of(span_of(region))->name;
}

/* The first region in another partition than the role's; n_regions: there is none. */
static size_t first_elsewhere(const struct family *family)
{
	struct role_arn role;
	size_t at = 0;

	if (!role_arn_parse(span_of(family->pipeline.role_arn), &role))
		return family->n_regions;
	while (at < family->n_regions &&
	       (!build_region(family, at) ||
	        span_is(role.partition, partition_name(build_region(family, at)))))
		at++;
	return at;
}

/* Nobody is let into another partition. */
static void check_role(struct reading *reading, const struct yaml_node *node,
                       const struct family *family)
{
	struct place place = yaml_place_of(yaml_child(node, "pipeline"), "role_arn");
	size_t at = first_elsewhere(family);
	const char *region;

	if (at == family->n_regions)
		return;
	region = build_region(family, at);
	reading_fault(reading, place,
	              "role_arn must be of the partition %s, to which its pipeline's region %s "
	              "belongs",
	              partition_name(region), region);
}

/* Of our own account the number is not known; it is taken for none of the others. */
static bool share_account(const struct family *a, const struct family *b)
{
	return span_equal(role_arn_account(span_of(a->pipeline.role_arn)),
	                  role_arn_account(span_of(b->pipeline.role_arn)));
}

/* Where base parameters are written. */
static bool share_build_region(const struct family *a, const struct family *b)
{
	for (size_t i = 0; i < a->n_regions; i++) {
		for (size_t j = 0; j < b->n_regions; j++) {
			if (same_text(build_region(a, i), build_region(b, j)))
				return true;
		}
	}
	return false;
}

static void check_family_against(struct reading *reading, const struct yaml_node *node,
                                 const struct family *family, const struct family *other)
{
	if (same_text(family->name, other->name))
		reading_fault(reading, yaml_place_of(node, "name"),
		              "'%s' names another family already, at %d:%d", family->name,
		              other->place.line, other->place.column);
	if (same_text(family->base_parameter, other->base_parameter) &&
	    share_account(family, other) && share_build_region(family, other))
		reading_warn(reading, yaml_place_of(node, "base_parameter"),
		             "base_parameter is the same as that of %s in the same region",
		             quoted(reading, other->name, "another family"));
	if (config_golden_shared(family, other))
		reading_warn(reading, yaml_place_of(node, "golden_parameter"),
		             "golden_parameter is the same as that of %s in the same region",
		             quoted(reading, other->name, "another family"));
}

/* Of the family's own regions; between families it may be meant. */
static void check_shared_pipeline(struct reading *reading, const struct yaml_node *node,
                                  const struct family *family)
{
	const struct yaml_node *pipeline = yaml_child(node, "pipeline");

	if (!family->pipeline.region || family->n_regions < 2)
		return;
	reading_warn(
		reading, yaml_place_of(pipeline, "region"),
		"%zu regions share one pipeline, whose execution mode must be QUEUED or PARALLEL: "
		"by default a newer build supersedes one that waits",
		family->n_regions);
	if (family->base_parameter)
		reading_warn(reading, yaml_place_of(node, "base_parameter"),
		             "%zu regions share one pipeline.region, and each build overwrites "
		             "base_parameter there",
		             family->n_regions);
}

static void check_versions(struct reading *reading, const struct yaml_node *node,
                           const struct family *family)
{
	const struct versions *versions = &family->versions;

	if (versions->min && versions->max &&
	    version_compare_part(span_of(versions->min), span_of(versions->max)) > 0)
		reading_fault(reading, yaml_place_of(yaml_child(node, "versions"), "max"),
		              "versions.max %s is older than versions.min %s, so no version fits",
		              versions->max, versions->min);
}

/* Without announcements there is only the asking. */
static void check_heard(struct reading *reading, const struct yaml_node *node,
                        const struct family *family)
{
	const struct publisher *publisher = family->publisher;

	if (publisher && publisher->shape == SHAPE_NONE && reading->config->catch_up.every_s == 0)
		reading_warn(
			reading, yaml_place_of(node, "publisher"),
			"nothing is ever heard of %s: it has no topic, and catch_up.every is 0",
			publisher->name);
}

static void check_family(struct reading *reading, const struct yaml_node *root,
                         const struct yaml_node *node, const struct family *family)
{
	check_regions(reading, root, node, family);
	config_check_golden(reading, node, family);
	check_shared_pipeline(reading, node, family);
	check_role(reading, node, family);
	check_channel(reading, root, node, family);
	check_versions(reading, node, family);
	check_heard(reading, node, family);
	if (family->publisher)
		config_check_images(reading, family);
}

static void check_families(struct reading *reading, const struct yaml_node *root)
{
	const struct config *config = reading->config;
	size_t n_pairs = 0;

	for (size_t i = 0; i < config->n_families; i++) {
		const struct family *family = &config->families[i];
		const struct yaml_node *node = reading_enter_element(reading, root, "families", i);

		if (node && node->kind == YAML_MAP)
			check_family(reading, root, node, family);
		for (size_t j = 0; j < i; j++)
			check_family_against(reading, node, family, &config->families[j]);
		n_pairs += family->n_regions;
		reading_leave(reading, 0);
	}
	if (n_pairs > MOST_PAIRS)
		reading_fault(reading, yaml_place_of(root, "families"),
		              "%zu regions of families are tracked, at most %d are allowed",
		              n_pairs, MOST_PAIRS);
}

/* ---- The rest -------------------------------------------------------------------------------- */

void config_check_secret(struct reading *reading, const struct yaml_node *root, const char *key,
                         const struct secret_ref *secret)
{
	size_t length = reading_enter(reading, key);

	if (secret->source == SECRET_SSM && !secret->region && !yaml_is_set(root, "region"))
		reading_fault(reading, secret->place,
		              "its name has no region, and there is no default region either");
	reading_leave(reading, length);
}

static void check_slack(struct reading *reading, const struct yaml_node *root)
{
	const struct yaml_node *slack = yaml_child(root, "slack");
	bool token = yaml_is_set(slack, "token"), webhook = yaml_is_set(slack, "webhook");
	size_t length = reading_enter(reading, "slack");

	if (token && webhook)
		reading_fault(reading, yaml_place_of(slack, "webhook"),
		              "token and webhook exclude each other");
	config_check_secret(reading, root, "token", &reading->config->slack.token);
	config_check_secret(reading, root, "webhook", &reading->config->slack.webhook);
	if (slack && !token && !webhook)
		reading_warn(reading, slack->place, "neither token nor webhook: nothing is told");
	reading_leave(reading, length);
}

/* The file's own was checked when it was read; this one comes from the environment. */
static void check_default_region(struct reading *reading)
{
	const char *region = reading->config->region;

	if (region && !aws_region_is_valid(span_of(region)))
		reading_fault(reading, (struct place){ 0 },
		              "the default region '%.*s' of the environment is not a region",
		              SPAN_ARG(faults_quote(span_of(region))));
}

static void check_queue_region(struct reading *reading, const struct yaml_node *root,
                               const char *key, bool known)
{
	if (!known && !yaml_is_set(root, "region"))
		reading_fault(reading, yaml_place_of(yaml_child(root, "queue"), key),
		              "queue.%s names no region, and there is no default region either",
		              key);
}

static void check_queue(struct reading *reading, const struct yaml_node *root)
{
	const struct config *config = reading->config;

	check_queue_region(reading, root, "url", !config->queue.url || config->queue.region);
	check_queue_region(reading, root, "events_url",
	                   !config->queue.events_url || config->queue.events_region);
	if (same_text(config->queue.url, config->queue.events_url))
		reading_fault(reading, yaml_place_of(yaml_child(root, "queue"), "events_url"),
		              "queue.events_url is queue.url, where events are understood without "
		              "it: leave it out");
}

void config_check(struct reading *reading, const struct yaml_node *root)
{
	check_default_region(reading);
	check_queue(reading, root);
	config_check_topics(reading, root);
	check_publishers(reading, root);
	check_families(reading, root);
	check_slack(reading, root);
	config_check_sinks(reading, root);
}
