#include "common/say/status.h"

#include "common/base/limits.h"
#include "worker/cli/commands.h"
#include "worker/cli/hand.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

struct showing {
	struct hand hand; /* first */
	const char *format;
};

static void on_overview(void *ctx, const struct overview *overview, const struct err *err)
{
	struct showing *showing = ctx;
	const struct status status = {
		.config = showing->hand.config,
		.overview = overview,
		.now_ms = hand_now_ms(&showing->hand),
	};
	struct buf out = buf_with_max(LIMIT_SHOWN);

	if (overview && strcmp(showing->format, "json") == 0)
		status_json(&status, &out);
	else if (overview)
		status_text(&status, &out);
	fputs(buf_text(&out), stdout);
	buf_clear(&out);
	hand_on_done(&showing->hand, err);
}

static int status_main(const struct command *command, char **args)
{
	struct showing showing = { .format = "text" };
	const char *file = NULL;
	const struct option_row rows[] = {
		{ "--config", NULL, &file, NULL },
		{ "--format", "text|json", &showing.format, NULL },
	};
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status) ||
	    !hand_open(&showing.hand, file, LEDGER_COPY, &status))
		return status;
	showing.hand.ledger->overview(showing.hand.ledger, on_overview, &showing);
	status = hand_wait(&showing.hand) ? EXIT_DONE : EXIT_COULD_NOT;
	hand_close(&showing.hand);
	return status;
}

const struct command command_status = {
	.name = "status",
	.synopsis = "status [--config FILE] [--format text|json]",
	.help = "Shows each family and region: the newest base and golden AMI, what is being\n"
		"built since when, what waits, why and until when; what keeps failing, holds\n"
		"and quarantines. The worker may run; nothing is written.\n",
	.main = status_main,
};
