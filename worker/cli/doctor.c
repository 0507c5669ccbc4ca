#include "common/base/plain.h"
#include "common/base/writer.h"
#include "worker/cli/commands.h"
#include "worker/cli/inquiry.h"
#include "worker/cli/load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

static void add_json(struct buf *out, const struct online_result *result)
{
	struct writer *writer = writer_new();

	writer_text(writer, "check", result->check);
	writer_text(writer, "status", inquiry_status_word(result->status));
	writer_text(writer, "detail", result->detail);
	writer_text(writer, "hint", result->hint);
	writer_text(writer, "repair", result->repair);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

static void add_line(struct buf *out, const char *before, const char *text)
{
	if (!text)
		return;
	buf_add_text(out, before);
	plain_add(out, span_of(text));
	buf_add_char(out, '\n');
}

static void add_text(struct buf *out, const struct online_result *result)
{
	static const char *const signs[] = {
		[ONLINE_OK] = "✔",
		[ONLINE_WARNING] = "!",
		[ONLINE_FAILED] = "✘",
		[ONLINE_SKIPPED] = "-",
	};

	buf_addf(out, "%s %s: ", signs[result->status], result->check);
	add_line(out, "", result->detail);
	add_line(out, "    ", result->hint);
	add_line(out, "    $ ", result->repair);
}

static int doctor_main(const struct command *command, char **args)
{
	const char *file = NULL, *format = isatty(STDOUT_FILENO) ? "text" : "json";
	const struct option_row rows[] = {
		{ "--config", NULL, &file, NULL },
		{ "--format", "text|json", &format, NULL },
	};
	struct config *config;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status))
		return status;
	config = load_config(&(struct load_request){
		.path = load_config_path(file),
		.out = stderr,
		.online = true,
	});
	status = EXIT_USAGE;
	if (config && inquiry_check_files(config, stderr))
		status = inquiry_run(&(struct inquiry){
			.config = config,
			.everything = true,
			.add = strcmp(format, "json") == 0 ? add_json : add_text,
		});
	config_free(config);
	return status;
}

const struct command command_doctor = {
	.name = "doctor",
	.synopsis = "doctor [--config FILE] [--format text|json]",
	.help = "Proves the way from the announcements to Slack: credentials, queues and what\n"
		"their policies let in, roles, pipelines and their variables, parameters,\n"
		"Slack's token and channels. Prints each check, and with what is wrong how it\n"
		"is repaired: the setting, or a command of the AWS CLI with real names in it.\n"
		"Changes nothing anywhere. Exit status 1: a check failed.\n"
		"\n"
		"  --format   text: lines for people (default on a terminal); json: one object\n"
		"             a line with check, status, detail, hint and repair\n",
	.main = doctor_main,
};
