#include "worker/aws/credentials.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/adapters/file.h"
#include "worker/aws/client.h"
#include "worker/aws/credential_question.h"
#include "worker/aws/credential_sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

struct credentials credentials_copy(const struct credentials *credentials)
{
	return (struct credentials){
		.access_key_id = xstrdup(credentials->access_key_id),
		.secret_access_key = secret_copy(&credentials->secret_access_key),
		.session_token = secret_copy(&credentials->session_token),
		.source = xstrdup(credentials->source),
		.expires_ms = credentials->expires_ms,
	};
}

void credentials_clear(struct credentials *credentials)
{
	free(credentials->access_key_id);
	secret_clear(&credentials->secret_access_key);
	secret_clear(&credentials->session_token);
	free(credentials->source);
	*credentials = (struct credentials){ 0 };
}

/* ---- Environment and files ------------------------------------------------------------------- */

/* NULL also when it is empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static const char *get_variable(void *ctx, const char *name)
{
	(void)ctx;
	return variable(name);
}

static const struct aws_environment environment = { get_variable, NULL };

/* Owned. NULL when it lies below a home that is not known. */
static char *file_path(const char *name, const char *below_home)
{
	const char *named = variable(name), *home = variable("HOME");
	const char *below = named && strncmp(named, "~/", 2) == 0 ? named + 2 : below_home;
	struct buf path = buf_with_max(LIMIT_PATH);

	if (named && named[0] != '~')
		return xstrdup(named);
	if (!home)
		return NULL;
	buf_addf(&path, "%s/%s", home, below);
	return buf_take(&path);
}

/* The AWS files as they are now. */
struct reading {
	char *credentials_path, *config_path; /* owned; NULL: there is no such file to read */
	struct buf credentials, config;       /* hold secrets */
};

static void reading_clear(struct reading *reading)
{
	buf_wipe(&reading->credentials);
	buf_wipe(&reading->config);
	free(reading->credentials_path);
	free(reading->config_path);
}

/* A file that is not there reads as empty. */
static bool read_file(const char *path, struct buf *text, struct err *reterr)
{
	if (!path || (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR)))
		return true;
	return file_read_at_once(path, text, reterr);
}

