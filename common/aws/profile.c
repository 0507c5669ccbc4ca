#include "common/aws/profile.h"

#include "common/base/text.h"

#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

struct parse {
	enum aws_profile_file file;
	struct span name; /* of the profile that is wanted */
	int line;
	bool in_section; /* some section has begun */
	bool in_profile; /* it is the wanted one */
	bool in_setting; /* an indented line may follow */
	struct aws_profile *profile;
	struct err *err;
};

static bool fault(struct parse *parse, const char *what)
{
	parse->profile->fault_line = parse->line;
	return err_set(parse->err, ERR_MALFORMED, "%s", what);
}

/* ---- [profile NAME] ----------------------------------------------------------------------------
 */

static struct span unquoted(struct span name)
{
	bool quoted = name.len >= 2 && span_starts(name, SPAN("\"")) && span_ends(name, SPAN("\""));

	return quoted ? span_part(name, 1, name.len - 2) : name;
}

static bool is_wanted(const struct parse *parse, struct span section)
{
	struct span rest = section, word = span_cut(&rest, ' ');

	if (parse->file == AWS_CREDENTIALS_FILE)
		return span_equal(unquoted(section), parse->name);
	if (span_is(word, "profile"))
		return span_equal(unquoted(span_trim(rest)), parse->name);
	return span_is(section, "default") && span_is(parse->name, "default");
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
	parse->in_profile = is_wanted(parse, section);
	if (parse->in_profile && !parse->profile->found)
		parse->profile->line = parse->line;
	parse->profile->found |= parse->in_profile;
	return true;
}

/* ---- name = value ------------------------------------------------------------------------------
 */

static bool is_named(struct span key, const char *name)
{
	return key.len == strlen(name) && strncasecmp(key.at, name, key.len) == 0;
}

static const char *unsupported_name(struct span key)
{
	static const char *const names[] = {
		"role_arn",    "web_identity_token_file", "credential_process",
		"sso_session", "sso_start_url",           "login_session",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (is_named(key, names[i]))
			return names[i];
	}
	return NULL;
}

static struct span *setting_of(struct aws_profile *profile, struct span key)
{
	if (is_named(key, "aws_access_key_id"))
		return &profile->access_key_id;
	if (is_named(key, "aws_secret_access_key"))
		return &profile->secret_access_key;
	if (is_named(key, "aws_session_token"))
		return &profile->session_token;
	return is_named(key, "region") ? &profile->region : NULL;
}

static bool take_setting(struct parse *parse, struct span key, struct span value)
{
	struct aws_profile *profile = parse->profile;
	const char *unsupported = unsupported_name(key);
	struct span *setting = setting_of(profile, key);

	if (unsupported && !profile->unsupported) {
		profile->unsupported = unsupported;
		profile->line = parse->line;
	}
	if (!setting)
		return true;
	if (setting->at)
		return fault(parse, "this setting is there twice");
	*setting = value;
	if (setting == &profile->access_key_id && !profile->unsupported)
		profile->line = parse->line;
	return true;
}

static bool read_setting(struct parse *parse, struct span line)
{
	struct span value = line, key = span_trim(span_cut(&value, '='));

	if (key.len == 0 || key.len == line.len || !memchr(line.at, '=', line.len))
		return fault(parse, "expected [section] or name = value");
	if (!parse->in_section)
		return fault(parse, "a setting before the first section");
	parse->in_setting = true;
	return !parse->in_profile || take_setting(parse, key, span_trim(value));
}

/* ---- Lines -------------------------------------------------------------------------------------
 */

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
		return parse->in_setting || fault(parse, "an indented line after no setting");
	return line.at[0] == '[' ? begin_section(parse, line) : read_setting(parse, line);
}

bool aws_profile_read(struct span text, enum aws_profile_file file, struct span name,
                      struct aws_profile *ret_profile, struct err *reterr)
{
	struct parse parse = { .file = file, .name = name, .profile = ret_profile, .err = reterr };

	*ret_profile = (struct aws_profile){ 0 };
	while (text.len) {
		parse.line++;
		if (!read_line(&parse, span_cut(&text, '\n')))
			return false;
	}
	return true;
}
