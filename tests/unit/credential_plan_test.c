#include "common/aws/credential_plan.h"

#include "common/base/buf.h"
#include "tests/unit/check.h"

#include <inttypes.h>
#include <string.h>

/* ---- The plan as text ------------------------------------------------------------------------ */

static void add_text(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_addf(out, "  %s: %s\n", name, value);
}

static void add_secret(struct buf *out, const char *name, const struct secret *secret)
{
	if (secret_is_set(secret))
		buf_addf(out, "  %s: %.*s\n", name, SPAN_ARG(secret_reveal(secret)));
}

static void add_number(struct buf *out, const char *name, int64_t number)
{
	if (number)
		buf_addf(out, "  %s: %" PRId64 "\n", name, number);
}

static void add_argv(struct buf *out, const char *const *argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		buf_addf(out, "  argument: <%s>\n", argv[i]);
}

static void add_step(struct buf *out, const struct credential_step *step)
{
	static const char *const kinds[] = {
		[CREDENTIAL_STATIC] = "static",
		[CREDENTIAL_ASSUME_ROLE] = "assume-role",
		[CREDENTIAL_WEB_IDENTITY] = "web-identity",
		[CREDENTIAL_SSO] = "sso",
		[CREDENTIAL_PROCESS] = "process",
		[CREDENTIAL_CONTAINER] = "container",
		[CREDENTIAL_IMDS] = "imds",
	};

	buf_addf(out, "%s from %s\n", kinds[step->kind], step->where);
	add_text(out, "access key", step->access_key_id);
	add_secret(out, "secret key", &step->secret_access_key);
	add_secret(out, "session token", &step->session_token);
	add_number(out, "expires ms", step->expires_ms);
	add_text(out, "role", step->role_arn);
	add_text(out, "session", step->session_name);
	add_text(out, "external id", step->external_id);
	add_number(out, "duration s", step->duration_s);
	add_text(out, "token file", step->token_file);
	add_text(out, "sso region", step->sso_region);
	add_text(out, "sso account", step->sso_account_id);
	add_text(out, "sso role", step->sso_role_name);
	add_text(out, "sso cache", step->sso_cache_name);
	add_text(out, "sso login", step->sso_login_hint);
	add_argv(out, step->argv);
	add_text(out, "uri", step->uri);
	add_secret(out, "token", &step->token);
	add_text(out, "imds", step->imds_endpoint);
	add_number(out, "timeout ms", step->imds_timeout_ms);
	add_number(out, "attempts", step->imds_attempts);
}

/* ---- A case: env, credentials and config, each of which may be absent ------------------------ */

/* The environment: lines of NAME=value, each closed by a NUL instead of its end. */
struct lines {
	char text[1024];
	size_t len;
};

static struct lines lines_of(struct span text)
{
	struct lines lines = { .len = text.len };

	if (!CHECK(text.len < sizeof(lines.text), "too long"))
		return (struct lines){ 0 };
	for (size_t i = 0; i < text.len; i++)
		lines.text[i] = (char)(text.at[i] == '\n' ? '\0' : text.at[i]);
	return lines;
}

