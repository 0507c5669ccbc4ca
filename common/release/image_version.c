#include "common/release/release.h"

#include "common/base/banned.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does the part stand in the text, not as a piece of longer numbers? */
static bool holds(struct span text, struct span part)
{
	for (size_t at = 0; part.len && at + part.len <= text.len; at++) {
		size_t end = at + part.len;

		if (span_starts(span_part(text, at, text.len), part) &&
		    !(at > 0 && is_digit(text.at[at - 1])) &&
		    !(end < text.len && is_digit(text.at[end])))
			return true;
	}
	return false;
}

/* Digits and dots from there on, with a digit at both ends. */
static struct span run_at(struct span name, size_t at)
{
	size_t end = at;

	if (!is_digit(name.at[at]))
		return SPAN_NONE;
	while (end < name.len && (is_digit(name.at[end]) || name.at[end] == '.'))
		end++;
	while (!is_digit(name.at[end - 1]))
		end--;
	return span_part(name, at, end - at);
}

static size_t count_dots(struct span text)
{
	size_t dots = 0;

	for (size_t at = 0; at < text.len; at++)
		dots += text.at[at] == '.';
	return dots;
}

struct span version_in_name(struct span name, struct span release)
{
	struct span best = SPAN_NONE;

	if (holds(name, release))
		return release;
	for (size_t at = 0; at < name.len; at++) {
		struct span run = run_at(name, at);

		if (count_dots(run) >= 2 && run.len > best.len)
			best = run;
		at += run.len;
	}
	return best.len ? best : release;
}

/* Two numbers and the dot between them. */
static struct span kernel_at(struct span name, size_t at)
{
	struct span run = at < name.len ? run_at(name, at) : SPAN_NONE;
	size_t end = 0, dots = 0;

	while (end < run.len && (is_digit(run.at[end]) || dots++ == 0))
		end++;
	return count_dots(run) ? span_part(run, 0, end) : SPAN_NONE;
}

struct span kernel_in_name(struct span name)
{
	const struct span word = SPAN("kernel-");
	struct span kernel = SPAN_NONE;

	for (size_t at = 0; !kernel.len && at < name.len; at++) {
		if (span_starts(span_part(name, at, name.len), word))
			kernel = kernel_at(name, at + word.len);
	}
	return kernel;
}

struct span image_version(const struct publisher *publisher, const struct release *release,
                          const struct image *image)
{
	return publisher->version_pattern ? image->version
	                                  : version_in_name(image->name, release->version);
}
