/*
 * credential_planning: how credential_plan is made, inside. Only credential_plan*.c includes it.
 *
 * A source is a row: is it configured, and if so, add its step. A fault is set by what found it and
 * then, on the way out, told where it is.
 */
#ifndef EVERGOLD_AWS_CREDENTIAL_PLANNING_H
#define EVERGOLD_AWS_CREDENTIAL_PLANNING_H

#include "common/aws/credential_plan.h"

/* One profile, of both files. */
struct planning_profile {
	struct span name;
	struct aws_section credentials, config;
	bool is_source; /* a role is assumed with it: the environment does not speak for it */
};

struct planning {
	const struct aws_environment *environment;
	struct aws_text credentials, config;
	struct credential_plan *plan;
	struct span visited[LIMIT_CREDENTIAL_STEPS]; /* names of profiles, one a step at most */
	size_t n_visited;
	struct span next; /* the profile with which the last role is assumed, or empty */
	struct err *err;
};

struct planning_source {
	bool (*is_there)(const struct planning *p, const struct planning_profile *profile);
	bool (*add)(struct planning *p, const struct planning_profile *profile);
	bool is_outside; /* of the files: no source for a profile with which a role is assumed */
};

extern const struct planning_source planning_environment, planning_role, planning_web_identity,
	planning_sso, planning_credentials_keys, planning_login, planning_process,
	planning_config_keys, planning_container, planning_imds;

/* NULL: not set, or empty. */
const char *planning_env(const struct planning *p, const char *name);

bool planning_open(const struct planning *p, struct span name, struct planning_profile *ret_profile)
	MUST_USE;
bool planning_is_found(const struct planning_profile *profile);
bool planning_has_keys(const struct planning_profile *profile);

/* The credentials file's setting wins. Never NULL. */
const struct aws_setting *planning_setting(const struct planning_profile *profile,
                                           enum aws_key key);
bool planning_has(const struct planning_profile *profile, enum aws_key key);

/* Say where the fault is that was set before: "path:line: ". Always false. */
bool planning_at(const struct planning *p, const struct aws_setting *setting);

/* Whoever adds a step that needs another one makes sure that there is room for it. */
struct credential_step *planning_step(struct planning *p, enum credential_kind kind,
                                      const char *where);

/* "profile web in ~/.aws/config:12" */
const char *planning_where(struct planning *p, const struct planning_profile *profile,
                           const struct aws_setting *setting);

/* Into the plan; NULL when empty. */
const char *planning_copied(struct planning *p, struct span text);
const char *planning_copied_env(struct planning *p, const char *name);
const char *planning_copied_setting(struct planning *p, const struct planning_profile *profile,
                                    enum aws_key key);
struct secret planning_secret_env(const struct planning *p, const char *name);

#endif
