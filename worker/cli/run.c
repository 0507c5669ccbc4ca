#include "common/sns/self_test.h"
#include "worker/adapters/archive.h"
#include "worker/adapters/loop.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/confine.h"
#include "worker/cli/load.h"
#include "worker/cli/world.h"
#include "worker/flows/worker.h"

#include <signal.h>
#include <stdio.h>

#include "common/base/banned.h"

struct run {
	struct world world;
	struct archive *archive; /* NULL: nothing is recorded */
	struct config *config;
	struct faults warnings; /* about the configuration */
	struct loaded_policy policy;
	struct message_rules rules;
	struct worker *worker;
	bool told_to_stop;
	int64_t broken_ms; /* since when the ledger is */
};

static void on_signal(void *ctx, int signal)
{
	struct run *run = ctx;

	log_event(&run->world.log, LOG_INFO, run->told_to_stop ? "hurrying" : "stopping",
	          LOG_FIELDS(LOG_TEXT("signal", signal == SIGTERM ? "SIGTERM" : "SIGINT")));
	if (run->told_to_stop)
		worker_hurry(run->worker);
	else
		worker_stop(run->worker);
	run->told_to_stop = true;
}

static void on_stopped(void *ctx)
{
	struct run *run = ctx;

	loop_stop(run->world.loop);
}

static bool open_archive(struct run *run, struct err *reterr)
{
	if (!run->config->record)
		return true;
	run->archive = archive_open(run->config->record, reterr);
	return run->archive || err_wrap(reterr, "record");
}

/* AWS's requests are signed with it, too: not one could be made. */
static bool can_sign(struct err *reterr)
{
	return self_test_signature(SPAN("2")) ||
	       err_set(reterr, ERR_BROKEN,
	               "SHA-256 does not work here: OpenSSL's configuration is in the way "
	               "(OPENSSL_CONF names its file)");
}

static bool start(struct run *run, struct err *reterr)
{
	if (!run->config->queue.url)
		return err_set(reterr, ERR_MALFORMED, "%s: queue.url is needed to run",
		               run->config->file);
	if (!can_sign(reterr) || !load_endpoints(run->config, reterr) ||
	    !load_policy(run->config, &run->policy, reterr) || !open_archive(run, reterr) ||
	    !world_open(&run->world, run->config, LEDGER_WRITE, reterr) ||
	    !world_check_secrets(run->config, reterr))
		return false;
	run->rules = (struct message_rules){
		.config = run->config,
		.policy = &run->policy.policy,
		.judge_age = true,
	};
	run->worker = worker_new(&(struct worker_options){
		.ports = &run->world.ports,
		.config = run->config,
		.rules = &run->rules,
		.archive = run->archive,
		.stopped = on_stopped,
		.ctx = run,
	});
	return true;
}

static void log_warnings(const struct run *run)
{
	for (size_t i = 0; i < run->warnings.n; i++) {
		const struct fault *fault = &run->warnings.at[i];

		log_event(&run->world.log, LOG_WARNING, "configuration_warning",
		          LOG_FIELDS(LOG_TEXT("file", run->config->file),
		                     LOG_NUMBER("line", fault->place.line),
		                     LOG_NUMBER("column", fault->place.column),
		                     LOG_TEXT("detail", fault->text)));
	}
}

/* Its messages are not judged, and go to the dead-letter queue at last. */
static void log_missing_signature(const struct run *run)
{
	if (self_test_signature(SPAN("1")))
		return;
	log_event(&run->world.log, LOG_ERROR, "signature_version_unusable",
	          LOG_FIELDS(LOG_TEXT("version", "1"), LOG_TEXT("digest", "SHA-1"),
	                     LOG_TEXT("detail",
	                              "this system forbids it in signatures: what SNS has signed "
	                              "so is not judged and stays in the queue")));
}

/* Once, however many flows meet it. Slack is not told: what it is told is written down first. */
static void on_ledger(void *ctx, const struct err *err)
{
	struct run *run = ctx;

	int64_t now_ms = ports_now_ms(&run->world.ports);

	if (err)
		log_event(&run->world.log, LOG_ERROR, "ledger_broken",
		          LOG_FIELDS(LOG_TEXT("error", err->text),
		                     LOG_TEXT("detail", "nothing is started, deleted or told until "
		                                        "it can be written again")));
	else
		log_event(&run->world.log, LOG_INFO, "ledger_works",
		          LOG_FIELDS(LOG_NUMBER("after_s", (now_ms - run->broken_ms) / 1000)));
	run->broken_ms = now_ms;
}

static void work(struct run *run)
{
	ledger_sqlite_watch(run->world.ledger, on_ledger, run);
	loop_on_signal(run->world.loop, SIGTERM, on_signal, run);
	loop_on_signal(run->world.loop, SIGINT, on_signal, run);
	log_event(&run->world.log, LOG_INFO, "started",
	          LOG_FIELDS(LOG_TEXT("version", EVERGOLD_VERSION),
	                     LOG_TEXT("queue", run->config->queue.url),
	                     LOG_TEXT("region", run->config->queue.region),
	                     LOG_NUMBER("families", (int64_t)run->config->n_families),
	                     LOG_NUMBER("topics", (int64_t)run->policy.policy.n_topics)));
	log_warnings(run);
	log_missing_signature(run);
	confine(run->config, &run->world.log);
	loop_run(run->world.loop);
	log_event(&run->world.log, LOG_INFO, "stopped", LOG_FIELDS(LOG_TEXT("reason", "asked to")));
}

static int run_with(struct run *run)
{
	struct err err = { ERR_NONE, "" };
	bool ok = start(run, &err);

	if (ok)
		work(run);
	else
		complain("%s", err.text);
	worker_free(run->worker);
	archive_close(run->archive);
	load_policy_clear(&run->policy);
	world_close(&run->world);
	faults_clear(&run->warnings);
	config_free(run->config);
	return ok ? EXIT_DONE : err.kind == ERR_MALFORMED ? EXIT_USAGE : EXIT_COULD_NOT;
}

static int run_main(const struct command *command, char **args)
{
	const char *file = NULL;
	const struct option_row rows[] = { { "--config", NULL, &file, NULL } };
	struct run run = { .told_to_stop = false };
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), false }, args,
	                  &status))
		return status;
	run.config = load_config(&(struct load_request){
		.path = load_config_path(file),
		.out = stderr,
		.online = true,
		.ret_warnings = &run.warnings,
	});
	return run.config ? run_with(&run) : EXIT_USAGE;
}

const struct command command_run = {
	.name = "run",
	.synopsis = "run [--config FILE]",
	.help = "Receives announcements, starts pipelines, follows them and tells Slack, until\n"
		"SIGTERM or SIGINT. A second signal hands messages back at once.\n",
	.main = run_main,
};
