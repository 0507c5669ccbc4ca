/*
 * options: the command line of one command, read by a table.
 */
#ifndef EVERGOLD_CLI_OPTIONS_H
#define EVERGOLD_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* The exit statuses that scripts rely on. */
enum { EXIT_DONE = 0, EXIT_COULD_NOT = 1, EXIT_USAGE = 2 };

struct option_row {
	const char *name;   /* "--format" */
	const char *words;  /* what its value may be, separated by '|'; NULL: any but "" */
	const char **value; /* set to the value; NULL for a flag */
	bool *flag;         /* set to true; NULL for one with a value */
};

struct command {
	const char *name;
	const char *synopsis; /* "replay PATH... [--format text|json]" */
	const char *help;     /* the rest of what --help prints */
	int (*main)(const struct command *command, char **args);
};

struct option_table {
	const struct option_row *rows;
	size_t n;
	bool takes_paths;
};

/*
 * Reads args (NULL-ended). What is no option stays in args, in its order. False: *ret_status is the
 * exit status; the help or the fault has been printed.
 */
bool options_read(const struct command *command, const struct option_table *table, char **args,
                  int *ret_status);

/* "evergold: unknown WHAT 'word' (did you mean 'near'?)" on standard error, else where to look. */
void options_unknown(const char *what, const char *word, const char *const *known, size_t n);

/* How the command is written, on standard error, after complain(). Always returns EXIT_USAGE. */
int options_usage(const struct command *command);

#endif
