#include "worker/cli/options.h"

#include "common/base/nearest.h"
#include "common/base/span.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define MAX_ROWS 16

void options_unknown(const char *what, const char *word, const char *const *known, size_t n)
{
	const char *near = nearest_word(span_of(word), known, n);

	fprintf(stderr, "evergold: unknown %s '%s'", what, word);
	if (near)
		fprintf(stderr, ", did you mean '%s'?", near);
	fputs("\n", stderr);
}

static bool usage(const struct command *command, const char *fault, const char *word,
                  int *ret_status)
{
	fprintf(stderr, "evergold %s: %s%s%s\nusage: evergold %s\n", command->name, fault,
	        word ? " " : "", word ? word : "", command->synopsis);
	*ret_status = EXIT_USAGE;
	return false;
}

static const struct option_row *row_of(const struct option_table *table, struct span name)
{
	for (size_t i = 0; i < table->n; i++) {
		if (span_is(name, table->rows[i].name))
			return &table->rows[i];
	}
	return NULL;
}

static bool unknown_option(const struct option_table *table, const char *word, int *ret_status)
{
	const char *known[MAX_ROWS + 1];

	for (size_t i = 0; i < table->n; i++)
		known[i] = table->rows[i].name;
	known[table->n] = "--help";
	options_unknown("option", word, known, table->n + 1);
	*ret_status = EXIT_USAGE;
	return false;
}

static bool allowed(const char *words, const char *value)
{
	struct span rest = span_of(words);

	while (rest.len) {
		if (span_is(span_cut(&rest, '|'), value))
			return true;
	}
	return false;
}

struct cursor {
	char **args;
	size_t at, kept;
};

/* One option, "--name value" or "--name=value". */
static bool read_option(const struct command *command, const struct option_table *table,
                        struct cursor *cursor, int *ret_status)
{
	char *word = cursor->args[cursor->at];
	char *equals = strchr(word, '=');
	struct span name = equals ? span_part(span_of(word), 0, (size_t)(equals - word))
	                          : span_of(word);
	const struct option_row *row = row_of(table, name);

	if (!row)
		return unknown_option(table, word, ret_status);
	if (row->flag) {
		if (equals)
			return usage(command, "no value belongs to", row->name, ret_status);
		*row->flag = true;
		return true;
	}
	*row->value = equals ? equals + 1 : cursor->args[++cursor->at];
	if (!*row->value)
		return usage(command, "a value is missing after", row->name, ret_status);
	if (row->words && !allowed(row->words, *row->value))
		return usage(command, "not a value of this option:", *row->value, ret_status);
	return true;
}

static bool help(const struct command *command, int *ret_status)
{
	printf("usage: evergold %s\n\n%s", command->synopsis, command->help);
	*ret_status = EXIT_DONE;
	return false;
}

bool options_read(const struct command *command, const struct option_table *table, char **args,
                  int *ret_status)
{
	struct cursor cursor = { .args = args };
	bool only_paths = false;

	for (; args[cursor.at]; cursor.at++) {
		char *word = args[cursor.at];

		if (!only_paths && strcmp(word, "--") == 0) {
			only_paths = true;
		} else if (only_paths || word[0] != '-' || strcmp(word, "-") == 0) {
			if (!table->takes_paths)
				return usage(command, "it takes no", word, ret_status);
			args[cursor.kept++] = word;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			return help(command, ret_status);
		} else if (!read_option(command, table, &cursor, ret_status)) {
			return false;
		}
	}
	args[cursor.kept] = NULL;
	return true;
}
