-- What a ledger of schema 5 looks like: the last one that knew one place to tell, Slack, and kept in
-- a notice itself how far it was told.
CREATE TABLE announcements (topic TEXT NOT NULL, message_id TEXT NOT NULL, publisher TEXT,
    announced_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, PRIMARY KEY (topic, message_id))
    WITHOUT ROWID;
CREATE TABLE decisions (topic TEXT NOT NULL, message_id TEXT NOT NULL, family TEXT NOT NULL,
    region TEXT NOT NULL, release TEXT, outcome TEXT NOT NULL, reason TEXT NOT NULL, image_id
    TEXT, detail TEXT, decided_ms INTEGER NOT NULL, PRIMARY KEY (topic, message_id, family,
    region)) WITHOUT ROWID;
CREATE TABLE builds (id INTEGER PRIMARY KEY, state TEXT NOT NULL, family TEXT NOT NULL,
    pipeline_region TEXT NOT NULL, pipeline TEXT NOT NULL, region TEXT NOT NULL, image_id TEXT NOT
    NULL, attempt INTEGER NOT NULL, token TEXT NOT NULL, publisher TEXT NOT NULL, release TEXT NOT
    NULL, image_name TEXT NOT NULL, architecture TEXT, message_id TEXT, notes_url TEXT, role_arn
    TEXT, variables TEXT NOT NULL, announced_ms INTEGER NOT NULL, wanted_ms INTEGER NOT NULL,
    execution_id TEXT, started_ms INTEGER NOT NULL, finished_ms INTEGER NOT NULL, status TEXT NOT
    NULL, summary TEXT, failed_stage TEXT, failed_action TEXT, error_code TEXT, error_message
    TEXT, error_url TEXT, golden_ami TEXT, base_written INTEGER NOT NULL, golden_written INTEGER
    NOT NULL, trouble TEXT, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL, held TEXT NOT NULL
    DEFAULT 'matched', held_ms INTEGER NOT NULL DEFAULT 0, hold_detail TEXT, withdrawn_ms INTEGER
    NOT NULL DEFAULT 0, admitted INTEGER NOT NULL DEFAULT 0, wakes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (family, region, image_id, pipeline_region, pipeline, attempt), UNIQUE (token));
CREATE INDEX builds_execution ON builds (execution_id);
CREATE INDEX builds_due ON builds (due_ms) WHERE state IN ('wanted', 'started');
CREATE INDEX builds_ended ON builds (family, finished_ms) WHERE state = 'finished';
CREATE TABLE holds (family TEXT PRIMARY KEY, reason TEXT NOT NULL, since_ms INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE resets (family TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE quarantines (family TEXT NOT NULL, what TEXT NOT NULL, reason TEXT NOT NULL, since_ms
    INTEGER NOT NULL, PRIMARY KEY (family, what)) WITHOUT ROWID;
CREATE TABLE notices (id INTEGER PRIMARY KEY, build INTEGER REFERENCES builds (id), kind TEXT NOT
    NULL, created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL, done
    INTEGER NOT NULL, ts TEXT, family TEXT, text TEXT, key TEXT UNIQUE);
CREATE INDEX notices_waiting ON notices (build, id) WHERE NOT done;
CREATE INDEX builds_open ON builds (family, region) WHERE state IN ('wanted', 'started');
CREATE TABLE lines (family TEXT NOT NULL, region TEXT NOT NULL, release TEXT NOT NULL, PRIMARY KEY
    (family, region, release)) WITHOUT ROWID;
PRAGMA user_version = 5;

CREATE TEMP TABLE four (id, state, region, image_id, token, release, execution_id, status);
INSERT INTO four VALUES
    (1, 'finished', 'eu-central-1', 'ami-0000000000000001a', 'told', '2023.9.20251006.0', 'e-1',
        'Succeeded'),
    (2, 'finished', 'eu-central-1', 'ami-0000000000000002a', 'untold', '2023.9.20251013.0', 'e-2',
        'Failed'),
    (3, 'started', 'eu-west-1', 'ami-0000000000000003a', 'runs', '2023.9.20251020.0', :running,
        'InProgress'),
    (4, 'wanted', 'us-east-1', 'ami-0000000000000004a', 'wanted', '2023.9.20251020.0', NULL,
        'Unknown');
INSERT INTO builds (id, state, family, pipeline_region, pipeline, region, image_id, attempt, token,
    publisher, release, image_name, variables, announced_ms, wanted_ms, execution_id, started_ms,
    finished_ms, status, failed_stage, failed_action, base_written, golden_written, due_ms, tries)
    SELECT id, state, 'web', region, 'golden-web', region, image_id, 0, token, 'amazon-linux-2023',
        release, 'al2023-ami-' || release || '-kernel-6.1-x86_64',
        json_object('BASE_AMI_ID', image_id), :now_ms - 9000, :now_ms - 8000, execution_id,
        iif(state = 'wanted', 0, :now_ms - 7000), iif(state = 'finished', :now_ms - 1000, 0),
        status, iif(status = 'Failed', 'Build', NULL), iif(status = 'Failed', 'Packer', NULL),
        0, 0, 0, 0
    FROM four;
INSERT INTO lines SELECT family, region, release FROM builds WHERE state <> 'wanted';
INSERT INTO notices (build, kind, created_ms, due_ms, tries, done, ts, family, text, key) VALUES
    (1, 'finished', :now_ms - 1000, 0, 1, 1, '1700000000.000100', NULL, NULL, NULL),
    (2, 'finished', :now_ms - 900, 0, 3, 0, NULL, NULL, NULL, NULL),
    (NULL, 'withdrawn', :now_ms - 800, 0, 2, 0, NULL, 'web', 'of long ago', 'withdrawn of long ago');
