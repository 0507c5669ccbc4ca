#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/replay_compare.h"
#include "worker/cli/replay_expect.h"
#include "worker/cli/replay_pass.h"
#include "worker/cli/replay_print.h"

#include <stdio.h>

#include "common/base/banned.h"

/* Nothing has an effect unless every message is verified: one pass looks, the next one does. */
static bool verify_all(const struct replay_options *options, const struct config *config,
                       struct err *reterr)
{
	struct replay_pass pass = {
		.options = options,
		.lives = { { .config = config } },
		.n_lives = 1,
		.rehearsal = true,
	};

	if (!replay_pass(&pass, reterr))
		return false;
	if (pass.ret_n_unverified)
		return err_set(reterr, ERR_UNTRUSTED,
		               "%zu of %zu messages are not verified; nothing was started",
		               pass.ret_n_unverified, pass.ret_n_messages);
	return true;
}

static bool on_message(void *ctx, const struct life *lives, struct err *reterr)
{
	(void)reterr;
	replay_print_message(ctx, &lives[0]);
	return true;
}

static bool print_all(const struct replay_options *options, const struct config *config,
                      struct err *reterr)
{
	struct replay_print print;
	struct replay_pass pass = {
		.options = options,
		.lives = { { .config = config } },
		.n_lives = 1,
		.message = on_message,
		.ctx = &print,
	};

	if (options->live && !verify_all(options, config, reterr))
		return false;
	replay_print_begin(&print, config, replay_options_as_json(options));
	if (!replay_pass(&pass, reterr))
		return false;
	replay_print_end(&print, &pass);
	return true;
}

static struct config *load(const struct replay_options *options, const char *path)
{
	return load_config(&(struct load_request){
		.path = path,
		.out = stderr,
		.online = options->live,
	});
}

static int status_of(bool done, const struct err *err)
{
	if (!done)
		complain("%s", err->text);
	return done ? EXIT_DONE : EXIT_COULD_NOT;
}

static int compare(const struct replay_options *options, const struct config *config)
{
	struct config *other = load(options, options->compare);
	int status = EXIT_USAGE;
	struct err err;

	if (other)
		status = status_of(replay_compare(options, config, other, &err), &err);
	config_free(other);
	return status;
}

static int replay_with(const struct replay_options *options, const struct config *config)
{
	struct err err;

	if (options->compare)
		return compare(options, config);
	if (options->expect)
		return replay_expect(options, config);
	return status_of(print_all(options, config, &err), &err);
}

static int replay_main(const struct command *command, char **args)
{
	struct replay_options options;
	struct config *config;
	int status;

	if (!replay_options_read(command, args, &options, &status))
		return status;
	config = load(&options, load_config_path(options.config_file));
	status = config ? replay_with(&options, config) : EXIT_USAGE;
	config_free(config);
	return status;
}

const struct command command_replay = {
	.name = "replay",
	.synopsis = "replay PATH... [--config FILE] [--format text|json]\n"
		    "                  [--topic ARN] [--ledger empty|current]\n"
		    "                  [--expect FILE | --compare OTHER.yaml | --live]",
	.help = "Decides saved notifications and changes nothing. PATH is a file, a folder, or\n"
		"- for standard input. Understood: SNS envelopes, JSON Lines of them, responses\n"
		"of `aws sqs receive-message`, Lambda SNS events, and with --topic bare message\n"
		"bodies.\n"
		"\n"
		"  --config   the configuration; else $EVERGOLD_CONFIG, else\n"
		"             /etc/evergold/evergold.yaml\n"
		"  --format   text: a table (default on a terminal); json: one record a line\n"
		"  --topic    the topic that bare message bodies are from\n"
		"  --ledger   empty (default): as if nothing had been built; current: the\n"
		"             configured ledger, which is only read\n"
		"  --expect   a file of records; says how those that come now differ from them\n"
		"  --compare  another configuration; shows what it would decide otherwise\n"
		"  --live     does what it decides and records it in the configured ledger.\n"
		"             Every message must be verified.\n",
	.main = replay_main,
};
