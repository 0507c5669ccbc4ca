/* Each source of credentials against a server, or a program, that misbehaves as its path says. */
#include "worker/aws/credential_sources.h"

#include "common/aws/endpoint_settings.h"
#include "common/base/mem.h"
#include "tests/flows/credential_server.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/adapters/http.h"
#include "worker/aws/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loop *loop;
static struct http *http;
static struct local_server *server;
static struct credential_tools tools;

static int64_t no_time(void)
{
	return 0;
}

/* ---- One question ---------------------------------------------------------------------------- */

static struct outcome {
	int done;
	char keys[64], source[64];
	int64_t expires_ms;
	struct err err;
} got;

static void on_credentials(void *ctx, const struct credentials *credentials, const struct err *err)
{
	(void)ctx;
	got.done++;
	if (err)
		got.err = *err;
	CHECK((credentials == NULL) == (err != NULL));
	CHECK(strstr(got.err.text, "s3cr3t") == NULL, "%s", got.err.text);
	if (!credentials)
		return;
	snprintf(got.keys, sizeof(got.keys), "%s %.*s %.*s", credentials->access_key_id,
	         SPAN_ARG(secret_reveal(&credentials->secret_access_key)),
	         SPAN_ARG(secret_reveal(&credentials->session_token)));
	snprintf(got.source, sizeof(got.source), "%s", credentials->source);
	got.expires_ms = credentials->expires_ms;
}

static void ask(struct credentials_provider *provider)
{
	got = (struct outcome){ 0 };
	provider->get(provider, on_credentials, NULL);
	CHECK_INT(got.done, 0); /* never from inside get */
	loop_run(loop);
	CHECK_INT(got.done, 1);
}

static void ask_once(struct credentials_provider *provider)
{
	ask(provider);
	provider->free(provider);
}

static void check_fine(void)
{
	CHECK_TEXT(got.err.text, "");
	CHECK_TEXT(got.keys, "AKID s3cr3t t0ken");
	CHECK_TEXT(got.source, "test");
	CHECK(got.expires_ms == CREDENTIAL_SERVER_EXPIRES_MS);
}

static void check_err(enum err_kind kind, const char *text)
{
	CHECK_INT((int)got.err.kind, (int)kind);
	CHECK(strstr(got.err.text, text) != NULL, "%s: %s", got.err.text, text);
	CHECK(strncmp(got.err.text, "test: ", 6) == 0, "%s", got.err.text);
}

static bool was_sent(int number, const char *text)
{
	return strstr(local_server_request(server, number), text) != NULL;
}

static const char *url(const char *path)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s%s", local_server_origin(server), path);
	return text;
}

static const char *file_of(const char *text)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/token", temporary_folder());
	file = fopen(path, "w");
	if (CHECK(file != NULL) && CHECK(fputs(text, file) >= 0))
		fclose(file);
	return path;
}

static void begin(void)
{
	static const struct log errors = { LOG_ERROR, true, STDERR_FILENO, no_time };

	server = local_server_start(credential_server_answer);
	setenv("AWS_ENDPOINT_URL", local_server_origin(server), 1);
	loop = loop_new();
	http = http_new(loop, NULL);
	tools = (struct credential_tools){ .loop = loop,
		                           .http = http,
		                           .timers = loop_timers(loop),
		                           .region = "eu-west-1",
		                           .home = temporary_empty() };
	tools.client = aws_client_new(&(struct aws_client_options){ .http = http,
	                                                            .timers = tools.timers,
	                                                            .log = &errors },
	                              NULL);
}

static void end(void)
{
	aws_client_free(tools.client);
	http_free(http);
	loop_free(loop);
	local_server_stop(server);
	unsetenv("AWS_ENDPOINT_URL");
}

/* ---- Containers ------------------------------------------------------------------------------ */

static void ask_container(const char *path, const char *token_file)
{
	struct credential_step step = { .kind = CREDENTIAL_CONTAINER,
		                        .where = "test",
		                        .uri = url(path),
		                        .token_file = token_file };

	ask_once(credentials_container(&tools, &step));
}

TEST(a_container_endpoint_answers)
{
	begin();
	ask_container("/container/fine", NULL);
	check_fine();
	CHECK(was_sent(0, "Accept: application/json\r\n"));
	CHECK(!was_sent(0, "Authorization"));
	end();
}

TEST(a_container_token_is_read_at_every_fetch)
{
	struct credential_step step = { .kind = CREDENTIAL_CONTAINER, .where = "test" };
	struct credentials_provider *provider;

	begin();
	step.uri = url("/container/fine");
	step.token_file = file_of("first\n");
	provider = credentials_container(&tools, &step);
	ask(provider);
	check_fine();
	file_of("second");
	ask(provider);
	provider->free(provider);
	CHECK(was_sent(0, "Authorization: first\r\n"));
	CHECK(was_sent(1, "Authorization: second\r\n"));
	end();
}

