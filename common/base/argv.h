/*
 * argv: a command line, split without a shell.
 *
 * The rules are those of Python's shlex.split() in POSIX mode, which is how the AWS SDK for Python
 * reads credential_process: blanks separate words; between single quotes everything is itself;
 * between double quotes a backslash escapes only a double quote and itself; elsewhere it escapes
 * any character. No variables, patterns, tildes or comments.
 */
#ifndef EVERGOLD_BASE_ARGV_H
#define EVERGOLD_BASE_ARGV_H

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/span.h"

#include <stdbool.h>

/*
 * *ret_argv ends with NULL, has at least one word and lives in the arena. Kind ERR_MALFORMED; the
 * text does not repeat the command, which may hold a secret. The command holds no NUL.
 */
bool argv_split(struct span command, struct arena *arena, const char *const **ret_argv,
                struct err *reterr) MUST_USE;

#endif
