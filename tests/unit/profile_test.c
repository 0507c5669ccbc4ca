#include "common/aws/profile.h"

#include "common/base/buf.h"
#include "tests/unit/check.h"

static void add_setting(struct buf *out, const char *name, struct span value)
{
	if (value.at)
		buf_addf(out, "%s: \"%.*s\"\n", name, SPAN_ARG(value));
}

static void describe(struct buf *out, const struct aws_profile *profile)
{
	buf_addf(out, "found: %s\n", profile->found ? "yes" : "no");
	if (profile->found)
		buf_addf(out, "line: %d\n", profile->line);
	add_setting(out, "access key", profile->access_key_id);
	add_setting(out, "secret key", profile->secret_access_key);
	add_setting(out, "token", profile->session_token);
	add_setting(out, "region", profile->region);
	add_setting(out, "unsupported", span_of(profile->unsupported));
}

/* credentials or config: the file. profile: the one that is looked for, "default" without it. */
static void profile_case(const char *dir)
{
	bool config = check_missing(dir, "credentials");
	struct span name = check_missing(dir, "profile") ? SPAN("default")
	                                                 : span_of(check_read_text(dir, "profile"));
	struct buf got = buf_with_max(4096);
	struct aws_profile profile;
	struct span text;
	struct err err;

	text.at = check_read(dir, config ? "config" : "credentials", &text.len);
	if (aws_profile_read(text, config ? AWS_CONFIG_FILE : AWS_CREDENTIALS_FILE, name, &profile,
	                     &err))
		describe(&got, &profile);
	else
		buf_addf(&got, "%d: %s\n", profile.fault_line, err.text);
	CHECK_FILE(dir, "want.txt", buf_text(&got));
	buf_clear(&got);
}

int main(void)
{
	check_cases("tests/cases/profile", profile_case);
	return check_done();
}
