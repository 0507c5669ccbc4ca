/*
 * confine: the worker keeps what its configuration needs, and gives up the rest
 * (worker/adapters/confinement.h).
 */
#ifndef EVERGOLD_CLI_CONFINE_H
#define EVERGOLD_CLI_CONFINE_H

#include "common/decide/config.h"
#include "worker/adapters/log.h"

/* After everything was opened, and before anything comes from outside; for good. */
void confine(const struct config *config, const struct log *log);

#endif
