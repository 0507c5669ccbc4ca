#include "worker/adapters/ledger_schema.h"

#include "common/base/buf.h"
#include "common/base/span.h"

#include "common/base/banned.h"

/* One step a version, never changed once released. Times are ms since 1970 UTC. */
static const char *const migrations[] = {
	"CREATE TABLE announcements ("
	" topic TEXT NOT NULL, message_id TEXT NOT NULL, publisher TEXT, announced_ms INTEGER NOT "
	"NULL,"
	" received_ms INTEGER NOT NULL, PRIMARY KEY (topic, message_id)) WITHOUT ROWID;"
	"CREATE TABLE decisions ("
	" topic TEXT NOT NULL, message_id TEXT NOT NULL, family TEXT NOT NULL, region TEXT NOT "
	"NULL,"
	" release TEXT, outcome TEXT NOT NULL, reason TEXT NOT NULL, image_id TEXT, detail TEXT,"
	" decided_ms INTEGER NOT NULL, PRIMARY KEY (topic, message_id, family, region)) WITHOUT "
	"ROWID;"
	"CREATE TABLE builds ("
	" id INTEGER PRIMARY KEY, state TEXT NOT NULL,"
	" family TEXT NOT NULL, pipeline_region TEXT NOT NULL, pipeline TEXT NOT NULL,"
	" region TEXT NOT NULL, image_id TEXT NOT NULL, attempt INTEGER NOT NULL, token TEXT NOT "
	"NULL,"
	" publisher TEXT NOT NULL, release TEXT NOT NULL, image_name TEXT NOT NULL, architecture "
	"TEXT,"
	" message_id TEXT, notes_url TEXT, role_arn TEXT, variables TEXT NOT NULL,"
	" announced_ms INTEGER NOT NULL, wanted_ms INTEGER NOT NULL,"
	" execution_id TEXT, started_ms INTEGER NOT NULL, finished_ms INTEGER NOT NULL,"
	" status TEXT NOT NULL, summary TEXT, failed_stage TEXT, failed_action TEXT, error_code "
	"TEXT,"
	" error_message TEXT, error_url TEXT, golden_ami TEXT, base_written INTEGER NOT NULL,"
	" golden_written INTEGER NOT NULL, trouble TEXT, due_ms INTEGER NOT NULL,"
	" tries INTEGER NOT NULL,"
	" UNIQUE (family, region, image_id, pipeline_region, pipeline, attempt), UNIQUE (token));"
	"CREATE INDEX builds_due ON builds (due_ms) WHERE state <> 'finished';"
	"CREATE INDEX builds_execution ON builds (execution_id);"
	"CREATE TABLE notices ("
	" id INTEGER PRIMARY KEY, build INTEGER NOT NULL REFERENCES builds (id), kind TEXT NOT "
	"NULL,"
	" created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL,"
	" done INTEGER NOT NULL, ts TEXT);"
	"CREATE INDEX notices_waiting ON notices (build, id) WHERE NOT done;",

	/* Builds that are held, the operator's hand, and notices that are about no build. */
	"ALTER TABLE builds ADD COLUMN held TEXT NOT NULL DEFAULT 'matched';"
	"ALTER TABLE builds ADD COLUMN held_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE builds ADD COLUMN hold_detail TEXT;"
	"DROP INDEX builds_due;"
	"CREATE INDEX builds_due ON builds (due_ms) WHERE state IN ('wanted', 'started');"
	"CREATE INDEX builds_ended ON builds (family, finished_ms) WHERE state = 'finished';"
	"CREATE TABLE holds ("
	" family TEXT PRIMARY KEY, reason TEXT NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE resets ("
	" family TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE quarantines ("
	" family TEXT NOT NULL, what TEXT NOT NULL, reason TEXT NOT NULL, since_ms INTEGER NOT "
	"NULL,"
	" PRIMARY KEY (family, what)) WITHOUT ROWID;"
	"ALTER TABLE notices RENAME TO old_notices;"
	"DROP INDEX notices_waiting;"
	"CREATE TABLE notices ("
	" id INTEGER PRIMARY KEY, build INTEGER REFERENCES builds (id), kind TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL,"
	" done INTEGER NOT NULL, ts TEXT, family TEXT, text TEXT, key TEXT UNIQUE);"
	"INSERT INTO notices (id, build, kind, created_ms, due_ms, tries, done, ts)"
	" SELECT id, build, kind, created_ms, due_ms, tries, done, ts FROM old_notices;"
	"DROP TABLE old_notices;"
	"CREATE INDEX notices_waiting ON notices (build, id) WHERE NOT done;",

	/* Builds whose image was taken back. */
	"ALTER TABLE builds ADD COLUMN withdrawn_ms INTEGER NOT NULL DEFAULT 0;",

	/* So that a long history costs nothing: what is open, and the newest of what was built. */
	"CREATE INDEX builds_open ON builds (family, region) WHERE state IN ('wanted', 'started');"
	"CREATE TABLE lines ("
	" family TEXT NOT NULL, region TEXT NOT NULL, release TEXT NOT NULL,"
	" PRIMARY KEY (family, region, release)) WITHOUT ROWID;"
	"INSERT INTO lines SELECT DISTINCT family, region, release FROM builds"
	" WHERE state IN ('started', 'adopted')"
	" OR (state = 'finished' AND execution_id IS NOT NULL);",

	/* What is past being held, and how often a row was made due. */
	("ALTER TABLE builds ADD COLUMN admitted INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE builds ADD COLUMN wakes INTEGER NOT NULL DEFAULT 0;"),

	/* What parameters held before, and where golden AMIs go. */
	("ALTER TABLE builds ADD COLUMN base_parameter TEXT;"
	 "ALTER TABLE builds ADD COLUMN base_previous TEXT;"
	 "ALTER TABLE builds ADD COLUMN golden_previous TEXT;"
	 "CREATE TABLE golden_moves ("
	 " build INTEGER NOT NULL REFERENCES builds (id), position INTEGER NOT NULL,"
	 " target TEXT NOT NULL, name TEXT NOT NULL, region TEXT NOT NULL, role_arn TEXT,"
	 " value TEXT, previous TEXT, version INTEGER NOT NULL, state TEXT NOT NULL, detail TEXT,"
	 " at_ms INTEGER NOT NULL, PRIMARY KEY (build, position)) WITHOUT ROWID;"
	 "CREATE INDEX golden_moves_target ON golden_moves (target, build);"),

	/* Executions that are followed to their real end, and what came before them. */
	("ALTER TABLE builds ADD COLUMN timeline TEXT;"
	 "ALTER TABLE builds ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE builds ADD COLUMN hinted INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE builds ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;"
	 "DROP INDEX builds_due;"
	 "CREATE INDEX builds_due ON builds (due_ms)"
	 " WHERE state IN ('wanted', 'started') OR watched;"
	 "CREATE INDEX builds_watched ON builds (family, region) WHERE watched;"
	 "CREATE INDEX builds_past ON builds (family, region, id) WHERE state = 'finished';"),

	/* How far each sink is with what is to be told; what waits for Slack keeps waiting. */
	("CREATE TABLE sinks ("
	 " name TEXT PRIMARY KEY, since INTEGER NOT NULL, error TEXT) WITHOUT ROWID;"
	 "CREATE TABLE deliveries ("
	 " sink TEXT NOT NULL, notice INTEGER NOT NULL REFERENCES notices (id), build INTEGER,"
	 " family TEXT, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL,"
	 " PRIMARY KEY (sink, notice)) WITHOUT ROWID;"
	 "CREATE INDEX deliveries_due ON deliveries (sink, due_ms, notice);"
	 "CREATE INDEX deliveries_build ON deliveries (sink, build, notice);"
	 "INSERT INTO sinks SELECT 'slack', ifnull(max(id), 0), NULL FROM notices;"
	 "INSERT INTO deliveries SELECT 'slack', notices.id, build,"
	 " ifnull(notices.family, builds.family), notices.due_ms, notices.tries"
	 " FROM notices LEFT JOIN builds ON builds.id = build WHERE NOT done;"
	 "DROP INDEX notices_waiting;"
	 "ALTER TABLE notices DROP COLUMN due_ms;"
	 "ALTER TABLE notices DROP COLUMN tries;"
	 "ALTER TABLE notices DROP COLUMN done;"
	 "ALTER TABLE notices DROP COLUMN ts;"),

	/* What Slack knows of our messages. */
	("CREATE TABLE posts ("
	 " build INTEGER NOT NULL, notice INTEGER NOT NULL, part TEXT NOT NULL, state TEXT NOT "
	 "NULL,"
	 " nth INTEGER NOT NULL, channel TEXT NOT NULL, channel_id TEXT, ts TEXT, thread_ts TEXT,"
	 " digest TEXT NOT NULL, asked_ms INTEGER NOT NULL,"
	 " PRIMARY KEY (build, notice, part)) WITHOUT ROWID;"
	 "CREATE TABLE channels (name TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;"),

	/* Starts that may have had their effect. */
	"ALTER TABLE builds ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;",

	/* So that what a publisher has said longest ago is found. */
	"CREATE INDEX announcements_heard ON announcements (publisher, announced_ms);",

	/* What was adopted, and was announced or in use before that asked for a build. */
	("UPDATE builds SET base_written = 1 WHERE state = 'adopted' AND EXISTS ("
	 " SELECT 1 FROM decisions WHERE outcome = 'duplicate' AND family = builds.family"
	 " AND region = builds.region AND image_id = builds.image_id"
	 " AND detail <> 'adopted: it was there at the first look');"),
};

