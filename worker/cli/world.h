/*
 * world: the real one: loop, network, credentials, ledger and log, joined into ports.
 */
#ifndef EVERGOLD_CLI_WORLD_H
#define EVERGOLD_CLI_WORLD_H

#include "common/decide/config.h"
#include "worker/adapters/ledger_sqlite.h"
#include "worker/flows/ports.h"

struct world {
	struct loop *loop;
	struct http *http, *certificate_http; /* the certificates' has connections of its own */
	struct credentials_provider *credentials;
	struct aws_client *client;
	struct certificates *certificates;
	struct certificate_store *certificate_store; /* NULL: in memory alone */
	struct ledger_sqlite *ledger;
	struct log log;
	struct ports ports;
};

/* The configuration is borrowed until world_close(), which is owed in any case. */
bool world_open(struct world *world, const struct config *config, enum ledger_mode mode,
                struct err *reterr) MUST_USE;
void world_close(struct world *world);

/*
 * Are the secrets of Slack and the sinks there? Those in the environment or a file must be, and be
 * what is needed, else ERR_BROKEN or ERR_MALFORMED; those in AWS are not asked for, that a worker
 * starts while AWS cannot be reached.
 */
bool world_check_secrets(const struct config *config, struct err *reterr) MUST_USE;

#endif
