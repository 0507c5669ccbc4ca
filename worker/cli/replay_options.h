/*
 * replay_options: what the user of `evergold replay` asked for.
 */
#ifndef EVERGOLD_CLI_REPLAY_OPTIONS_H
#define EVERGOLD_CLI_REPLAY_OPTIONS_H

#include "worker/cli/options.h"

/* All borrowed from the command line. */
struct replay_options {
	const char *config_file, *format, *topic, *ledger;
	const char *expect, *compare; /* a file of records, another configuration; or NULL */
	bool live;
	char **paths; /* NULL-ended */
};

/* False: *ret_status is the exit status; the help or the fault has been printed. */
bool replay_options_read(const struct command *command, char **args,
                         struct replay_options *ret_options, int *ret_status);

bool replay_options_as_json(const struct replay_options *options);

#endif
