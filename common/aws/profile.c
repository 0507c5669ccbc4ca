#include "common/aws/profile.h"

#include "common/base/text.h"

#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

static const char *const names[AWS_KEYS] = {
	[AWS_KEY_ACCESS_KEY_ID] = "aws_access_key_id",
	[AWS_KEY_SECRET_ACCESS_KEY] = "aws_secret_access_key",
	[AWS_KEY_SESSION_TOKEN] = "aws_session_token",
	[AWS_KEY_ROLE_ARN] = "role_arn",
	[AWS_KEY_SOURCE_PROFILE] = "source_profile",
	[AWS_KEY_CREDENTIAL_SOURCE] = "credential_source",
	[AWS_KEY_EXTERNAL_ID] = "external_id",
	[AWS_KEY_MFA_SERIAL] = "mfa_serial",
	[AWS_KEY_ROLE_SESSION_NAME] = "role_session_name",
	[AWS_KEY_DURATION_SECONDS] = "duration_seconds",
	[AWS_KEY_WEB_IDENTITY_TOKEN_FILE] = "web_identity_token_file",
	[AWS_KEY_CREDENTIAL_PROCESS] = "credential_process",
	[AWS_KEY_LOGIN_SESSION] = "login_session",
	[AWS_KEY_SSO_SESSION] = "sso_session",
	[AWS_KEY_SSO_START_URL] = "sso_start_url",
	[AWS_KEY_SSO_REGION] = "sso_region",
	[AWS_KEY_SSO_ACCOUNT_ID] = "sso_account_id",
	[AWS_KEY_SSO_ROLE_NAME] = "sso_role_name",
	[AWS_KEY_METADATA_ENDPOINT] = "ec2_metadata_service_endpoint",
	[AWS_KEY_METADATA_ENDPOINT_MODE] = "ec2_metadata_service_endpoint_mode",
	[AWS_KEY_METADATA_IPV6] = "imds_use_ipv6",
	[AWS_KEY_METADATA_TIMEOUT] = "metadata_service_timeout",
	[AWS_KEY_METADATA_ATTEMPTS] = "metadata_service_num_attempts",
	[AWS_KEY_REGION] = "region",
	[AWS_KEY_SERVICES] = "services",
	[AWS_KEY_ENDPOINT_URL] = "endpoint_url",
	[AWS_KEY_IGNORE_ENDPOINT_URLS] = "ignore_configured_endpoint_urls",
	[AWS_KEY_FIPS] = "use_fips_endpoint",
	[AWS_KEY_DUAL_STACK] = "use_dualstack_endpoint",
	[AWS_KEY_REGIONAL_STS] = "sts_regional_endpoints",
	[AWS_KEY_CA_BUNDLE] = "ca_bundle",
	[AWS_KEY_MAX_ATTEMPTS] = "max_attempts",
};

const char *aws_key_name(enum aws_key key)
{
	return names[key];
}

static bool is_named(struct span key, const char *name)
{
	return key.len == strlen(name) && strncasecmp(key.at, name, key.len) == 0;
}

/* One way through a file, looking for one section. */
struct parse {
	const struct aws_text *source;
	enum aws_section_kind kind;
	struct span name;
	struct span rest;    /* lines that are still to be read */
	int line;            /* from 1 */
	bool in_section;     /* some section has begun */
	bool in_wanted;      /* it is the wanted one */
	bool in_setting;     /* an indented line may follow */
	struct span group;   /* the setting whose value are the indented lines below, or empty */
	struct span service; /* the group that is wanted, or empty: settings outside of groups */
	struct aws_section *section;
	const char *fault; /* what is wrong with the line */
};

static bool fault(struct parse *parse, const char *what)
{
	parse->fault = what;
	return false;
}

/* ---- [profile NAME] -------------------------------------------------------------------------- */

static struct span unquoted(struct span name)
{
	char quote = name.len >= 2 ? name.at[0] : '\0';
	bool quoted = (quote == '"' || quote == '\'') && name.at[name.len - 1] == quote;

	return quoted ? span_part(name, 1, name.len - 2) : name;
}

/* The config file says of what kind a section is; in the credentials file all are profiles. */
static bool is_wanted(const struct parse *parse, struct span section)
{
	static const char *const words[] = {
		[AWS_PROFILE] = "profile",
		[AWS_SSO_SESSION] = "sso-session",
		[AWS_SERVICE_URLS] = "services",
	};
	struct span rest = section, word = span_cut(&rest, ' ');

	if (parse->source->file == AWS_CREDENTIALS_FILE)
		return parse->kind == AWS_PROFILE && span_equal(unquoted(section), parse->name);
	if (span_is(word, words[parse->kind]))
		return span_equal(unquoted(span_trim(rest)), parse->name);
	return parse->kind == AWS_PROFILE && span_is(section, "default") &&
	       span_is(parse->name, "default");
}

