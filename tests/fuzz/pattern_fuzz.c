/*
 * The first line is a pattern, the rest a name. What the configuration may hold is compiled and
 * matched within bounds of time and memory; what it may not hold is refused with a reason. Both
 * are versions, too, of which either is newer, or neither.
 */
#include "common/decide/pattern.h"

#include "common/base/text.h"
#include "common/decide/version.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

static void match(const struct pattern *pattern, struct span name)
{
	struct patterns patterns = { .at = pattern, .n = 1 };
	struct pattern_set set;

	pattern_set_init(&set, &patterns);
	must((pattern_set_find(&set, name, 0) == 0) == patterns_match_any(&patterns, name));
	pattern_set_clear(&set);
}

static void try_pattern(const char *text, bool is_regex, struct span name)
{
	const struct pattern pattern = { .text = text, .regex = is_regex };
	struct err err = { 0 };
	bool fine = is_regex ? pattern_check_regex(span_of(text), &err)
	                     : pattern_check_shell(span_of(text), &err);

	if (fine)
		match(&pattern, name);
	else
		must(err.kind == ERR_MALFORMED && err.text[0]);
}

static void compare(struct span a, struct span b)
{
	int order = version_compare(a, b), back = version_compare(b, a);

	must((order > 0) == (back < 0) && (order == 0) == (back == 0));
	must(version_compare(a, a) == 0 && version_compare_part(a, a) == 0);
	if (order == 0)
		must(version_compare_part(a, b) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span name = { (const char *)data, size }, line;
	struct arena arena = { 0 };
	const char *pattern;

	if (size && memchr(data, 0, size))
		return 0;
	line = span_cut(&name, '\n');
	name = text_cut(name, 128); /* no image has a longer one */
	pattern = arena_text(&arena, line);
	try_pattern(pattern, false, name);
	try_pattern(pattern, true, name);
	compare(line, name);
	arena_clear(&arena);
	return 0;
}
