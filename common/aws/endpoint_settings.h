/*
 * endpoint_settings: how AWS is reached, as somebody asked for in the environment or the AWS files.
 *
 * Order as in the SDKs (AWS SDKs and Tools Reference Guide, "Service-specific endpoints"):
 * AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the service in the profile's services section, the
 * profile's endpoint_url. Of everything else the variable comes before the profile's key
 * (botocore/configprovider.py):
 *
 *	AWS_IGNORE_CONFIGURED_ENDPOINT_URLS  ignore_configured_endpoint_urls  true: none of these
 *	AWS_USE_FIPS_ENDPOINT                use_fips_endpoint                true
 *	AWS_USE_DUALSTACK_ENDPOINT           use_dualstack_endpoint           true
 *	AWS_STS_REGIONAL_ENDPOINTS           sts_regional_endpoints           legacy
 *	AWS_CA_BUNDLE                        ca_bundle                        a file
 *	AWS_MAX_ATTEMPTS                     max_attempts                     1..LIMIT_AWS_ATTEMPTS
 *
 * An endpoint of one's own excludes FIPS and dual-stack.
 */
#ifndef EVERGOLD_AWS_ENDPOINT_SETTINGS_H
#define EVERGOLD_AWS_ENDPOINT_SETTINGS_H

#include "common/aws/credential_plan.h"
#include "common/aws/endpoint.h"

/* What the profile says; empty settings are absent. Borrowed. */
struct aws_endpoint_profile {
	struct aws_setting settings[AWS_KEYS]; /* of the keys above */
	struct aws_setting service_urls[AWS_SERVICES];
};

/* Of the selected profile; kind ERR_BROKEN: "path:line: why". Into the files' texts. */
bool aws_endpoint_profile_read(const struct aws_environment *environment,
                               const struct aws_files *files,
                               struct aws_endpoint_profile *ret_profile, struct err *reterr)
	MUST_USE;

struct aws_endpoint_settings {
	char *origins[AWS_SERVICES]; /* owned; NULL: the service's own endpoint */
	struct aws_endpoint_variant variant;
	char *variant_from; /* owned: "AWS_USE_FIPS_ENDPOINT=true", for people; NULL: none */
	char *trust;        /* owned: a file (PEM) of certificates; NULL: the system's */
	char *trust_from;   /* owned: "AWS_CA_BUNDLE" or "path:line"; NULL as trust */
	int max_attempts;   /* of what is repeated at all; 0: as each operation has it */
};

void aws_endpoint_settings_clear(struct aws_endpoint_settings *settings);

/*
 * Kind ERR_MALFORMED; names the variable or "path:line", never the URL. After an error nothing is
 * owned. The profile may be NULL.
 */
bool aws_endpoint_settings_make(const struct aws_environment *environment,
                                const struct aws_endpoint_profile *profile,
                                struct aws_endpoint_settings *ret_settings, struct err *reterr)
	MUST_USE;

/*
 * A queue of a public endpoint, or any queue with an endpoint override, is reached whatever the
 * settings. One at an endpoint of its own, a VPC's say, has no FIPS or dual-stack twin:
 * ERR_MALFORMED with such settings, and with an override that names another region than the queue.
 */
bool aws_endpoint_settings_fit(const struct aws_endpoint_settings *settings, struct span queue_url,
                               struct err *reterr) MUST_USE;

#endif
