#include "common/base/argv.h"

#include "common/base/limits.h"

#include <string.h>

#include "common/base/banned.h"

struct splitting {
	struct span rest;
	char *word; /* where the next character goes; what is written is never longer than read */
	const char **argv;
	size_t n;
	struct err *err;
};

static char take(struct splitting *splitting)
{
	char c = splitting->rest.at[0];

	splitting->rest = span_part(splitting->rest, 1, splitting->rest.len);
	return c;
}

static bool fault(struct splitting *splitting, const char *what)
{
	return err_set(splitting->err, ERR_MALFORMED, "%s", what);
}

static bool take_escaped(struct splitting *splitting)
{
	if (!splitting->rest.len)
		return fault(splitting, "nothing follows the last backslash");
	*splitting->word++ = take(splitting);
	return true;
}

static bool take_quoted(struct splitting *splitting, char quote)
{
	while (splitting->rest.len) {
		char c = take(splitting);
		bool escapes = c == '\\' && quote == '"' && splitting->rest.len &&
		               strchr("\"\\", splitting->rest.at[0]);

		if (c == quote)
			return true;
		*splitting->word++ = escapes ? take(splitting) : c;
	}
	return fault(splitting, "a quotation mark is not closed");
}

static bool take_word(struct splitting *splitting)
{
	bool fine = true;

	splitting->argv[splitting->n++] = splitting->word;
	while (fine && splitting->rest.len && !strchr(" \t\r\n", splitting->rest.at[0])) {
		char c = take(splitting);

		if (c == '\'' || c == '"')
			fine = take_quoted(splitting, c);
		else if (c == '\\')
			fine = take_escaped(splitting);
		else
			*splitting->word++ = c;
	}
	splitting->word++; /* over its NUL */
	return fine;
}

static bool split(struct splitting *splitting)
{
	splitting->rest = span_trim(splitting->rest);
	while (splitting->rest.len) {
		if (splitting->n == LIMIT_PROCESS_ARGUMENTS)
			return fault(splitting, "too many words");
		if (!take_word(splitting))
			return false;
		while (splitting->rest.len && strchr(" \t\r\n", splitting->rest.at[0]))
			take(splitting);
	}
	if (!splitting->n || !*splitting->argv[0])
		return fault(splitting, "no program is named");
	return true;
}

bool argv_split(struct span command, struct arena *arena, const char *const **ret_argv,
                struct err *reterr)
{
	struct splitting splitting = {
		.rest = command,
		.word = arena_alloc(arena, command.len + 2, 1),
		.argv = arena_alloc(arena, LIMIT_PROCESS_ARGUMENTS + 1, sizeof(const char *)),
		.err = reterr,
	};

	*ret_argv = splitting.argv;
	return split(&splitting);
}