static const char *find_line(void *ctx, const char *name)
{
	const struct lines *lines = ctx;
	size_t len = strlen(name);

	for (const char *at = lines->text; at < lines->text + lines->len; at += strlen(at) + 1) {
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

static struct span read_file(const char *dir, const char *file)
{
	struct span text = SPAN_NONE;

	if (!check_missing(dir, file))
		text.at = check_read(dir, file, &text.len);
	return text;
}

static void plan_case(const char *dir)
{
	struct lines lines = lines_of(read_file(dir, "env"));
	struct aws_environment environment = { find_line, &lines };
	struct aws_files files = { read_file(dir, "credentials"), read_file(dir, "config"),
		                   "credentials", "config" };
	struct buf got = buf_with_max(16384);
	struct credential_plan plan;
	struct err err;

	if (credential_plan_make(&environment, &files, &plan, &err)) {
		for (size_t i = 0; i < plan.n; i++)
			add_step(&got, &plan.steps[i]);
	} else {
		CHECK_INT(err.kind, ERR_BROKEN);
		buf_addf(&got, "fault: %s\n", err.text);
	}
	CHECK_FILE(dir, "want.txt", buf_text(&got));
	credential_plan_clear(&plan);
	buf_clear(&got);
}

/* ---- What has no file ------------------------------------------------------------------------ */

static void check_setting(const char *env, enum aws_key key, const char *want)
{
	struct lines lines = lines_of(span_of(env));
	struct aws_environment environment = { find_line, &lines };
	struct aws_files files = { SPAN("[web]\nregion = eu-west-1\n"),
		                   SPAN("[profile web]\nregion = eu-north-1\nservices = s\n"
		                        "[default]\nregion = us-east-1\n"),
		                   "credentials", "config" };
	struct aws_setting setting;
	struct err err = { 0 };

	if (CHECK(aws_files_setting(&environment, &files, key, &setting, &err), "%s", err.text))
		CHECK(span_is(setting.value, want), "%.*s, not %s", SPAN_ARG(setting.value), want);
}

TEST(a_setting_is_the_selected_profiles)
{
	check_setting("", AWS_KEY_REGION, "us-east-1");
	check_setting("AWS_PROFILE=web", AWS_KEY_REGION, "eu-west-1");
	check_setting("AWS_PROFILE=web", AWS_KEY_SERVICES, "s");
	check_setting("AWS_PROFILE=web\nAWS_DEFAULT_PROFILE=default", AWS_KEY_REGION, "us-east-1");
	check_setting("AWS_PROFILE=none", AWS_KEY_REGION, "");
}

static void check_imds_with(struct span config, const char *env, const char *want)
{
	struct lines lines = lines_of(span_of(env));
	struct aws_environment environment = { find_line, &lines };
	struct aws_files files = { SPAN_NONE, config, "credentials", "config" };
	struct buf got = buf_with_max(16384);
	struct credential_plan plan;
	struct err err;

	if (credential_plan_imds(&environment, &files, &plan, &err))
		add_step(&got, &plan.steps[0]);
	else
		buf_addf(&got, "fault: %s\n", err.text);
	CHECK_TEXT(buf_text(&got), want);
	credential_plan_clear(&plan);
	buf_clear(&got);
}

static void check_imds(const char *env, const char *want)
{
	check_imds_with(SPAN("[profile web]\nmetadata_service_timeout = 5\n"), env, want);
}

TEST(the_metadata_may_be_asked_whatever_has_the_keys)
{
	check_imds("AWS_ACCESS_KEY_ID=AKIDEXAMPLE\nAWS_EC2_METADATA_SERVICE_ENDPOINT=http://m/\n"
	           "AWS_PROFILE=web\n",
	           "imds from instance metadata\n  imds: http://m\n  timeout ms: 5000\n"
	           "  attempts: 1\n");
	check_imds("AWS_EC2_METADATA_DISABLED=TRUE\n",
	           "fault: AWS_EC2_METADATA_DISABLED is true\n");
	check_imds_with(SPAN("[web\n"), "", "fault: config:1: a section is [name]\n");
	check_imds("AWS_METADATA_SERVICE_TIMEOUT=0\n",
	           "fault: AWS_METADATA_SERVICE_TIMEOUT: expected a number from 1 to 60\n");
}

/* Also a plan that failed half way holds secrets. */
TEST(a_cleared_plan_is_empty)
{
	struct lines lines = lines_of(SPAN("AWS_ACCESS_KEY_ID=AKIDEXAMPLE\n"
	                                   "AWS_SECRET_ACCESS_KEY=secret\n"
	                                   "AWS_CREDENTIAL_EXPIRATION=soon\n"));
	struct aws_environment environment = { find_line, &lines };
	struct aws_files files = { .credentials_path = "credentials", .config_path = "config" };
	struct credential_plan plan;
	struct err err;

	CHECK(!credential_plan_make(&environment, &files, &plan, &err));
	CHECK(!strstr(err.text, "soon"), "%s", err.text);
	credential_plan_clear(&plan);
	CHECK_INT(plan.n, 0);
	CHECK(!secret_is_set(&plan.steps[0].secret_access_key));
}

int main(void)
{
	check_run(a_setting_is_the_selected_profiles);
	check_run(the_metadata_may_be_asked_whatever_has_the_keys);
	check_run(a_cleared_plan_is_empty);
	check_cases("tests/cases/credential_plan", plan_case);
	return check_done();
}
