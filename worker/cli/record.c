#include "common/base/mem.h"
#include "common/base/text.h"
#include "worker/adapters/archive.h"
#include "worker/adapters/loop.h"
#include "worker/cli/commands.h"
#include "worker/cli/complain.h"
#include "worker/cli/load.h"
#include "worker/cli/world.h"
#include "worker/flows/queue.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/banned.h"

#define WAIT_MAX_S 20 /* SQS's own */

/* A message that was received. */
struct hidden {
	char *id, *handle; /* owned; the handle of the last time that it came */
};

/*
 * Messages are copied receive by receive until one brings none that had not come before. All of
 * them stay hidden till then, so that they do not come again, and are shown together at the end.
 */
struct copying {
	struct world world;
	struct config *config;
	struct archive *archive;
	struct call *pending;
	uint64_t limit, wait_s;
	size_t n_new, n_known;
	struct hidden *hidden; /* owned */
	size_t n_hidden, n_shown;
	bool ending;
	struct err err; /* the first */
};

/* ---- the end: all is shown again ------------------------------------------------------------- */

static struct queue queue_of(const struct copying *copying)
{
	return queue_of_announcements(&copying->world.ports, copying->config);
}

static void show_next(struct copying *copying);

static void remember(struct copying *copying, const struct err *err)
{
	if (copying->err.kind == ERR_NONE)
		copying->err = *err;
}

static bool all_done(const struct aws_answer *answer, size_t n, struct err *reterr)
{
	struct sqs_batch_result result;

	if (!sqs_batch_answer(answer->body, n, &result, reterr))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!result.done[i])
			return err_set(reterr, ERR_REFUSED,
			               "a message stays hidden until its time is over: %s",
			               result.code[i]);
	}
	return true;
}

static size_t n_to_show(const struct copying *copying)
{
	size_t n = copying->n_hidden - copying->n_shown;

	return n < LIMIT_BATCH ? n : LIMIT_BATCH;
}

static void on_shown(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct copying *copying = ctx;
	struct err why;

	copying->pending = NULL;
	if (err)
		remember(copying, err);
	else if (!all_done(answer, n_to_show(copying), &why))
		remember(copying, &why);
	copying->n_shown += n_to_show(copying);
	show_next(copying);
}

static void show_next(struct copying *copying)
{
	const struct queue queue = queue_of(copying);
	struct sqs_entry entries[LIMIT_BATCH];
	struct buf body = buf_with_max(LIMIT_AWS_BODY);
	size_t n = n_to_show(copying);

	if (n == 0) {
		loop_stop(copying->world.loop);
		return;
	}
	for (size_t i = 0; i < n; i++)
		entries[i] = (struct sqs_entry){
			.receipt_handle = span_of(copying->hidden[copying->n_shown + i].handle),
		};
	sqs_visibility_batch_body(span_of(queue.url), entries, n, &body);
	copying->pending = queue_start(
		&(struct queue_request){
			.queue = &queue,
			.operation = &aws_sqs_change_message_visibility_batch,
			.body = &body,
		},
		on_shown, copying);
	buf_clear(&body);
}

static void end(struct copying *copying)
{
	copying->ending = true;
	show_next(copying);
}

static void fail(struct copying *copying, const struct err *err)
{
	remember(copying, err);
	end(copying);
}

/* ---- one receive after the other ------------------------------------------------------------- */

static void receive(struct copying *copying);

static struct hidden *find(struct copying *copying, struct span id)
{
	for (size_t i = 0; i < copying->n_hidden; i++) {
		if (span_is(id, copying->hidden[i].id))
			return &copying->hidden[i];
	}
	return NULL;
}

/* True: it comes for the first time. Later only its newest handle is of use. */
static bool hide(struct copying *copying, const struct sqs_message *message)
{
	struct hidden *hidden = find(copying, message->message_id);

	if (hidden) {
		free(hidden->handle);
		hidden->handle = xspandup(message->receipt_handle);
		return false;
	}
	copying->hidden = xreallocarray(copying->hidden, copying->n_hidden + 1,
	                                sizeof(*copying->hidden));
	copying->hidden[copying->n_hidden++] = (struct hidden){
		xspandup(message->message_id),
		xspandup(message->receipt_handle),
	};
	return true;
}

static bool keep(struct copying *copying, const struct sqs_message *message, struct err *reterr)
{
	bool is_new;

	if (!archive_keep(copying->archive, message, &is_new, reterr))
		return false;
	copying->n_new += is_new;
	copying->n_known += !is_new;
	return true;
}

/* *ret_first: so many had not come before. What cannot be kept is hidden all the same. */
static bool keep_all(struct copying *copying, const struct sqs_messages *messages,
                     size_t *ret_first, struct err *reterr)
{
	bool ok = true;

	*ret_first = 0;
	for (size_t i = 0; i < messages->n; i++) {
		if (!hide(copying, &messages->at[i]))
			continue;
		++*ret_first;
		ok = ok && keep(copying, &messages->at[i], reterr);
	}
	return ok;
}

static bool enough(const struct copying *copying)
{
	return copying->n_new >= copying->limit || copying->n_hidden >= LIMIT_COPIED;
}

static void take(struct copying *copying, struct span answer)
{
	struct sqs_messages messages;
	struct reader reader;
	struct err err;
	size_t n_first = 0;
	bool ok = sqs_receive_answer(answer, &reader, &messages, &err) &&
	          keep_all(copying, &messages, &n_first, &err);

	reader_clear(&reader);
	if (!ok)
		fail(copying, &err);
	else if (n_first == 0 || enough(copying))
		end(copying);
	else
		receive(copying);
}

