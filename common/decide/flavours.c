#include "common/decide/flavours.h"

#include "common/base/limits.h"
#include "common/release/groups.h"
#include "common/release/release.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define LONGEST 128 /* name of an image */
#define DATE    6   /* digits, at least */

/* ---- Which numbers may be any ---------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct span number_at(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_digit(text.at[end]))
		end++;
	return span_part(text, at, end - at);
}

static void keep_numbers(struct flavour *flavour, struct span part)
{
	for (size_t at = 0; at < part.len; at++) {
		struct span number = number_at(part, at);

		if (number.len && flavour->n_numbers < FLAVOUR_NUMBERS)
			flavour->numbers[flavour->n_numbers++] = number;
		at += number.len;
	}
}

static void find_numbers(struct flavour *flavour, const struct groups *groups)
{
	struct span name = span_of(flavour->name), parts[GROUPS_MOST];
	size_t n = groups_find(groups, name, parts);

	if (!groups->usable)
		parts[n++] = version_in_name(name, SPAN_NONE);
	for (size_t i = 0; i < n; i++)
		keep_numbers(flavour, parts[i]);
}

/* Does the flavour's number with this index say nothing about the flavour? */
static bool is_free(const struct flavours *flavours, const struct flavour *flavour, size_t index)
{
	struct span number = flavour->numbers[index];
	size_t i = 0;

	while (i < flavours->n && index < flavours->at[i].n_numbers &&
	       span_equal(flavours->at[i].numbers[index], number))
		i++;
	return number.len >= DATE || i == flavours->n;
}

static void find_line(struct flavours *flavours, struct flavour *flavour)
{
	struct buf line = buf_with_max(LONGEST);

	for (size_t i = 0; i < flavour->n_numbers && !is_free(flavours, flavour, i); i++)
		buf_addf(&line, "%s%.*s", i ? "." : "", SPAN_ARG(flavour->numbers[i]));
	flavour->line = arena_text(&flavours->arena, buf_span(&line));
	buf_clear(&line);
}

static void find_form(struct flavours *flavours, struct flavour *flavour)
{
	const char *at = flavour->name;
	struct buf form = buf_with_max(LONGEST + 1);

	for (size_t i = 0; i < flavour->n_numbers; i++) {
		struct span number = flavour->numbers[i];

		if (!is_free(flavours, flavour, i))
			continue;
		buf_add(&form, (struct span){ at, (size_t)(number.at - at) });
		buf_add_char(&form, FLAVOUR_NUMBER);
		at = number.at + number.len;
	}
	buf_add_text(&form, at);
	flavour->form = arena_text(&flavours->arena, buf_span(&form));
	buf_clear(&form);
}

static void find_form_to_come(struct flavours *flavours, struct flavour *flavour)
{
	struct span name = span_of(flavour->name);
	struct buf form = buf_with_max(LONGEST + 1);

	for (size_t at = 0; at < name.len; at++) {
		if (!is_digit(name.at[at]))
			buf_add_char(&form, name.at[at]);
		else if (at == 0 || !is_digit(name.at[at - 1]))
			buf_add_char(&form, FLAVOUR_NUMBER);
	}
	flavour->to_come = arena_text(&flavours->arena, buf_span(&form));
	buf_clear(&form);
}

struct flavours flavours_of(const struct publisher *publisher)
{
	static const char *const none[] = { NULL };
	const char *const *examples = publisher->examples ? publisher->examples : none;
	struct flavours flavours = { 0 };
	struct groups groups;
	size_t n = 0;

	while (examples[n])
		n++;
	flavours.at = arena_alloc(&flavours.arena, n + 1, sizeof(*flavours.at));
	groups_init(&groups, publisher->version_pattern);
	for (; flavours.n < n; flavours.n++) {
		flavours.at[flavours.n].name = examples[flavours.n];
		find_numbers(&flavours.at[flavours.n], &groups);
	}
	groups_clear(&groups);
	for (size_t i = 0; i < flavours.n; i++) {
		find_line(&flavours, &flavours.at[i]);
		find_form(&flavours, &flavours.at[i]);
		find_form_to_come(&flavours, &flavours.at[i]);
	}
	return flavours;
}

void flavours_clear(struct flavours *flavours)
{
	arena_clear(&flavours->arena);
	*flavours = (struct flavours){ 0 };
}

/* ---- How far a pattern is from a form -------------------------------------------------------- */

static size_t bracket_length(struct span text)
{
	size_t at = 1;

	if (at < text.len && (text.at[at] == '!' || text.at[at] == '^'))
		at++;
	if (at < text.len && text.at[at] == ']')
		at++;
	while (at < text.len && text.at[at] != ']')
		at++;
	return at < text.len ? at + 1 : 1;
}

/* The part of a pattern that takes one character, or any number of them: its first. */
static struct span first_atom(struct span pattern)
{
	size_t len = 1;

	if (pattern.at[0] == '[')
		len = bracket_length(pattern);
	else if (pattern.at[0] == '\\' && pattern.len > 1)
		len = 2;
	return span_part(pattern, 0, len);
}

static bool takes(struct span atom, char c)
{
	char pattern[LIMIT_PATTERN + 1], text[] = { c, '\0' };

	if (atom.len == 1)
		return atom.at[0] == c || atom.at[0] == '?';
	snprintf(pattern, sizeof(pattern), "%.*s", SPAN_ARG(atom));
	return fnmatch(pattern, text, 0) == 0;
}

static bool takes_form(struct span atom, char c)
{
	bool taken = false;

	if (c != FLAVOUR_NUMBER)
		return takes(atom, c);
	for (const char *digit = "0123456789"; *digit; digit++)
		taken |= takes(atom, *digit);
	return taken;
}

static void lower(size_t *distance, size_t other)
{
	if (other < *distance)
		*distance = other;
}

/*
 * One row of the table of edit distances: behind each character of the form, how far the pattern
 * was before the atom (here), and is behind it (next).
 */
struct distances {
	size_t here[LONGEST + 1], next[LONGEST + 1];
};

static void take_atom(struct distances *distances, struct span atom, const char *form)
{
	size_t *here = distances->here, *next = distances->next;
	size_t n = strlen(form), price = span_is(atom, "*") ? 0 : 1;

	for (size_t at = 0; at <= n; at++)
		next[at] = SIZE_MAX - 1;
	for (size_t at = 0; at <= n; at++) {
		bool fits = at < n && takes_form(atom, form[at]);

		lower(&next[at], here[at] + price);
		if (at < n) {
			lower(&here[at + 1], here[at] + price);
			lower(&next[at + 1], here[at] + (fits ? 0 : 1));
		}
		if (fits && form[at] == FLAVOUR_NUMBER) /* which may have a digit more */
			lower(&next[at], here[at]);
	}
	memcpy(here, next, (n + 1) * sizeof(*here));
}

size_t form_distance(const char *form, struct span pattern)
{
	struct distances distances;
	size_t n = strlen(form);

	if (n > LONGEST)
		return SIZE_MAX;
	for (size_t at = 0; at <= n; at++)
		distances.here[at] = at;
	while (pattern.len) {
		struct span atom = first_atom(pattern);

		take_atom(&distances, atom, form);
		pattern = span_part(pattern, atom.len, pattern.len);
	}
	return distances.here[n];
}
