#include "worker/adapters/sqlite.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

/* Compiled once: that takes longer than most of what is asked. */
struct prepared {
	sqlite3_stmt *statement; /* NULL: none yet */
	bool taken;              /* by a query that is not finished */
};

struct sqlite {
	sqlite3 *db;
	struct prepared prepared[LIMIT_PREPARED];
};

struct sqlite_query {
	sqlite3 *db;
	struct prepared *prepared; /* what it came from; NULL: it is the query's own */
	sqlite3_stmt *statement;   /* NULL after a fault in the SQL */
	int given;
	int result; /* of the last call */
};

static void destroy(struct sqlite *sqlite)
{
	if (!sqlite)
		return;
	for (size_t i = 0; i < LIMIT_PREPARED; i++)
		sqlite3_finalize(sqlite->prepared[i].statement);
	sqlite3_close(sqlite->db);
	free(sqlite);
}

void sqlite_close(struct sqlite *sqlite)
{
	destroy(sqlite);
}

/* What SQLite's own words leave out; NULL: nothing. */
static const char *more_about(sqlite3 *db, int result)
{
	int number = db ? sqlite3_system_errno(db) : 0;

	switch (result & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return SQLITE_MENDING;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return number ? strerror(number) : NULL;
	default:
		return NULL;
	}
}

static bool report(sqlite3 *db, int result, struct err *reterr)
{
	bool taken = (result & 0xff) == SQLITE_CONSTRAINT;
	const char *more = more_about(db, result);

	return err_set(reterr, taken ? ERR_TRANSIENT : ERR_BROKEN, "ledger: %s%s%s",
	               db ? sqlite3_errmsg(db) : sqlite3_errstr(result), more ? ": " : "",
	               more ? more : "");
}

