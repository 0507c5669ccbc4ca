#include "worker/cli/options.h"

#include "common/base/nearest.h"
#include "common/base/span.h"
#include "worker/cli/complain.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define MAX_ROWS 16

void options_unknown(const char *what, const char *word, const char *const *known, size_t n)
{
	const char *near = nearest_word(span_of(word), known, n);

	if (near)
		complain("unknown %s '%s' (did you mean '%s'?)", what, word, near);
	else
		complain("unknown %s '%s' (evergold --help lists all)", what, word);
}

int options_usage(const struct command *command)
{
	fprintf(stderr, "usage: evergold %s\n", command->synopsis);
	return EXIT_USAGE;
}

static const struct option_row *row_of(const struct option_table *table, struct span name)
{
	for (size_t i = 0; i < table->n; i++) {
		if (span_is(name, table->rows[i].name))
			return &table->rows[i];
	}
	return NULL;
}

static bool unknown_option(const struct option_table *table, const char *word)
{
	const char *known[MAX_ROWS + 1];

	for (size_t i = 0; i < table->n; i++)
		known[i] = table->rows[i].name;
	known[table->n] = "--help";
	options_unknown("option", word, known, table->n + 1);
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

static bool read_value(const struct option_row *row, const char *value)
{
	if (!value || !value[0]) {
		complain("%s needs a value", row->name);
		return false;
	}
	if (row->words && !allowed(row->words, value)) {
		complain("%s takes %s, not '%s'", row->name, row->words, value);
		return false;
	}
	*row->value = value;
	return true;
}

static bool read_flag(const struct option_row *row, const char *value)
{
	if (value)
		complain("%s takes no value", row->name);
	else
		*row->flag = true;
	return !value;
}

/* One option, "--name value" or "--name=value". */
static bool read_option(const struct option_table *table, struct cursor *cursor)
{
	char *word = cursor->args[cursor->at];
	char *equals = strchr(word, '=');
	struct span name = equals ? span_part(span_of(word), 0, (size_t)(equals - word))
	                          : span_of(word);
	const struct option_row *row = row_of(table, name);

	if (!row)
		return unknown_option(table, word);
	if (row->flag)
		return read_flag(row, equals ? equals + 1 : NULL);
	return read_value(row, equals ? equals + 1 : cursor->args[++cursor->at]);
}

/* What is no option: a path, where the command takes any. */
static bool keep_path(const struct option_table *table, struct cursor *cursor)
{
	char *word = cursor->args[cursor->at];

	if (table->takes_paths)
		cursor->args[cursor->kept++] = word;
	else
		complain("unexpected argument '%s'", word);
	return table->takes_paths;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool is_path(const char *word)
{
	return word[0] != '-' || strcmp(word, "-") == 0;
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
	bool only_paths = false, ok = true;

	for (; ok && args[cursor.at]; cursor.at++) {
		const char *word = args[cursor.at];

		if (only_paths || is_path(word))
			ok = keep_path(table, &cursor);
		else if (strcmp(word, "--") == 0)
			only_paths = true;
		else if (is_help(word))
			return help(command, ret_status);
		else
			ok = read_option(table, &cursor);
	}
	if (!ok)
		*ret_status = options_usage(command);
	else
		args[cursor.kept] = NULL;
	return ok;
}