TEST(a_container_token_of_lines_is_not_sent)
{
	begin();
	ask_container("/container/fine", file_of("s3cr3t\r\nX-Evil: 1"));
	check_err(ERR_BROKEN, "more than one line");
	ask_container("/container/fine", "/nowhere");
	check_err(ERR_BROKEN, "/nowhere: No such file");
	CHECK_INT(local_server_requests(server), 0);
	end();
}

TEST(a_container_endpoint_is_asked_three_times)
{
	begin();
	ask_container("/container/second", NULL);
	check_fine();
	CHECK_INT(local_server_requests(server), 2);
	ask_container("/container/nothing", NULL);
	check_err(ERR_TRANSIENT, "status 404");
	CHECK_INT(local_server_requests(server), 5);
	end();
}

TEST(what_is_no_answer_of_a_container_is_told)
{
	begin();
	ask_container("/container/garbage", NULL);
	check_err(ERR_BROKEN, "");
	ask_container("/container/empty", NULL);
	check_err(ERR_BROKEN, "no pair of keys");
	end();
}

/* ---- Instance metadata ----------------------------------------------------------------------- */

static struct credential_step imds_step(const char *path)
{
	return (struct credential_step){ .kind = CREDENTIAL_IMDS,
		                         .where = "test",
		                         .imds_endpoint = url(path),
		                         .imds_timeout_ms = 300,
		                         .imds_attempts = 2 };
}

static void ask_imds(const char *path)
{
	struct credential_step step = imds_step(path);

	ask_once(credentials_imds(&tools, &step));
}

TEST(metadata_is_asked_within_a_session)
{
	struct credential_step step;
	struct credentials_provider *provider;

	begin();
	step = imds_step("");
	provider = credentials_imds(&tools, &step);
	ask(provider);
	check_fine();
	CHECK_INT(local_server_requests(server), 3);
	ask(provider);
	check_fine();
	CHECK_INT(local_server_requests(server), 5); /* the session is kept */
	provider->free(provider);
	end();
}

TEST(a_refused_session_is_begun_anew)
{
	begin();
	ask_imds("/rotated");
	check_fine();
	CHECK_INT(local_server_requests(server), 5);
	end();
}

TEST(a_new_session_that_is_refused_is_the_last)
{
	begin();
	ask_imds("/denied");
	check_err(ERR_BROKEN, "status 401");
	CHECK_INT(local_server_requests(server), 4);
	end();
}

TEST(link_local_addresses_are_never_asked_through_a_proxy)
{
	begin();
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	ask_imds("");
	check_fine();
	ask_container("/container/fine", NULL);
	check_fine();
	unsetenv("http_proxy");
	end();
}

TEST(metadata_that_hangs_names_the_hop_limit)
{
	begin();
	ask_imds("/hang");
	check_err(ERR_TRANSIENT, "hop limit has to be 2");
	CHECK_INT(local_server_requests(server), 2);
	end();
}

TEST(metadata_that_refuse_name_no_hop_limit)
{
	struct credential_step step;

	begin();
	step = imds_step("");
	step.imds_endpoint = "http://127.0.0.1:1";
	ask_once(credentials_imds(&tools, &step));
	check_err(ERR_TRANSIENT, "could not connect");
	CHECK(strstr(got.err.text, "hop limit") == NULL, "%s", got.err.text);
	end();
}

TEST(version_1_of_metadata_is_never_asked)
{
	begin();
	ask_imds("/old");
	check_err(ERR_BROKEN, "status 403");
	CHECK_INT(local_server_requests(server), 1);
	CHECK(was_sent(0, "PUT /old/latest/api/token "));
	end();
}

TEST(an_instance_without_a_role_is_told)
{
	begin();
	ask_imds("/roleless");
	check_err(ERR_BROKEN, "no role is there");
	ask_imds("/failed");
	check_err(ERR_BROKEN, "AssumeRoleUnauthorizedAccess: no");
	end();
}

/* ---- A process ------------------------------------------------------------------------------- */

static void ask_process(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct credential_step step = { .kind = CREDENTIAL_PROCESS, .where = "test", .argv = argv };

	ask_once(credentials_process(&tools, &step));
}

TEST(a_process_prints_credentials)
{
	begin();
	ask_process("echo '{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": "
	            "\"s3cr3t\", \"SessionToken\": \"t0ken\", "
	            "\"Expiration\": \"2030-01-01T00:00:00+00:00\"}'");
	check_fine();
	ask_process("echo '{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": "
	            "\"s3cr3t\"}'");
	CHECK_TEXT(got.keys, "AKID s3cr3t ");
	CHECK(got.expires_ms == 0);
	end();
}

