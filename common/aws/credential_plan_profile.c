#include "common/aws/credential_planning.h"
#include "common/base/argv.h"
#include "common/base/text.h"

#include "common/base/banned.h"

/* ---- Keys ------------------------------------------------------------------------------------ */

static bool has_keys_in(const struct aws_section *section)
{
	return section->settings[AWS_KEY_ACCESS_KEY_ID].value.len ||
	       section->settings[AWS_KEY_SECRET_ACCESS_KEY].value.len;
}

static bool add_keys(struct planning *p, const struct planning_profile *profile,
                     const struct aws_section *section)
{
	const struct aws_setting *id = &section->settings[AWS_KEY_ACCESS_KEY_ID];
	const struct aws_setting *key = &section->settings[AWS_KEY_SECRET_ACCESS_KEY];
	struct span token = section->settings[AWS_KEY_SESSION_TOKEN].value;
	struct credential_step *step;

	if (!id->value.len || !key->value.len) {
		err_set(p->err, ERR_BROKEN, "profile %.*s has half a pair of keys: no %s",
		        SPAN_ARG(profile->name),
		        aws_key_name(id->value.len ? AWS_KEY_SECRET_ACCESS_KEY
		                                   : AWS_KEY_ACCESS_KEY_ID));
		return planning_at(p, id->value.len ? id : key);
	}
	step = planning_step(p, CREDENTIAL_STATIC, planning_where(p, profile, id));
	step->access_key_id = planning_copied(p, id->value);
	step->secret_access_key = secret_of(key->value);
	step->session_token = token.len ? secret_of(token) : (struct secret){ 0 };
	return true;
}

static bool has_credentials_keys(const struct planning *p, const struct planning_profile *profile)
{
	(void)p;
	return has_keys_in(&profile->credentials);
}

static bool add_credentials_keys(struct planning *p, const struct planning_profile *profile)
{
	return add_keys(p, profile, &profile->credentials);
}

static bool has_config_keys(const struct planning *p, const struct planning_profile *profile)
{
	(void)p;
	return has_keys_in(&profile->config);
}

static bool add_config_keys(struct planning *p, const struct planning_profile *profile)
{
	return add_keys(p, profile, &profile->config);
}

const struct planning_source planning_credentials_keys = { has_credentials_keys,
	                                                   add_credentials_keys, false };
const struct planning_source planning_config_keys = { has_config_keys, add_config_keys, false };

/* ---- A role, with other credentials ---------------------------------------------------------- */

/* As a source, a profile with keys stands for them and not for its role. */
static bool has_role(const struct planning *p, const struct planning_profile *profile)
{
	(void)p;
	return planning_has(profile, AWS_KEY_ROLE_ARN) &&
	       !planning_has(profile, AWS_KEY_WEB_IDENTITY_TOKEN_FILE) &&
	       !(profile->is_source && planning_has_keys(profile));
}

static bool read_duration(const struct planning *p, const struct planning_profile *profile,
                          int *ret_duration_s)
{
	const struct aws_setting *duration = planning_setting(profile, AWS_KEY_DURATION_SECONDS);
	uint64_t seconds = 0;

	if (duration->value.len &&
	    (!text_number(duration->value, LIMIT_ROLE_DURATION_S, &seconds) ||
	     seconds < LIMIT_ROLE_DURATION_MIN_S)) {
		err_set(p->err, ERR_BROKEN, "duration_seconds is no number from %d to %d",
		        LIMIT_ROLE_DURATION_MIN_S, LIMIT_ROLE_DURATION_S);
		return planning_at(p, duration);
	}
	*ret_duration_s = (int)seconds;
	return true;
}

static bool was_visited(const struct planning *p, struct span name)
{
	for (size_t i = 0; i < p->n_visited; i++) {
		if (span_equal(p->visited[i], name))
			return true;
	}
	return false;
}

/* A profile may be its own source only for the keys in it. */
static bool check_source_profile(const struct planning *p, const struct planning_profile *profile)
{
	const struct aws_setting *source = planning_setting(profile, AWS_KEY_SOURCE_PROFILE);
	bool is_own = span_equal(source->value, profile->name);
	struct planning_profile found;

	if (!planning_open(p, source->value, &found))
		return false;
	if (!planning_is_found(&found))
		err_set(p->err, ERR_BROKEN, "source_profile: there is no profile %.*s",
		        SPAN_ARG(source->value));
	else if (is_own && !planning_has_keys(profile))
		err_set(p->err, ERR_BROKEN,
		        "source_profile names its own profile, which has no keys");
	else if (!is_own && was_visited(p, source->value))
		err_set(p->err, ERR_BROKEN, "source_profile goes in a circle, back to %.*s",
		        SPAN_ARG(source->value));
	else
		return true;
	return planning_at(p, source);
}

static bool add_credential_source(struct planning *p, const struct planning_profile *profile)
{
	static const struct {
		const char *name;
		const struct planning_source *source;
	} sources[] = {
		{ "Environment", &planning_environment },
		{ "EcsContainer", &planning_container },
		{ "Ec2InstanceMetadata", &planning_imds },
	};
	const struct aws_setting *setting = planning_setting(profile, AWS_KEY_CREDENTIAL_SOURCE);

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (!span_is(setting->value, sources[i].name))
			continue;
		if (sources[i].source->is_there(p, profile))
			return sources[i].source->add(p, profile);
		err_set(p->err, ERR_BROKEN, "credential_source: there are no credentials in %s",
		        sources[i].name);
		return planning_at(p, setting);
	}
	err_set(p->err, ERR_BROKEN,
	        "credential_source is not Environment, EcsContainer or Ec2InstanceMetadata");
	return planning_at(p, setting);
}