static void on_received(void *ctx, const struct aws_answer *answer, const struct err *err)
{
	struct copying *copying = ctx;

	copying->pending = NULL;
	if (err)
		fail(copying, err);
	else
		take(copying, answer->body);
}

static int most(const struct copying *copying)
{
	uint64_t left = copying->limit - copying->n_new;

	return left < LIMIT_BATCH ? (int)left : LIMIT_BATCH;
}

static void receive(struct copying *copying)
{
	const struct queue queue = queue_of(copying);
	struct buf body = buf_with_max(LIMIT_AWS_BODY);

	sqs_receive_body(
		&(struct sqs_receive){
			.queue_url = span_of(queue.url),
			.max_messages = most(copying),
			.wait_s = (int)copying->wait_s,
			.visibility_timeout_s = queue.visibility_timeout_s,
		},
		&body);
	copying->pending = queue_start(
		&(struct queue_request){
			.queue = &queue,
			.operation = &aws_sqs_receive_message,
			.body = &body,
		},
		on_received, copying);
	buf_clear(&body);
}

/* What a receive under way would bring stays hidden until its time is over. */
static void on_signal(void *ctx, int signal)
{
	struct copying *copying = ctx;
	struct err err;

	(void)signal;
	if (copying->ending)
		return;
	call_cancel(copying->pending);
	copying->pending = NULL;
	err_set(&err, ERR_BROKEN, "interrupted");
	fail(copying, &err);
}

/* ---- the command ----------------------------------------------------------------------------- */

static bool copy_all(struct copying *copying, const char *folder)
{
	struct err *err = &copying->err;

	if (!load_endpoints(copying->config, err))
		return false;
	copying->archive = archive_open(folder, err);
	if (!copying->archive || !world_open(&copying->world, copying->config, LEDGER_EMPTY, err))
		return false;
	loop_on_signal(copying->world.loop, SIGTERM, on_signal, copying);
	loop_on_signal(copying->world.loop, SIGINT, on_signal, copying);
	receive(copying);
	loop_run(copying->world.loop);
	return err->kind == ERR_NONE;
}

static void forget(struct copying *copying)
{
	for (size_t i = 0; i < copying->n_hidden; i++) {
		free(copying->hidden[i].id);
		free(copying->hidden[i].handle);
	}
	free(copying->hidden);
}

static int record_into(struct copying *copying, const char *folder)
{
	bool ok = copy_all(copying, folder);

	if (copying->archive)
		complain("%zu %s into %s, %zu there already", copying->n_new,
		         copying->n_new == 1 ? "message" : "messages", folder, copying->n_known);
	if (!ok)
		complain("%s", copying->err.text);
	call_cancel(copying->pending);
	world_close(&copying->world);
	archive_close(copying->archive);
	forget(copying);
	return ok ? EXIT_DONE : EXIT_COULD_NOT;
}

struct record_options {
	const char *config_file, *limit, *wait;
};

/* "20s", "20" or "0". */
static bool read_wait(const char *text, uint64_t *ret_s)
{
	struct span number = span_of(text);

	if (span_ends(number, SPAN("s")))
		number.len--;
	return text_number(number, WAIT_MAX_S, ret_s);
}

static bool acceptable(const struct record_options *options, char **args, struct copying *copying)
{
	const char *fault = NULL;

	if (!args[0] || args[1])
		fault = "name one folder";
	else if (!text_number(span_of(options->limit), LIMIT_COPIED, &copying->limit) ||
	         copying->limit == 0)
		fault = "--limit takes a number from 1 to 10000";
	else if (!read_wait(options->wait, &copying->wait_s))
		fault = "--wait takes 0s to 20s";
	if (fault)
		complain("%s", fault);
	return !fault;
}

static int record_with(struct copying *copying, const char *file, const char *folder)
{
	int status = EXIT_USAGE;

	copying->config = load_config(&(struct load_request){
		.path = load_config_path(file),
		.out = stderr,
		.online = true,
	});
	if (copying->config && copying->config->queue.url)
		status = record_into(copying, folder);
	else if (copying->config)
		complain("%s: queue.url is needed to record", copying->config->file);
	config_free(copying->config);
	return status;
}

static int record_main(const struct command *command, char **args)
{
	struct record_options options = { .limit = "1000", .wait = "20s" };
	const struct option_row rows[] = {
		{ "--config", NULL, &options.config_file, NULL },
		{ "--limit", NULL, &options.limit, NULL },
		{ "--wait", NULL, &options.wait, NULL },
	};
	struct copying copying = { .n_new = 0 };
	int status;

	if (!options_read(command, &(struct option_table){ rows, ARRAY_LEN(rows), true }, args,
	                  &status))
		return status;
	if (!acceptable(&options, args, &copying))
		return options_usage(command);
	return record_with(&copying, options.config_file, args[0]);
}

const struct command command_record = {
	.name = "record",
	.synopsis = "record DIR [--config FILE] [--limit N] [--wait 20s]",
	.help = "Copies messages from the queue into the folder, one file each, for evergold\n"
		"replay. Nothing is deleted from the queue, but the receive count of each\n"
		"message grows: mind the redrive policy. A message that is there already is\n"
		"not copied again. Ends when the queue has nothing new.\n"
		"\n"
		"  --config   the configuration, which names the queue; else $EVERGOLD_CONFIG,\n"
		"             else /etc/evergold/evergold.yaml\n"
		"  --limit    how many new ones at most (default 1000)\n"
		"  --wait     for how long one receive waits, 0s to 20s (default 20s)\n",
	.main = record_main,
};
