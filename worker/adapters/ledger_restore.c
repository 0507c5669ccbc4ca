#include "worker/adapters/ledger_restore.h"

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/decide/golden.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_golden.h"
#include "worker/adapters/ledger_lines.h"
#include "worker/adapters/ledger_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/banned.h"

/* ---- rows ------------------------------------------------------------------------------------ */

static bool has_execution(struct sqlite *sqlite, const struct build *build, bool *ret_has,
                          struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite,
	                                          "SELECT 1 FROM builds WHERE execution_id = ?");

	sqlite_give_text(query, build->execution_id);
	*ret_has = sqlite_step(query);
	return sqlite_finish(query, reterr);
}

/* Of its identity; id 0: there is none. */
struct row {
	int64_t id;
	bool wanted;
};

static bool find_row(struct sqlite *sqlite, const struct build *build, struct row *ret_row,
                     struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "SELECT id, state = 'wanted' FROM builds WHERE token = ?");

	sqlite_give_text(query, build->token);
	*ret_row = (struct row){ 0 };
	if (sqlite_step(query))
		*ret_row = (struct row){ sqlite_integer(query, 0), sqlite_integer(query, 1) != 0 };
	return sqlite_finish(query, reterr);
}

/* Where the row was that was lost: before all that were wanted later; else behind all others. */
static bool find_place(struct sqlite *sqlite, const struct build *build, int64_t *ret_id,
                       struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "WITH before AS (SELECT ifnull(max(id), 0) + 1 AS id FROM builds"
			" WHERE wanted_ms <= ?1),"
			" after AS (SELECT min(id) AS id FROM builds WHERE wanted_ms > ?1)"
			" SELECT iif(before.id < ifnull(after.id, before.id + 1), before.id,"
			" (SELECT max(id) + 1 FROM builds)) FROM before, after");

	sqlite_give_integer(query, build->wanted_ms);
	*ret_id = sqlite_step(query) ? sqlite_integer(query, 0) : 0;
	return sqlite_finish(query, reterr);
}

static bool move_row(struct sqlite *sqlite, int64_t from, int64_t to, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, "UPDATE builds SET id = ? WHERE id = ?");

	sqlite_give_integer(query, to);
	sqlite_give_integer(query, from);
	return sqlite_finish(query, reterr);
}

static bool add_row(struct sqlite *sqlite, struct build *build, struct err *reterr)
{
	int64_t place = 0;

	if (!find_place(sqlite, build, &place, reterr) ||
	    !ledger_builds_add(sqlite, build, build->wanted_ms, reterr))
		return false;
	build->id = sqlite_last_id(sqlite);
	if (build->id != place && !move_row(sqlite, build->id, place, reterr))
		return false;
	build->id = place;
	return true;
}

static bool add_moves(struct sqlite *sqlite, const struct build *build, struct err *reterr)
{
	struct golden_move moves[LIMIT_GOLDEN];
	bool ok;

	for (size_t i = 0; i < build->n_golden_moves; i++) {
		moves[i] = build->golden_moves[i];
		moves[i].build = build->id;
	}
	ok = ledger_golden_plan(
		sqlite, &(struct ledger_plan){ build->id, moves, build->n_golden_moves }, reterr);
	for (size_t i = 0; ok && i < build->n_golden_moves; i++)
		ok = ledger_golden_save(sqlite, &moves[i], reterr);
	return ok;
}

/* Started first, and then what became of it: failures are counted, and watches end. */
static bool write_row(struct sqlite *sqlite, struct build *build, struct err *reterr)
{
	struct build first = *build;

	if (build->state == BUILD_FINISHED) {
		first.state = BUILD_STARTED;
		first.finished_ms = 0;
	}
	if (!add_row(sqlite, &first, reterr))
		return false;
	build->id = first.id;
	return build->state == BUILD_ADOPTED ||
	       (ledger_builds_save(sqlite, build, build->started_ms, reterr) &&
	        add_moves(sqlite, build, reterr));
}

/* The worker follows it from there to its end. */
static bool start_row(struct sqlite *sqlite, int64_t id, const struct build *build,
                      struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite, "UPDATE builds SET state = 'started', admitted = 1, execution_id = ?,"
			" started_ms = ?, held = 'matched', due_ms = 0 WHERE id = ?");

	sqlite_give_text(query, build->execution_id);
	sqlite_give_integer(query, build->started_ms);
	sqlite_give_integer(query, id);
	return sqlite_finish(query, reterr) && ledger_lines_learn(sqlite, build, reterr);
}

/* Its own attempt, or the next one that no row has. */
static bool find_attempt(struct sqlite *sqlite, struct build *build, struct row *ret_row,
                         struct err *reterr)
{
	if (!find_row(sqlite, build, ret_row, reterr))
		return false;
	while (ret_row->id && !ret_row->wanted) {
		build->attempt++;
		build_derive_token(build);
		if (!find_row(sqlite, build, ret_row, reterr))
			return false;
	}
	return true;
}

static bool knows_image(struct sqlite *sqlite, const struct build *build, bool *ret_knows,
                        struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"SELECT 1 FROM builds WHERE family = ? AND region = ? AND image_id = ? LIMIT 1");

	sqlite_give_text(query, build->family);
	sqlite_give_text(query, build->region);
	sqlite_give_text(query, build->image_id);
	*ret_knows = sqlite_step(query);
	return sqlite_finish(query, reterr);
}

static bool is_known(struct sqlite *sqlite, const struct build *build, bool *ret_known,
                     struct err *reterr)
{
	return build->execution_id ? has_execution(sqlite, build, ret_known, reterr)
	                           : knows_image(sqlite, build, ret_known, reterr);
}

