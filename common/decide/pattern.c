#include "common/decide/pattern.h"

#include "common/base/arena.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

/* ---- Which there may be ---------------------------------------------------------------------- */

bool pattern_check_shell(struct span text, struct err *reterr)
{
	if (text.len == 0)
		return err_set(reterr, ERR_MALFORMED, "an empty pattern matches nothing");
	if (text.len > LIMIT_PATTERN)
		return err_set(reterr, ERR_MALFORMED, "a pattern has at most %d characters",
		               LIMIT_PATTERN);
	return true;
}

/*
 * What a compiled expression holds: glibc copies what is repeated, n times for {n} and twice for +,
 * and copies of copies multiply.
 */
struct cost {
	size_t level[LIMIT_REGEX_DEPTH + 1]; /* of the groups that are open */
	size_t depth;
	size_t atom; /* the last one, which a repetition repeats */
};

static void add_atom(struct cost *cost, size_t size)
{
	cost->level[cost->depth] += size;
	cost->atom = size;
}

static void repeat(struct cost *cost, size_t times)
{
	cost->level[cost->depth] += cost->atom * (times - 1);
	cost->atom *= times;
}

/* "[...]" from its bracket on; a ']' that comes first does not close it, nor does one of [:x:]. */
static size_t bracket_length(const char *at)
{
	const char *end = at + 1;

	if (*end == '^')
		end++;
	if (*end == ']')
		end++;
	while (*end && *end != ']') {
		const char *close = *end == '[' && strchr(":.=", end[1]) ? strchr(end, ']') : NULL;

		end = close ? close + 1 : end + 1;
	}
	return (size_t)(end - at) + (*end == ']');
}

/* "{m}", "{m,}" or "{m,n}": the larger number, at least 1. */
static size_t repetitions(const char *at)
{
	char *end;
	unsigned long low = strtoul(at + 1, &end, 10);
	unsigned long high = *end == ',' && end[1] != '}' ? strtoul(end + 1, NULL, 10) : low + 1;
	unsigned long most = high > low ? high : low;

	return most > LIMIT_REGEX_COST ? LIMIT_REGEX_COST + 1 : most;
}

static size_t braces_length(const char *at)
{
	size_t length = strcspn(at, "}");

	return length + (at[length] == '}');
}

static bool open_group(struct cost *cost)
{
	if (cost->depth == LIMIT_REGEX_DEPTH)
		return false;
	cost->level[++cost->depth] = 1;
	return true;
}

static void close_group(struct cost *cost)
{
	if (cost->depth > 0)
		add_atom(cost, cost->level[cost->depth--]);
	else
		add_atom(cost, 1);
}

/* Takes one construct in and returns its length; 0: deeper than allowed, or a back-reference. */
static size_t weigh(struct cost *cost, const char *at)
{
	switch (*at) {
	case '(':
		return open_group(cost);
	case ')':
		close_group(cost);
		return 1;
	case '{':
		repeat(cost, repetitions(at));
		return braces_length(at);
	case '+':
		repeat(cost, 2);
		return 1;
	case '*':
	case '?': /* these add nothing */
		return 1;
	case '[':
		add_atom(cost, 1);
		return bracket_length(at);
	case '\\':
		add_atom(cost, 1);
		return at[1] >= '1' && at[1] <= '9' ? 0 : 1 + (at[1] != '\0');
	default:
		add_atom(cost, 1);
		return 1;
	}
}

static bool is_repetition(char c)
{
	return c == '*' || c == '+' || c == '?' || c == '{';
}

/*
 * What one repetition right after another means POSIX leaves open (XBD 9.4.6), and glibc takes
 * twice as long for each "?" in a row.
 */
static bool is_affordable(struct span text)
{
	struct cost cost = { { 0 }, 0, 1 };
	bool repeated = false;
	size_t at = 0;

	while (at < text.len) {
		bool again = repeated && is_repetition(text.at[at]);
		size_t step = weigh(&cost, text.at + at);

		if (again || step == 0 || cost.level[cost.depth] > LIMIT_REGEX_COST)
			return false;
		repeated = is_repetition(text.at[at]);
		at += step;
	}
	return true;
}

bool pattern_check_regex(struct span text, struct err *reterr)
{
	char why[100];
	regex_t regex;
	int code;

	if (!pattern_check_shell(text, reterr))
		return false;
	if (!is_affordable(text))
		return err_set(reterr, ERR_MALFORMED,
		               "too costly: back-references, or repetitions of repetitions");
	code = regcomp(&regex, text.at, REG_EXTENDED | REG_NOSUB);
	if (code == 0) {
		regfree(&regex);
		return true;
	}
	regerror(code, NULL, why, sizeof(why));
	return err_set(reterr, ERR_MALFORMED, "not a regular expression: %s", why);
}

/* ---- What they match ------------------------------------------------------------------------- */

/* The configuration was checked: an expression is unusable only for want of memory. */
void pattern_set_init(struct pattern_set *set, const struct patterns *patterns)
{
	set->patterns = patterns;
	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *pattern = &patterns->at[i];

		set->usable[i] = pattern->regex && regcomp(&set->regexes[i], pattern->text,
		                                           REG_EXTENDED | REG_NOSUB) == 0;
	}
}

void pattern_set_clear(struct pattern_set *set)
{
	for (size_t i = 0; i < set->patterns->n; i++) {
		if (set->usable[i])
			regfree(&set->regexes[i]);
	}
}

static bool matches(const struct pattern_set *set, size_t at, const char *name)
{
	const struct pattern *pattern = &set->patterns->at[at];

	if (pattern->regex)
		return set->usable[at] && regexec(&set->regexes[at], name, 0, NULL, 0) == 0;
	return fnmatch(pattern->text, name, 0) == 0;
}

size_t pattern_set_find(const struct pattern_set *set, struct span name, size_t at)
{
	struct arena arena = { 0 };
	const char *text = arena_text(&arena, name);

	while (at < set->patterns->n && !matches(set, at, text))
		at++;
	arena_clear(&arena);
	return at;
}

bool patterns_match_any(const struct patterns *patterns, struct span name)
{
	struct pattern_set set;
	bool any;

	pattern_set_init(&set, patterns);
	any = pattern_set_find(&set, name, 0) < patterns->n;
	pattern_set_clear(&set);
	return any;
}
