#include "common/say/history.h"

#include "common/base/limits.h"
#include "common/base/text.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/hand.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

#define LIMIT_LIMIT 1000000

struct request {
	const char *file, *format, *family, *limit;
};

struct showing {
	struct hand hand; /* first */
	bool json;
	size_t family_width, left; /* builds to be shown yet */
	int64_t last_id;           /* the oldest that was; 0: none was */
	bool more;                 /* the page was full: there may be others */
};

static void show(struct showing *showing, const struct build *build, struct buf *out)
{
	const struct history_row row = {
		.build = build,
		.now_ms = hand_now_ms(&showing->hand),
		.family_width = showing->family_width,
	};

	if (showing->json)
		history_json(build, out);
	else
		history_table_row(&row, out);
}

static void on_page(void *ctx, const struct build *builds, size_t n, const struct err *err)
{
	struct showing *showing = ctx;
	struct buf out = buf_with_max(LIMIT_SHOWN);

	for (size_t i = 0; builds && i < n; i++)
		show(showing, &builds[i], &out);
	fputs(buf_text(&out), stdout);
	buf_clear(&out);
	showing->more = builds && n == LIMIT_HISTORY_PAGE;
	showing->left -= builds ? n : 0;
	showing->last_id = builds && n ? builds[n - 1].id : showing->last_id;
	hand_on_done(&showing->hand, err);
}

static bool show_pages(struct showing *showing, const char *family)
{
	struct ledger *ledger = showing->hand.ledger;
	bool ok;

	do {
		const struct ledger_history question = {
			.family = family,
			.before_id = showing->last_id,
			.limit = showing->left,
		};

		ledger->history(ledger, &question, on_page, showing);
		ok = hand_wait(&showing->hand);
	} while (ok && showing->more && showing->left);
	return ok;
}

/* ---- the command ----------------------------------------------------------------------------- */

static size_t family_width(const struct config *config)
{
	size_t width = strlen("FAMILY") + 1;

	for (size_t i = 0; i < config->n_families; i++) {
		size_t len = strlen(config->families[i].name) + 1;

		width = len > width ? len : width;
	}
	return width;
}

static void show_head(const struct showing *showing)
{
	struct buf out = buf_with_max(LIMIT_SHOWN);

	if (!showing->json)
		history_table_head(showing->family_width, &out);
	fputs(buf_text(&out), stdout);
	buf_clear(&out);
}

static int history_with(const struct request *request, uint64_t limit)
{
	struct showing showing = {
		.json = strcmp(request->format, "json") == 0,
		.left = (size_t)limit,
	};
	int status;

	if (!hand_open(&showing.hand, request->file, LEDGER_COPY, &status))
		return status;
	showing.family_width = family_width(showing.hand.config);
	if (request->family && !hand_family(&showing.hand, request->family)) {
		status = EXIT_USAGE;
	} else {
		show_head(&showing);
		status = show_pages(&showing, request->family) ? EXIT_DONE : EXIT_COULD_NOT;
	}
	hand_close(&showing.hand);
	return status;
}

static int history_main(const struct command *command, char **args)
{
	struct request request = { .format = "text", .limit = "20" };
	const struct option_row rows[] = {
		{ "--config", NULL, &request.file, NULL },
		{ "--family", NULL, &request.family, NULL },
		{ "--limit", NULL, &request.limit, NULL },
		{ "--format", "text|json", &request.format, NULL },
	};
	uint64_t limit;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status))
		return status;
	if (text_number(span_of(request.limit), LIMIT_LIMIT, &limit) && limit > 0)
		return history_with(&request, limit);
	complain("--limit takes a number from 1 to %d, not '%s'", LIMIT_LIMIT, request.limit);
	return options_usage(command);
}

const struct command command_history = {
	.name = "history",
	.synopsis = "history [--config FILE] [--family FAMILY] [--limit N]\n"
		    "                   [--format text|json]",
	.help = "Shows the last builds, the newest first: how each ended, how long it waited\n"
		"and took, its golden AMI, or what failed. The worker may run; nothing is\n"
		"written.\n"
		"\n"
		"  --limit    how many, 20 unless told\n"
		"  --format   text: a table for people; json: one build a line\n",
	.main = history_main,
};
