#include "common/base/limits.h"
#include "common/say/record.h"
#include "worker/adapters/loop.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/inbox.h"
#include "worker/cli/load.h"
#include "worker/cli/world.h"
#include "worker/flows/batch.h"
#include "worker/flows/worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* What the user asked for. */
struct request {
	const char *config_file, *format, *topic, *ledger;
	bool live;
	char **paths;
};

struct replay {
	const struct request *request;
	struct config *config;
	struct loaded_policy policy;
	struct message_rules rules;
	struct world world;
	struct inbox inbox;
	bool silent;        /* only look whether all is verified */
	struct batch batch; /* of one message */
	struct call *pending;
	struct worker *worker; /* with --live: builds and tells at the end */
	struct err err;
	size_t n_messages, n_outcomes[OUTCOME_REJECTED + 1], n_unverified;
	size_t family_width; /* of the table's column */
};

/* ---- what is printed ------------------------------------------------------------------------- */

static bool as_json(const struct replay *replay)
{
	return strcmp(replay->request->format, "json") == 0;
}

static size_t family_width(const struct config *config)
{
	size_t width = strlen("FAMILY");

	for (size_t i = 0; i < config->n_families; i++) {
		size_t len = strlen(config->families[i].name);

		width = len > width ? len : width;
	}
	return width + 1;
}

static const struct build *build_of(const struct replay *replay, const struct decision *decision)
{
	const struct ledger_entry *entry = &replay->batch.entries[0];

	for (size_t i = 0; decision_starts(decision) && i < entry->n_builds; i++) {
		const struct build *build = &entry->builds[i];

		if (strcmp(build->family, decision->family->name) == 0 &&
		    strcmp(build->region, decision->region) == 0)
			return build;
	}
	return NULL;
}

static void print_decision(struct replay *replay, const struct decision *decision)
{
	const struct notification *notification = &replay->batch.messages[0].notification;
	const struct record record = {
		.source = replay->inbox.path,
		.announcement = &notification->announcement,
		.trust = notification->verdict.trust,
		.decision = decision,
		.build = build_of(replay, decision),
	};
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	replay->n_outcomes[reason_outcome(decision->reason)]++;
	if (as_json(replay))
		record_json(&record, &line);
	else
		record_table_row(&record, replay->family_width, &line);
	if (!replay->silent)
		fwrite(buf_text(&line), 1, line.len, stdout);
	buf_clear(&line);
}

static void print_head(const struct replay *replay)
{
	struct buf line = buf_with_max(LIMIT_AWS_BODY);

	if (as_json(replay))
		return;
	record_table_head(replay->family_width, &line);
	fputs(buf_text(&line), stdout);
	buf_clear(&line);
}

static void print_sum(const struct replay *replay)
{
	if (as_json(replay))
		return;
	printf("\n%zu %s:", replay->n_messages, replay->n_messages == 1 ? "message" : "messages");
	for (enum outcome outcome = OUTCOME_START; outcome <= OUTCOME_REJECTED; outcome++)
		printf(" %zu %s%s", replay->n_outcomes[outcome], outcome_word(outcome),
		       outcome == OUTCOME_REJECTED ? "\n" : ",");
}

/* ---- one message after the other ------------------------------------------------------------- */

static void next_message(void *ctx);

static void end(struct replay *replay)
{
	loop_stop(replay->world.loop);
}

static void fail(struct replay *replay, const struct err *err)
{
	replay->err = *err;
	end(replay);
}

/* Everything about this message is known. */
static void finish_message(struct replay *replay, const struct decision *decisions, size_t n)
{
	for (size_t i = 0; i < n; i++)
		print_decision(replay, &decisions[i]);
	batch_clear(&replay->batch);
	replay->pending = ports_after(&replay->world.ports, 0, next_message, replay);
}

static void finish_recorded(struct replay *replay)
{
	finish_message(replay, replay->batch.decisions, replay->batch.n_decisions);
}

static void on_recorded(void *ctx, const struct err *err)
{
	struct replay *replay = ctx;

	replay->pending = NULL;
	if (err)
		fail(replay, err);
	else
		finish_recorded(replay);
}

