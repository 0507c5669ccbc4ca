/*
 * replay_print: the records of a replay on standard output, as a table or as JSON lines.
 */
#ifndef EVERGOLD_CLI_REPLAY_PRINT_H
#define EVERGOLD_CLI_REPLAY_PRINT_H

#include "worker/cli/replay_pass.h"

struct replay_print {
	bool json;
	size_t family_width; /* of the table's column */
	size_t n_messages, n_outcomes[OUTCOME_REJECTED + 1];
};

void replay_print_begin(struct replay_print *print, const struct config *config, bool json);

/* What came of one message; a table starts with its head. */
void replay_print_message(struct replay_print *print, const struct life *life);

/* Ends a table with its sum: of the records, and of the builds if any was held. */
void replay_print_end(const struct replay_print *print, const struct replay_pass *pass);

/* How wide the column of families is. */
size_t replay_print_family_width(const struct config *config);

#endif