/* The reading is to be cleared in any case. */
static bool read_files(struct reading *ret_reading, struct err *reterr)
{
	*ret_reading = (struct reading){
		.credentials_path = file_path("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
		.config_path = file_path("AWS_CONFIG_FILE", ".aws/config"),
		.credentials = buf_with_max(LIMIT_CONFIG_FILE),
		.config = buf_with_max(LIMIT_CONFIG_FILE),
	};
	return read_file(ret_reading->credentials_path, &ret_reading->credentials, reterr) &&
	       read_file(ret_reading->config_path, &ret_reading->config, reterr);
}

static struct aws_files reading_files(const struct reading *reading)
{
	return (struct aws_files){
		.credentials = buf_span(&reading->credentials),
		.config = buf_span(&reading->config),
		.credentials_path = reading->credentials_path ? reading->credentials_path
		                                              : "~/.aws/credentials",
		.config_path = reading->config_path ? reading->config_path : "~/.aws/config",
	};
}

typedef bool plan_fn(const struct aws_environment *environment, const struct aws_files *files,
                     struct credential_plan *ret_plan, struct err *reterr);

static bool read_plan(plan_fn *make, struct credential_plan *ret_plan, struct err *reterr)
{
	struct reading reading;
	struct aws_files files;
	bool fine = read_files(&reading, reterr);

	files = reading_files(&reading);
	*ret_plan = (struct credential_plan){ .n = 0 };
	fine = fine && make(&environment, &files, ret_plan, reterr);
	reading_clear(&reading);
	return fine;
}

bool credentials_metadata(struct credential_plan *ret_plan, struct err *reterr)
{
	return read_plan(credential_plan_imds, ret_plan, reterr);
}

bool credentials_endpoints(struct aws_endpoint_settings *ret_settings, struct err *reterr)
{
	struct aws_endpoint_profile profile;
	struct reading reading;
	struct aws_files files;
	bool fine = read_files(&reading, reterr);

	files = reading_files(&reading);
	fine = fine && aws_endpoint_profile_read(&environment, &files, &profile, reterr) &&
	       aws_endpoint_settings_make(&environment, &profile, ret_settings, reterr);
	reading_clear(&reading);
	return fine;
}

/* ---- What they need -------------------------------------------------------------------------- */

struct needs {
	void (*needed)(void *ctx, const char *path);
	void *ctx;
};

static void need(const struct needs *needs, const char *path)
{
	if (path)
		needs->needed(needs->ctx, path);
}

/* One that is not there yet may come with a login. */
static void need_below_home(const struct needs *needs, const char *below)
{
	const char *home = variable("HOME");
	struct buf path = buf_with_max(LIMIT_PATH);

	buf_addf(&path, "%s/%s", home ? home : "", below);
	need(needs, home ? buf_text(&path) : NULL);
	buf_clear(&path);
}

/* True: it runs a program. */
static bool need_of_step(const struct needs *needs, const struct credential_step *step)
{
	need(needs, step->token_file);
	if (step->kind == CREDENTIAL_SSO)
		need_below_home(needs, ".aws/sso/cache/");
	return step->kind == CREDENTIAL_PROCESS;
}

static void need_of_endpoints(const struct needs *needs)
{
	struct aws_endpoint_settings endpoints;

	if (!credentials_endpoints(&endpoints, NULL))
		return;
	need(needs, endpoints.trust);
	aws_endpoint_settings_clear(&endpoints);
}

bool credentials_needs(void (*needed)(void *ctx, const char *path), void *ctx)
{
	struct needs needs = { needed, ctx };
	struct reading reading;
	struct credential_plan plan = { .n = 0 };
	struct aws_files files;
	bool program;

	(void)!read_files(&reading, NULL);
	need(&needs, reading.credentials_path);
	need(&needs, reading.config_path);
	need_of_endpoints(&needs);
	files = reading_files(&reading);
	program = !credential_plan_make(&environment, &files, &plan, NULL);
	for (size_t i = 0; i < plan.n; i++)
		program = need_of_step(&needs, &plan.steps[i]) || program;
	credential_plan_clear(&plan);
	reading_clear(&reading);
	return program;
}

char *credentials_region(void)
{
	const char *named = variable("AWS_REGION");
	struct aws_setting setting = { .value = SPAN_NONE };
	struct reading reading;
	struct aws_files files;
	char *region = NULL;

	if (!named)
		named = variable("AWS_DEFAULT_REGION");
	if (named)
		return xstrdup(named);
	if (read_files(&reading, NULL)) {
		files = reading_files(&reading);
		if (aws_files_setting(&environment, &files, AWS_KEY_REGION, &setting, NULL) &&
		    setting.value.len)
			region = xspandup(setting.value);
	}
	reading_clear(&reading);
	return region;
}

/* ---- The source that they select ------------------------------------------------------------- */

struct chosen {
	struct credentials_provider provider; /* first: what is cached */
	struct credentials_options options;
	struct aws_client *client; /* for STS; NULL: not yet */
	char *region, *home;       /* owned */
	struct aws_endpoint_settings endpoints;
	struct credential_plan plan;         /* its steps are what the source looks at */
	struct credentials_provider *source; /* owned; NULL: not yet planned */
	bool stale;                          /* somebody may have written other files */
};

static void forget_plan(struct chosen *chosen)
{
	if (chosen->source)
		chosen->source->free(chosen->source);
	chosen->source = NULL;
	credential_plan_clear(&chosen->plan);
	aws_client_free(chosen->client);
	chosen->client = NULL;
	aws_endpoint_settings_clear(&chosen->endpoints);
	free(chosen->region);
	free(chosen->home);
	chosen->region = chosen->home = NULL;
}

static struct credentials_provider *make_source(const struct credential_tools *tools,
                                                const struct credential_step *step)
{
	switch (step->kind) {
	case CREDENTIAL_STATIC:
		return credentials_fixed(tools, step);
	case CREDENTIAL_WEB_IDENTITY:
		return credentials_web_identity(tools, step);
	case CREDENTIAL_SSO:
		return credentials_sso(tools, step);
	case CREDENTIAL_PROCESS:
		return credentials_process(tools, step);
	case CREDENTIAL_CONTAINER:
		return credentials_container(tools, step);
	case CREDENTIAL_IMDS:
		return credentials_imds(tools, step);
	case CREDENTIAL_ASSUME_ROLE:
		break;
	}
	abort(); /* the last step needs no other */
}

static const char *sts_region(const struct chosen *chosen)
{
	if (chosen->region)
		return chosen->region;
	return chosen->options.region ? chosen->options.region : "us-east-1";
}

/* From the last step, which stands on its own, to the first, which is wanted. */
static struct credentials_provider *make_chain(const struct chosen *chosen)
{
	const struct credentials_options *options = &chosen->options;
	const struct credential_plan *plan = &chosen->plan;
	struct credential_tools tools = { .loop = options->loop,
		                          .http = options->http,
		                          .timers = options->timers,
		                          .client = chosen->client,
		                          .region = sts_region(chosen),
		                          .home = chosen->home,
		                          .endpoints = &chosen->endpoints };
	struct credentials_provider *source = make_source(&tools, &plan->steps[plan->n - 1]);

	for (size_t i = plan->n - 1; i > 0; i--) {
		source = credentials_cached(source, options->timers, options->log);
		source = credentials_role(&tools, &plan->steps[i - 1], source);
	}
	return source;
}

static bool make_plan(struct chosen *chosen, struct err *reterr)
{
	const char *home = variable("HOME");

	if (chosen->source && !chosen->stale)
		return true;
	forget_plan(chosen);
	chosen->stale = false;
	if (!read_plan(credential_plan_make, &chosen->plan, reterr) ||
	    !credentials_endpoints(&chosen->endpoints, reterr))
		return false;
	chosen->client = aws_client_new(
		&(struct aws_client_options){ .http = chosen->options.http,
	                                      .timers = chosen->options.timers,
	                                      .log = chosen->options.log },
		reterr);
	if (!chosen->client)
		return false;
	chosen->region = credentials_region();
	chosen->home = home ? xstrdup(home) : NULL;
	chosen->source = make_chain(chosen);
	return true;
}

struct refusal {
	struct credential_question question; /* first: what who asks holds */
	struct err err;
};

static void on_refused(void *ctx)
{
	struct refusal *refusal = ctx;

	refusal->question.done(refusal->question.ctx, NULL, &refusal->err);
	free(refusal);
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct chosen *chosen = (struct chosen *)provider;
	struct timers *timers = chosen->options.timers;
	struct refusal *refusal;
	struct err err;

	if (make_plan(chosen, &err))
		return chosen->source->get(chosen->source, done, ctx);
	err.kind = ERR_BROKEN;
	refusal = credential_question_new(sizeof(*refusal), done, ctx);
	refusal->err = err;
	refusal->question.pending = timers->after(timers, 0, on_refused, refusal);
	return &refusal->question.call;
}

/* Not at once: the source may be answering. */
static void expired(struct credentials_provider *provider)
{
	((struct chosen *)provider)->stale = true;
}

static void destroy(struct credentials_provider *provider)
{
	forget_plan((struct chosen *)provider);
	free(provider);
}

struct credentials_provider *credentials_standard(const struct credentials_options *options)
{
	struct chosen *chosen = xcalloc(1, sizeof(*chosen));

	chosen->provider = (struct credentials_provider){ get, expired, destroy };
	chosen->options = *options;
	return credentials_cached(&chosen->provider, options->timers, options->log);
}
