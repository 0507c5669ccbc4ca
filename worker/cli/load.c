#include "worker/cli/load.h"

#include "common/aws/endpoint_settings.h"
#include "common/base/limits.h"
#include "common/decide/config_window.h"
#include "worker/adapters/file.h"
#include "worker/adapters/zone.h"
#include "worker/aws/certificate_store.h"
#include "worker/aws/credentials.h"
#include "worker/cli/complain.h"
#include "worker/cli/instance.h"

#include <stdlib.h>

#include "common/base/banned.h"

const char *load_config_path(const char *option)
{
	const char *variable = getenv("EVERGOLD_CONFIG");

	if (option)
		return option;
	return variable && variable[0] ? variable : "/etc/evergold/evergold.yaml";
}

static void print_faults(const struct faults *faults, const char *path, FILE *out)
{
	struct buf text = buf_with_max(LIMIT_CONFIG_FILE);

	for (size_t i = 0; i < faults->n; i++)
		fault_text(&faults->at[i], path, &text);
	fputs(buf_text(&text), out);
	if (faults->n_left_out)
		fprintf(out, "%s: %zu more\n", path, faults->n_left_out);
	buf_clear(&text);
}

/* Is a default region all that it lacks? Any would do, then, to make it right. */
static bool lacks_region(struct span text, const char *path)
{
	struct faults faults = { 0 };
	bool right;

	config_free(config_parse(text, path, "us-east-1", &faults));
	right = faults.n_errors == 0;
	faults_clear(&faults);
	return right;
}

/* *reterr says why there is no region to try, if that is what it lacks. */
static struct config *parse(const struct load_request *request, struct span text,
                            struct faults *faults, struct err *reterr)
{
	char *region = credentials_region();
	struct config *config = config_parse(text, request->path, region, faults);

	if (!config && !region && request->online && lacks_region(text, request->path)) {
		region = instance_region(reterr);
		if (region) {
			faults_clear(faults);
			config = config_parse(text, request->path, region, faults);
		}
	}
	free(region);
	return config;
}

/* Takes the configuration over; NULL: it names a time zone that there is not. */
static struct config *with_zones(struct config *config, struct faults *faults)
{
	if (!config || config_find_zones(config, zone_load, faults))
		return config;
	config_free(config);
	return NULL;
}

static struct config *parse_and_say(const struct load_request *request, struct span text)
{
	struct faults faults = { 0 };
	struct err err = { ERR_NONE, "" };
	struct config *config = with_zones(parse(request, text, &faults, &err), &faults);

	if (!config || !request->ret_warnings)
		print_faults(&faults, request->path, request->out);
	if (err.kind != ERR_NONE)
		complain("no default region: `region` in %s, AWS_REGION or the AWS profile names "
		         "one; the instance metadata cannot be had: %s",
		         request->path, err.text);
	if (config && request->ret_warnings)
		*request->ret_warnings = faults;
	else
		faults_clear(&faults);
	return config;
}

struct config *load_config(const struct load_request *request)
{
	struct buf text = buf_with_max(LIMIT_CONFIG_FILE + 1);
	struct config *config = NULL;
	struct err err;

	if (file_read(request->path, &text, &err))
		config = parse_and_say(request, buf_span(&text));
	else
		complain("%s (--config or EVERGOLD_CONFIG names the configuration; "
		         "evergold.example.yaml is one to start from)",
		         err.text);
	buf_clear(&text);
	return config;
}

static bool queue_fits(const struct aws_endpoint_settings *settings, const char *key,
                       const char *url, struct err *reterr)
{
	return !url || aws_endpoint_settings_fit(settings, span_of(url), reterr) ||
	       err_wrap(reterr, "%s", key);
}

bool load_endpoints(const struct config *config, struct err *reterr)
{
	struct aws_endpoint_settings settings;
	bool fit;

	if (!credentials_endpoints(&settings, reterr))
		return false;
	fit = queue_fits(&settings, "queue.url", config->queue.url, reterr) &&
	      queue_fits(&settings, "queue.events_url", config->queue.events_url, reterr);
	aws_endpoint_settings_clear(&settings);
	return fit;
}

static struct certificate *read_pinned(const char *path, struct err *reterr)
{
	struct buf pem = buf_with_max(LIMIT_CERTIFICATE + 1);
	struct certificate *certificate = NULL;
	enum reason reason;

	if (file_read(path, &pem, reterr)) {
		certificate = certificate_parse(buf_span(&pem), &reason, reterr);
		if (!certificate)
			err_wrap(reterr, "%s", path);
	}
	buf_clear(&pem);
	return certificate;
}

bool load_policy(const struct config *config, struct loaded_policy *ret_policy, struct err *reterr)
{
	struct gate_policy *policy = &ret_policy->policy;

	*ret_policy = (struct loaded_policy){ .policy = { .max_age_s = config->trust.max_age_s } };
	policy->topics = config_topics(config, &ret_policy->arena, &policy->n_topics);
	policy->pinned = ret_policy->pinned;
	for (size_t i = 0; i < config->trust.n_pinned_certificates; i++) {
		struct certificate *certificate = read_pinned(config->trust.pinned_certificates[i],
		                                              reterr);

		if (!certificate)
			return err_wrap(reterr, "trust.pinned_certificates[%zu]", i);
		ret_policy->pinned[policy->n_pinned++] = certificate;
	}
	return true;
}

void load_certificate_folder(const struct config *config, struct buf *out)
{
	buf_addf(out, "%s-certificates", config->ledger_sqlite);
}

static void on_kept(void *ctx, struct span pem)
{
	struct loaded_policy *policy = ctx;
	struct certificate *certificate;
	enum reason reason;

	if (policy->policy.n_pinned == ARRAY_LEN(policy->pinned))
		return;
	certificate = certificate_parse(pem, &reason, NULL);
	if (certificate)
		policy->pinned[policy->policy.n_pinned++] = certificate;
}

void load_kept_certificates(const struct config *config, struct loaded_policy *policy)
{
	struct buf folder = buf_with_max(LIMIT_CONFIG_TEXT + 20);

	load_certificate_folder(config, &folder);
	certificate_store_each(buf_text(&folder), on_kept, policy);
	buf_clear(&folder);
}

void load_policy_clear(struct loaded_policy *policy)
{
	for (size_t i = 0; i < policy->policy.n_pinned; i++)
		certificate_free(policy->pinned[i]);
	arena_clear(&policy->arena);
	*policy = (struct loaded_policy){ 0 };
}
