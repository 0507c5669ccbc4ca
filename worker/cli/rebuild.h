/*
 * rebuild: makes a ledger anew that was lost or is damaged: `evergold ledger rebuild`.
 */
#ifndef EVERGOLD_CLI_REBUILD_H
#define EVERGOLD_CLI_REBUILD_H

#include "common/decide/config.h"

struct rebuild_request {
	const struct config *config; /* borrowed */
	bool json, dry_run;
};

/* Says what is written, and what could not be known; the exit status. */
int rebuild(const struct rebuild_request *request);

#endif
