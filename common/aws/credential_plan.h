/*
 * credential_plan: where credentials come from, as the environment and the AWS files say.
 *
 * Sources and their order are botocore's (botocore/credentials.py, create_credential_resolver; AWS
 * SDKs and Tools Reference Guide, "Standardized credential providers"): environment, role of the
 * profile, web identity, IAM Identity Center, keys in the credentials file, credential_process,
 * keys in the config file, container, instance metadata. The first that is configured is taken;
 * one that is configured by half is a fault, and nothing after it is tried. Nothing is fetched
 * here.
 */
#ifndef EVERGOLD_AWS_CREDENTIAL_PLAN_H
#define EVERGOLD_AWS_CREDENTIAL_PLAN_H

#include "common/aws/profile.h"
#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/base/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL and "" both say that a variable is not set; a value stays until the plan is made. */
struct aws_environment {
	const char *(*get)(void *ctx, const char *name);
	void *ctx;
};

/* Texts and paths are borrowed; a file that is not there is an empty text. Paths are for people. */
struct aws_files {
	struct span credentials, config;
	const char *credentials_path, *config_path;
};

enum credential_kind {
	CREDENTIAL_STATIC,
	CREDENTIAL_ASSUME_ROLE, /* with the credentials of the next step */
	CREDENTIAL_WEB_IDENTITY,
	CREDENTIAL_SSO,
	CREDENTIAL_PROCESS,
	CREDENTIAL_CONTAINER,
	CREDENTIAL_IMDS,
};

/* Which members are set is said behind them; texts live in the plan. */
struct credential_step {
	enum credential_kind kind;
	const char *where;         /* "environment", "profile web in ~/.aws/config:12" */
	const char *access_key_id; /* STATIC, as the three below */
	struct secret secret_access_key, session_token; /* the token may be unset */
	int64_t expires_ms;                             /* AWS_CREDENTIAL_EXPIRATION; 0: never */
	const char *role_arn;                           /* ASSUME_ROLE, WEB_IDENTITY */
	const char *session_name;                       /* both; NULL: to be made up */
	const char *external_id;                        /* ASSUME_ROLE, or NULL */
	int duration_s;         /* ASSUME_ROLE, 900..43200; 0: the service's default */
	const char *token_file; /* WEB_IDENTITY; CONTAINER: or NULL; read at every fetch */
	const char *sso_region, *sso_account_id, *sso_role_name; /* SSO, as the two below */
	const char *sso_cache_name; /* the token's file in ~/.aws/sso/cache: "2fd4e1….json" */
	const char *sso_login_hint; /* "aws sso login --profile web" */
	const char *const *argv;    /* PROCESS: NULL-ended, at least the program */
	const char *uri;            /* CONTAINER: absolute */
	struct secret token;        /* CONTAINER: of Authorization, without token_file; or unset */
	const char *imds_endpoint;  /* IMDS: "http://169.254.169.254", no slash at the end */
	int imds_timeout_ms, imds_attempts; /* IMDS: of one attempt; at least 1 */
};

/* steps[0] is what is wanted; all but the last are ASSUME_ROLE. */
struct credential_plan {
	struct arena arena;
	struct credential_step steps[LIMIT_CREDENTIAL_STEPS];
	size_t n;
};

/*
 * Kind ERR_BROKEN; names the variable or file:line, never a value that may be secret. To be cleared
 * also when it failed.
 */
bool credential_plan_make(const struct aws_environment *environment, const struct aws_files *files,
                          struct credential_plan *ret_plan, struct err *reterr) MUST_USE;

/*
 * The one step that asks the instance's metadata, for what else they tell. Errors name their place
 * as above; one is that AWS_EC2_METADATA_DISABLED is true.
 */
bool credential_plan_imds(const struct aws_environment *environment, const struct aws_files *files,
                          struct credential_plan *ret_plan, struct err *reterr) MUST_USE;

void credential_plan_clear(struct credential_plan *plan); /* wipes the secrets */

/*
 * One setting of the selected profile (AWS_DEFAULT_PROFILE, else AWS_PROFILE, else "default"), the
 * credentials file first: the region, say. Empty when it is not there; spans into the files' texts.
 */
bool aws_files_setting(const struct aws_environment *environment, const struct aws_files *files,
                       enum aws_key key, struct aws_setting *ret_setting, struct err *reterr)
	MUST_USE;

#endif
