/*
 * instance: what the EC2 instance that we run on knows, asked before anything else runs.
 */
#ifndef EVERGOLD_CLI_INSTANCE_H
#define EVERGOLD_CLI_INSTANCE_H

#include "common/base/err.h"

/*
 * Its region: owned, NULL with the reason when the metadata cannot be had. Waits for it, by default
 * at most a second, as AWS_METADATA_SERVICE_TIMEOUT says.
 */
char *instance_region(struct err *reterr);

#endif
