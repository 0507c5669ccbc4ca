#include "worker/cli/world.h"

#include "common/base/limits.h"
#include "common/decide/webhook_url.h"
#include "common/say/webhook.h"
#include "common/sns/certificate.h"
#include "worker/adapters/http.h"
#include "worker/adapters/loop.h"
#include "worker/cli/load.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/base/banned.h"

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- ports ----------------------------------------------------------------------------------- */

static struct call *port_aws(void *ctx, const struct aws_request *request, aws_done_fn *done,
                             void *done_ctx)
{
	return aws_start(((struct world *)ctx)->client, request, done, done_ctx);
}

static struct call *port_certificate(void *ctx, const char *url, certificate_done_fn *done,
                                     void *done_ctx)
{
	return certificates_get(((struct world *)ctx)->certificates, url, done, done_ctx);
}

static struct call *port_http(void *ctx, const struct http_request *request, http_done_fn *done,
                              void *done_ctx)
{
	return http_start(((struct world *)ctx)->http, request, done, done_ctx);
}

static struct call *port_secret(void *ctx, const struct secret_ref *ref, secret_done_fn *done,
                                void *done_ctx)
{
	struct world *world = ctx;

	return secrets_get(&(struct secrets){ world->client, loop_timers(world->loop) }, ref, done,
	                   done_ctx);
}

static void join_ports(struct world *world)
{
	world->ports = (struct ports){
		.timers = loop_timers(world->loop),
		.ledger = ledger_sqlite_ledger(world->ledger),
		.log = &world->log,
		.credentials = world->credentials,
		.world = world,
		.aws = port_aws,
		.certificate = port_certificate,
		.http = port_http,
		.secret = port_secret,
	};
}

/* ---- life ------------------------------------------------------------------------------------ */

static void open_log(struct world *world, const struct config *config)
{
	world->log = (struct log){
		.json = config->log_json,
		.fd = STDERR_FILENO,
		.now_ms = wall_ms,
	};
	if (!log_level_of(config->log_level, &world->log.level))
		world->log.level = LOG_INFO;
}

static bool is_certificate(struct span pem)
{
	enum reason reason;
	struct certificate *certificate = certificate_parse(pem, &reason, NULL);

	if (!certificate)
		return false;
	certificate_free(certificate);
	return true;
}

static bool open_network(struct world *world, const struct config *config, struct err *reterr)
{
	struct timers *timers = loop_timers(world->loop);

	world->http = http_new(world->loop, reterr);
	if (!world->http)
		return false;
	world->certificate_http = http_new(world->loop, reterr);
	if (!world->certificate_http)
		return false;
	world->credentials = credentials_standard(&(struct credentials_options){
		.loop = world->loop,
		.http = world->http,
		.timers = timers,
		.log = &world->log,
		.region = config->region ? config->region : config->queue.region,
	});
	world->certificates = certificates_new(world->certificate_http, timers,
	                                       world->certificate_store, is_certificate);
	world->client = aws_client_new(
		&(struct aws_client_options){
			.http = world->http,
			.timers = timers,
			.credentials = world->credentials,
			.log = &world->log,
		},
		reterr);
	return world->client != NULL;
}

/* Beside the ledger; who cannot write that one has none. */
static void open_store(struct world *world, const struct config *config)
{
	struct buf folder = buf_with_max(LIMIT_CONFIG_TEXT + 20);
	struct err err;

	load_certificate_folder(config, &folder);
	world->certificate_store = certificate_store_open(buf_text(&folder), &err);
	if (!world->certificate_store)
		log_event(&world->log, LOG_WARNING, "certificates_not_kept",
		          LOG_FIELDS(LOG_TEXT("error", err.text)));
	buf_clear(&folder);
}

bool world_open(struct world *world, const struct config *config, enum ledger_mode mode,
                struct err *reterr)
{
	*world = (struct world){ 0 };
	open_log(world, config);
	world->loop = loop_new();
	world->ledger = ledger_sqlite_open(config->ledger_sqlite, mode, loop_timers(world->loop),
	                                   reterr);
	if (world->ledger && mode == LEDGER_WRITE)
		open_store(world, config);
	if (!world->ledger || !open_network(world, config, reterr))
		return false;
	join_ports(world);
	return true;
}

void world_close(struct world *world)
{
	aws_client_free(world->client);
	certificates_free(world->certificates);
	certificate_store_close(world->certificate_store);
	if (world->credentials)
		world->credentials->free(world->credentials);
	http_free(world->certificate_http);
	http_free(world->http);
	ledger_sqlite_free(world->ledger);
	loop_free(world->loop);
	*world = (struct world){ 0 };
}

/* ---- secrets --------------------------------------------------------------------------------- */

typedef bool check_fn(const struct secret *secret, struct err *reterr);

static bool is_anything(const struct secret *secret, struct err *reterr)
{
	(void)secret;
	(void)reterr;
	return true;
}

static bool is_webhook(const struct secret *secret, struct err *reterr)
{
	return webhook_url_check(secret_reveal(secret), reterr);
}

/* Of what is here: it can be read, and is what it has to be. */
static bool check_secret(const struct secret_ref *ref, check_fn *is_good, struct err *reterr)
{
	struct secret secret = { 0 };
	bool fine = !secrets_is_local(ref) ||
	            (secrets_read_local(ref, &secret, reterr) && is_good(&secret, reterr));

	secret_clear(&secret);
	return fine;
}

static bool check_sink(const struct sink_setting *sink, struct err *reterr)
{
	if (!check_secret(&sink->url.place, is_webhook, reterr))
		return err_wrap(reterr, "sink %s: webhook", sink->name);
	return check_secret(&sink->key, webhook_check_keys, reterr) ||
	       err_wrap(reterr, "sink %s: key", sink->name);
}

bool world_check_secrets(const struct config *config, struct err *reterr)
{
	if (!check_secret(&config->slack.token, is_anything, reterr))
		return err_wrap(reterr, "slack.token");
	if (!check_secret(&config->slack.webhook, is_anything, reterr))
		return err_wrap(reterr, "slack.webhook");
	for (size_t i = 0; i < config->n_sinks; i++) {
		if (!check_sink(&config->sinks[i], reterr))
			return false;
	}
	return true;
}
