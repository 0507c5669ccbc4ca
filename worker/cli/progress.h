/*
 * progress: how far a long command is, on a line of standard error that is written again and again.
 *
 * Only on a terminal that does not show the results as well, only after a second, and at most ten
 * times a second.
 */
#ifndef EVERGOLD_CLI_PROGRESS_H
#define EVERGOLD_CLI_PROGRESS_H

#include "worker/adapters/timers.h"

#include <stdbool.h>
#include <stddef.h>

struct progress {
	struct timers *timers; /* borrowed; NULL: there is nobody to show it to */
	int64_t begun_ms, shown_ms;
	bool shown; /* the line is there */
};

void progress_begin(struct progress *progress, struct timers *timers);
void progress_messages(struct progress *progress, size_t n); /* so many are done */
void progress_erase(struct progress *progress);              /* at the end */

#endif
