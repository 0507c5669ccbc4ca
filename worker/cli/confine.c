#include "worker/cli/confine.h"

#include "worker/adapters/confinement.h"
#include "worker/aws/credentials.h"

#include "common/base/banned.h"

static void on_credential_file(void *ctx, const char *path)
{
	confinement_read(ctx, path);
}

static void read_secret(struct confinement *confinement, const struct secret_ref *ref)
{
	if (ref->source == SECRET_FILE)
		confinement_read(confinement, ref->name);
}

static void read_secrets(struct confinement *confinement, const struct config *config)
{
	read_secret(confinement, &config->slack.token);
	read_secret(confinement, &config->slack.webhook);
	for (size_t i = 0; i < config->n_sinks; i++) {
		read_secret(confinement, &config->sinks[i].url.place);
		read_secret(confinement, &config->sinks[i].key);
	}
}

/* Certificates that are kept are beside the ledger. */
static void write_results(struct confinement *confinement, const struct config *config)
{
	confinement_write(confinement, config->ledger_sqlite);
	if (config->record)
		confinement_write(confinement,
		                  arena_printf(&confinement->arena, "%s/", config->record));
}

void confine(const struct config *config, const struct log *log)
{
	struct confinement confinement = { .n = 0 };

	read_secrets(&confinement, config);
	write_results(&confinement, config);
	confinement.programs = credentials_needs(on_credential_file, &confinement);
	confinement_enter(&confinement, log);
}
