#include "worker/aws/credentials.h"

#include "common/base/limits.h"
#include "tests/flows/simulated_time.h"
#include "tests/unit/check.h"
#include "worker/adapters/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS "aws_access_key_id = FILEKEY\naws_secret_access_key = file/secret\n"

static char home[] = P_tmpdir "/evergold-XXXXXX"; /* emptied and removed in the end */
static struct simulation *simulation;
static struct loop *loop;
static struct http *http;

/* ---- Environment and files of one test ------------------------------------------------------- */

static const char *const variables[] = {
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",       "AWS_SESSION_TOKEN",
	"AWS_PROFILE",       "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
	"AWS_REGION",        "AWS_DEFAULT_REGION",
};

static const char *const files[] = { ".aws/credentials", ".aws/config", "elsewhere" };

static const char *at_home(const char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", home, file);
	return path;
}

static void begin(void)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		remove(at_home(files[i]));
	setenv("HOME", home, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1); /* wherever this runs */
}

static void write_file(const char *file, const char *text)
{
	FILE *stream = fopen(at_home(file), "w");

	if (CHECK(stream != NULL, "%s", file) && CHECK(fputs(text, stream) >= 0))
		fclose(stream);
}

/* ---- What the provider says ------------------------------------------------------------------ */

static struct outcome {
	int done;
	char keys[128]; /* "id secret token", "" with err */
	char source[256];
	struct err err;
} got;

static void on_credentials(void *ctx, const struct credentials *credentials, const struct err *err)
{
	(void)ctx;
	got.done++;
	CHECK((credentials != NULL) == (err == NULL));
	if (err)
		got.err = *err;
	if (!credentials)
		return;
	snprintf(got.keys, sizeof(got.keys), "%s %.*s %.*s", credentials->access_key_id,
	         SPAN_ARG(secret_reveal(&credentials->secret_access_key)),
	         SPAN_ARG(secret_reveal(&credentials->session_token)));
	snprintf(got.source, sizeof(got.source), "%s", credentials->source);
}

static void ask(struct credentials_provider *provider)
{
	got = (struct outcome){ 0 };
	provider->get(provider, on_credentials, NULL);
	CHECK_INT(got.done, 0); /* never from inside get */
	simulation_advance(simulation, 0);
	CHECK_INT(got.done, 1);
}

static struct credentials_provider *standard(void)
{
	return credentials_standard(&(struct credentials_options){
		.loop = loop, .http = http, .timers = simulation_timers(simulation) });
}

static void look(void)
{
	struct credentials_provider *provider = standard();

	ask(provider);
	provider->free(provider);
}

static void check_error(const char *file, const char *rest)
{
	char want[512];

	look();
	CHECK_INT((int)got.err.kind, ERR_BROKEN);
	snprintf(want, sizeof(want), "%s%s", file ? at_home(file) : "", rest);
	CHECK_TEXT(got.err.text, want);
}

/* ---- The environment ------------------------------------------------------------------------- */

TEST(the_environment_comes_first)
{
	begin();
	write_file(".aws/credentials", "[default]\n" KEYS);
	setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "env/secret", 1);
	look();
	CHECK_TEXT(got.keys, "ENVKEY env/secret ");
	CHECK_TEXT(got.source, "environment");
	setenv("AWS_SESSION_TOKEN", "token", 1);
	look();
	CHECK_TEXT(got.keys, "ENVKEY env/secret token");
}

TEST(empty_variables_are_unset)
{
	begin();
	write_file(".aws/credentials", "[default]\n" KEYS);
	setenv("AWS_ACCESS_KEY_ID", "", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "", 1);
	setenv("AWS_PROFILE", "", 1);
	look();
	CHECK_TEXT(got.keys, "FILEKEY file/secret ");
}