/* Without effects only builds need remembering: they make later messages duplicates. */
static void on_recalled(void *ctx, const struct err *err)
{
	struct replay *replay = ctx;
	struct ledger *ledger = replay->world.ports.ledger;
	struct batch *batch = &replay->batch;

	replay->pending = NULL;
	if (err) {
		fail(replay, err);
		return;
	}
	batch_decide(batch, -1);
	if (replay->request->live || batch->entries[0].n_builds)
		replay->pending = ledger->record(ledger, batch->entries, batch->n_entries,
		                                 on_recorded, replay);
	else
		finish_recorded(replay);
}

static void recall(struct replay *replay)
{
	struct ledger *ledger = replay->world.ports.ledger;
	struct batch *batch = &replay->batch;

	batch_collect(batch);
	replay->pending = ledger->recall(ledger, batch->decisions, batch->n_decisions, on_recalled,
	                                 replay);
}

/* Only what was verified may have an effect; an event has none. */
static bool must_not_act(const struct replay *replay, const struct message *message)
{
	return replay->request->live && message->outcome != MESSAGE_EVENT &&
	       message->notification.verdict.trust != TRUST_VERIFIED;
}

static void count_unverified(struct replay *replay, const struct message *message)
{
	const struct verdict *verdict = &message->notification.verdict;
	struct span id = message->notification.announcement.message_id;

	replay->n_unverified++;
	complain("%s: message %.*s is not verified: %s", replay->inbox.path,
	         SPAN_ARG(id.len ? id : SPAN("without id")),
	         verdict->err.text[0] ? verdict->err.text : trust_word(verdict->trust));
}

static void on_judged(void *ctx, struct message *message)
{
	struct replay *replay = ctx;
	const struct decisions *decisions = &message->notification.decisions;
	struct err err;

	if (must_not_act(replay, message)) {
		count_unverified(replay, message);
		if (!replay->silent) { /* it was, when all were looked at */
			err_set(&err, ERR_UNTRUSTED, "%s has changed while it was read",
			        replay->inbox.path);
			fail(replay, &err);
			return;
		}
	}
	if (message->outcome == MESSAGE_DECIDED)
		recall(replay);
	else
		finish_message(replay, decisions->at, decisions->n);
}

static void all_read(struct replay *replay);

static void next_message(void *ctx)
{
	struct replay *replay = ctx;
	struct batch *batch = &replay->batch;
	struct err err;

	replay->pending = NULL;
	if (inbox_next(&replay->inbox, &batch->messages[0], &err)) {
		batch->n = 1;
		replay->n_messages++;
		message_start(&batch->messages[0], &replay->world.ports, &replay->rules, on_judged,
		              replay);
	} else if (err.kind != ERR_NONE) {
		fail(replay, &err);
	} else {
		all_read(replay);
	}
}

/* ---- effects --------------------------------------------------------------------------------- */

static void on_worker_stopped(void *ctx)
{
	end(ctx);
}

static void on_signal(void *ctx, int signal)
{
	struct replay *replay = ctx;

	(void)signal;
	err_set(&replay->err, ERR_BROKEN, "interrupted; %s",
	        replay->silent ? "nothing was started"
	                       : "`evergold run` continues what is recorded");
	if (replay->worker)
		worker_stop(replay->worker);
	else
		end(replay);
}

/* Without effects a signal may end the process as it is, even while it waits for its input. */
static void heed_signals(struct replay *replay)
{
	if (!replay->request->live)
		return;
	loop_on_signal(replay->world.loop, SIGTERM, on_signal, replay);
	loop_on_signal(replay->world.loop, SIGINT, on_signal, replay);
}

static void build_and_tell(struct replay *replay)
{
	struct err err;

	if (!world_check_secrets(replay->config, &err)) {
		fail(replay, &err);
		return;
	}
	fflush(stdout);
	replay->worker = worker_new(&(struct worker_options){
		.ports = &replay->world.ports,
		.config = replay->config,
		.stopped = on_worker_stopped,
		.ctx = replay,
	});
}

static void all_read(struct replay *replay)
{
	if (replay->request->live && !replay->silent)
		build_and_tell(replay);
	else
		end(replay);
}

/* ---- one pass over everything ---------------------------------------------------------------- */

static enum ledger_mode ledger_mode(const struct replay *replay)
{
	const struct request *request = replay->request;

