/*
 * load: the configuration file, found and read.
 */
#ifndef EVERGOLD_CLI_LOAD_H
#define EVERGOLD_CLI_LOAD_H

#include "common/decide/config.h"
#include "common/sns/gate.h"

#include <stdio.h>

/* --config, else $EVERGOLD_CONFIG, else /etc/evergold/evergold.yaml. */
const char *load_config_path(const char *option);

struct load_request {
	const char *path;
	FILE *out;                   /* where faults are said, or only warnings */
	bool online;                 /* the instance's metadata may be asked for the region */
	struct faults *ret_warnings; /* takes warnings instead, for faults_clear(); or NULL */
};

/* NULL: unreadable or faulty, which has been said. */
struct config *load_config(const struct load_request *request) OWNED(config_free);

/*
 * Do the AWS settings of the environment and files allow a way to the queue, if there is one?
 * ERR_MALFORMED: they are wrong, or exclude its URL; ERR_BROKEN: unreadable.
 */
bool load_endpoints(const struct config *config, struct err *reterr) MUST_USE;

/* The gate's policy as the configuration has it. */
struct loaded_policy {
	struct gate_policy policy;
	struct certificate *pinned[LIMIT_PINNED + LIMIT_CERTIFICATES]; /* owned */
	struct arena arena;
};

/* ERR_BROKEN: a pinned certificate is unreadable or unacceptable. load_policy_clear() is owed. */
bool load_policy(const struct config *config, struct loaded_policy *ret_policy, struct err *reterr)
	MUST_USE;

/*
 * Lets the certificates that a worker has fetched stand in, too, as far as there is room: for
 * commands that ask nobody.
 */
void load_kept_certificates(const struct config *config, struct loaded_policy *policy);
void load_policy_clear(struct loaded_policy *policy);

/* Where a worker keeps them: beside its ledger. */
void load_certificate_folder(const struct config *config, struct buf *out);

#endif