TEST(a_process_that_misbehaves_is_told)
{
	begin();
	ask_process("echo s3cr3t; exit 3");
	check_err(ERR_BROKEN, "sh: exit status 3");
	ask_process("echo s3cr3t");
	check_err(ERR_BROKEN, "sh: ");
	ask_process("head -c 1048576 /dev/zero");
	check_err(ERR_BROKEN, "sh: it prints too much");
	ask_process("echo '{\"Version\": 2, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": "
	            "\"s3cr3t\"}'");
	check_err(ERR_BROKEN, "Version is not 1");
	ask_process("echo '{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": "
	            "\"s3cr3t\", \"Expiration\": \"soon\"}'");
	check_err(ERR_BROKEN, "Expiration is no time");
	end();
}

/* ---- Roles ----------------------------------------------------------------------------------- */

TEST(a_role_is_assumed_with_the_keys_of_its_base)
{
	struct credential_step steps[] = {
		{ .kind = CREDENTIAL_ASSUME_ROLE,
		  .where = "test",
		  .role_arn = "arn:aws:iam::123456789012:role/web",
		  .external_id = "outside",
		  .duration_s = 900 },
		{ .kind = CREDENTIAL_STATIC, .where = "base", .access_key_id = "BASEKEY" },
	};

	begin();
	steps[1].secret_access_key = secret_of(SPAN("base-secret"));
	ask_once(credentials_role(&tools, &steps[0], credentials_fixed(&tools, &steps[1])));
	check_fine();
	CHECK(was_sent(0, "Credential=BASEKEY/"));
	CHECK(was_sent(0, "Action=AssumeRole&"));
	CHECK(was_sent(0, "RoleSessionName=evergold-"));
	CHECK(was_sent(0, "ExternalId=outside"));
	CHECK(was_sent(0, "DurationSeconds=900"));
	secret_clear(&steps[1].secret_access_key);
	end();
}

TEST(a_web_identity_is_sent_unsigned_and_read_each_time)
{
	struct credential_step step = { .kind = CREDENTIAL_WEB_IDENTITY,
		                        .where = "test",
		                        .role_arn = "arn:aws:iam::123456789012:role/web",
		                        .session_name = "pod" };
	struct credentials_provider *provider;

	begin();
	step.token_file = file_of("first\n");
	provider = credentials_web_identity(&tools, &step);
	ask(provider);
	check_fine();
	file_of("second\n");
	ask(provider);
	check_fine();
	CHECK(was_sent(0, "WebIdentityToken=first"));
	CHECK(was_sent(1, "WebIdentityToken=second"));
	CHECK(was_sent(0, "RoleSessionName=pod"));
	CHECK(!was_sent(0, "Authorization"));
	remove(step.token_file);
	ask(provider);
	check_err(ERR_BROKEN, "No such file");
	provider->free(provider);
	end();
}

TEST(a_role_that_is_refused_is_told)
{
	struct credential_step step = { .kind = CREDENTIAL_WEB_IDENTITY,
		                        .where = "test",
		                        .role_arn = "arn:aws:iam::123456789012:role/forbidden" };

	begin();
	step.token_file = file_of("token");
	ask_once(credentials_web_identity(&tools, &step));
	check_err(ERR_BROKEN, "AccessDenied: not this one");
	CHECK_INT(local_server_requests(server), 1);
	end();
}

/* ---- Patience -------------------------------------------------------------------------------- */

static void stop_loop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* Cancels before the first step, and then while nobody answers. */
static void check_cancel(struct credentials_provider *provider)
{
	struct timers *timers = loop_timers(loop);
	struct call *call;

	got = (struct outcome){ 0 };
	call_cancel(provider->get(provider, on_credentials, NULL));
	loop_run(loop);
	call = provider->get(provider, on_credentials, NULL);
	timers->after(timers, 50, stop_loop, NULL);
	loop_run(loop);
	call_cancel(call);
	loop_run(loop);
	CHECK_INT(got.done, 0);
	provider->free(provider);
}

TEST(a_question_may_be_taken_back)
{
	static const char *const argv[] = { "sleep", "1000", NULL };
	struct credential_step step = { .where = "test", .argv = argv };
	char hang[128];

	begin();
	snprintf(hang, sizeof(hang), "%s", url("/hang"));
	step.uri = hang;
	step.imds_endpoint = hang;
	step.imds_timeout_ms = 20000;
	step.imds_attempts = 1;
	check_cancel(credentials_container(&tools, &step));
	check_cancel(credentials_imds(&tools, &step));
	check_cancel(credentials_process(&tools, &step));
	end();
}

