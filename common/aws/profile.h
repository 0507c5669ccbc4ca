/*
 * profile: the AWS configuration files.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files": [NAME] in the
 * credentials file; [profile NAME] or [default], [sso-session NAME] and [services NAME] in the
 * config file. Names may be quoted, keys are in any case. Strict, because a misread file would be
 * credentials of the wrong account: a line that is neither a section, a setting, a comment nor the
 * indented rest of a setting is a fault, and so is a setting of the wanted section that stands
 * twice. Settings that nobody here knows are passed over.
 */
#ifndef EVERGOLD_AWS_PROFILE_H
#define EVERGOLD_AWS_PROFILE_H

#include "common/base/err.h"
#include "common/base/span.h"

#include <stdbool.h>

enum aws_profile_file { AWS_CREDENTIALS_FILE, AWS_CONFIG_FILE };

enum aws_section_kind { AWS_PROFILE, AWS_SSO_SESSION, AWS_SERVICE_URLS };

enum aws_key {
	AWS_KEY_ACCESS_KEY_ID,
	AWS_KEY_SECRET_ACCESS_KEY,
	AWS_KEY_SESSION_TOKEN,
	AWS_KEY_ROLE_ARN,
	AWS_KEY_SOURCE_PROFILE,
	AWS_KEY_CREDENTIAL_SOURCE,
	AWS_KEY_EXTERNAL_ID,
	AWS_KEY_MFA_SERIAL,
	AWS_KEY_ROLE_SESSION_NAME,
	AWS_KEY_DURATION_SECONDS,
	AWS_KEY_WEB_IDENTITY_TOKEN_FILE,
	AWS_KEY_CREDENTIAL_PROCESS,
	AWS_KEY_LOGIN_SESSION,
	AWS_KEY_SSO_SESSION,
	AWS_KEY_SSO_START_URL,
	AWS_KEY_SSO_REGION,
	AWS_KEY_SSO_ACCOUNT_ID,
	AWS_KEY_SSO_ROLE_NAME,
	AWS_KEY_METADATA_ENDPOINT,
	AWS_KEY_METADATA_ENDPOINT_MODE,
	AWS_KEY_METADATA_IPV6,
	AWS_KEY_METADATA_TIMEOUT,
	AWS_KEY_METADATA_ATTEMPTS,
	AWS_KEY_REGION,
	AWS_KEY_SERVICES,
	AWS_KEY_ENDPOINT_URL,
	AWS_KEY_IGNORE_ENDPOINT_URLS,
	AWS_KEY_FIPS,
	AWS_KEY_DUAL_STACK,
	AWS_KEY_REGIONAL_STS,
	AWS_KEY_CA_BUNDLE,
	AWS_KEY_MAX_ATTEMPTS,
	AWS_KEYS
};

const char *aws_key_name(enum aws_key key); /* as it is spelled in the files */

/* The texts hold secrets: whoever owns them wipes them. */
struct aws_text {
	enum aws_profile_file file;
	struct span text;
	const char *path; /* for faults */
};

/* Absent or without a value: empty; without a line it is absent. */
struct aws_setting {
	struct span value; /* into the text */
	const char *path;  /* the file's */
	int line;          /* from 1 */
};

struct aws_section {
	int line; /* of its heading; 0: the file has no such section */
	struct aws_setting settings[AWS_KEYS];
};

/* A section that is not there is no fault. ERR_BROKEN: "path:line: why", never with a value. */
bool aws_section_read(const struct aws_text *text, enum aws_section_kind kind, struct span name,
                      struct aws_section *ret_section, struct err *reterr) MUST_USE;

/*
 * The endpoint_url that stands indented below `service` (sqs, secrets_manager: the SDKs' service
 * identifier) in [services NAME]; empty when it is not there. Errors as above.
 */
bool aws_services_endpoint(const struct aws_text *text, struct span name, struct span service,
                           struct aws_setting *ret_setting, struct err *reterr) MUST_USE;

#endif
