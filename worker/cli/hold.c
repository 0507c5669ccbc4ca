#include "worker/cli/commands.h"
#include "worker/cli/hand.h"

#include <stdio.h>

#include "common/base/banned.h"

/* ---- hold ------------------------------------------------------------------------------------ */

static int hold_family(struct hand *hand, const char *name, const char *reason)
{
	const struct family_hold hold = { .family = name, .reason = reason };

	if (!hand_family(hand, name))
		return EXIT_USAGE;
	hand->ledger->hold(hand->ledger, &hold, hand_on_done, hand);
	if (!hand_wait(hand))
		return EXIT_COULD_NOT;
	printf("%s is held until `evergold release %s`\n", name, name);
	return EXIT_DONE;
}

static int hold_main(const struct command *command, char **args)
{
	const char *file = NULL, *reason = "", *name;
	const struct option_row rows[] = {
		{ "--config", NULL, &file, NULL },
		{ "--reason", NULL, &reason, NULL },
	};
	struct hand hand;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	name = hand_word(command, args, "a family");
	if (!name || !hand_is_reason(reason))
		return options_usage(command);
	if (!hand_open(&hand, file, LEDGER_OPERATE, &status))
		return status;
	status = hold_family(&hand, name, reason);
	hand_close(&hand);
	return status;
}

const struct command command_hold = {
	.name = "hold",
	.synopsis = "hold FAMILY [--config FILE] [--reason TEXT]",
	.help = "Starts no build of the family until it is released. What is announced waits,\n"
		"and of several releases the newest is built then. Builds that run go on.\n",
	.main = hold_main,
};

/* ---- release --------------------------------------------------------------------------------- */

static int release_family(struct hand *hand, const char *name)
{
	if (!hand_family(hand, name))
		return EXIT_USAGE;
	hand->ledger->release(hand->ledger, name, hand_on_answer, hand);
	if (!hand_wait(hand))
		return EXIT_COULD_NOT;
	printf(hand->yes ? "%s is released\n" : "%s was not held; its failures count anew\n", name);
	return EXIT_DONE;
}

static int release_main(const struct command *command, char **args)
{
	const char *file = NULL, *name;
	const struct option_row rows[] = { { "--config", NULL, &file, NULL } };
	struct hand hand;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	name = hand_word(command, args, "a family");
	if (!name)
		return options_usage(command);
	if (!hand_open(&hand, file, LEDGER_OPERATE, &status))
		return status;
	status = release_family(&hand, name);
	hand_close(&hand);
	return status;
}

const struct command command_release = {
	.name = "release",
	.synopsis = "release FAMILY [--config FILE]",
	.help = "Ends the hold of a family, and counts its failures anew, so that one that\n"
		"stop_after_failures has stopped goes on.\n",
	.main = release_main,
};
