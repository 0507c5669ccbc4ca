#include "worker/cli/commands.h"
#include "worker/cli/hand.h"

#include <stdio.h>

#include "common/base/banned.h"

struct request {
	const char *file, *family, *region;
};

static void on_build(void *ctx, const struct build *build, const struct err *err)
{
	if (build)
		printf("%s in %s: builds %s (%s) again, as attempt %d\n", build->family,
		       build->region, build->release, build->image_id, build->attempt + 1);
	hand_on_done(ctx, err);
}

static int retry(struct hand *hand, const struct request *request)
{
	const struct family *family = hand_family(hand, request->family);
	const char *region = family ? hand_region(family, request->region) : NULL;

	if (!region)
		return EXIT_USAGE;
	hand->ledger->retry(hand->ledger, family->name, region, on_build, hand);
	return hand_wait(hand) ? EXIT_DONE : EXIT_COULD_NOT;
}

static int retry_main(const struct command *command, char **args)
{
	struct request request = { .file = NULL };
	const struct option_row rows[] = {
		{ "--config", NULL, &request.file, NULL },
		{ "--region", NULL, &request.region, NULL },
	};
	struct hand hand;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	request.family = hand_word(command, args, "a family");
	if (!request.family)
		return options_usage(command);
	if (!hand_open(&hand, request.file, LEDGER_OPERATE, &status))
		return status;
	status = retry(&hand, &request);
	hand_close(&hand);
	return status;
}

const struct command command_retry = {
	.name = "retry",
	.synopsis = "retry FAMILY [--config FILE] [--region REGION]",
	.help = "Builds the last build of a family again: the same image and pipeline, with the\n"
		"variables of the configuration, as the next attempt with a token of its own.\n"
		"It waits for no soak and no window. Refused while one waits or runs, and in\n"
		"quarantine.\n"
		"\n"
		"  --region   which one, where the family is built in several\n",
	.main = retry_main,
};
