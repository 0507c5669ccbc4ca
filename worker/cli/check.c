#include "common/base/plain.h"
#include "common/base/writer.h"
#include "worker/adapters/loop.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/load.h"
#include "worker/cli/world.h"
#include "worker/flows/online.h"

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

static bool say_fault(const struct config *config, struct place place, const struct err *err,
                      FILE *out)
{
	const struct fault fault = { place, false, err->text };
	struct buf line = buf_with_max(LIMIT_CONFIG_FILE);

	fault_text(&fault, config->file, &line);
	fputs(buf_text(&line), out);
	buf_clear(&line);
	return false;
}

/* Files that the configuration names are looked at, too. */
static bool check_files(const struct config *config, FILE *out)
{
	struct loaded_policy policy;
	struct err err;
	bool ok = load_policy(config, &policy, &err);

	load_policy_clear(&policy);
	return ok || say_fault(config, config->trust.place, &err, out);
}

/* And so are the AWS settings around it. */
static bool check_endpoints(const struct config *config, FILE *out)
{
	struct err err;

	return load_endpoints(config, &err) || say_fault(config, (struct place){ 0 }, &err, out);
}

/* ---- Online ---------------------------------------------------------------------------------- */

struct inquiry {
	const struct request *request;
	struct world world;
	struct online *online;
	bool failed;
};

static const struct {
	const char *text, *json;
} status_words[] = {
	[ONLINE_OK] = { "ok", "ok" },
	[ONLINE_WARNING] = { "warn", "warn" },
	[ONLINE_FAILED] = { "FAIL", "fail" },
	[ONLINE_SKIPPED] = { "skipped", "skipped" },
};

static void add_json(struct buf *out, const struct online_result *result)
{
	struct writer *writer = writer_new();

	writer_text(writer, "check", result->check);
	writer_text(writer, "status", status_words[result->status].json);
	writer_text(writer, "detail", result->detail);
	writer_text(writer, "hint", result->hint);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

static void add_text(struct buf *out, const struct online_result *result)
{
	buf_addf(out, "%-7s %s: ", status_words[result->status].text, result->check);
	plain_add(out, span_of(result->detail));
	if (result->hint)
		buf_addf(out, "\n        -> %s", result->hint);
	buf_add_char(out, '\n');
}

static void on_result(void *ctx, const struct online_result *result)
{
	struct inquiry *inquiry = ctx;
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	inquiry->failed = inquiry->failed || result->status == ONLINE_FAILED;
	if (as_json(inquiry->request))
		add_json(&line, result);
	else
		add_text(&line, result);
	fputs(buf_text(&line), stdout);
	fflush(stdout);
	buf_clear(&line);
}

static void on_ended(void *ctx)
{
	struct inquiry *inquiry = ctx;

	loop_stop(inquiry->world.loop);
}

static void ask(struct inquiry *inquiry, const struct config *config)
{
	if (inquiry->world.log.level < LOG_WARNING)
		inquiry->world.log.level = LOG_WARNING;
	inquiry->online = online_new(&(struct online_options){
		.ports = &inquiry->world.ports,
		.config = config,
		.result = on_result,
		.ended = on_ended,
		.ctx = inquiry,
	});
	loop_run(inquiry->world.loop);
	online_free(inquiry->online);
}

static int check_online(const struct request *request, const struct config *config)
{
	struct inquiry inquiry = { .request = request };
	struct err err;

	if (world_open(&inquiry.world, config, LEDGER_EMPTY, &err)) {
		ask(&inquiry, config);
	} else {
		complain("%s", err.text);
		inquiry.failed = true;
	}
	world_close(&inquiry.world);
	return inquiry.failed ? EXIT_COULD_NOT : EXIT_DONE;
}

/* ---- The command ----------------------------------------------------------------------------- */

static int check_with(const struct request *request, const struct config *config)
{
	FILE *out = out_for_words(request);

	if (!check_files(config, out) || !check_endpoints(config, out))
		return EXIT_USAGE;
	if (!as_json(request))
		say_fine(config);
	return request->online ? check_online(request, config) : EXIT_DONE;
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