/* The bytes of a file may be anybody's: a ledger has no views or triggers that would compute. */
static void distrust(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

static struct sqlite *open_with(const char *path, int flags, struct err *reterr)
{
	struct sqlite *sqlite = xcalloc(1, sizeof(*sqlite));
	int result = sqlite3_open_v2(path, &sqlite->db, flags, NULL);

	if (result == SQLITE_OK) {
		sqlite3_extended_result_codes(sqlite->db, 1);
		sqlite3_busy_timeout(sqlite->db, 0);
		distrust(sqlite->db);
		return sqlite;
	}
	report(sqlite->db, result, reterr);
	destroy(sqlite);
	return NULL;
}

static struct sqlite *open_durable(const char *path, int flags, int wait_ms, struct err *reterr)
{
	struct sqlite *sqlite = open_with(path, SQLITE_OPEN_READWRITE | flags, reterr);

	if (sqlite)
		sqlite3_busy_timeout(sqlite->db, wait_ms);
	if (sqlite && sqlite_run(sqlite,
	                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	                         "PRAGMA foreign_keys = ON; PRAGMA cache_size = -256;"
	                         "PRAGMA temp_store = MEMORY;", /* no file anywhere else */
	                         reterr))
		return sqlite;
	err_wrap(reterr, "%s", path);
	destroy(sqlite);
	return NULL;
}

/* The wait blocks the loop, where there is one that matters. */
struct sqlite *sqlite_open(const char *path, struct err *reterr)
{
	return open_durable(path, SQLITE_OPEN_CREATE, 1000, reterr);
}

struct sqlite *sqlite_open_existing(const char *path, struct err *reterr)
{
	return open_durable(path, 0, 5000, reterr);
}

/* Without a name, SQLite makes a file of its own once it grows over its cache, and unlinks it. */
static struct sqlite *open_private(struct err *reterr)
{
	struct sqlite *sqlite = open_with("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, reterr);

	if (!sqlite || sqlite_run(sqlite,
	                          "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
	                          "PRAGMA cache_size = -" TEXT_OF(LIMIT_PRIVATE_KIB) ";",
	                          reterr))
		return sqlite;
	destroy(sqlite);
	return NULL;
}

struct sqlite *sqlite_open_private(struct err *reterr)
{
	return open_private(reterr);
}

/* Copies all pages; false with the result of the destination. */
static bool copy(struct sqlite *from, struct sqlite *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");

	if (!backup)
		return false;
	sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup) == SQLITE_OK;
}

/* Without a log, which is beside the file itself, nobody has it open, and all is in the file. */
static bool at_rest(const char *path)
{
	struct buf log = buf_with_max(LIMIT_PATH + 8);
	char *real = realpath(path, NULL);
	bool none;

	buf_addf(&log, "%s-wal", real ? real : path);
	none = access(buf_text(&log), F_OK) != 0;
	buf_clear(&log);
	free(real);
	return none;
}

/* Immutable: else SQLite leaves a log and an index beside the file, or fails where it may not. */
static struct sqlite *open_at_rest(const char *path, struct err *reterr)
{
	struct buf uri = buf_with_max(3 * LIMIT_PATH + 32);
	struct sqlite *file;

	buf_add_text(&uri, path[0] == '/' ? "file://" : "file:");
	for (const char *c = path; *c; c++) {
		if (strchr("%?#", *c))
			buf_addf(&uri, "%%%02x", (unsigned)*c);
		else
			buf_add_char(&uri, *c);
	}
	buf_add_text(&uri, "?immutable=1");
	file = open_with(buf_text(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, reterr);
	buf_clear(&uri);
	return file;
}

static struct sqlite *open_reader(const char *path, struct err *reterr)
{
	return at_rest(path) ? open_at_rest(path, reterr)
	                     : open_with(path, SQLITE_OPEN_READONLY, reterr);
}

struct sqlite *sqlite_open_reader(const char *path, struct err *reterr)
{
	struct sqlite *file = open_reader(path, reterr);

	if (!file)
		err_wrap(reterr, "%s", path);
	return file;
}

struct sqlite *sqlite_open_copy(const char *path, struct err *reterr)
{
	struct sqlite *file = open_reader(path, reterr);
	struct sqlite *memory = file ? open_private(reterr) : NULL;

	if (memory && !copy(file, memory)) {
		report(memory->db, sqlite3_errcode(memory->db), reterr);
		destroy(memory);
		memory = NULL;
	}
	if (!memory)
		err_wrap(reterr, "%s", path);
	destroy(file);
	return memory;
}

bool sqlite_run(struct sqlite *sqlite, const char *sql, struct err *reterr)
{
	int result = sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL);

	return result == SQLITE_OK || report(sqlite->db, result, reterr);
}

/* The place of a free statement of this text, else one that is empty; NULL: there is neither. */
static struct prepared *place_for(struct sqlite *sqlite, const char *sql)
{
	struct prepared *empty = NULL;

	for (size_t i = 0; i < LIMIT_PREPARED; i++) {
		struct prepared *prepared = &sqlite->prepared[i];

		if (!prepared->statement)
			empty = prepared;
		else if (!prepared->taken && strcmp(sqlite3_sql(prepared->statement), sql) == 0)
			return prepared;
	}
	return empty;
}

struct sqlite_query *sqlite_query(struct sqlite *sqlite, const char *sql)
{
	struct sqlite_query *query = xcalloc(1, sizeof(*query));
	struct prepared *place = place_for(sqlite, sql);

	query->db = sqlite->db;
	query->prepared = place;
	query->statement = place ? place->statement : NULL;
	if (!query->statement)
		query->result = sqlite3_prepare_v2(sqlite->db, sql, -1, &query->statement, NULL);
	if (place)
		*place = (struct prepared){ query->statement, query->statement != NULL };
	return query;
}

/* Ready for the next query of this text, or gone. */
static void give_back(struct sqlite_query *query)
{
	if (!query->prepared) {
		sqlite3_finalize(query->statement);
		return;
	}
	query->prepared->taken = false;
	if (!query->statement) /* its SQL is at fault, or the schema cannot be read */
		return;
	sqlite3_reset(query->statement);
	sqlite3_clear_bindings(query->statement);
}

static bool fine(const struct sqlite_query *query)
{
	return query->result == SQLITE_OK || query->result == SQLITE_ROW;
}

void sqlite_give_span(struct sqlite_query *query, struct span text)
{
	if (!fine(query))
		return;
	if (text.at)
		query->result = sqlite3_bind_text(query->statement, ++query->given, text.at,
		                                  (int)text.len, SQLITE_TRANSIENT);
	else
		query->result = sqlite3_bind_null(query->statement, ++query->given);
}

void sqlite_give_text(struct sqlite_query *query, const char *text)
{
	sqlite_give_span(query, span_of(text));
}

void sqlite_give_integer(struct sqlite_query *query, int64_t number)
{
	if (fine(query))
		query->result = sqlite3_bind_int64(query->statement, ++query->given, number);
}

void sqlite_give_column(struct sqlite_query *query, struct sqlite_query *from, int column)
{
	if (fine(query))
		query->result = sqlite3_bind_value(query->statement, ++query->given,
		                                   sqlite3_column_value(from->statement, column));
}

bool sqlite_step(struct sqlite_query *query)
{
	if (fine(query))
		query->result = sqlite3_step(query->statement);
	return query->result == SQLITE_ROW;
}

struct span sqlite_text(struct sqlite_query *query, int column)
{
	const unsigned char *text = sqlite3_column_text(query->statement, column);
	int len = sqlite3_column_bytes(query->statement, column);

	return text ? (struct span){ (const char *)text, (size_t)len } : SPAN_NONE;
}

int64_t sqlite_integer(struct sqlite_query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

bool sqlite_finish(struct sqlite_query *query, struct err *reterr)
{
	bool ok;

	while (sqlite_step(query))
		;
	ok = query->result == SQLITE_DONE || report(query->db, query->result, reterr);
	give_back(query);
	free(query);
	return ok;
}

int64_t sqlite_last_id(struct sqlite *sqlite)
{
	return sqlite3_last_insert_rowid(sqlite->db);
}

int64_t sqlite_changes(struct sqlite *sqlite)
{
	return sqlite3_total_changes64(sqlite->db);
}
