#include "common/aws/endpoint_settings.h"

#include "common/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "common/base/banned.h"

#define FIPS       "AWS_USE_FIPS_ENDPOINT"
#define DUAL_STACK "AWS_USE_DUALSTACK_ENDPOINT"

struct sources {
	const struct aws_environment *environment;
	const struct aws_endpoint_profile *profile; /* or NULL */
};

/* An endpoint and who says so. */
struct found {
	struct span url; /* empty: nobody does */
	char where[240];
};

void aws_endpoint_settings_clear(struct aws_endpoint_settings *settings)
{
	for (size_t i = 0; i < AWS_SERVICES; i++)
		free(settings->origins[i]);
	*settings = (struct aws_endpoint_settings){ 0 };
}

static const char *variable(const struct aws_environment *environment, const char *name)
{
	const char *value = environment->get(environment->ctx, name);

	return value ? value : "";
}

/* As botocore reads a flag: whatever is not "true" is not. */
static bool is_on(const struct aws_environment *environment, const char *name)
{
	return strcasecmp(variable(environment, name), "true") == 0;
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
	struct aws_text config = { AWS_CONFIG_FILE, files->config, files->config_path };
	struct aws_setting section;

	*ret_profile = (struct aws_endpoint_profile){ 0 };
	return aws_files_setting(environment, files, AWS_KEY_ENDPOINT_URL, &ret_profile->url,
	                         reterr) &&
	       aws_files_setting(environment, files, AWS_KEY_SERVICES, &section, reterr) &&
	       (!section.value.len || read_section(&config, section.value, ret_profile, reterr));
}

/* ---- Overrides ------------------------------------------------------------------------------- */

static bool find_variable(const struct sources *sources, const char *name, struct found *found)
{
	found->url = span_of(variable(sources->environment, name));
	snprintf(found->where, sizeof(found->where), "%s", name);
	return found->url.len > 0;
}

static bool find_setting(const struct aws_setting *setting, struct found *found)
{
	found->url = setting->value;
	snprintf(found->where, sizeof(found->where), "%s:%d", setting->path ? setting->path : "",
	         setting->line);
	return found->url.len > 0;
}

/* The first that says something. */
static bool find_override(const struct sources *sources, enum aws_service service,
                          struct found *found)
{
	char name[64];

	snprintf(name, sizeof(name), "AWS_ENDPOINT_URL_%s", aws_service_info(service)->id);
	if (find_variable(sources, name, found) ||
	    find_variable(sources, "AWS_ENDPOINT_URL", found))
		return true;
	return sources->profile && (find_setting(&sources->profile->service_urls[service], found) ||
	                            find_setting(&sources->profile->url, found));
}

static bool read_override(const struct sources *sources, enum aws_service service,
                          struct aws_endpoint_settings *settings, struct err *reterr)
{
	struct found found;
	struct span origin;

	if (!find_override(sources, service, &found))
		return true;
	if (!aws_endpoint_check(found.url, &origin, reterr))
		return err_wrap(reterr, "%s", found.where);
	if (settings->variant.fips || settings->variant.dual_stack)
		return err_set(reterr, ERR_MALFORMED,
		               "%s: an endpoint of one's own and %s=true "
		               "exclude each other",
		               found.where, settings->variant.fips ? FIPS : DUAL_STACK);
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

/* ---- All of it ------------------------------------------------------------------------------- */

bool aws_endpoint_settings_make(const struct aws_environment *environment,
                                const struct aws_endpoint_profile *profile,
                                struct aws_endpoint_settings *ret_settings, struct err *reterr)
{
	struct sources sources = { environment, profile };
	const char *sts = variable(environment, "AWS_STS_REGIONAL_ENDPOINTS");

	*ret_settings = (struct aws_endpoint_settings){
		.variant = { .fips = is_on(environment, FIPS),
		             .dual_stack = is_on(environment, DUAL_STACK),
		             .global_sts = strcasecmp(sts, "legacy") == 0 },
	};
	if (is_on(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
	    read_overrides(&sources, ret_settings, reterr))
		return true;
	aws_endpoint_settings_clear(ret_settings);
	return false;
}

bool aws_endpoint_settings_fit(const struct aws_endpoint_settings *settings, struct span queue_url,
                               struct err *reterr)
{
	struct aws_endpoint_variant variant = settings->variant;

	if ((!variant.fips && !variant.dual_stack) || settings->origins[AWS_SQS] ||
	    aws_queue_is_public(queue_url))
		return true;
	return err_set(reterr, ERR_MALFORMED,
	               "the queue's own endpoint and %s=true exclude each other",
	               variant.fips ? FIPS : DUAL_STACK);
}