int64_t ledger_schema_newest(void)
{
	return (int64_t)ARRAY_LEN(migrations);
}

bool ledger_schema_version(struct sqlite *sqlite, int64_t *ret_version, struct err *reterr)
{
	struct sqlite_query *query = sqlite_query(sqlite, "PRAGMA user_version");

	*ret_version = sqlite_step(query) ? sqlite_integer(query, 0) : 0;
	return sqlite_finish(query, reterr);
}

static bool known_version(struct sqlite *sqlite, int64_t *ret_version, struct err *reterr)
{
	if (!ledger_schema_version(sqlite, ret_version, reterr))
		return false;
	return *ret_version <= (int64_t)ARRAY_LEN(migrations) ||
	       err_set(reterr, ERR_BROKEN, "it was written by a newer evergold (schema %lld)",
	               (long long)*ret_version);
}

bool ledger_schema_is_current(struct sqlite *sqlite, bool *ret_current, struct err *reterr)
{
	int64_t version;

	if (!known_version(sqlite, &version, reterr))
		return false;
	*ret_current = version == (int64_t)ARRAY_LEN(migrations);
	return true;
}

/* In one transaction, so that a new ledger costs one sync of the disk. */
bool ledger_schema_migrate(struct sqlite *sqlite, struct err *reterr)
{
	struct buf sql = buf_with_max(64 * 1024);
	int64_t version;
	bool ok;

	if (!known_version(sqlite, &version, reterr))
		return false;
	if (version == (int64_t)ARRAY_LEN(migrations))
		return true;
	buf_add_text(&sql, "BEGIN IMMEDIATE;");
	for (; version < (int64_t)ARRAY_LEN(migrations); version++)
		buf_add_text(&sql, migrations[version]);
	buf_addf(&sql, "PRAGMA user_version = %lld; COMMIT;", (long long)version);
	ok = sqlite_run(sqlite, buf_text(&sql), reterr);
	buf_clear(&sql);
	return ok;
}