/* ---- IAM Identity Center --------------------------------------------------------------------- */

static const char *const folders[] = { ".aws", ".aws/sso", ".aws/sso/cache" };

static const char *at_home(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", temporary_folder(), name);
	return path;
}

static void write_login(const char *text)
{
	FILE *file;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		mkdir(at_home(folders[i]), 0700);
	file = fopen(at_home(".aws/sso/cache/x.json"), "w");
	if (CHECK(file != NULL) && CHECK(fputs(text, file) >= 0))
		fclose(file);
}

static void remove_login(void)
{
	remove(at_home(".aws/sso/cache/x.json"));
	for (size_t i = ARRAY_LEN(folders); i > 0; i--)
		rmdir(at_home(folders[i - 1]));
}

/* The portal of that region; of none: the server. */
static void ask_sso_in(const char *region, const char *role)
{
	struct aws_endpoint_settings endpoints = { .max_attempts = 0 };
	struct credential_step step = { .kind = CREDENTIAL_SSO,
		                        .where = "test",
		                        .sso_region = region ? region : "eu-west-1",
		                        .sso_account_id = "123456789012",
		                        .sso_role_name = role,
		                        .sso_cache_name = "x.json",
		                        .sso_login_hint = "aws sso login --profile web" };

	if (!region)
		endpoints.origins[AWS_SSO] = xstrdup(local_server_origin(server));
	tools.endpoints = &endpoints;
	ask_once(credentials_sso(&tools, &step));
	aws_endpoint_settings_clear(&endpoints);
}

static void ask_sso(const char *role)
{
	ask_sso_in(NULL, role);
}

TEST(a_login_is_used)
{
	begin();
	write_login("{\"accessToken\": \"bearer\", \"expiresAt\": \"2999-01-01T00:00:00Z\"}");
	ask_sso("web+role");
	check_fine();
	CHECK(was_sent(0, "x-amz-sso_bearer_token: bearer\r\n"));
	CHECK(!was_sent(0, "Authorization"));
	remove_login();
	end();
}

TEST(the_portal_is_in_the_partition_of_its_region)
{
	begin();
	write_login("{\"accessToken\": \"bearer\", \"expiresAt\": \"2999-01-01T00:00:00Z\"}");
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	ask_sso_in("cn-north-1", "role");
	check_err(ERR_TRANSIENT, "https://portal.sso.cn-north-1.amazonaws.com.cn: ");
	unsetenv("https_proxy");
	remove_login();
	end();
}

TEST(the_error_says_how_to_log_in)
{
	begin();
	ask_sso("web+role");
	check_err(ERR_BROKEN, "nobody has logged in: run \"aws sso login --profile web\"");
	write_login("{\"accessToken\": \"s3cr3t\", \"expiresAt\": \"2020-01-01T00:00:00Z\"}");
	ask_sso("web+role");
	check_err(ERR_BROKEN, "has expired: run \"aws sso login --profile web\"");
	write_login("s3cr3t");
	ask_sso("web+role");
	check_err(ERR_BROKEN, "cannot be read: run \"aws sso login --profile web\"");
	CHECK_INT(local_server_requests(server), 0);
	write_login("{\"accessToken\": \"bearer\", \"expiresAt\": \"2999-01-01T00:00:00Z\"}");
	ask_sso("another");
	check_err(ERR_BROKEN, "not valid any more: run \"aws sso login --profile web\"");
	remove_login();
	end();
}

int main(void)
{
	check_run(a_container_endpoint_answers);
	check_run(a_container_token_is_read_at_every_fetch);
	check_run(a_container_token_of_lines_is_not_sent);
	check_run(a_container_endpoint_is_asked_three_times);
	check_run(what_is_no_answer_of_a_container_is_told);
	check_run(metadata_is_asked_within_a_session);
	check_run(a_refused_session_is_begun_anew);
	check_run(a_new_session_that_is_refused_is_the_last);
	check_run(link_local_addresses_are_never_asked_through_a_proxy);
	check_run(metadata_that_hangs_names_the_hop_limit);
	check_run(metadata_that_refuse_name_no_hop_limit);
	check_run(version_1_of_metadata_is_never_asked);
	check_run(an_instance_without_a_role_is_told);
	check_run(a_process_prints_credentials);
	check_run(a_process_that_misbehaves_is_told);
	check_run(a_role_is_assumed_with_the_keys_of_its_base);
	check_run(a_web_identity_is_sent_unsigned_and_read_each_time);
	check_run(a_role_that_is_refused_is_told);
	check_run(a_question_may_be_taken_back);
	check_run(a_login_is_used);
	check_run(the_portal_is_in_the_partition_of_its_region);
	check_run(the_error_says_how_to_log_in);
	return check_done();
}