static bool add_base(struct planning *p, const struct planning_profile *profile)
{
	bool by_profile = planning_has(profile, AWS_KEY_SOURCE_PROFILE);
	bool by_source = planning_has(profile, AWS_KEY_CREDENTIAL_SOURCE);

	if (by_profile == by_source) {
		err_set(p->err, ERR_BROKEN, "role_arn needs %s source_profile %s credential_source",
		        by_profile ? "only one of" : "one of", by_profile ? "and" : "or");
		return planning_at(p, planning_setting(profile, AWS_KEY_ROLE_ARN));
	}
	if (p->plan->n == LIMIT_CREDENTIAL_STEPS) {
		err_set(p->err, ERR_BROKEN, "more than %d roles, one with another",
		        LIMIT_CREDENTIAL_STEPS - 1);
		return planning_at(p, planning_setting(profile, AWS_KEY_ROLE_ARN));
	}
	if (by_source)
		return add_credential_source(p, profile);
	if (!check_source_profile(p, profile))
		return false;
	p->next = planning_setting(profile, AWS_KEY_SOURCE_PROFILE)->value;
	return true;
}

static bool add_role(struct planning *p, const struct planning_profile *profile)
{
	const struct aws_setting *role = planning_setting(profile, AWS_KEY_ROLE_ARN);
	struct credential_step *step;

	if (planning_has(profile, AWS_KEY_MFA_SERIAL)) {
		err_set(p->err, ERR_BROKEN,
		        "mfa_serial asks a person for a code, and there is none to be asked: "
		        "use a role that needs no MFA");
		return planning_at(p, planning_setting(profile, AWS_KEY_MFA_SERIAL));
	}
	step = planning_step(p, CREDENTIAL_ASSUME_ROLE, planning_where(p, profile, role));
	if (!read_duration(p, profile, &step->duration_s))
		return false;
	step->role_arn = planning_copied(p, role->value);
	step->session_name = planning_copied_setting(p, profile, AWS_KEY_ROLE_SESSION_NAME);
	step->external_id = planning_copied_setting(p, profile, AWS_KEY_EXTERNAL_ID);
	return add_base(p, profile);
}

const struct planning_source planning_role = { has_role, add_role, false };

/* ---- A role, with a token -------------------------------------------------------------------- */

/* The variable, else the setting; the environment does not speak for a profile that is a source. */
static const char *identity(struct planning *p, const struct planning_profile *profile,
                            const char *name, enum aws_key key)
{
	if (!profile->is_source && planning_env(p, name))
		return planning_copied_env(p, name);
	return planning_copied_setting(p, profile, key);
}

static bool names_token(const struct planning *p, const struct planning_profile *profile)
{
	return !profile->is_source && planning_env(p, "AWS_WEB_IDENTITY_TOKEN_FILE");
}

static bool has_web_identity(const struct planning *p, const struct planning_profile *profile)
{
	return names_token(p, profile) || planning_has(profile, AWS_KEY_WEB_IDENTITY_TOKEN_FILE);
}

static bool add_web_identity(struct planning *p, const struct planning_profile *profile)
{
	const struct aws_setting *token = planning_setting(profile,
	                                                   AWS_KEY_WEB_IDENTITY_TOKEN_FILE);
	bool by_variable = names_token(p, profile);
	struct credential_step *step = planning_step(
		p, CREDENTIAL_WEB_IDENTITY,
		by_variable ? "AWS_WEB_IDENTITY_TOKEN_FILE" : planning_where(p, profile, token));

	step->token_file = identity(p, profile, "AWS_WEB_IDENTITY_TOKEN_FILE",
	                            AWS_KEY_WEB_IDENTITY_TOKEN_FILE);
	step->role_arn = identity(p, profile, "AWS_ROLE_ARN", AWS_KEY_ROLE_ARN);
	step->session_name = identity(p, profile, "AWS_ROLE_SESSION_NAME",
	                              AWS_KEY_ROLE_SESSION_NAME);
	if (step->role_arn)
		return true;
	if (by_variable)
		return err_set(p->err, ERR_BROKEN,
		               "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
	err_set(p->err, ERR_BROKEN, "web_identity_token_file needs role_arn");
	return planning_at(p, token);
}

const struct planning_source planning_web_identity = { has_web_identity, add_web_identity, false };

/* ---- A process ------------------------------------------------------------------------------- */

static bool has_process(const struct planning *p, const struct planning_profile *profile)
{
	(void)p;
	return planning_has(profile, AWS_KEY_CREDENTIAL_PROCESS);
}

static bool add_process(struct planning *p, const struct planning_profile *profile)
{
	const struct aws_setting *process = planning_setting(profile, AWS_KEY_CREDENTIAL_PROCESS);
	struct credential_step *step = planning_step(p, CREDENTIAL_PROCESS,
	                                             planning_where(p, profile, process));

	if (argv_split(process->value, &p->plan->arena, &step->argv, p->err))
		return true;
	err_wrap(p->err, "credential_process");
	return planning_at(p, process);
}

const struct planning_source planning_process = { has_process, add_process, false };

static bool has_login(const struct planning *p, const struct planning_profile *profile)
{
	(void)p;
	return planning_has(profile, AWS_KEY_LOGIN_SESSION);
}

static bool add_login(struct planning *p, const struct planning_profile *profile)
{
	err_set(p->err, ERR_BROKEN,
	        "login_session is a person's sign-in to the console, which is not supported: "
	        "use sso_session, role_arn or credential_process");
	return planning_at(p, planning_setting(profile, AWS_KEY_LOGIN_SESSION));
}

const struct planning_source planning_login = { has_login, add_login, false };
