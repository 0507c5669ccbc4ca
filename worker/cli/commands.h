/*
 * commands: what `evergold COMMAND` can be; one file each.
 */
#ifndef EVERGOLD_CLI_COMMANDS_H
#define EVERGOLD_CLI_COMMANDS_H

#include "worker/cli/options.h"

extern const struct command command_run;
extern const struct command command_replay;
extern const struct command command_check;
extern const struct command command_publishers;

#endif
