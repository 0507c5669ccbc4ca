/*
 * Nothing that hands out credentials holds up the loop: it makes its turns while they hang.
 *
 * Turns are counted, not time: were the loop held up, the source would have given up before them.
 */
#include "common/base/mem.h"
#include "tests/flows/local_server.h"
#include "tests/flows/temporary.h"
#include "tests/unit/check.h"
#include "worker/adapters/http.h"
#include "worker/aws/client.h"
#include "worker/aws/credential_sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TURNS 100

static struct loop *loop;
static struct timers *timers;
static struct http *http;
static struct local_server *server;
static struct aws_endpoint_settings endpoints;
static struct credential_tools tools;
static char path[256];

static int64_t no_time(void)
{
	return 0;
}

static enum local_end never_answer(const struct local_request *request)
{
	local_await_hangup(request);
	return LOCAL_CLOSE;
}

static const char *const folders[] = { ".aws", ".aws/sso", ".aws/sso/cache" };

static const char *folder_at_home(size_t i)
{
	static char folder[128];

	snprintf(folder, sizeof(folder), "%s/%s", temporary_folder(), folders[i]);
	return folder;
}

static void begin(void)
{
	static const struct log errors = { LOG_ERROR, true, STDERR_FILENO, no_time };

	server = local_server_start(never_answer);
	setenv("AWS_ENDPOINT_URL", local_server_origin(server), 1);
	loop = loop_new();
	timers = loop_timers(loop);
	http = http_new(loop, NULL);
	tools = (struct credential_tools){ .loop = loop,
		                           .http = http,
		                           .timers = timers,
		                           .region = "eu-west-1",
		                           .home = temporary_empty(),
		                           .endpoints = &endpoints };
	endpoints.origins[AWS_SSO] = xstrdup(local_server_origin(server));
	tools.client = aws_client_new(
		&(struct aws_client_options){ .http = http, .timers = timers, .log = &errors },
		NULL);
	snprintf(path, sizeof(path), "%s/file", temporary_empty());
}

/* The file is the login of IAM Identity Center, then. */
static void begin_logged_in(void)
{
	begin();
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		mkdir(folder_at_home(i), 0700);
	snprintf(path, sizeof(path), "%s/file", folder_at_home(ARRAY_LEN(folders) - 1));
}

