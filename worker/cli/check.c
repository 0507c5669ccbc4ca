#include "common/base/plain.h"
#include "common/base/writer.h"
#include "worker/cli/commands.h"
#include "worker/cli/inquiry.h"
#include "worker/cli/load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* What the user asked for. */
struct request {
	const char *config_file, *format;
	bool online;
};

static bool as_json(const struct request *request)
{
	return request->online && strcmp(request->format, "json") == 0;
}

/* ---- Offline --------------------------------------------------------------------------------- */

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

/* With lines of JSON on standard output, words go to the other one. */
static FILE *out_for_words(const struct request *request)
{
	return as_json(request) ? stderr : stdout;
}

/* ---- Online ---------------------------------------------------------------------------------- */

static void add_json(struct buf *out, const struct online_result *result)
{
	struct writer *writer = writer_new();

	writer_text(writer, "check", result->check);
	writer_text(writer, "status", inquiry_status_word(result->status));
	writer_text(writer, "detail", result->detail);
	writer_text(writer, "hint", result->hint);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

static void add_text(struct buf *out, const struct online_result *result)
{
	const char *word = result->status == ONLINE_FAILED ? "FAIL"
	                                                   : inquiry_status_word(result->status);

	buf_addf(out, "%-7s %s: ", word, result->check);
	plain_add(out, span_of(result->detail));
	if (result->hint)
		buf_addf(out, "\n        -> %s", result->hint);
	buf_add_char(out, '\n');
}

/* ---- The command ----------------------------------------------------------------------------- */

static int check_with(const struct request *request, const struct config *config)
{
	FILE *out = out_for_words(request);

	if (!inquiry_check_files(config, out))
		return EXIT_USAGE;
	if (!as_json(request))
		say_fine(config);
	if (!request->online)
		return EXIT_DONE;
	return inquiry_run(&(struct inquiry){
		.config = config,
		.add = as_json(request) ? add_json : add_text,
	});
}

static int check_main(const struct command *command, char **args)
{
	struct request request = { .format = isatty(STDOUT_FILENO) ? "text" : "json" };
	const struct option_row rows[] = {
		{ "--config", NULL, &request.config_file, NULL },
		{ "--online", NULL, NULL, &request.online },
		{ "--format", "text|json", &request.format, NULL },
	};
	struct config *config;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status))
		return status;
	config = load_config(&(struct load_request){
		.path = load_config_path(request.config_file),
		.out = out_for_words(&request),
		.online = request.online,
	});
	status = config ? check_with(&request, config) : EXIT_USAGE;
	config_free(config);
	return status;
}

const struct command command_check = {
	.name = "check",
	.synopsis = "check [--config FILE] [--online [--format text|json]]",
	.help = "Reads the configuration, and the certificates and time zones that it names,\n"
		"and says every fault with file, line and column. Warns about a pattern that\n"
		"can match more than one flavour of image. Exit status: 0 right, warnings or\n"
		"not; 2 wrong.\n"
		"\n"
		"  --online   asks AWS, too, and says which credentials there are, whose they\n"
		"             are, whether the queue is reached and how it is set up, whether\n"
		"             each role_arn can be assumed, and whether each pipeline is there\n"
		"             and takes what it is sent; what repairs a failure is said with it.\n"
		"             Exit status 1: a check failed\n"
		"  --format   text: lines for people (default on a terminal); json: one object\n"
		"             a line with check, status, detail and hint\n",
	.main = check_main,
};
