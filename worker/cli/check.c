#include "worker/cli/commands.h"
#include "worker/cli/load.h"

#include <stdio.h>

#include "common/base/banned.h"

static void say_fine(const struct config *config)
{
	struct arena arena = { 0 };
	size_t n_topics;

	config_topics(config, &arena, &n_topics);
	printf("%s: fine: %zu %s, %zu %s\n", config->file, config->n_families,
	       config->n_families == 1 ? "family" : "families", n_topics,
	       n_topics == 1 ? "topic" : "topics");
	arena_clear(&arena);
}

static bool say_fault(const struct config *config, struct place place, const struct err *err)
{
	const struct fault fault = { place, false, err->text };
	struct buf line = buf_with_max(LIMIT_CONFIG_FILE);

	fault_text(&fault, config->file, &line);
	fputs(buf_text(&line), stdout);
	buf_clear(&line);
	return false;
}

/* Files that the configuration names are looked at, too. */
static bool check_files(const struct config *config)
{
	struct loaded_policy policy;
	struct err err;
	bool ok = load_policy(config, &policy, &err);

	load_policy_clear(&policy);
	return ok || say_fault(config, config->trust.place, &err);
}

/* And so are the AWS settings around it. */
static bool check_endpoints(const struct config *config)
{
	struct err err;

	return load_endpoints(config, &err) || say_fault(config, (struct place){ 0 }, &err);
}

static int check_offline(const struct config *config)
{
	if (!check_files(config) || !check_endpoints(config))
		return EXIT_USAGE;
	say_fine(config);
	return EXIT_DONE;
}

static int check_main(const struct command *command, char **args)
{
	const char *file = NULL;
	const struct option_row rows[] = { { "--config", NULL, &file, NULL } };
	struct config *config;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status))
		return status;
	config = load_config(&(struct load_request){ load_config_path(file), .out = stdout });
	status = config ? check_offline(config) : EXIT_USAGE;
	config_free(config);
	return status;
}

const struct command command_check = {
	.name = "check",
	.synopsis = "check [--config FILE]",
	.help = "Reads the configuration and the certificates that it names, and says every\n"
		"fault with file, line and column. Warns about a pattern that can match more\n"
		"than one flavour of image. Exit status: 0 right, warnings or not; 2 wrong.\n",
	.main = check_main,
};
