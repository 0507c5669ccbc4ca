/*
 * pattern: which patterns for image names the configuration may hold.
 *
 * Patterns are matched against names that others chose, so that a pattern whose matching or
 * compiling could take much time or memory is refused: back-references, and repetitions of
 * repetitions that multiply beyond LIMIT_REGEX_COST. match.h applies them.
 */
#ifndef EVERGOLD_DECIDE_PATTERN_H
#define EVERGOLD_DECIDE_PATTERN_H

#include "common/base/err.h"
#include "common/base/span.h"

/* A shell pattern (fnmatch): not empty, at most LIMIT_PATTERN bytes. Kind ERR_MALFORMED. */
bool pattern_check_shell(struct span text, struct err *reterr) MUST_USE;

/* A POSIX extended regular expression; a NUL follows the text. Kind ERR_MALFORMED. */
bool pattern_check_regex(struct span text, struct err *reterr) MUST_USE;

#endif
