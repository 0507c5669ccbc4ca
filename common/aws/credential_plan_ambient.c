#include "common/aws/container_uri.h"
#include "common/aws/credential_planning.h"
#include "common/aws/endpoint.h"
#include "common/base/text.h"

#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

/* ---- Environment ----------------------------------------------------------------------------- */

static bool has_environment(const struct planning *p, const struct planning_profile *profile)
{
	(void)profile;
	return planning_env(p, "AWS_ACCESS_KEY_ID") || planning_env(p, "AWS_SECRET_ACCESS_KEY");
}

static bool check_expiration(struct planning *p, int64_t *ret_ms)
{
	const char *text = planning_env(p, "AWS_CREDENTIAL_EXPIRATION");

	*ret_ms = 0;
	return !text || text_parse_time(span_of(text), ret_ms) ||
	       err_set(p->err, ERR_BROKEN,
	               "AWS_CREDENTIAL_EXPIRATION is no time like 2026-08-18T01:00:00Z");
}

static bool add_environment(struct planning *p, const struct planning_profile *profile)
{
	const char *id = planning_env(p, "AWS_ACCESS_KEY_ID"),
		   *key = planning_env(p, "AWS_SECRET_ACCESS_KEY");
	struct credential_step *step;

	(void)profile;
	if (!id || !key)
		return err_set(p->err, ERR_BROKEN, "%s is set, but %s is not",
		               id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
		               id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	step = planning_step(p, CREDENTIAL_STATIC, "environment");
	step->access_key_id = planning_copied(p, span_of(id));
	step->secret_access_key = secret_of(span_of(key));
	/* As in botocore, the old name comes first. */
	step->session_token = planning_secret_env(p, planning_env(p, "AWS_SECURITY_TOKEN")
	                                                     ? "AWS_SECURITY_TOKEN"
	                                                     : "AWS_SESSION_TOKEN");
	return check_expiration(p, &step->expires_ms);
}

const struct planning_source planning_environment = { has_environment, add_environment, true };

/* ---- Containers and instances ---------------------------------------------------------------- */

static bool has_container(const struct planning *p, const struct planning_profile *profile)
{
	(void)profile;
	return planning_env(p, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
	       planning_env(p, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

/* NULL: it cannot be asked. */
static const char *container_uri(struct planning *p)
{
	const char *relative = planning_env(p, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *uri = relative ? arena_printf(&p->plan->arena, "http://169.254.170.2%s",
	                                          relative)
	                           : planning_copied_env(p, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative && relative[0] != '/')
		err_set(p->err, ERR_BROKEN, "does not begin with a slash");
	else if (container_uri_check(span_of(uri), p->err))
		return uri;
	err_wrap(p->err, "%s",
	         relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
	                  : "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	return NULL;
}

static bool add_container(struct planning *p, const struct planning_profile *profile)
{
	const char *uri = container_uri(p);
	struct credential_step *step;

	(void)profile;
	if (!uri)
		return false;
	step = planning_step(p, CREDENTIAL_CONTAINER, "container");
	step->uri = uri;
	step->token_file = planning_copied_env(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	if (!step->token_file)
		step->token = planning_secret_env(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	return true;
}

const struct planning_source planning_container = { has_container, add_container, true };

static bool has_imds(const struct planning *p, const struct planning_profile *profile)
{
	const char *disabled = planning_env(p, "AWS_EC2_METADATA_DISABLED");

	(void)profile;
	return !disabled || strcasecmp(disabled, "true") != 0;
}

/* What a variable says, else the profile. */
struct choice {
	const char *variable;
	enum aws_key key;
	struct span value;                 /* empty: neither */
	const struct aws_setting *setting; /* NULL: the variable's */
};

static struct choice choose(const struct planning *p, const struct planning_profile *profile,
                            const char *name, enum aws_key key)
{
	struct choice choice = { name, key, span_of(planning_env(p, name)), NULL };

	if (choice.value.len)
		return choice;
	choice.setting = planning_setting(profile, key);
	choice.value = choice.setting->value;
	return choice;
}

/* Says which setting it was whose fault was set before. Always false. */
static bool blame(const struct planning *p, const struct choice *choice)
{
	err_wrap(p->err, "%s", choice->setting ? aws_key_name(choice->key) : choice->variable);
	return choice->setting && planning_at(p, choice->setting);
}

static bool choose_number(const struct planning *p, const struct choice *choice, int max,
                          int *ret_number)
{
	uint64_t number = 1;

	if (choice->value.len && (!text_number(choice->value, (uint64_t)max, &number) || !number)) {
		err_set(p->err, ERR_BROKEN, "expected a number from 1 to %d", max);
		return blame(p, choice);
	}
	*ret_number = (int)number;
	return true;
}

static bool is_word(struct span text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

/* The mode, or what the SDKs had before it (botocore.utils, resolve_imds_endpoint_mode). */
static bool choose_imds_family(const struct planning *p, const struct planning_profile *profile,
                               bool *ret_six)
{
	struct choice mode = choose(p, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
	                            AWS_KEY_METADATA_ENDPOINT_MODE);
	struct choice six = choose(p, profile, "AWS_IMDS_USE_IPV6", AWS_KEY_METADATA_IPV6);

	*ret_six = is_word(mode.value, "ipv6") || (!mode.value.len && is_word(six.value, "true"));
	if (!mode.value.len || *ret_six || is_word(mode.value, "ipv4"))
		return true;
	err_set(p->err, ERR_BROKEN, "expected ipv4 or ipv6");
	return blame(p, &mode);
}

static bool choose_imds_endpoint(struct planning *p, const struct planning_profile *profile,
                                 const char **ret_endpoint)
{
	struct choice endpoint = choose(p, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
	                                AWS_KEY_METADATA_ENDPOINT);
	struct span origin;
	bool six;

	if (!choose_imds_family(p, profile, &six))
		return false;
	*ret_endpoint = six ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
	if (!endpoint.value.len)
		return true;
	if (!aws_endpoint_check(endpoint.value, &origin, p->err))
		return blame(p, &endpoint);
	*ret_endpoint = planning_copied(p, origin);
	return true;
}

static bool add_imds(struct planning *p, const struct planning_profile *profile)
{
	struct choice timeout = choose(p, profile, "AWS_METADATA_SERVICE_TIMEOUT",
	                               AWS_KEY_METADATA_TIMEOUT);
	struct choice attempts = choose(p, profile, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
	                                AWS_KEY_METADATA_ATTEMPTS);
	struct credential_step *step = planning_step(p, CREDENTIAL_IMDS, "instance metadata");
	int timeout_s = 0;

	if (!choose_imds_endpoint(p, profile, &step->imds_endpoint) ||
	    !choose_number(p, &timeout, LIMIT_METADATA_TIMEOUT_S, &timeout_s) ||
	    !choose_number(p, &attempts, LIMIT_METADATA_ATTEMPTS, &step->imds_attempts))
		return false;
	step->imds_timeout_ms = timeout_s * 1000;
	return true;
}

const struct planning_source planning_imds = { has_imds, add_imds, true };
