#include "common/base/plain.h"
#include "common/base/writer.h"
#include "worker/adapters/ledger_check.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/load.h"
#include "worker/cli/rebuild.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

/* ---- check ----------------------------------------------------------------------------------- */

struct checking {
	bool json, broken;
};

static void add_text(struct buf *out, const struct ledger_checked *checked)
{
	buf_addf(out, "%s %s: %s\n", checked->n ? "✘" : "✔", checked->check, checked->promise);
	for (size_t i = 0; i < checked->n; i++) {
		buf_add_text(out, "    ");
		plain_add(out, span_of(checked->findings[i]));
		buf_add_char(out, '\n');
	}
	if (checked->more)
		buf_addf(out, "    and %zu more\n", checked->more);
}

static void add_json(struct buf *out, const struct ledger_checked *checked)
{
	struct writer *writer = writer_new();

	writer_text(writer, "check", checked->check);
	writer_text(writer, "status", checked->n ? "fail" : "ok");
	writer_text(writer, "promise", checked->promise);
	writer_array(writer, "findings");
	for (size_t i = 0; i < checked->n; i++)
		writer_text(writer, NULL, checked->findings[i]);
	writer_end(writer);
	writer_integer(writer, "more", (int64_t)checked->more);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

static void on_checked(void *ctx, const struct ledger_checked *checked)
{
	struct checking *checking = ctx;
	struct buf out = buf_with_max(LIMIT_SHOWN);

	checking->broken |= checked->n > 0;
	if (checking->json)
		add_json(&out, checked);
	else
		add_text(&out, checked);
	fputs(buf_text(&out), stdout);
	buf_clear(&out);
}

static int check(const struct config *config, bool json)
{
	struct checking checking = { .json = json };
	struct err err;

	if (!ledger_check(config->ledger_sqlite, on_checked, &checking, &err)) {
		complain("%s", err.text);
		return EXIT_COULD_NOT;
	}
	if (checking.broken)
		complain("%s is not sound: stop the worker, then `evergold ledger rebuild`",
		         config->ledger_sqlite);
	return checking.broken ? EXIT_COULD_NOT : EXIT_DONE;
}

/* ---- the command ----------------------------------------------------------------------------- */

struct request {
	const char *file, *format;
	bool dry_run;
};

static int do_with(const struct request *request, bool rebuilds)
{
	bool json = strcmp(request->format, "json") == 0;
	struct config *config = load_config(&(struct load_request){
		.path = load_config_path(request->file),
		.out = stderr,
		.online = rebuilds,
	});
	int status = EXIT_USAGE;

	if (config && rebuilds)
		status = rebuild(&(struct rebuild_request){ config, json, request->dry_run });
	else if (config)
		status = check(config, json);
	config_free(config);
	return status;
}

static int ledger_main(const struct command *command, char **args)
{
	struct request request = { .format = "text" };
	const struct option_row rows[] = {
		{ "--config", NULL, &request.file, NULL },
		{ "--format", "text|json", &request.format, NULL },
		{ "--dry-run", NULL, NULL, &request.dry_run },
	};
	static const char *const words[] = { "check", "rebuild" };
	bool rebuilds;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	rebuilds = args[0] && strcmp(args[0], words[1]) == 0;
	if (args[0] && !args[1] &&
	    (rebuilds || (strcmp(args[0], words[0]) == 0 && !request.dry_run)))
		return do_with(&request, rebuilds);
	if (args[0] && args[1])
		complain("unexpected argument '%s'", args[1]);
	else if (!args[0] || request.dry_run)
		complain(args[0] ? "check takes no --dry-run"
		                 : "ledger needs 'check' or 'rebuild'");
	else
		options_unknown("word", args[0], words, ARRAY_LEN(words));
	return options_usage(command);
}

const struct command command_ledger = {
	.name = "ledger",
	.synopsis = "ledger check|rebuild [--config FILE] [--format text|json] [--dry-run]",
	.help = "check: says whether the ledger is sound: its file, and what its rows promise one\n"
		"another. Nothing is written; the worker may run. Exit status 1: it is not.\n"
		"\n"
		"rebuild: makes a ledger that was lost or is damaged anew: from what can still be\n"
		"read of it, from CodePipeline's executions and from the parameters. The damaged\n"
		"file stays, under another name. Starts nothing; the worker must not run.\n"
		"\n"
		"  --format    text: lines for people (the default); json: one object a line\n"
		"  --dry-run   show what would be written, and write nothing\n",
	.main = ledger_main,
};
