/*
 * profile: one profile of the AWS configuration files.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files": [NAME] in the
 * credentials file, [profile NAME] or [default] in the config file. Strict, because a misread file
 * would be credentials of the wrong account: a line that is neither a section, a setting, a comment
 * nor the indented rest of a setting is a fault, and so is a setting of this profile that stands
 * twice. Settings that nobody here knows are passed over.
 */
#ifndef EVERGOLD_AWS_PROFILE_H
#define EVERGOLD_AWS_PROFILE_H

#include "common/base/err.h"
#include "common/base/span.h"

#include <stdbool.h>

enum aws_profile_file { AWS_CREDENTIALS_FILE, AWS_CONFIG_FILE };

/* Spans into the text, which holds secrets: wipe it. Absent settings are empty. */
struct aws_profile {
	bool found;
	struct span access_key_id, secret_access_key, session_token, region;
	const char *unsupported; /* a setting that asks for more than static keys, or NULL */
	int line;                /* of `unsupported`, else of the access key, else of the section */
	int fault_line;          /* counted from 1; set when reading failed */
};

/* The profile `name`; one that is not there is no fault. Kind ERR_MALFORMED, never with a value. */
bool aws_profile_read(struct span text, enum aws_profile_file file, struct span name,
                      struct aws_profile *ret_profile, struct err *reterr) MUST_USE;

#endif
