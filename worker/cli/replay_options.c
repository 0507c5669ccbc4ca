#include "worker/cli/replay_options.h"

#include "common/base/attr.h"
#include "worker/cli/complain.h"
#include "worker/cli/inbox.h"

#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

static bool reads_stdin(const struct replay_options *options)
{
	for (size_t i = 0; options->paths[i]; i++) {
		if (strcmp(options->paths[i], "-") == 0)
			return true;
	}
	return false;
}

static bool fit_together(const struct replay_options *options)
{
	const char *fault = NULL;

	if (!options->paths[0])
		fault = "name at least one file or folder, or - for standard input";
	else if (options->live && reads_stdin(options))
		fault = "--live reads its input twice, so it cannot read standard input";
	else if (options->live && options->topic)
		fault = "a bare message has no signature, so --live cannot take it";
	else if (options->live && (options->compare || options->expect))
		fault = "--compare and --expect are questions, and --live acts";
	else if (options->compare && options->expect)
		fault = "--compare and --expect are two questions; ask one at a time";
	if (fault)
		complain("%s", fault);
	return !fault && inbox_takes_topic(options->topic);
}

bool replay_options_read(const struct command *command, char **args,
                         struct replay_options *ret_options, int *ret_status)
{
	const struct option_row rows[] = {
		{ "--config", NULL, &ret_options->config_file, NULL },
		{ "--format", "text|json", &ret_options->format, NULL },
		{ "--topic", NULL, &ret_options->topic, NULL },
		{ "--ledger", "empty|current", &ret_options->ledger, NULL },
		{ "--expect", NULL, &ret_options->expect, NULL },
		{ "--compare", NULL, &ret_options->compare, NULL },
		{ "--live", NULL, NULL, &ret_options->live },
	};

	*ret_options = (struct replay_options){
		.format = isatty(STDOUT_FILENO) ? "text" : "json",
		.ledger = "empty",
		.paths = args,
	};
	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  ret_status))
		return false;
	if (fit_together(ret_options))
		return true;
	*ret_status = options_usage(command);
	return false;
}

bool replay_options_as_json(const struct replay_options *options)
{
	return strcmp(options->format, "json") == 0;
}