static void end(void)
{
	aws_client_free(tools.client);
	http_free(http);
	loop_free(loop);
	local_server_stop(server);
	unsetenv("AWS_ENDPOINT_URL");
	aws_endpoint_settings_clear(&endpoints);
	remove(path);
	for (size_t i = ARRAY_LEN(folders); i > 0; i--)
		rmdir(folder_at_home(i - 1));
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	if (CHECK(file != NULL) && CHECK(fputs(text, file) >= 0))
		fclose(file);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

typedef bool begun_fn(void); /* whether the source hangs by now */

static struct turns {
	begun_fn *begun;
	int hanging; /* turns since */
	int answers;
	struct err err;
} turns;

static bool server_was_asked(void)
{
	return local_server_requests(server) > 0;
}

static bool program_runs(void)
{
	return access(path, F_OK) == 0;
}

static void on_turn(void *ctx)
{
	(void)ctx;
	turns.hanging += turns.begun();
	if (turns.hanging == TURNS || turns.answers)
		loop_stop(loop);
	else
		timers->after(timers, 1, on_turn, NULL);
}

static void on_credentials(void *ctx, const struct credentials *credentials, const struct err *err)
{
	(void)ctx;
	CHECK(!credentials && err);
	turns.answers++;
	if (err)
		turns.err = *err;
}

/* The provider is handed over. */
static void check_turns(struct credentials_provider *provider, begun_fn *begun)
{
	struct call *call;

	turns = (struct turns){ .begun = begun };
	call = provider->get(provider, on_credentials, NULL);
	on_turn(NULL);
	loop_run(loop);
	CHECK_INT(turns.hanging, TURNS);
	if (CHECK_INT(turns.answers, 0))
		call_cancel(call);
	provider->free(provider);
}

/* The provider is handed over. */
static void check_refused(struct credentials_provider *provider, const char *why)
{
	turns = (struct turns){ .answers = 0 };
	provider->get(provider, on_credentials, NULL);
	loop_run(loop);
	CHECK_INT(turns.answers, 1);
	CHECK(strstr(turns.err.text, why) != NULL, "%s", turns.err.text);
	provider->free(provider);
}

/* ---- Servers and programs that hang ---------------------------------------------------------- */

TEST(the_loop_turns_while_a_container_endpoint_hangs)
{
	struct credential_step step = { .where = "test" };

	begin();
	step.uri = local_server_origin(server);
	check_turns(credentials_container(&tools, &step), server_was_asked);
	end();
}

static struct credential_step imds_step(int timeout_ms)
{
	return (struct credential_step){ .where = "test",
		                         .imds_endpoint = local_server_origin(server),
		                         .imds_timeout_ms = timeout_ms,
		                         .imds_attempts = 2 };
}

TEST(the_loop_turns_while_metadata_hangs)
{
	struct credential_step step;

	begin();
	step = imds_step(60000);
	check_turns(credentials_imds(&tools, &step), server_was_asked);
	end();
}

TEST(the_loop_turns_while_the_portal_hangs)
{
	struct credential_step step = { .where = "test",
		                        .sso_region = "eu-west-1",
		                        .sso_account_id = "123456789012",
		                        .sso_role_name = "web",
		                        .sso_cache_name = "file",
		                        .sso_login_hint = "aws sso login" };

	begin_logged_in();
	write_file("{\"accessToken\": \"bearer\", \"expiresAt\": \"2999-01-01T00:00:00Z\"}");
	check_turns(credentials_sso(&tools, &step), server_was_asked);
	end();
}

TEST(the_loop_turns_while_sts_hangs)
{
	struct credential_step step = { .where = "test", .role_arn = "arn:aws:iam::1:role/web" };
	struct credential_step base = { .where = "base", .access_key_id = "BASEKEY" };

	begin();
	base.secret_access_key = secret_of(SPAN("base-secret"));
	check_turns(credentials_role(&tools, &step, credentials_fixed(&tools, &base)),
	            server_was_asked);
	secret_clear(&base.secret_access_key);
	end();
}

TEST(the_loop_turns_while_sts_hangs_over_a_web_identity)
{
	struct credential_step step = { .where = "test",
		                        .role_arn = "arn:aws:iam::1:role/web",
		                        .token_file = path };

	begin();
	write_file("token");
	check_turns(credentials_web_identity(&tools, &step), server_was_asked);
	end();
}

TEST(the_loop_turns_while_a_process_hangs)
{
	const char *const argv[] = { "sh", "-c", ": > \"$0\"; sleep 1000", path, NULL };
	struct credential_step step = { .where = "test", .argv = argv };

	begin();
	check_turns(credentials_process(&tools, &step), program_runs);
	end();
}

TEST(the_time_out_comes_among_the_turns)
{
	struct credential_step step;
	struct credentials_provider *provider;

	begin();
	step = imds_step(200);
	provider = credentials_imds(&tools, &step);
	turns = (struct turns){ .begun = server_was_asked };
	provider->get(provider, on_credentials, NULL);
	while (turns.answers == 0) {
		turns.hanging = 0;
		on_turn(NULL);
		loop_run(loop);
	}
	CHECK_INT((int)turns.err.kind, ERR_TRANSIENT);
	CHECK_INT(local_server_requests(server), 2);
	provider->free(provider);
	end();
}

/* ---- Files that are none --------------------------------------------------------------------- */

TEST(a_token_in_a_pipe_is_not_waited_for)
{
	struct credential_step step = { .where = "test",
		                        .role_arn = "arn:aws:iam::1:role/web",
		                        .token_file = path };

	begin();
	step.uri = local_server_origin(server);
	CHECK(mkfifo(path, 0600) == 0);
	check_refused(credentials_web_identity(&tools, &step), "it is a pipe");
	check_refused(credentials_container(&tools, &step), "it is a pipe");
	CHECK_INT(local_server_requests(server), 0);
	end();
}

TEST(a_login_in_a_pipe_is_not_waited_for)
{
	struct credential_step step = { .where = "test",
		                        .sso_cache_name = "file",
		                        .sso_login_hint = "aws sso login" };

	begin_logged_in();
	CHECK(mkfifo(path, 0600) == 0);
	check_refused(credentials_sso(&tools, &step), "run \"aws sso login\"");
	end();
}

TEST(a_profile_in_a_pipe_is_not_waited_for)
{
	begin();
	CHECK(mkfifo(path, 0600) == 0);
	setenv("AWS_CONFIG_FILE", path, 1);
	check_refused(credentials_standard(&(struct credentials_options){
			      .loop = loop, .http = http, .timers = timers }),
	              "it is a pipe");
	unsetenv("AWS_CONFIG_FILE");
	end();
}

int main(void)
{
	check_run(the_loop_turns_while_a_container_endpoint_hangs);
	check_run(the_loop_turns_while_metadata_hangs);
	check_run(the_loop_turns_while_the_portal_hangs);
	check_run(the_loop_turns_while_sts_hangs);
	check_run(the_loop_turns_while_sts_hangs_over_a_web_identity);
	check_run(the_loop_turns_while_a_process_hangs);
	check_run(the_time_out_comes_among_the_turns);
	check_run(a_token_in_a_pipe_is_not_waited_for);
	check_run(a_login_in_a_pipe_is_not_waited_for);
	check_run(a_profile_in_a_pipe_is_not_waited_for);
	return check_done();
}
