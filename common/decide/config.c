#include "common/decide/config.h"

#include "common/aws/endpoint.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/decide/config_check.h"
#include "common/decide/config_settings.h"
#include "common/decide/config_sinks.h"
#include "common/sns/topic_arn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

static void destroy(struct config *config)
{
	if (!config)
		return;
	arena_clear(&config->arena);
	free(config);
}

void config_free(struct config *config)
{
	destroy(config);
}

/* ---- What is not written follows from what is ------------------------------------------------ */

static const char *region_of_queue(struct config *config, const char *url)
{
	struct span region = aws_queue_region(span_of(url));

	return region.len ? arena_text(&config->arena, region) : config->region;
}

static void complete_region(struct config *config, const char *default_region)
{
	if (!config->region && default_region && *default_region)
		config->region = arena_text(&config->arena, span_of(default_region));
	config->queue.region = region_of_queue(config, config->queue.url);
	config->queue.events_region = region_of_queue(config, config->queue.events_url);
}

static void complete_secret(struct secret_ref *secret, const char *default_region)
{
	bool in_aws = secret->source == SECRET_SSM || secret->source == SECRET_SECRETSMANAGER;

	if (in_aws && !secret->region)
		secret->region = default_region;
}

/* Who announces images owns them, unless others are named. */
static void complete_publisher(struct publisher *publisher, struct arena *arena)
{
	const char **announcer = arena_alloc(arena, 2, sizeof(*announcer));
	struct topic_arn topic;

	publisher->title = publisher->name;
	if (publisher->owners)
		return;
	if (topic_arn_parse(span_of(publisher->topic), &topic))
		announcer[0] = arena_text(arena, topic.account);
	publisher->owners = announcer;
}

static void complete_family(struct family *family, const char *const *default_region)
{
	if (family->n_regions > 0 || !*default_region)
		return;
	family->regions = default_region;
	family->n_regions = 1;
}

static void complete_sink(struct sink_setting *sink, struct config *config)
{
	config_complete_sink(sink, config->region, &config->arena);
	complete_secret(&sink->url.place, config->region);
	complete_secret(&sink->key, config->region);
}

/* The arrays are const for all others; here they are still being made. */
static void complete(struct config *config, const char *default_region)
{
	const char **region = arena_alloc(&config->arena, 1, sizeof(*region));
	struct publisher *publishers;
	struct family *families;
	struct sink_setting *sinks;

	memcpy(&publishers, &config->publishers, sizeof(publishers));
	memcpy(&families, &config->families, sizeof(families));
	memcpy(&sinks, &config->sinks, sizeof(sinks));
	complete_region(config, default_region);
	*region = config->region;
	complete_secret(&config->slack.token, config->region);
	complete_secret(&config->slack.webhook, config->region);
	for (size_t i = 0; i < config->n_publishers; i++)
		complete_publisher(&publishers[i], &config->arena);
	for (size_t i = 0; i < config->n_families; i++)
		complete_family(&families[i], region);
	for (size_t i = 0; i < config->n_sinks; i++)
		complete_sink(&sinks[i], config);
}

static void read_file(struct config *config, struct span text, const char *default_region,
                      struct faults *faults)
{
	const struct yaml_node *root = yaml_parse(text, &config->arena, faults);
	struct reading reading = { config, faults, buf_with_max(400) };

	if (!root)
		return;
	if (root->kind == YAML_NULL) {
		reading_fault(&reading, root->place,
		              "nothing is set; evergold.example.yaml is a file to start from");
	} else {
		section_read(&reading, &config_section, root, config);
		complete(config, default_region);
		config_check(&reading, root);
	}
	buf_clear(&reading.path);
}

struct config *config_parse(struct span text, const char *file, const char *default_region,
                            struct faults *faults)
{
	struct config *config = xcalloc(1, sizeof(*config));
	size_t errors_before = faults->n_errors;

	config->file = arena_text(&config->arena, span_of(file));
	read_file(config, text, default_region, faults);
	if (faults->n_errors == errors_before)
		return config;
	destroy(config);
	return NULL;
}

/* ---- Topics ---------------------------------------------------------------------------------- */

#define MOST_TOPICS (CATALOGUE_TOPICS + LIMIT_PUBLISHERS + LIMIT_TOPICS)

struct topics {
	struct topic_rule *at;
	size_t n;
};

static void add_topic(struct topics *topics, const struct topic_rule *topic)
{
	for (size_t i = 0; i < topics->n; i++) {
		if (strcmp(topics->at[i].arn, topic->arn) == 0) {
			topics->at[i].signature = topic->signature;
			return;
		}
	}
	assert(topics->n < MOST_TOPICS);
	topics->at[topics->n++] = *topic;
}

static void add_publisher(struct topics *topics, const struct publisher *publisher)
{
	const char *const *more = publisher->more_topics;

	if (publisher->topic)
		add_topic(topics, &(struct topic_rule){ .arn = publisher->topic });
	for (; more && *more; more++)
		add_topic(topics, &(struct topic_rule){ .arn = *more });
}

/* Its own, and those of who takes its images back. */
static void add_family(struct topics *topics, const struct family *family)
{
	add_publisher(topics, family->publisher);
	for (size_t i = 0; i < catalogue_size; i++) {
		if (publisher_withdraws(&catalogue[i], family->publisher))
			add_publisher(topics, &catalogue[i]);
	}
}

const struct topic_rule *config_topics(const struct config *config, struct arena *arena,
                                       size_t *ret_n)
{
	struct topics topics = { arena_alloc(arena, MOST_TOPICS, sizeof(*topics.at)), 0 };

	for (size_t i = 0; i < config->n_families; i++)
		add_family(&topics, &config->families[i]);
	for (size_t i = 0; i < config->trust.n_topics; i++)
		add_topic(&topics, &config->trust.topics[i]);
	*ret_n = topics.n;
	return topics.at;
}

const struct publisher *config_publisher_of_topic(const struct config *config, struct span topic)
{
	for (size_t i = 0; i < config->n_publishers; i++) {
		if (publisher_has_topic(&config->publishers[i], topic))
			return &config->publishers[i];
	}
	for (size_t i = 0; i < catalogue_size; i++) {
		if (publisher_has_topic(&catalogue[i], topic))
			return &catalogue[i];
	}
	return NULL;
}

const struct family *config_family(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_families; i++) {
		if (strcmp(config->families[i].name, name) == 0)
			return &config->families[i];
	}
	return NULL;
}