	if (request->live)
		return replay->silent ? LEDGER_COPY : LEDGER_WRITE;
	return strcmp(request->ledger, "current") == 0 ? LEDGER_COPY : LEDGER_EMPTY;
}

static bool pass(struct replay *replay)
{
	enum ledger_mode mode = ledger_mode(replay);

	/* A first --live has no ledger yet, and nothing to copy. */
	if (mode == LEDGER_COPY && replay->request->live &&
	    access(replay->config->ledger_sqlite, F_OK) != 0)
		mode = LEDGER_EMPTY;
	if (world_open(&replay->world, replay->config, mode, &replay->err)) {
		heed_signals(replay);
		inbox_open(&replay->inbox, replay->request->paths, replay->request->topic);
		replay->pending = ports_after(&replay->world.ports, 0, next_message, replay);
		loop_run(replay->world.loop);
	}
	call_cancel(replay->pending);
	replay->pending = NULL;
	batch_clear(&replay->batch);
	inbox_close(&replay->inbox);
	worker_free(replay->worker);
	replay->worker = NULL;
	world_close(&replay->world);
	return replay->err.kind == ERR_NONE;
}

/* Nothing has an effect unless every message is verified: one pass looks, the next one does. */
static bool verify_all(struct replay *replay)
{
	bool ok;

	replay->silent = true;
	ok = pass(replay);
	replay->silent = false;
	if (ok && replay->n_unverified)
		ok = err_set(&replay->err, ERR_UNTRUSTED,
		             "%zu of %zu messages are not verified; nothing was started",
		             replay->n_unverified, replay->n_messages);
	replay->n_messages = 0;
	memset(replay->n_outcomes, 0, sizeof(replay->n_outcomes));
	return ok;
}

static int replay_with(struct replay *replay)
{
	bool ok = load_policy(replay->config, &replay->policy, &replay->err);

	replay->family_width = family_width(replay->config);
	replay->rules = (struct message_rules){
		.config = replay->config,
		.policy = &replay->policy.policy,
		.offline = !replay->request->live,
	};
	if (ok && replay->request->live)
		ok = verify_all(replay);
	if (ok) {
		print_head(replay);
		ok = pass(replay);
	}
	if (ok)
		print_sum(replay);
	else
		complain("%s", replay->err.text);
	load_policy_clear(&replay->policy);
	config_free(replay->config);
	return ok ? EXIT_DONE : EXIT_COULD_NOT;
}

static bool reads_stdin(const struct request *request)
{
	for (size_t i = 0; request->paths[i]; i++) {
		if (strcmp(request->paths[i], "-") == 0)
			return true;
	}
	return false;
}

static bool acceptable(const struct request *request)
{
	const char *fault = NULL;

	if (!request->paths[0])
		fault = "name at least one file or folder, or - for standard input";
	else if (request->live && reads_stdin(request))
		fault = "--live reads its input twice, so it cannot read standard input";
	else if (request->live && request->topic)
		fault = "a bare message has no signature, so --live cannot take it";
	if (fault)
		complain("%s", fault);
	return !fault && inbox_takes_topic(request->topic);
}

static int replay_main(const struct command *command, char **args)
{
	struct request request = {
		.format = isatty(STDOUT_FILENO) ? "text" : "json",
		.ledger = "empty",
		.paths = args,
	};
	const struct option_row rows[] = {
		{ "--config", NULL, &request.config_file, NULL },
		{ "--format", "text|json", &request.format, NULL },
		{ "--topic", NULL, &request.topic, NULL },
		{ "--ledger", "empty|current", &request.ledger, NULL },
		{ "--live", NULL, NULL, &request.live },
	};
	static struct replay replay;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	if (!acceptable(&request))
		return options_usage(command);
	replay.request = &request;
	replay.config = load_config(&(struct load_request){
		.path = load_config_path(request.config_file),
		.out = stderr,
		.online = request.live,
	});
	status = replay.config ? replay_with(&replay) : EXIT_USAGE;
	replay.request = NULL;
	return status;
}

const struct command command_replay = {
	.name = "replay",
	.synopsis = "replay PATH... [--config FILE] [--format text|json]\n"
		    "                  [--topic ARN] [--ledger empty|current] [--live]",
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
		"  --live     does what it decides and records it in the configured ledger.\n"
		"             Every message must be verified.\n",
	.main = replay_main,
};
