#include "common/aws/credential_plan.h"

#include "common/aws/credential_planning.h"
#include "common/base/text.h"

#include <assert.h>

#include "common/base/banned.h"

/* ---- Environment ----------------------------------------------------------------------------- */

static const char *variable(const struct aws_environment *environment, const char *name)
{
	const char *value = environment->get(environment->ctx, name);

	return value && *value ? value : NULL;
}

const char *planning_env(const struct planning *p, const char *name)
{
	return variable(p->environment, name);
}

/* All of them go into requests, paths or messages to people. */
static bool check_variables(struct planning *p)
{
	static const char *const names[] = {
		"AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN",
		"AWS_SECURITY_TOKEN",
		"AWS_DEFAULT_PROFILE",
		"AWS_PROFILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_ROLE_ARN",
		"AWS_ROLE_SESSION_NAME",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (text_has_control(span_of(planning_env(p, names[i]))))
			return err_set(p->err, ERR_BROKEN,
			               "%s holds a line end or another control character",
			               names[i]);
	}
	return true;
}

/* Never NULL. *ret_variable: the one that names it, or NULL. */
static const char *profile_name(const struct aws_environment *environment,
                                const char **ret_variable)
{
	static const char *const names[] = { "AWS_DEFAULT_PROFILE", "AWS_PROFILE" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		*ret_variable = names[i];
		if (variable(environment, names[i]))
			return variable(environment, names[i]);
	}
	*ret_variable = NULL;
	return "default";
}

/* ---- Profiles -------------------------------------------------------------------------------- */

bool planning_open(const struct planning *p, struct span name, struct planning_profile *ret_profile)
{
	*ret_profile = (struct planning_profile){ .name = name };
	return aws_section_read(&p->credentials, AWS_PROFILE, name, &ret_profile->credentials,
	                        p->err) &&
	       aws_section_read(&p->config, AWS_PROFILE, name, &ret_profile->config, p->err);
}

bool planning_is_found(const struct planning_profile *profile)
{
	return profile->credentials.line || profile->config.line;
}

/* The credentials file's setting wins. Never NULL. */
const struct aws_setting *planning_setting(const struct planning_profile *profile, enum aws_key key)
{
	const struct aws_setting *first = &profile->credentials.settings[key];

	return first->value.len ? first : &profile->config.settings[key];
}

bool planning_has(const struct planning_profile *profile, enum aws_key key)
{
	return planning_setting(profile, key)->value.len;
}

/* Says where the fault is that was set before. Always false. */
bool planning_at(const struct planning *p, const struct aws_setting *setting)
{
	return err_wrap(p->err, "%s:%d", setting->path, setting->line);
}

bool planning_has_keys(const struct planning_profile *profile)
{
	return planning_has(profile, AWS_KEY_ACCESS_KEY_ID) ||
	       planning_has(profile, AWS_KEY_SECRET_ACCESS_KEY);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

struct credential_step *planning_step(struct planning *p, enum credential_kind kind,
                                      const char *where)
{
	struct credential_step *step = &p->plan->steps[p->plan->n++];

	assert(p->plan->n <= LIMIT_CREDENTIAL_STEPS);
	*step = (struct credential_step){ .kind = kind, .where = where };
	return step;
}

const char *planning_copied(struct planning *p, struct span text)
{
	return text.len ? arena_text(&p->plan->arena, text) : NULL;
}

const char *planning_copied_env(struct planning *p, const char *name)
{
	return planning_copied(p, span_of(planning_env(p, name)));
}

struct secret planning_secret_env(const struct planning *p, const char *name)
{
	return planning_env(p, name) ? secret_of(span_of(planning_env(p, name)))
	                             : (struct secret){ 0 };
}

const char *planning_copied_setting(struct planning *p, const struct planning_profile *profile,
                                    enum aws_key key)
{
	return planning_copied(p, planning_setting(profile, key)->value);
}

/* "profile web in ~/.aws/config:12" */
const char *planning_where(struct planning *p, const struct planning_profile *profile,
                           const struct aws_setting *setting)
{
	return arena_printf(&p->plan->arena, "profile %.*s in %s:%d", SPAN_ARG(profile->name),
	                    setting->path, setting->line);
}

/* ---- The order ------------------------------------------------------------------------------- */

static const struct planning_source *const sources[] = {
	&planning_environment,      &planning_role,  &planning_web_identity, &planning_sso,
	&planning_credentials_keys, &planning_login, &planning_process,      &planning_config_keys,
	&planning_container,        &planning_imds,
};

static bool tell_none(const struct planning *p, const struct planning_profile *profile)
{
	bool in_config = profile->config.line;

	if (!profile->is_source)
		return err_set(p->err, ERR_BROKEN,
		               "no credentials: not in the environment, not in profile %.*s of %s "
		               "or %s, no container, and AWS_EC2_METADATA_DISABLED is true",
		               SPAN_ARG(profile->name), p->credentials.path, p->config.path);
	return err_set(p->err, ERR_BROKEN,
	               "%s:%d: profile %.*s is the source of a role, but has no credentials",
	               in_config ? p->config.path : p->credentials.path,
	               in_config ? profile->config.line : profile->credentials.line,
	               SPAN_ARG(profile->name));
}

static bool add_from(struct planning *p, const struct planning_profile *profile)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (profile->is_source && sources[i]->is_outside)
			continue;
		if (sources[i]->is_there(p, profile))
			return sources[i]->add(p, profile);
	}
	return tell_none(p, profile);
}