static bool begin_section(struct parse *parse, struct span line)
{
	struct span rest = span_part(line, 1, line.len);
	struct span section = span_trim(span_cut(&rest, ']'));

	rest = span_trim(rest);
	if (section.len == 0 || !memchr(line.at, ']', line.len))
		return fault(parse, "a section is [name]");
	if (rest.len && rest.at[0] != '#' && rest.at[0] != ';')
		return fault(parse, "nothing but a comment may follow a section");
	parse->in_section = true;
	parse->in_setting = false;
	parse->in_wanted = is_wanted(parse, section);
	if (parse->in_wanted && !parse->section->line)
		parse->section->line = parse->line;
	return true;
}

/* ---- name = value ---------------------------------------------------------------------------- */

static struct aws_setting *setting_of(struct aws_section *section, struct span key)
{
	for (size_t i = 0; i < AWS_KEYS; i++) {
		if (is_named(key, names[i]))
			return &section->settings[i];
	}
	return NULL;
}

static bool take_setting(struct parse *parse, struct span key, struct span value)
{
	struct aws_setting *setting = setting_of(parse->section, key);

	if (!setting)
		return true;
	if (setting->line)
		return fault(parse, "this setting is there twice");
	*setting = (struct aws_setting){ value, parse->source->path, parse->line };
	return true;
}

static bool cut_setting(struct span line, struct span *ret_key, struct span *ret_value)
{
	bool is_setting = memchr(line.at, '=', line.len);

	*ret_key = span_trim(span_cut(&line, '='));
	*ret_value = span_trim(line);
	return is_setting && ret_key->len;
}

static bool read_setting(struct parse *parse, struct span line)
{
	struct span key, value;

	if (!cut_setting(line, &key, &value))
		return fault(parse, "expected [section] or name = value");
	if (!parse->in_section)
		return fault(parse, "a setting before the first section");
	parse->in_setting = true;
	parse->group = value.len ? SPAN_NONE : key;
	return !parse->in_wanted || parse->service.len || take_setting(parse, key, value);
}

/* Of a group, or the second line of a value that nobody here needs. */
static bool read_indented(struct parse *parse, struct span line)
{
	bool wanted = parse->in_wanted && parse->service.len &&
	              parse->group.len == parse->service.len;
	struct span key, value;

	if (!parse->in_setting)
		return fault(parse, "an indented line after no setting");
	if (!wanted || strncasecmp(parse->group.at, parse->service.at, parse->group.len) != 0)
		return true;
	if (!cut_setting(line, &key, &value))
		return fault(parse, "expected name = value");
	return take_setting(parse, key, value);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static bool is_text(struct span line)
{
	struct span rest = line;

	while (rest.len) { /* tabs are the only control characters that may be there */
		if (text_has_control(span_cut(&rest, '\t')))
			return false;
	}
	return text_is_utf8(line);
}

static bool read_line(struct parse *parse, struct span line)
{
	bool indented = span_starts(line, SPAN(" ")) || span_starts(line, SPAN("\t"));

	if (span_ends(line, SPAN("\r")))
		line.len--;
	if (!is_text(line))
		return fault(parse, "a control character, or not UTF-8");
	line = span_trim(line);
	if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
		return true;
	if (indented)
		return read_indented(parse, line);
	return line.at[0] == '[' ? begin_section(parse, line) : read_setting(parse, line);
}

static bool read_lines(struct parse *parse, struct err *reterr)
{
	*parse->section = (struct aws_section){ 0 };
	parse->rest = parse->source->text;
	while (parse->rest.len) {
		parse->line++;
		if (!read_line(parse, span_cut(&parse->rest, '\n')))
			return err_set(reterr, ERR_BROKEN, "%s:%d: %s", parse->source->path,
			               parse->line, parse->fault);
	}
	return true;
}

bool aws_section_read(const struct aws_text *text, enum aws_section_kind kind, struct span name,
                      struct aws_section *ret_section, struct err *reterr)
{
	struct parse parse = { .source = text, .kind = kind, .name = name, .section = ret_section };

	return read_lines(&parse, reterr);
}

bool aws_services_endpoint(const struct aws_text *text, struct span name, struct span service,
                           struct aws_setting *ret_setting, struct err *reterr)
{
	struct aws_section section;
	struct parse parse = { .source = text,
		               .kind = AWS_SERVICE_URLS,
		               .name = name,
		               .service = service,
		               .section = &section };

	if (!read_lines(&parse, reterr))
		return false;
	*ret_setting = section.settings[AWS_KEY_ENDPOINT_URL];
	return true;
}
