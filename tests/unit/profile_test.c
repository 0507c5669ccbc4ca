#include "common/aws/profile.h"

#include "common/base/buf.h"
#include "tests/unit/check.h"

static void describe(struct buf *out, const struct aws_section *section)
{
	if (section->line)
		buf_addf(out, "line %d\n", section->line);
	else
		buf_add_text(out, "not found\n");
	for (size_t i = 0; i < AWS_KEYS; i++) {
		const struct aws_setting *setting = &section->settings[i];

		if (setting->line)
			buf_addf(out, "%d: %s: \"%.*s\"\n", setting->line,
			         aws_key_name((enum aws_key)i), SPAN_ARG(setting->value));
	}
}

/* credentials or config: the file. profile: the one that is looked for, "default" without it. */
static void profile_case(const char *dir)
{
	bool is_config = check_missing(dir, "credentials");
	const char *file = is_config ? "config" : "credentials";
	struct span name = check_missing(dir, "profile") ? SPAN("default")
	                                                 : span_of(check_read_text(dir, "profile"));
	struct aws_text text = { is_config ? AWS_CONFIG_FILE : AWS_CREDENTIALS_FILE, SPAN_NONE,
		                 file };
	struct buf got = buf_with_max(4096);
	struct aws_section section;
	struct err err;

	text.text.at = check_read(dir, file, &text.text.len);
	if (aws_section_read(&text, AWS_PROFILE, name, &section, &err))
		describe(&got, &section);
	else
		buf_addf(&got, "%s\n", err.text);
	CHECK_FILE(dir, "want.txt", buf_text(&got));
	buf_clear(&got);
}

/* ---- Sections -------------------------------------------------------------------------------- */

#define CONFIG                                  \
	"[profile 'my web']\n"                  \
	"SSO_Session = corp\n"                  \
	"services = local\n"                    \
	"s3 =\n"                                \
	"  region = of-s3\n"                    \
	"[sso-session corp]\n"                  \
	"sso_region = eu-central-1\n"           \
	"[services local]\n"                    \
	"endpoint_url = http://outside\n"       \
	"SQS =\n"                               \
	"  endpoint_url = http://localhost:1\n" \
	"secrets_manager = \n"                  \
	"\t# comment\n"                         \
	"\tendpoint_url = http://localhost:2\n" \
	"sns = x\n"                             \
	"  endpoint_url = http://of-a-value\n"  \
	"[services other]\n"                    \
	"sqs =\n"                               \
	"  endpoint_url = http://localhost:3\n"

static const struct aws_text config = { AWS_CONFIG_FILE, { CONFIG, sizeof(CONFIG) - 1 }, "config" };

TEST(a_section_has_a_kind_and_a_name)
{
	struct aws_section section;

	CHECK(aws_section_read(&config, AWS_PROFILE, SPAN("my web"), &section, NULL));
	CHECK_INT(section.line, 1);
	CHECK(span_is(section.settings[AWS_KEY_SSO_SESSION].value, "corp"));
	CHECK_INT(section.settings[AWS_KEY_SSO_SESSION].line, 2);
	CHECK_TEXT(section.settings[AWS_KEY_SSO_SESSION].path, "config");
	CHECK_INT(section.settings[AWS_KEY_REGION].line, 0);
	CHECK(aws_section_read(&config, AWS_SSO_SESSION, SPAN("corp"), &section, NULL));
	CHECK_INT(section.line, 6);
	CHECK(span_is(section.settings[AWS_KEY_SSO_REGION].value, "eu-central-1"));
	CHECK(aws_section_read(&config, AWS_PROFILE, SPAN("corp"), &section, NULL));
	CHECK_INT(section.line, 0);
}

static void check_endpoint(const char *name, const char *service, const char *want)
{
	struct aws_setting setting;

	if (CHECK(aws_services_endpoint(&config, span_of(name), span_of(service), &setting, NULL)))
		CHECK(span_is(setting.value, want), "%s of %s: %.*s", service, name,
		      SPAN_ARG(setting.value));
}

TEST(an_endpoint_stands_below_its_service)
{
	check_endpoint("local", "sqs", "http://localhost:1");
	check_endpoint("local", "secrets_manager", "http://localhost:2");
	check_endpoint("local", "sns", "");
	check_endpoint("local", "ssm", "");
	check_endpoint("other", "sqs", "http://localhost:3");
	check_endpoint("none", "sqs", "");
}

static void check_fault(const char *text, const char *want)
{
	struct aws_text twice = { AWS_CONFIG_FILE, span_of(text), "some/file" };
	struct aws_setting setting;
	struct err err = { 0 };

	CHECK(!aws_services_endpoint(&twice, SPAN("s"), SPAN("sqs"), &setting, &err));
	CHECK_INT(err.kind, ERR_BROKEN);
	CHECK_TEXT(err.text, want);
}

TEST(a_fault_has_a_file_and_a_line)
{
	check_fault("[services s]\nsqs =\n  endpoint_url = a\n  endpoint_url = b\n",
	            "some/file:4: this setting is there twice");
	check_fault("[services s]\nsqs =\n  endpoint_url\n", "some/file:3: expected name = value");
	check_fault("[services s\n", "some/file:1: a section is [name]");
}

TEST(every_key_has_a_name)
{
	for (size_t i = 0; i < AWS_KEYS; i++)
		CHECK(aws_key_name((enum aws_key)i) != NULL, "%zu", i);
}

int main(void)
{
	check_run(a_section_has_a_kind_and_a_name);
	check_run(an_endpoint_stands_below_its_service);
	check_run(a_fault_has_a_file_and_a_line);
	check_run(every_key_has_a_name);
	check_cases("tests/cases/profile", profile_case);
	return check_done();
}
