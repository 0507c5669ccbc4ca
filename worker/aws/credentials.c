#include "worker/aws/credentials.h"

#include "common/aws/profile.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/adapters/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* ---- Environment and files ---------------------------------------------------------------------
 */

static const struct source {
	enum aws_profile_file file;
	const char *variable;
	const char *below_home;
} sources[] = {
	{ AWS_CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials" },
	{ AWS_CONFIG_FILE, "AWS_CONFIG_FILE", ".aws/config" },
};

/* NULL also when it is empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static const char *profile_name(void)
{
	const char *name = variable("AWS_PROFILE");

	return name ? name : "default";
}

/* Owned. NULL when it lies below a home that is not known. */
static char *source_path(const struct source *source)
{
	const char *named = variable(source->variable), *home = variable("HOME");
	const char *below = named && strncmp(named, "~/", 2) == 0 ? named + 2 : source->below_home;
	struct buf path = buf_with_max(LIMIT_PATH);

	if (named && named[0] != '~')
		return xstrdup(named);
	if (!home)
		return NULL;
	buf_addf(&path, "%s/%s", home, below);
	return buf_take(&path);
}

/* A file that is not there reads as empty. */
static bool read_file(const char *path, struct buf *text, struct err *reterr)
{
	if (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR))
		return true;
	return file_read(path, text, reterr);
}

/* One file, looked through for the profile. */
struct reading {
	char *path;                 /* owned; NULL: there is no such file to read */
	struct buf text;            /* holds secrets */
	struct aws_profile profile; /* spans into text */
};

static void reading_clear(struct reading *reading)
{
	buf_wipe(&reading->text);
	free(reading->path);
}

/* The reading is to be cleared in any case. */
static bool read_source(const struct source *source, struct reading *ret_reading,
                        struct err *reterr)
{
	struct aws_profile *profile = &ret_reading->profile;
	struct err why;

	*ret_reading = (struct reading){ .path = source_path(source),
		                         .text = buf_with_max(LIMIT_CONFIG_FILE) };
	if (!ret_reading->path)
		return true;
	if (!read_file(ret_reading->path, &ret_reading->text, reterr))
		return false;
	if (aws_profile_read(buf_span(&ret_reading->text), source->file, span_of(profile_name()),
	                     profile, &why))
		return true;
	return err_set(reterr, ERR_BROKEN, "%s:%d: %s", ret_reading->path, profile->fault_line,
	               why.text);
}

/* ---- The standard provider ---------------------------------------------------------------------
 */

struct standard {
	struct credentials_provider provider; /* first: what the client holds */
	struct timers *timers;
	struct credentials credentials; /* access_key_id is NULL: none, and err says why */
	bool profile_found;
	struct err err;
};

static void forget(struct standard *standard)
{
	struct credentials *credentials = &standard->credentials;

	free(credentials->access_key_id);
	secret_clear(&credentials->secret_access_key);
	secret_clear(&credentials->session_token);
	free(credentials->source);
	*credentials = (struct credentials){ 0 };
}

static void take(struct standard *standard, const struct aws_profile *keys, char *source)
{
	standard->credentials = (struct credentials){
		.access_key_id = xspandup(keys->access_key_id),
		.secret_access_key = secret_of(keys->secret_access_key),
		.source = source,
	};
	if (keys->session_token.len)
		standard->credentials.session_token = secret_of(keys->session_token);
}

/* Both halves, and nothing in them that cannot be sent. */
static bool check_variables(struct err *reterr)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		                             "AWS_SESSION_TOKEN" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (text_has_control(span_of(variable(names[i]))))
			return err_set(reterr, ERR_BROKEN,
			               "%s holds a line end or another control character",
			               names[i]);
	}
	if (variable(names[0]) && variable(names[1]))
		return true;
	return err_set(reterr, ERR_BROKEN, "%s is set, but %s is not",
	               names[variable(names[0]) ? 0 : 1], names[variable(names[0]) ? 1 : 0]);
}

static void load_environment(struct standard *standard)
{
	struct aws_profile keys = {
		.access_key_id = span_of(variable("AWS_ACCESS_KEY_ID")),
		.secret_access_key = span_of(variable("AWS_SECRET_ACCESS_KEY")),
		.session_token = span_of(variable("AWS_SESSION_TOKEN")),
	};

	if (check_variables(&standard->err))
		take(standard, &keys, xstrdup("environment"));
}

