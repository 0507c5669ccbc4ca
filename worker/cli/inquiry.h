/*
 * inquiry: asks the world as worker/flows/online.h says, and prints each result as it comes.
 */
#ifndef EVERGOLD_CLI_INQUIRY_H
#define EVERGOLD_CLI_INQUIRY_H

#include "common/base/buf.h"
#include "worker/flows/online.h"

#include <stdio.h>

/* Borrowed. */
struct inquiry {
	const struct config *config;
	bool everything;
	void (*add)(struct buf *out, const struct online_result *result); /* its lines */
};

/* Files and AWS settings that the configuration names, too. Says on *out what is wrong. */
bool inquiry_check_files(const struct config *config, FILE *out);

/* The exit status: EXIT_COULD_NOT when one failed. */
int inquiry_run(const struct inquiry *inquiry);

/* "ok", "warn", "fail", "skipped" */
const char *inquiry_status_word(enum online_status status);

#endif
