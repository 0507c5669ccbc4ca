#include "common/aws/endpoint_settings.h"

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

/* What can be said in two places. */
struct choice {
	const char *variable;
	enum aws_key key;
};

static const struct choice ignore_urls = { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	                                   AWS_KEY_IGNORE_ENDPOINT_URLS };
static const struct choice fips = { "AWS_USE_FIPS_ENDPOINT", AWS_KEY_FIPS };
static const struct choice dual_stack = { "AWS_USE_DUALSTACK_ENDPOINT", AWS_KEY_DUAL_STACK };
static const struct choice regional_sts = { "AWS_STS_REGIONAL_ENDPOINTS", AWS_KEY_REGIONAL_STS };
static const struct choice ca_bundle = { "AWS_CA_BUNDLE", AWS_KEY_CA_BUNDLE };
static const struct choice max_attempts = { "AWS_MAX_ATTEMPTS", AWS_KEY_MAX_ATTEMPTS };

struct sources {
	const struct aws_environment *environment;
	const struct aws_endpoint_profile *profile; /* or NULL */
};

/* A value and who says so. */
struct found {
	struct span value; /* empty: nobody does */
	char where[240];   /* the variable, or "path:line" */
};

void aws_endpoint_settings_clear(struct aws_endpoint_settings *settings)
{
	for (size_t i = 0; i < AWS_SERVICES; i++)
		free(settings->origins[i]);
	free(settings->variant_from);
	free(settings->trust);
	free(settings->trust_from);
	*settings = (struct aws_endpoint_settings){ 0 };
}

/* ---- The profile ----------------------------------------------------------------------------- */

/* A services section is looked up by the service's id in any case. */
static bool read_section(const struct aws_text *config, struct span section,
                         struct aws_endpoint_profile *profile, struct err *reterr)
{
	for (size_t i = 0; i < AWS_SERVICES; i++) {
		struct span service = span_of(aws_service_info((enum aws_service)i)->id);

		if (!aws_services_endpoint(config, section, service, &profile->service_urls[i],
		                           reterr))
			return false;
	}
	return true;
}

bool aws_endpoint_profile_read(const struct aws_environment *environment,
                               const struct aws_files *files,
                               struct aws_endpoint_profile *ret_profile, struct err *reterr)
{
	static const enum aws_key keys[] = {
		AWS_KEY_ENDPOINT_URL, AWS_KEY_SERVICES,     AWS_KEY_IGNORE_ENDPOINT_URLS,
		AWS_KEY_FIPS,         AWS_KEY_DUAL_STACK,   AWS_KEY_REGIONAL_STS,
		AWS_KEY_CA_BUNDLE,    AWS_KEY_MAX_ATTEMPTS,
	};
	struct aws_text config = { AWS_CONFIG_FILE, files->config, files->config_path };
	struct span section;

	*ret_profile = (struct aws_endpoint_profile){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!aws_files_setting(environment, files, keys[i], &ret_profile->settings[keys[i]],
		                       reterr))
			return false;
	}
	section = ret_profile->settings[AWS_KEY_SERVICES].value;
	return !section.len || read_section(&config, section, ret_profile, reterr);
}

/* ---- Who says what --------------------------------------------------------------------------- */

static bool find_variable(const struct sources *sources, const char *name, struct found *found)
{
	const char *value = sources->environment->get(sources->environment->ctx, name);

	found->value = span_of(value);
	snprintf(found->where, sizeof(found->where), "%s", name);
	return found->value.len > 0;
}

static bool find_setting(const struct aws_setting *setting, struct found *found)
{
	found->value = setting->value;
	snprintf(found->where, sizeof(found->where), "%s:%d", setting->path ? setting->path : "",
	         setting->line);
	return found->value.len > 0;
}

static bool find(const struct sources *sources, const struct choice *choice, struct found *found)
{
	return find_variable(sources, choice->variable, found) ||
	       (sources->profile && find_setting(&sources->profile->settings[choice->key], found));
}