static bool check_profile(const struct reading *reading, struct err *reterr)
{
	const struct aws_profile *profile = &reading->profile;

	if (profile->unsupported)
		return err_set(reterr, ERR_BROKEN, "%s:%d: %s is not supported by this version",
		               reading->path, profile->line, profile->unsupported);
	if ((profile->access_key_id.len == 0) != (profile->secret_access_key.len == 0))
		return err_set(reterr, ERR_BROKEN, "%s:%d: profile %s has half a pair of keys",
		               reading->path, profile->line, profile_name());
	return true;
}

static void take_profile(struct standard *standard, const struct reading *reading)
{
	struct buf source = buf_with_max(LIMIT_PATH);

	standard->profile_found |= reading->profile.found;
	if (standard->credentials.access_key_id || !reading->profile.access_key_id.len)
		return;
	buf_addf(&source, "profile %s in %s", profile_name(), reading->path);
	take(standard, &reading->profile, buf_take(&source));
}

static bool load_source(struct standard *standard, const struct source *source)
{
	struct reading reading;
	bool fine = read_source(source, &reading, &standard->err) &&
	            check_profile(&reading, &standard->err);

	if (fine)
		take_profile(standard, &reading);
	reading_clear(&reading);
	return fine;
}

/* Both files are read even when the first has keys: the other may ask for a role with them. */
static void load_profile(struct standard *standard)
{
	standard->profile_found = false;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (!load_source(standard, &sources[i])) {
			forget(standard);
			return;
		}
	}
	if (standard->credentials.access_key_id)
		return;
	if (standard->profile_found || variable("AWS_PROFILE"))
		err_set(&standard->err, ERR_BROKEN, "profile %s %s", profile_name(),
		        standard->profile_found ? "has no keys" : "is in no AWS file");
	else
		err_set(&standard->err, ERR_BROKEN,
		        "no credentials: AWS_ACCESS_KEY_ID is not set and no profile is there");
}

static void load(struct standard *standard)
{
	forget(standard);
	if (variable("AWS_ACCESS_KEY_ID") || variable("AWS_SECRET_ACCESS_KEY"))
		load_environment(standard);
	else
		load_profile(standard);
}

/* ---- The question ------------------------------------------------------------------------------
 */

struct question {
	struct call call; /* first: what the caller holds */
	struct standard *standard;
	struct call *turn;
	credentials_done_fn *done;
	void *ctx;
};

static void on_turn(void *ctx)
{
	struct question *question = ctx;
	struct standard *standard = question->standard;
	bool there = standard->credentials.access_key_id != NULL;

	question->done(question->ctx, there ? &standard->credentials : NULL,
	               there ? NULL : &standard->err);
	free(question);
}

static void cancel(struct call *call)
{
	struct question *question = (struct question *)call;

	call_cancel(question->turn);
	free(question);
}

static struct call *get(struct credentials_provider *provider, credentials_done_fn *done, void *ctx)
{
	struct question *question = xcalloc(1, sizeof(*question));
	struct standard *standard = (struct standard *)provider;

	*question = (struct question){ { cancel }, standard, NULL, done, ctx };
	question->turn = standard->timers->after(standard->timers, 0, on_turn, question);
	return &question->call;
}

static void expired(struct credentials_provider *provider)
{
	load((struct standard *)provider);
}

static void destroy(struct credentials_provider *provider)
{
	forget((struct standard *)provider);
	free(provider);
}

struct credentials_provider *credentials_standard(struct timers *timers)
{
	struct standard *standard = xcalloc(1, sizeof(*standard));

	standard->provider = (struct credentials_provider){ get, expired, destroy };
	standard->timers = timers;
	load(standard);
	return &standard->provider;
}

/* ---- The region --------------------------------------------------------------------------------
 */

static char *source_region(const struct source *source)
{
	struct reading reading;
	char *region = NULL;

	if (read_source(source, &reading, NULL) && reading.profile.region.len)
		region = xspandup(reading.profile.region);
	reading_clear(&reading);
	return region;
}

char *credentials_region(void)
{
	const char *named = variable("AWS_REGION");
	char *region = NULL;

	if (!named)
		named = variable("AWS_DEFAULT_REGION");
	if (named)
		return xstrdup(named);
	for (size_t i = 0; i < ARRAY_LEN(sources) && !region; i++)
		region = source_region(&sources[i]);
	return region;
}
