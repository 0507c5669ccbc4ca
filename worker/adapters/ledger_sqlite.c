#include "worker/adapters/ledger_sqlite.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "worker/adapters/ledger_builds.h"
#include "worker/adapters/ledger_operations.h"
#include "worker/adapters/ledger_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/banned.h"

struct ledger_sqlite {
	struct ledger_rows rows; /* first: its interface is the object */
	int lock;                /* descriptor of the lock file; -1 */
};

static void destroy(struct ledger_sqlite *ledger)
{
	sqlite_close(ledger->rows.sqlite);
	if (ledger->lock >= 0)
		close(ledger->lock);
	free(ledger);
}

void ledger_sqlite_free(struct ledger_sqlite *ledger)
{
	if (ledger)
		destroy(ledger);
}

static void free_ledger(struct ledger *ledger)
{
	destroy((struct ledger_sqlite *)ledger);
}

void ledger_sqlite_watch(struct ledger_sqlite *sqlite, ledger_done_fn *changed, void *ctx)
{
	sqlite->rows.health.changed = changed;
	sqlite->rows.health.ctx = ctx;
}

struct ledger *ledger_sqlite_ledger(struct ledger_sqlite *sqlite)
{
	return &sqlite->rows.ledger;
}

struct sqlite *ledger_sqlite_rows(struct ledger_sqlite *sqlite)
{
	return sqlite->rows.sqlite;
}

static bool take_lock(int lock, const char *path, struct err *reterr)
{
	if (lock < 0)
		return err_set(reterr, ERR_BROKEN, "%s.lock: %s%s", path, strerror(errno),
		               errno == ENOENT ? " (make the folder first)" : "");
	return flock(lock, LOCK_EX | LOCK_NB) == 0 ||
	       err_set(reterr, ERR_BROKEN, "%s: another worker uses this ledger", path);
}

int ledger_sqlite_lock(const char *path, struct err *reterr)
{
	struct buf name = buf_with_max(4200);
	int lock;

	buf_addf(&name, "%s.lock", path);
	lock = open(buf_text(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	buf_clear(&name);
	if (take_lock(lock, path, reterr))
		return lock;
	if (lock >= 0)
		close(lock);
	return -1;
}

/* Readers may look at the file at any time; of writers there is one, which holds this lock. */
static bool lock_out_others(struct ledger_sqlite *ledger, const char *path, struct err *reterr)
{
	ledger->lock = ledger_sqlite_lock(path, reterr);
	return ledger->lock >= 0;
}

/* Else the file may be without its log, or not there. */
static bool is_in_place(const char *path, struct err *reterr)
{
	struct buf rebuilt = buf_with_max(LIMIT_PATH + 64);
	char *real = realpath(path, NULL);
	bool waits;

	buf_addf(&rebuilt, "%s" LEDGER_REBUILT, real ? real : path);
	waits = access(buf_text(&rebuilt), F_OK) == 0;
	buf_clear(&rebuilt);
	free(real);
	return !waits ||
	       err_set(reterr, ERR_BROKEN,
	               "%s: its rebuilding was broken off: run `evergold ledger rebuild` again",
	               path);
}

static bool is_there(const char *path, struct err *reterr)
{
	return access(path, F_OK) == 0 || errno != ENOENT ||
	       err_set(reterr, ERR_BROKEN, "no ledger at %s: has `evergold run` been started?",
	               path);
}

static bool open_file(struct ledger_sqlite *ledger, const char *path, enum ledger_mode mode,
                      struct err *reterr)
{
	switch (mode) {
	case LEDGER_WRITE:
		if (!lock_out_others(ledger, path, reterr) || !is_in_place(path, reterr))
			return false;
		ledger->rows.sqlite = sqlite_open(path, reterr);
		break;
	case LEDGER_OPERATE:
		if (!is_there(path, reterr))
			return false;
		ledger->rows.sqlite = sqlite_open_existing(path, reterr);
		break;
	case LEDGER_EMPTY:
		ledger->rows.sqlite = sqlite_open_private(reterr);
		break;
	case LEDGER_COPY:
		if (!is_there(path, reterr))
			return false;
		ledger->rows.sqlite = sqlite_open_copy(path, reterr);
		break;
	}
	return ledger->rows.sqlite != NULL;
}

/* Under a worker that runs the schema stays as it is. */
static bool migrate_without_worker(struct ledger_sqlite *ledger, const char *path,
                                   struct err *reterr)
{
	bool current = false, ok;

	if (!ledger_schema_is_current(ledger->rows.sqlite, &current, reterr))
		return false;
	if (current)
		return true;
	if (!lock_out_others(ledger, path, reterr))
		return err_wrap(reterr, "its schema is of an older evergold");
	ok = ledger_schema_migrate(ledger->rows.sqlite, reterr);
	close(ledger->lock);
	ledger->lock = -1;
	return ok;
}

/* Pages that nobody has read yet may be garbage: better known before anything is built on them. */
static bool check_pages(struct ledger_sqlite *ledger, enum ledger_mode mode, struct err *reterr)
{
	struct sqlite_query *query;
	bool sound;

	if (mode != LEDGER_WRITE)
		return true;
	query = sqlite_query(ledger->rows.sqlite, "PRAGMA quick_check(1)");
	sound = sqlite_step(query) && span_is(sqlite_text(query, 0), "ok");
	if (!sqlite_finish(query, reterr))
		return false;
	return sound || err_set(reterr, ERR_BROKEN, "ledger: it is damaged: " SQLITE_MENDING);
}

/* A worker may have another configuration than the one before, and so other wishes. */
static bool wake_held(struct ledger_sqlite *ledger, enum ledger_mode mode, struct err *reterr)
{
	struct timers *timers = ledger->rows.timers;

	return mode != LEDGER_WRITE ||
	       ledger_builds_wake(ledger->rows.sqlite, "", timers->now_ms(timers), reterr);
}

static bool migrate(struct ledger_sqlite *ledger, const char *path, enum ledger_mode mode,
                    struct err *reterr)
{
	bool ok = check_pages(ledger, mode, reterr) &&
	          (mode == LEDGER_OPERATE ? migrate_without_worker(ledger, path, reterr)
	                                  : ledger_schema_migrate(ledger->rows.sqlite, reterr));

	return (ok && wake_held(ledger, mode, reterr)) ||
	       err_wrap(reterr, "%s", path ? path : "in memory");
}

struct ledger_sqlite *ledger_sqlite_open(const char *path, enum ledger_mode mode,
                                         struct timers *timers, struct err *reterr)
{
	struct ledger_sqlite *ledger = xcalloc(1, sizeof(*ledger));

	ledger->rows.timers = timers;
	ledger->lock = -1;
	if (open_file(ledger, path, mode, reterr) && migrate(ledger, path, mode, reterr) &&
	    ledger_operations_join(&ledger->rows, reterr)) {
		ledger->rows.ledger.free = free_ledger;
		return ledger;
	}
	destroy(ledger);
	return NULL;
}
