/* Any bytes as evergold.yaml: a configuration or faults, never both and never neither. */
#include "common/decide/config.h"

#include "common/decide/template.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A configuration that was accepted has all that the worker takes for granted. */
static void use_family(const struct family *family)
{
	const struct template_values values = { .image_id = { "ami-1", 5 } };
	struct buf out = buf_with_max(4096);

	if (!family->name || !family->publisher || !family->images.n || !family->n_regions ||
	    !family->pipeline.name)
		abort();
	for (size_t i = 0; i < family->pipeline.n_variables; i++)
		template_fill(span_of(family->pipeline.variables[i].value), &values, &out);
	buf_clear(&out);
}

/* Each is a text, and leads to who announces there unless the user has only allowed it. */
static void use_topics(const struct config *config)
{
	struct arena arena = { 0 };
	const struct topic_rule *topics;
	size_t n;

	topics = config_topics(config, &arena, &n);
	for (size_t i = 0; i < n; i++) {
		if (!config_publisher_of_topic(config, span_of(topics[i].arn)) &&
		    !config->trust.n_topics)
			abort();
	}
	arena_clear(&arena);
}

static void use_config(const struct config *config)
{
	if (!config->n_families)
		abort();
	use_topics(config);
	for (size_t i = 0; i < config->n_families; i++)
		use_family(&config->families[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct faults faults = { 0 };
	struct buf out = buf_with_max(1 << 20);
	struct config *config;

	config = config_parse((struct span){ (const char *)data, size }, "f", "eu-west-1", &faults);
	if (!config != (faults.n_errors > 0))
		abort();
	if (config)
		use_config(config);
	for (size_t i = 0; i < faults.n; i++)
		fault_text(&faults.at[i], "f", &out);
	config_free(config);
	faults_clear(&faults);
	buf_clear(&out);
	return 0;
}