bool ledger_restore_build(struct sqlite *sqlite, const struct build *build,
                          enum ledger_restored *ret_restored, struct err *reterr)
{
	struct build row = *build;
	struct row there;
	bool known = false;

	*ret_restored = RESTORED_KNOWN;
	if (!is_known(sqlite, build, &known, reterr) || known)
		return known;
	if (!find_attempt(sqlite, &row, &there, reterr))
		return false;
	*ret_restored = there.id ? RESTORED_STARTED : RESTORED_ADDED;
	if (there.id)
		return start_row(sqlite, there.id, &row, reterr);
	row.wanted_ms = row.started_ms ? row.started_ms : row.announced_ms;
	return write_row(sqlite, &row, reterr);
}

bool ledger_restore_posts(struct sqlite *sqlite, const char *family, const char *channel,
                          struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(
		sqlite,
		"INSERT INTO posts (build, notice, part, state, nth, channel, digest, asked_ms)"
		" SELECT id, 0, 'root', 'asked', 0, ?, '', wanted_ms FROM builds WHERE family = ?"
		" AND (state = 'started' OR id IN (SELECT build FROM deliveries))"
		" AND id NOT IN (SELECT build FROM posts)");

	sqlite_give_text(query, channel);
	sqlite_give_text(query, family);
	return sqlite_finish(query, reterr);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool write_file(struct sqlite *sqlite, const char *path, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, "VACUUM INTO ?");

	sqlite_give_text(query, path);
	return sqlite_finish(query, reterr) || err_wrap(reterr, "%s", path);
}

static bool sync_path(const char *path, int flags, struct err *reterr)
{
	int fd = open(path, flags | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_set(reterr, ERR_BROKEN, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool sync_folder(const char *path, struct err *reterr)
{
	char copy[LIMIT_PATH + 1];

	snprintf(copy, sizeof(copy), "%s", path);
	return sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, reterr);
}

/* What is not there need not be moved. */
static bool move_file(const char *from, const char *to, struct err *reterr)
{
	return rename(from, to) == 0 || errno == ENOENT ||
	       err_set(reterr, ERR_BROKEN, "%s: %s", from, strerror(errno));
}

/* The log is a part of the database: they stay together. */
static bool put_aside(const char *path, const char *aside, struct err *reterr)
{
	static const char *const parts[] = { "-journal", "-wal", "-shm", "" };
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(parts); i++) {
		struct buf from = buf_with_max(LIMIT_PATH + 64), to = buf_with_max(LIMIT_PATH + 64);

		buf_addf(&from, "%s%s", path, parts[i]);
		buf_addf(&to, "%s%s", aside, parts[i]);
		ok = move_file(buf_text(&from), buf_text(&to), reterr);
		buf_clear(&from);
		buf_clear(&to);
	}
	return ok;
}

/* Whoever runs this may not be whom the worker runs as. */
static bool give_to_owner(const char *fresh, const char *path, struct err *reterr)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return true;
	return (chown(fresh, status.st_uid, status.st_gid) == 0 &&
	        chmod(fresh, status.st_mode & 0777) == 0) ||
	       err_set(reterr, ERR_BROKEN, "%s: %s", fresh, strerror(errno));
}

static char *with_end(const char *path, const char *end)
{
	struct buf name = buf_with_max(LIMIT_PATH + 64);

	buf_addf(&name, "%s%s", path, end);
	return buf_take(&name);
}

/* Under its name it is whole and durable. What a kill left of another is removed. */
static bool make_rebuilt(struct sqlite *sqlite, const char *path, const char *rebuilt,
                         struct err *reterr)
{
	char *part = with_end(path, ".rebuilding");
	bool ok;

	unlink(part);
	ok = write_file(sqlite, part, reterr) && give_to_owner(part, path, reterr) &&
	     sync_path(part, O_RDONLY, reterr) && move_file(part, rebuilt, reterr) &&
	     sync_folder(path, reterr);
	if (!ok)
		unlink(part); /* it would fill a disk that is full */
	free(part);
	return ok;
}

/* A kill in here leaves what was rebuilt under its name, and no worker starts before its end. */
static bool exchange(const char *rebuilt, const char *path, int64_t now_ms, struct buf *ret_aside,
                     struct err *reterr)
{
	bool there = access(path, F_OK) == 0, ok;
	char stamp[17];

	text_time_basic(now_ms, stamp);
	buf_addf(ret_aside, "%s.damaged-%s", path, stamp);
	ok = put_aside(path, buf_text(ret_aside), reterr) && move_file(rebuilt, path, reterr) &&
	     sync_folder(path, reterr);
	if (!there)
		buf_reset(ret_aside);
	return ok;
}

/* Where a link leads is the file: its log is there, too. */
static char *real_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : with_end(path, "");
}

bool ledger_restore_file(struct sqlite *sqlite, const char *path, int64_t now_ms,
                         struct buf *ret_aside, struct err *reterr)
{
	char *real = real_path(path), *rebuilt = with_end(real, LEDGER_REBUILT);
	bool ok = make_rebuilt(sqlite, real, rebuilt, reterr) &&
	          exchange(rebuilt, real, now_ms, ret_aside, reterr);

	free(rebuilt);
	free(real);
	return ok;
}

bool ledger_restore_finish(const char *path, int64_t now_ms, struct buf *ret_aside,
                           struct err *reterr)
{
	char *real = real_path(path), *rebuilt = with_end(real, LEDGER_REBUILT);
	bool ok = access(rebuilt, F_OK) != 0 || exchange(rebuilt, real, now_ms, ret_aside, reterr);

	free(rebuilt);
	free(real);
	return ok;
}
