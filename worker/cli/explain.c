#include "common/say/explanation.h"
#include "worker/adapters/loop.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/inbox.h"
#include "worker/cli/load.h"
#include "worker/cli/world.h"
#include "worker/flows/batch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* What the user asked for. */
struct request {
	const char *config_file, *format, *topic, *ledger;
	char **paths; /* one */
};

struct explain_run {
	const struct request *request;
	const struct config *config;
	struct world world;
	struct loaded_policy policy;
	struct message_rules rules;
	struct batch batch; /* of one message */
	char source[LIMIT_PATH];
	struct buf body; /* of the message */
	struct call *pending;
	struct arena arena;
	size_t at;        /* the decision that is being explained */
	struct buf lines; /* what is to be printed */
	struct err err;
};

static bool as_json(const struct request *request)
{
	return strcmp(request->format, "json") == 0;
}

static bool asks_ledger(const struct request *request)
{
	return strcmp(request->ledger, "current") == 0;
}

/* ---- one decision after the other ------------------------------------------------------------ */

static struct explanation_head head_of(const struct explain_run *run)
{
	return (struct explanation_head){
		.source = run->source,
		.notification = &run->batch.messages[0].notification,
		.config = run->config,
	};
}

static void add_explanation(struct explain_run *run, const struct decision *decision,
                            const struct build *row)
{
	struct explanation_head head = head_of(run);
	struct explanation explanation = explain(
		&(struct explain_question){
			.release = &head.notification->release,
			.decision = decision,
			.ledger = asks_ledger(run->request),
			.row = row,
		},
		&run->arena);

	if (as_json(run->request))
		explanation_json(&head, decision, &explanation, &run->lines);
	else
		explanation_add(&head, &explanation, &run->lines);
}

/* The announcement as a whole; the head says it in the text. */
static void add_whole(struct explain_run *run, const struct decision *decision)
{
	struct explanation_head head = head_of(run);

	if (as_json(run->request))
		explanation_json(&head, decision, NULL, &run->lines);
}

static void explain_next(struct explain_run *run);

/* With what is known of them, where anything had to be. */
static struct decisions decisions_of(const struct explain_run *run)
{
	const struct message *message = &run->batch.messages[0];

	if (message->outcome == MESSAGE_DECIDED)
		return (struct decisions){ run->batch.decisions, run->batch.n_decisions };
	return message->notification.decisions;
}

static void fail(struct explain_run *run, const struct err *err)
{
	run->err = *err;
	loop_stop(run->world.loop);
}

static bool is_row_of(const struct build *build, const struct decision *decision)
{
	return strcmp(build->region, decision->region) == 0 &&
	       span_is(decision->image->id, build->image_id);
}

static void on_history(void *ctx, const struct build *builds, size_t n, const struct err *err)
{
	struct explain_run *run = ctx;
	const struct decisions decisions = decisions_of(run);
	const struct decision *decision = &decisions.at[run->at];
	size_t i = 0;

	run->pending = NULL;
	if (err) {
		fail(run, err);
		return;
	}
	while (i < n && !is_row_of(&builds[i], decision))
		i++;
	add_explanation(run, decision, i < n ? &builds[i] : NULL);
	run->at++;
	explain_next(run);
}

static void ask_for_row(struct explain_run *run, const struct decision *decision)
{
	struct ledger *ledger = run->world.ports.ledger;

	run->pending = ledger->history(ledger,
	                               &(struct ledger_history){
					       .family = decision->family->name,
					       .limit = LIMIT_HISTORY_PAGE,
				       },
	                               on_history, run);
}

static void explain_next(struct explain_run *run)
{
	struct decisions decisions = decisions_of(run);

	for (; run->at < decisions.n; run->at++) {
		const struct decision *decision = &decisions.at[run->at];

		if (decision->reason == REASON_ALREADY_STARTED && asks_ledger(run->request)) {
			ask_for_row(run, decision);
			return;
		}
		if (decision->family)
			add_explanation(run, decision, NULL);
		else
			add_whole(run, decision);
	}
	loop_stop(run->world.loop);
}

static void explain_all(struct explain_run *run)
{
	struct explanation_head head = head_of(run);

	if (!as_json(run->request))
		explanation_add_head(&head, &run->lines);
	explain_next(run);
}

/* ---- as the worker would decide -------------------------------------------------------------- */

static void on_recalled(void *ctx, const struct err *err)
{
	struct explain_run *run = ctx;
	bool now = asks_ledger(run->request);

	run->pending = NULL;
	if (err) {
		fail(run, err);
		return;
	}
	batch_decide(&run->batch, now ? ports_now_ms(&run->world.ports) : -1);
	explain_all(run);
}

