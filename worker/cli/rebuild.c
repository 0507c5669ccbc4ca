#include "worker/cli/rebuild.h"

#include "common/base/plain.h"
#include "common/base/writer.h"
#include "common/say/table.h"
#include "worker/adapters/ledger_restore.h"
#include "worker/adapters/ledger_salvage.h"
#include "worker/adapters/loop.h"
#include "worker/cli/complain.h"
#include "worker/cli/load.h"
#include "worker/cli/options.h"
#include "worker/cli/world.h"
#include "worker/flows/recovery.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

struct rebuilding {
	const struct rebuild_request *request;
	struct world world; /* its ledger is in memory: what is written becomes a file at the end */
	int lock;           /* -1: of a dry run */
	struct ledger_salvaged salvaged;
	struct recovery recovery;
	bool failed;
	struct err err;
};

static struct sqlite *rows_of(struct rebuilding *rebuilding)
{
	return ledger_sqlite_rows(rebuilding->world.ledger);
}

static void print(struct buf *line)
{
	fputs(buf_text(line), stdout);
	buf_clear(line);
}

/* ---- what was read --------------------------------------------------------------------------- */

static void add_table_json(struct buf *out, const struct ledger_salvaged *salvaged, size_t at)
{
	struct writer *writer = writer_new();

	writer_text(writer, "salvaged", salvaged->at[at].table);
	writer_integer(writer, "rows", salvaged->at[at].rows);
	writer_bool(writer, "whole", !salvaged->at[at].broken);
	writer_finish(writer, out);
	buf_add_char(out, '\n');
}

/* Of an empty table there is nothing to say. */
static void add_table(struct buf *out, const struct ledger_salvaged *salvaged, size_t at)
{
	bool broken = salvaged->at[at].broken;

	if (salvaged->at[at].rows || broken)
		buf_addf(out, "from the old ledger: %" PRId64 " %s%s\n", salvaged->at[at].rows,
		         salvaged->at[at].table, broken ? ", and not all could be read" : "");
}

static void print_table(const struct rebuilding *rebuilding, size_t at)
{
	struct buf line = buf_with_max(LIMIT_SHOWN);

	if (rebuilding->request->json)
		add_table_json(&line, &rebuilding->salvaged, at);
	else
		add_table(&line, &rebuilding->salvaged, at);
	print(&line);
}

static void print_salvaged(const struct rebuilding *rebuilding)
{
	for (size_t i = 0; i < rebuilding->salvaged.n; i++)
		print_table(rebuilding, i);
	if (!rebuilding->salvaged.n && !rebuilding->request->json)
		puts("from the old ledger: nothing");
}

/* ---- what AWS knows -------------------------------------------------------------------------- */

static const char *word_of(enum ledger_restored restored)
{
	static const char *const words[] = {
		[RESTORED_KNOWN] = "known",
		[RESTORED_ADDED] = "added",
		[RESTORED_STARTED] = "started",
	};

	return words[restored];
}

static const char *outcome_of(const struct build *build)
{
	return build->state == BUILD_ADOPTED ? build_state_word(build->state)
	                                     : execution_status_word(build->status);
}

static void add_text(struct buf *out, const struct recovered *row, enum ledger_restored restored)
{
	const struct build *build = &row->build;

	table_cell(out, span_of(build->family), TABLE_REGION);
	table_cell(out, span_of(build->region), TABLE_REGION);
	table_cell(out, span_of(build->release), TABLE_RELEASE);
	table_cell(out, span_of(build->image_id), TABLE_IMAGE);
	table_time_cell(out, build->started_ms);
	table_cell(out, span_of(outcome_of(build)), strlen("InProgress "));
	table_cell(out, span_of(word_of(restored)), strlen("started "));
	plain_add(out, span_of(row->source));
}

static void add_json(struct buf *out, const struct recovered *row, enum ledger_restored restored)
{
	const struct build *build = &row->build;
	struct writer *writer = writer_new();

	writer_text(writer, "row", word_of(restored));
	writer_text(writer, "family", build->family);
	writer_text(writer, "region", build->region);
	writer_text(writer, "release", build->release);
	writer_text(writer, "image_id", build->image_id);
	writer_text(writer, "state", build_state_word(build->state));
	writer_text(writer, "execution_id", build->execution_id);
	writer_text(writer, "status",
	            build->execution_id ? execution_status_word(build->status) : NULL);
	writer_time(writer, "started", build->started_ms);
	writer_text(writer, "source", row->source);
	writer_finish(writer, out);
}

static void print_row(const struct rebuilding *rebuilding, const struct recovered *row,
                      enum ledger_restored restored)
{
	struct buf line = buf_with_max(LIMIT_SHOWN);

	if (rebuilding->request->json)
		add_json(&line, row, restored);
	else
		add_text(&line, row, restored);
	buf_add_char(&line, '\n');
	print(&line);
}

static void print_head(const struct rebuilding *rebuilding)
{
	static const struct {
		const char *word;
		size_t width;
	} columns[] = {
		{ "FAMILY", TABLE_REGION },
		{ "REGION", TABLE_REGION },
		{ "RELEASE", TABLE_RELEASE },
		{ "IMAGE", TABLE_IMAGE },
		{ "STARTED", TABLE_TIME },
		{ "OUTCOME", 11 },
		{ "ROW", 8 },
		{ "KNOWN FROM", 0 },
	};
	struct buf line = buf_with_max(LIMIT_SHOWN);

	if (rebuilding->request->json || !rebuilding->recovery.n)
		return;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		table_cell(&line, span_of(columns[i].word), columns[i].width);
	buf_add_char(&line, '\n');
	print(&line);
}