TEST(half_a_pair_is_an_error)
{
	begin();
	write_file(".aws/credentials", "[default]\n" KEYS);
	setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
	check_error(NULL, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
	unsetenv("AWS_ACCESS_KEY_ID");
	setenv("AWS_SECRET_ACCESS_KEY", "env/secret", 1);
	check_error(NULL, "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
}

TEST(a_line_end_is_no_part_of_a_key)
{
	begin();
	setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "env/secret\n", 1);
	check_error(NULL, "AWS_SECRET_ACCESS_KEY holds a line end or another control character");
}

/* ---- Profiles -------------------------------------------------------------------------------- */

TEST(the_default_profile_is_found_at_home)
{
	char want[512];

	begin();
	write_file(".aws/credentials", "[default]\n" KEYS "aws_session_token = t\n");
	look();
	CHECK_TEXT(got.keys, "FILEKEY file/secret t");
	snprintf(want, sizeof(want), "profile default in %s:2", at_home(".aws/credentials"));
	CHECK_TEXT(got.source, want);
}

TEST(a_profile_is_named)
{
	begin();
	write_file(".aws/credentials", "[default]\n" KEYS);
	write_file(".aws/config", "[profile build]\naws_access_key_id = CONFIGKEY\n"
	                          "aws_secret_access_key = config/secret\n");
	setenv("AWS_PROFILE", "build", 1);
	look();
	CHECK_TEXT(got.keys, "CONFIGKEY config/secret ");
}

TEST(the_credentials_file_wins)
{
	begin();
	write_file(".aws/credentials", "[default]\n" KEYS);
	write_file(".aws/config", "[default]\naws_access_key_id = CONFIGKEY\n"
	                          "aws_secret_access_key = config/secret\n"
	                          "aws_session_token = config-token\n");
	look();
	CHECK_TEXT(got.keys, "FILEKEY file/secret ");
}

TEST(files_may_lie_elsewhere)
{
	begin();
	write_file("elsewhere", "[default]\n" KEYS);
	setenv("AWS_SHARED_CREDENTIALS_FILE", at_home("elsewhere"), 1);
	look();
	CHECK_TEXT(got.keys, "FILEKEY file/secret ");
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere", 1);
	look();
	CHECK_TEXT(got.keys, "FILEKEY file/secret ");
}

TEST(faults_name_file_and_line)
{
	begin();
	write_file(".aws/credentials", "[default]\n" KEYS "a-forgotten-secret\n");
	check_error(".aws/credentials", ":4: expected [section] or name = value");
	write_file(".aws/credentials", "[default]\n\naws_access_key_id = FILEKEY\n");
	check_error(".aws/credentials", ":3: profile default has half a pair of keys: "
	                                "no aws_secret_access_key");
	write_file(".aws/credentials", "[default]\n" KEYS);
	write_file(".aws/config", "[default]\nregion = eu-west-1\nrole_arn = arn:x\n");
	check_error(".aws/config", ":3: role_arn needs one of source_profile or credential_source");
}

static void check_told(const char *beginning)
{
	look();
	CHECK_INT((int)got.err.kind, ERR_BROKEN);
	CHECK(strncmp(got.err.text, beginning, strlen(beginning)) == 0, "%s", got.err.text);
}

TEST(absence_is_told)
{
	begin();
	check_told("no credentials: not in the environment, not in profile default of /");
	unsetenv("HOME");
	check_told("no credentials: not in the environment, not in profile default of ~/.aws/cred");
	begin();
	setenv("AWS_PROFILE", "build", 1);
	check_told("AWS_PROFILE: there is no profile build in /");
	write_file(".aws/config", "[profile build]\nregion = eu-west-1\n");
	check_told("no credentials: not in the environment, not in profile build of /");
}

static void write_too_much(void)
{
	FILE *stream = fopen(at_home("elsewhere"), "w");

	for (int i = 0; CHECK(stream != NULL) && i <= LIMIT_CONFIG_FILE; i++)
		fputc('#', stream);
	fclose(stream);
}

TEST(what_cannot_be_read_is_told)
{
	begin();
	setenv("AWS_CONFIG_FILE", home, 1);
	look();
	CHECK(strstr(got.err.text, ": Is a directory") != NULL, "%s", got.err.text);
	begin();
	write_too_much();
	setenv("AWS_CONFIG_FILE", at_home("elsewhere"), 1);
	check_error("elsewhere", ": over 1048575 bytes");
}

/* ---- In the course of time ------------------------------------------------------------------- */

TEST(expired_keys_are_read_again)
{
	struct credentials_provider *provider;

	begin();
	write_file(".aws/credentials", "[default]\n" KEYS "aws_session_token = old\n");
	provider = standard();
	ask(provider);
	CHECK_TEXT(got.keys, "FILEKEY file/secret old");
	write_file(".aws/credentials", "[default]\n" KEYS "aws_session_token = new\n");
	ask(provider);
	CHECK_TEXT(got.keys, "FILEKEY file/secret old");
	provider->expired(provider);
	ask(provider);
	CHECK_TEXT(got.keys, "FILEKEY file/secret new");
	provider->free(provider);
}

TEST(a_cancelled_question_is_not_answered)
{
	struct credentials_provider *provider;

	begin();
	provider = standard();
	got = (struct outcome){ 0 };
	call_cancel(provider->get(provider, on_credentials, NULL));
	simulation_advance(simulation, 0);
	CHECK_INT(got.done, 0);
	provider->free(provider);
}

/* ---- The region ------------------------------------------------------------------------------ */

static void check_region(const char *want)
{
	char *region = credentials_region();

	CHECK_TEXT(region, want);
	free(region);
}

TEST(the_region_is_the_first_that_is_named)
{
	begin();
	check_region(NULL);
	write_file(".aws/config", "[default]\nregion = eu-north-1\n");
	check_region("eu-north-1");
	write_file(".aws/credentials", "[default]\nregion = eu-south-1\n");
	check_region("eu-south-1");
	setenv("AWS_DEFAULT_REGION", "eu-east-1", 1);
	check_region("eu-east-1");
	setenv("AWS_REGION", "eu-west-1", 1);
	check_region("eu-west-1");
}

static void run_tests(void)
{
	check_run(the_environment_comes_first);
	check_run(empty_variables_are_unset);
	check_run(half_a_pair_is_an_error);
	check_run(a_line_end_is_no_part_of_a_key);
	check_run(the_default_profile_is_found_at_home);
	check_run(a_profile_is_named);
	check_run(the_credentials_file_wins);
	check_run(files_may_lie_elsewhere);
	check_run(faults_name_file_and_line);
	check_run(absence_is_told);
	check_run(what_cannot_be_read_is_told);
	check_run(expired_keys_are_read_again);
	check_run(a_cancelled_question_is_not_answered);
	check_run(the_region_is_the_first_that_is_named);
}

int main(void)
{
	if (!mkdtemp(home) || mkdir(at_home(".aws"), 0700)) {
		perror("a home for the tests");
		return 2;
	}
	simulation = simulation_new();
	loop = loop_new();
	http = http_new(loop, NULL);
	run_tests();
	http_free(http);
	loop_free(loop);
	simulation_free(simulation);
	begin();
	rmdir(at_home(".aws"));
	rmdir(home);
	return check_done();
}