/* Each step beyond the first is a profile that the one before named. */
static bool add_steps(struct planning *p, struct planning_profile *profile)
{
	if (!add_from(p, profile))
		return false;
	while (p->next.len) {
		struct span name = p->next;

		p->next = SPAN_NONE;
		if (!planning_open(p, name, profile))
			return false;
		profile->is_source = true;
		p->visited[p->n_visited++] = name;
		if (!add_from(p, profile))
			return false;
	}
	return true;
}

static bool plan_all(struct planning *p)
{
	const char *named_by;
	struct span name = span_of(profile_name(p->environment, &named_by));
	struct planning_profile profile;

	if (!check_variables(p) || !planning_open(p, name, &profile))
		return false;
	if (named_by && !planning_is_found(&profile))
		return err_set(p->err, ERR_BROKEN, "%s: there is no profile %.*s in %s or %s",
		               named_by, SPAN_ARG(name), p->credentials.path, p->config.path);
	p->visited[p->n_visited++] = name;
	return add_steps(p, &profile);
}

static struct planning planning_of(const struct aws_environment *environment,
                                   const struct aws_files *files)
{
	return (struct planning){
		.environment = environment,
		.credentials = { AWS_CREDENTIALS_FILE, files->credentials,
		                 files->credentials_path },
		.config = { AWS_CONFIG_FILE, files->config, files->config_path },
	};
}

bool credential_plan_make(const struct aws_environment *environment, const struct aws_files *files,
                          struct credential_plan *ret_plan, struct err *reterr)
{
	struct planning planning = planning_of(environment, files);
	struct err err;

	*ret_plan = (struct credential_plan){ 0 };
	planning.plan = ret_plan;
	planning.err = &err;
	return plan_all(&planning) || err_set(reterr, ERR_BROKEN, "%s", err.text);
}

void credential_plan_clear(struct credential_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		secret_clear(&plan->steps[i].secret_access_key);
		secret_clear(&plan->steps[i].session_token);
		secret_clear(&plan->steps[i].token);
	}
	arena_clear(&plan->arena);
	*plan = (struct credential_plan){ 0 };
}

/* The profile that the environment selects, whether it is there or not. */
static bool open_selected(struct planning *p, struct planning_profile *ret_profile)
{
	const char *named_by;

	return planning_open(p, span_of(profile_name(p->environment, &named_by)), ret_profile);
}

bool credential_plan_imds(const struct aws_environment *environment, const struct aws_files *files,
                          struct credential_plan *ret_plan, struct err *reterr)
{
	struct planning planning = planning_of(environment, files);
	struct planning_profile profile;

	*ret_plan = (struct credential_plan){ 0 };
	planning.plan = ret_plan;
	planning.err = reterr;
	if (!open_selected(&planning, &profile))
		return false;
	if (!planning_imds.is_there(&planning, &profile))
		return err_set(reterr, ERR_BROKEN, "AWS_EC2_METADATA_DISABLED is true");
	return planning_imds.add(&planning, &profile);
}

bool aws_files_setting(const struct aws_environment *environment, const struct aws_files *files,
                       enum aws_key key, struct aws_setting *ret_setting, struct err *reterr)
{
	struct planning planning = planning_of(environment, files);
	struct planning_profile profile;

	planning.err = reterr;
	if (!open_selected(&planning, &profile))
		return false;
	*ret_setting = *planning_setting(&profile, key);
	return true;
}