static void add_unknown_json(struct buf *out, const char *text)
{
	struct writer *writer = writer_new();

	writer_text(writer, "unknown", text);
	writer_finish(writer, out);
}

static void print_unknown(const struct rebuilding *rebuilding, const char *text)
{
	struct buf line = buf_with_max(LIMIT_SHOWN);

	if (rebuilding->request->json) {
		add_unknown_json(&line, text);
	} else {
		buf_add_text(&line, "not known: ");
		plain_add(&line, span_of(text));
	}
	buf_add_char(&line, '\n');
	print(&line);
}

/* ---- the steps ------------------------------------------------------------------------------- */

static bool restore_builds(struct rebuilding *rebuilding)
{
	struct recovery *recovery = &rebuilding->recovery;
	enum ledger_restored restored;

	for (size_t i = 0; i < recovery->n; i++) {
		if (!ledger_restore_build(rows_of(rebuilding), &recovery->at[i].build, &restored,
		                          &rebuilding->err))
			return false;
		print_row(rebuilding, &recovery->at[i], restored);
	}
	return true;
}

/* Where there is a token; a webhook cannot look for anything. */
static bool restore_posts(struct rebuilding *rebuilding)
{
	const struct config *config = rebuilding->request->config;
	bool ok = true;

	if (config->slack.token.source == SECRET_NONE)
		return true;
	for (size_t i = 0; ok && i < config->n_families; i++) {
		const struct family *family = &config->families[i];

		ok = ledger_restore_posts(rows_of(rebuilding), family->name,
		                          family->slack_channel ? family->slack_channel
		                                                : config->slack.channel,
		                          &rebuilding->err);
	}
	return ok;
}

static bool restore(struct rebuilding *rebuilding)
{
	const struct recovery *recovery = &rebuilding->recovery;

	print_head(rebuilding);
	if (!restore_builds(rebuilding) || !restore_posts(rebuilding))
		return false;
	for (size_t i = 0; i < recovery->n_unknown; i++)
		print_unknown(rebuilding, recovery->unknown[i]);
	return true;
}

static void on_recovered(void *ctx, const struct err *err)
{
	struct rebuilding *rebuilding = ctx;

	rebuilding->failed = err != NULL;
	if (err)
		rebuilding->err = *err;
	loop_stop(rebuilding->world.loop);
}

static bool recover(struct rebuilding *rebuilding)
{
	recovery_start(
		&(struct recovery_question){
			.ports = &rebuilding->world.ports,
			.config = rebuilding->request->config,
			.recovery = &rebuilding->recovery,
		},
		on_recovered, rebuilding);
	loop_run(rebuilding->world.loop);
	return !rebuilding->failed;
}

static bool say_aside(struct buf *aside, bool ok)
{
	if (ok && aside->len)
		fprintf(stderr, "evergold: the old ledger is %s now\n", buf_text(aside));
	buf_clear(aside);
	return ok;
}

static bool write_file(struct rebuilding *rebuilding)
{
	const char *path = rebuilding->request->config->ledger_sqlite;
	struct buf aside = buf_with_max(LIMIT_PATH + 64);
	bool ok = rebuilding->request->dry_run ||
	          ledger_restore_file(rows_of(rebuilding), path,
	                              ports_now_ms(&rebuilding->world.ports), &aside,
	                              &rebuilding->err);

	return say_aside(&aside, ok);
}

/* A minute earlier than what is put aside at the end, so that their names differ. */
static bool finish_last(struct rebuilding *rebuilding)
{
	const char *path = rebuilding->request->config->ledger_sqlite;
	struct buf aside = buf_with_max(LIMIT_PATH + 64);
	int64_t then_ms = ports_now_ms(&rebuilding->world.ports) - 60000;
	bool ok = rebuilding->request->dry_run ||
	          ledger_restore_finish(path, then_ms, &aside, &rebuilding->err);

	return say_aside(&aside, ok);
}

/* A dry run may be beside a worker. */
static bool lock(struct rebuilding *rebuilding)
{
	if (rebuilding->request->dry_run)
		return true;
	rebuilding->lock = ledger_sqlite_lock(rebuilding->request->config->ledger_sqlite,
	                                      &rebuilding->err);
	return rebuilding->lock >= 0;
}

static bool open_world(struct rebuilding *rebuilding)
{
	const struct config *config = rebuilding->request->config;
	struct world *world = &rebuilding->world;

	if (!load_endpoints(config, &rebuilding->err) ||
	    !world_open(world, config, LEDGER_EMPTY, &rebuilding->err))
		return false;
	if (world->log.level < LOG_WARNING)
		world->log.level = LOG_WARNING;
	return true;
}

static bool do_all(struct rebuilding *rebuilding)
{
	const char *path = rebuilding->request->config->ledger_sqlite;

	if (!lock(rebuilding) || !open_world(rebuilding) || !finish_last(rebuilding) ||
	    !ledger_salvage(rows_of(rebuilding), path, &rebuilding->salvaged, &rebuilding->err) ||
	    !recover(rebuilding))
		return false;
	print_salvaged(rebuilding);
	return restore(rebuilding) && write_file(rebuilding);
}

int rebuild(const struct rebuild_request *request)
{
	struct rebuilding rebuilding = { .request = request, .lock = -1 };
	bool ok = do_all(&rebuilding);

	if (!ok)
		complain("%s", rebuilding.err.text);
	recovery_clear(&rebuilding.recovery);
	world_close(&rebuilding.world);
	if (rebuilding.lock >= 0)
		close(rebuilding.lock);
	return ok ? EXIT_DONE : EXIT_COULD_NOT;
}