static void on_judged(void *ctx, struct message *message)
{
	struct explain_run *run = ctx;
	struct batch *batch = &run->batch;
	struct ledger *ledger = run->world.ports.ledger;

	if (message->outcome != MESSAGE_DECIDED) {
		explain_all(run);
		return;
	}
	batch_collect(batch);
	run->pending = ledger->recall(ledger, batch->decisions, batch->n_decisions, on_recalled,
	                              run);
}

/* ---- the one message ------------------------------------------------------------------------- */

static bool read_one(struct explain_run *run, struct inbox *inbox, struct message *ret_message)
{
	const char *path = run->request->paths[0];
	struct message other;

	if (!inbox_next(inbox, ret_message, &run->err))
		return run->err.kind == ERR_NONE &&
		       err_set(&run->err, ERR_MALFORMED, "%s holds no message", path);
	snprintf(run->source, sizeof(run->source), "%s", inbox->path);
	buf_add(&run->body, ret_message->received.body);
	ret_message->received.body = buf_span(&run->body);
	if (inbox_next(inbox, &other, &run->err))
		return err_set(&run->err, ERR_MALFORMED,
		               "%s holds more than one message; evergold replay decides many",
		               path);
	return run->err.kind == ERR_NONE;
}

static bool take_message(struct explain_run *run)
{
	struct message message;
	struct inbox inbox;
	bool ok;

	inbox_open(&inbox, run->request->paths, run->request->topic);
	ok = read_one(run, &inbox, &message);
	inbox_close(&inbox);
	if (!ok)
		return false;
	run->batch.messages[0] = message;
	run->batch.n = 1;
	message_start(&run->batch.messages[0], &run->world.ports, &run->rules, on_judged, run);
	return true;
}

static bool open_run(struct explain_run *run)
{
	bool current = asks_ledger(run->request);

	run->body = run->lines = buf_with_max(LIMIT_REPLAY_DOCUMENT);
	run->rules = (struct message_rules){
		.config = run->config,
		.policy = &run->policy.policy,
		.offline = true,
	};
	if (!world_open(&run->world, run->config, current ? LEDGER_COPY : LEDGER_EMPTY,
	                &run->err) ||
	    !load_policy(run->config, &run->policy, &run->err))
		return false;
	load_kept_certificates(run->config, &run->policy);
	return true;
}

static void close_run(struct explain_run *run)
{
	call_cancel(run->pending);
	batch_clear(&run->batch);
	load_policy_clear(&run->policy);
	world_close(&run->world);
	arena_clear(&run->arena);
	buf_clear(&run->body);
	buf_clear(&run->lines);
}

static void print(struct explain_run *run)
{
	struct explanation_head head = head_of(run);

	if (decisions_of(run).n == 0) {
		(void)err_set(&run->err, ERR_MALFORMED,
		              "%s holds an event of a pipeline, not an announcement",
		              run->request->paths[0]);
		return;
	}
	if (!as_json(run->request))
		explanation_add_others(&head, &run->lines);
	fwrite(buf_text(&run->lines), 1, run->lines.len, stdout);
}

static int explain_with(const struct request *request, const struct config *config)
{
	static struct explain_run run; /* a batch is large */
	bool ok;

	run = (struct explain_run){ .request = request, .config = config };
	if (open_run(&run) && take_message(&run)) {
		loop_run(run.world.loop);
		if (run.err.kind == ERR_NONE)
			print(&run);
	}
	ok = run.err.kind == ERR_NONE;
	if (!ok)
		complain("%s", run.err.text);
	close_run(&run);
	return ok ? EXIT_DONE : EXIT_COULD_NOT;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int explain_main(const struct command *command, char **args)
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
	};
	struct config *config;
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	if (!args[0] || args[1]) {
		complain("name one file, or - for standard input");
		return options_usage(command);
	}
	if (!inbox_takes_topic(request.topic))
		return options_usage(command);
	config = load_config(&(struct load_request){
		.path = load_config_path(request.config_file),
		.out = stderr,
	});
	status = config ? explain_with(&request, config) : EXIT_USAGE;
	config_free(config);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.synopsis = "explain PATH [--config FILE] [--format text|json]\n"
		    "                  [--topic ARN] [--ledger empty|current]",
	.help = "Says why one saved notification is decided as it is: for each family and region\n"
		"the conditions in their order with the first that failed, the line of the\n"
		"configuration that each is from, and what would have matched. Changes nothing.\n"
		"PATH is a file, or - for standard input, with anything that replay understands.\n"
		"\n"
		"  --config   the configuration; else $EVERGOLD_CONFIG, else\n"
		"             /etc/evergold/evergold.yaml\n"
		"  --format   text: lines for people (default on a terminal); json: one object a\n"
		"             line for each family and region\n"
		"  --topic    the topic that a bare message body is from\n"
		"  --ledger   empty (default): as if nothing had been built, at the time of the\n"
		"             announcement; current: with what the configured ledger knows, now\n",
	.main = explain_main,
};