static bool is_word(struct span text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

static bool is_said(const struct sources *sources, const struct choice *choice, const char *word)
{
	struct found found;

	return find(sources, choice, &found) && is_word(found.value, word);
}

/* As botocore reads a flag: whatever is not "true" is not. */
static bool is_on(const struct sources *sources, const struct choice *choice)
{
	return is_said(sources, choice, "true");
}

/* Owned: "AWS_USE_FIPS_ENDPOINT=true", or "use_fips_endpoint=true (path:line)". */
static char *describe(const struct sources *sources, const struct choice *choice)
{
	struct buf text = buf_with_max(512);
	struct found found;

	if (find_variable(sources, choice->variable, &found))
		buf_addf(&text, "%s=true", choice->variable);
	else if (find(sources, choice, &found))
		buf_addf(&text, "%s=true (%s)", aws_key_name(choice->key), found.where);
	return buf_take(&text);
}

/* ---- Overrides ------------------------------------------------------------------------------- */

/* The first that says something. */
static bool find_override(const struct sources *sources, enum aws_service service,
                          struct found *found)
{
	char name[64];

	snprintf(name, sizeof(name), "AWS_ENDPOINT_URL_%s", aws_service_info(service)->id);
	if (find_variable(sources, name, found) ||
	    find_variable(sources, "AWS_ENDPOINT_URL", found))
		return true;
	return sources->profile &&
	       (find_setting(&sources->profile->service_urls[service], found) ||
	        find_setting(&sources->profile->settings[AWS_KEY_ENDPOINT_URL], found));
}

static bool read_override(const struct sources *sources, enum aws_service service,
                          struct aws_endpoint_settings *settings, struct err *reterr)
{
	struct found found;
	struct span origin;

	if (!find_override(sources, service, &found))
		return true;
	if (!aws_endpoint_check(found.value, &origin, reterr))
		return err_wrap(reterr, "%s", found.where);
	if (settings->variant_from)
		return err_set(reterr, ERR_MALFORMED,
		               "%s: an endpoint of one's own and %s exclude each other",
		               found.where, settings->variant_from);
	settings->origins[service] = xspandup(origin);
	return true;
}

static bool read_overrides(const struct sources *sources, struct aws_endpoint_settings *settings,
                           struct err *reterr)
{
	for (size_t i = 0; i < AWS_SERVICES; i++) {
		if (!read_override(sources, (enum aws_service)i, settings, reterr))
			return false;
	}
	return true;
}

/* ---- The rest -------------------------------------------------------------------------------- */

static void read_variant(const struct sources *sources, struct aws_endpoint_settings *settings)
{
	struct aws_endpoint_variant *variant = &settings->variant;

	variant->fips = is_on(sources, &fips);
	variant->dual_stack = is_on(sources, &dual_stack);
	variant->global_sts = is_said(sources, &regional_sts, "legacy");
	if (variant->fips || variant->dual_stack)
		settings->variant_from = describe(sources, variant->fips ? &fips : &dual_stack);
}

static void read_trust(const struct sources *sources, struct aws_endpoint_settings *settings)
{
	struct found found;

	if (!find(sources, &ca_bundle, &found))
		return;
	settings->trust = xspandup(found.value);
	settings->trust_from = xstrdup(found.where);
}

static bool read_attempts(const struct sources *sources, struct aws_endpoint_settings *settings,
                          struct err *reterr)
{
	struct found found;
	uint64_t number = 0;

	if (find(sources, &max_attempts, &found) &&
	    (!text_number(found.value, LIMIT_AWS_ATTEMPTS, &number) || number == 0))
		return err_set(reterr, ERR_MALFORMED,
		               "%s: the most attempts are a number from 1 to %d", found.where,
		               LIMIT_AWS_ATTEMPTS);
	settings->max_attempts = (int)number;
	return true;
}

bool aws_endpoint_settings_make(const struct aws_environment *environment,
                                const struct aws_endpoint_profile *profile,
                                struct aws_endpoint_settings *ret_settings, struct err *reterr)
{
	struct sources sources = { environment, profile };

	*ret_settings = (struct aws_endpoint_settings){ .max_attempts = 0 };
	read_variant(&sources, ret_settings);
	read_trust(&sources, ret_settings);
	if (read_attempts(&sources, ret_settings, reterr) &&
	    (is_on(&sources, &ignore_urls) || read_overrides(&sources, ret_settings, reterr)))
		return true;
	aws_endpoint_settings_clear(ret_settings);
	return false;
}

bool aws_endpoint_settings_fit(const struct aws_endpoint_settings *settings, struct span queue_url,
                               struct err *reterr)
{
	struct span here = aws_queue_region(queue_url);
	struct span there = aws_queue_region(span_of(settings->origins[AWS_SQS]));

	if (here.len && there.len && !span_equal(here, there))
		return err_set(reterr, ERR_MALFORMED,
		               "the queue is in %.*s, but the endpoint of SQS that was asked for "
		               "in %.*s",
		               SPAN_ARG(here), SPAN_ARG(there));
	return !settings->variant_from || settings->origins[AWS_SQS] ||
	       aws_queue_is_public(queue_url) ||
	       err_set(reterr, ERR_MALFORMED, "the queue's own endpoint and %s exclude each other",
	               settings->variant_from);
}
