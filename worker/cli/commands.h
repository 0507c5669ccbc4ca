/*
 * commands: what `evergold COMMAND` can be; one file each, hold and release in one.
 */
#ifndef EVERGOLD_CLI_COMMANDS_H
#define EVERGOLD_CLI_COMMANDS_H

#include "worker/cli/options.h"

extern const struct command command_run;
extern const struct command command_replay;
extern const struct command command_explain;
extern const struct command command_record;
extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_publishers;

/* The operator's hand. */
extern const struct command command_status;
extern const struct command command_history;
extern const struct command command_hold;
extern const struct command command_release;
extern const struct command command_quarantine;
extern const struct command command_retry;
extern const struct command command_ledger;

#endif
