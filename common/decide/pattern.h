/*
 * pattern: which patterns for image names the configuration may hold, and what they match.
 *
 * Patterns are matched against names that others chose, so that a pattern whose matching or
 * compiling could take much time or memory is refused: back-references, repetitions right after one
 * another, and repetitions of repetitions that multiply beyond LIMIT_REGEX_COST.
 */
#ifndef EVERGOLD_DECIDE_PATTERN_H
#define EVERGOLD_DECIDE_PATTERN_H

#include "common/base/err.h"
#include "common/base/limits.h"
#include "common/decide/config.h"

#include <regex.h>

/* A shell pattern (fnmatch): not empty, at most LIMIT_PATTERN bytes. Kind ERR_MALFORMED. */
bool pattern_check_shell(struct span text, struct err *reterr) MUST_USE;

/* A POSIX extended regular expression; a NUL follows the text. Kind ERR_MALFORMED. */
bool pattern_check_regex(struct span text, struct err *reterr) MUST_USE;

/* Checked patterns that are ready for many names. */
struct pattern_set {
	const struct patterns *patterns; /* borrowed until pattern_set_clear() */
	regex_t regexes[LIMIT_PATTERNS];
	bool usable[LIMIT_PATTERNS]; /* of regexes */
};

void pattern_set_init(struct pattern_set *set, const struct patterns *patterns);
void pattern_set_clear(struct pattern_set *set);

/* The first of them from `at` on that matches the name; patterns->n: none does. */
size_t pattern_set_find(const struct pattern_set *set, struct span name, size_t at);

bool patterns_match_any(const struct patterns *patterns, struct span name);

#endif
