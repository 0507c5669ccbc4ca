#include "common/aws/credential_planning.h"
#include "common/aws/endpoint.h"
#include "common/base/digest.h"

#include <string.h>

#include "common/base/banned.h"

/* What a sign-in needs, put together from the profile and its [sso-session]. */
struct sign_in {
	const struct aws_setting *session; /* the setting that names it; empty: none does */
	struct aws_section settings;       /* the profile's, completed by the session's */
};

static const enum aws_key needed[] = { AWS_KEY_SSO_START_URL, AWS_KEY_SSO_REGION,
	                               AWS_KEY_SSO_ACCOUNT_ID, AWS_KEY_SSO_ROLE_NAME };

static bool has_sso(const struct planning *p, const struct planning_profile *profile)
{
	(void)p;
	return planning_has(profile, AWS_KEY_SSO_ACCOUNT_ID) ||
	       planning_has(profile, AWS_KEY_SSO_ROLE_NAME);
}

/* One that is in the profile too must say the same there. */
static bool take_setting(const struct planning *p, struct sign_in *in, enum aws_key key,
                         const struct aws_setting *theirs)
{
	struct aws_setting *ours = &in->settings.settings[key];

	if (!theirs->value.len)
		return true;
	if (ours->value.len && !span_equal(ours->value, theirs->value)) {
		err_set(p->err, ERR_BROKEN, "%s is not what the sso-session says in line %d",
		        aws_key_name(key), theirs->line);
		return planning_at(p, ours);
	}
	*ours = *theirs;
	return true;
}

static bool take_session(const struct planning *p, struct sign_in *in)
{
	struct aws_section section;

	if (!aws_section_read(&p->config, AWS_SSO_SESSION, in->session->value, &section, p->err))
		return false;
	if (!section.line) {
		err_set(p->err, ERR_BROKEN, "there is no [sso-session %.*s]",
		        SPAN_ARG(in->session->value));
		return planning_at(p, in->session);
	}
	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		if (!take_setting(p, in, needed[i], &section.settings[needed[i]]))
			return false;
	}
	return true;
}

/* The region becomes part of a host's name. */
static bool check_sign_in(const struct planning *p, const struct sign_in *in,
                          const struct aws_setting *first)
{
	const struct aws_setting *settings = in->settings.settings;

	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		if (settings[needed[i]].value.len)
			continue;
		err_set(p->err, ERR_BROKEN, "IAM Identity Center needs %s too",
		        aws_key_name(needed[i]));
		return planning_at(p, first);
	}
	if (aws_region_is_valid(settings[AWS_KEY_SSO_REGION].value))
		return true;
	err_set(p->err, ERR_BROKEN, "sso_region is no region");
	return planning_at(p, &settings[AWS_KEY_SSO_REGION]);
}

static bool read_sign_in(const struct planning *p, const struct planning_profile *profile,
                         struct sign_in *ret_in)
{
	*ret_in = (struct sign_in){ .session = planning_setting(profile, AWS_KEY_SSO_SESSION) };
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		ret_in->settings.settings[needed[i]] = *planning_setting(profile, needed[i]);
	return !ret_in->session->value.len || take_session(p, ret_in);
}

/* The AWS CLI's: of the session's name, or of the start URL in profiles without one. */
static bool name_cache(struct planning *p, const struct sign_in *in, const char **ret_name)
{
	struct span start_url = in->settings.settings[AWS_KEY_SSO_START_URL].value;
	char hex[DIGEST_SHA1_HEX];

	digest_sha1_hex(in->session->value.len ? in->session->value : start_url, hex);
	*ret_name = arena_printf(&p->plan->arena, "%s.json", hex);
	return hex[0] || err_set(p->err, ERR_BROKEN,
	                         "the token's file is named with SHA-1, which this host forbids");
}

static bool add_sso(struct planning *p, const struct planning_profile *profile)
{
	bool by_account = planning_has(profile, AWS_KEY_SSO_ACCOUNT_ID);
	const struct aws_setting *first = planning_setting(
		profile, by_account ? AWS_KEY_SSO_ACCOUNT_ID : AWS_KEY_SSO_ROLE_NAME);
	struct credential_step *step;
	struct sign_in in;

	if (!read_sign_in(p, profile, &in) || !check_sign_in(p, &in, first))
		return false;
	step = planning_step(p, CREDENTIAL_SSO, planning_where(p, profile, first));
	step->sso_region = planning_copied(p, in.settings.settings[AWS_KEY_SSO_REGION].value);
	step->sso_account_id = planning_copied(p,
	                                       in.settings.settings[AWS_KEY_SSO_ACCOUNT_ID].value);
	step->sso_role_name = planning_copied(p, in.settings.settings[AWS_KEY_SSO_ROLE_NAME].value);
	step->sso_login_hint = arena_printf(&p->plan->arena, "aws sso login --profile %.*s",
	                                    SPAN_ARG(profile->name));
	return name_cache(p, &in, &step->sso_cache_name);
}

const struct planning_source planning_sso = { has_sso, add_sso, false };
