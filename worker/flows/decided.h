/*
 * decided: the log line of a decision.
 */
#ifndef EVERGOLD_FLOWS_DECIDED_H
#define EVERGOLD_FLOWS_DECIDED_H

#include "common/decide/decide.h"
#include "worker/adapters/log.h"

struct decided {
	enum log_level level;
	const char *source; /* "catch-up"; NULL: an announcement */
	const struct announcement *announcement;
	const struct decision *decision;
};

void decided_log(const struct log *log, const struct decided *decided);

#endif
