/* What the ledger knows around a build, in every state; what wakes rows; and ledgers of old. */
#include "tests/flows/keeping.h"
#include "tests/flows/sql.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#define HOUR 3600000
#define OLD  "2023.8.20250101.0"
#define NEW  "2023.10.20260101.0"

static struct keeping on;
static struct facts facts;

static void on_facts(void *ctx, const struct facts *found, const struct err *err)
{
	if (found)
		facts = *found;
	keeping_on_done(ctx, err);
}

/* Around the second of two rows, after the SQL has made the first what it is. */
static void look_up(const char *sql, int64_t ripe_ms)
{
	struct build builds[] = { keeping_build("ami-1"), keeping_build("ami-2") };

	keeping_begin(&on);
	builds[0].release = NEW;
	builds[1].release = OLD;
	CHECK(keeping_record(&on, SPAN("m"), builds, 1));
	keeping_close(&on);
	sql_run(on.path, sql);
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	on.ledger->look_up(on.ledger, &(struct ledger_look){ &builds[1], ripe_ms }, on_facts, &on);
	CHECK(keeping_worked(&on));
	keeping_end(&on);
}

struct row {
	const char *sql; /* SET … */
	bool busy;
	const char *newest, *next, *rival;
};

/* Announced at 1000; what is ripe was announced by 1000, or else by 999. */
static const struct row rows[] = {
	{ "state = 'wanted'", false, "", NEW, NEW },
	{ "admitted = 1", true, "", NEW, NEW },
	{ "held = 'soaking'", false, "", "", NEW },
	{ "held = 'outside_window'", false, "", "", NEW },
	{ "held = 'pipeline_busy'", false, "", "", NEW },
	{ "held = 'family_held'", false, "", "", NEW },
	{ "held = 'failing'", false, "", "", NEW },
	{ "held = 'quarantined'", false, "", "", "" },
	{ "held = 'not_available_yet'", false, "", "", "" },
	{ "state = 'superseded', held = 'older_release'", false, "", "", "" },
	{ "state = 'finished'", false, "", "", "" },
	{ "region = 'us-east-1'", false, "", "", "" },
	{ "family = 'db'", false, "", "", "" },
};

TEST(every_state_of_another_build_is_a_fact)
{
	char sql[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(sql, sizeof(sql), "UPDATE builds SET announced_ms = 1000, %s",
		         rows[i].sql);
		look_up(sql, 1000);
		CHECK(facts.busy == rows[i].busy, "%s", rows[i].sql);
		CHECK(strcmp(facts.newest, rows[i].newest) == 0, "%s", rows[i].sql);
		CHECK(strcmp(facts.next, rows[i].next) == 0, "%s", rows[i].sql);
		CHECK(strcmp(facts.rival, rows[i].rival) == 0, "%s: %s", rows[i].sql, facts.rival);
	}
}

TEST(what_is_too_young_is_no_rival)
{
	look_up("UPDATE builds SET announced_ms = 1000, held = 'soaking'", 999);
	CHECK_TEXT(facts.rival, "");
	look_up("UPDATE builds SET announced_ms = 9e15, wanted_ms = 1000, held = 'soaking'", 1000);
	CHECK_TEXT(facts.rival, NEW);
}

/* ---- wakes ----------------------------------------------------------------------------------- */

static bool save(const struct build *build)
{
	on.ledger->save(on.ledger, build, NULL, keeping_on_done, &on);
	return keeping_worked(&on);
}

/* Both held, and due in an hour; [0] and [1] are as they were read last. */
static void begin_held(struct build held[2])
{
	struct build builds[] = { keeping_build("ami-1"), keeping_build("ami-2") };

	keeping_begin(&on);
	for (int i = 0; i < 2; i++) {
		builds[i].held = REASON_SOAKING;
		builds[i].due_ms = keeping_now_ms(&on) + HOUR;
	}
	CHECK(keeping_record(&on, SPAN("m"), builds, 2));
	CHECK(keeping_look(&on, keeping_now_ms(&on) + HOUR));
	CHECK_INT(on.n_builds, 2);
	for (int i = 0; i < 2; i++) {
		held[i] = on.builds[i];
		held[i].variables = "{}"; /* the next look frees what it had */
	}
}

static size_t due_now(void)
{
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	return on.n_builds;
}

TEST(a_change_of_a_state_or_a_hold_wakes_the_others)
{
	struct build held[2];

	begin_held(held);
	CHECK(save(&held[0]));
	CHECK_INT(due_now(), 0);
	held[0].held = REASON_OUTSIDE_WINDOW;
	CHECK(save(&held[0]));
	CHECK_INT(due_now(), 1);
	CHECK_INT(on.builds[0].id, held[1].id);
	keeping_end(&on);
}

/* The second was read before the first woke it, and is saved after. */
TEST(a_wake_during_a_look_is_not_lost)
{
	struct build held[2];

	begin_held(held);
	held[0].state = BUILD_SUPERSEDED;
	CHECK(save(&held[0]));
	CHECK(save(&held[1]));
	CHECK_INT(due_now(), 1);
	held[1].wakes = on.builds[0].wakes;
	CHECK(save(&held[1]));
	CHECK_INT(due_now(), 0);
	keeping_end(&on);
}

TEST(a_worker_that_opens_the_ledger_wakes_what_is_held)
{
	struct build held[2];

	begin_held(held);
	keeping_close(&on);
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	CHECK_INT(due_now(), 2);
	keeping_end(&on);
}

/* ---- a ledger of the first version ----------------------------------------------------------- */

/* As its first step made it, with one build that runs and a notice of one that has ended. */
#define FIRST                                                                                      \
	"CREATE TABLE announcements (topic TEXT NOT NULL, message_id TEXT NOT NULL,"               \
	" publisher TEXT, announced_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,"            \
	" PRIMARY KEY (topic, message_id)) WITHOUT ROWID;"                                         \
	"CREATE TABLE decisions (topic TEXT NOT NULL, message_id TEXT NOT NULL,"                   \
	" family TEXT NOT NULL, region TEXT NOT NULL, release TEXT, outcome TEXT NOT NULL,"        \
	" reason TEXT NOT NULL, image_id TEXT, detail TEXT, decided_ms INTEGER NOT NULL,"          \
	" PRIMARY KEY (topic, message_id, family, region)) WITHOUT ROWID;"                         \
	"CREATE TABLE builds (id INTEGER PRIMARY KEY, state TEXT NOT NULL,"                        \
	" family TEXT NOT NULL, pipeline_region TEXT NOT NULL, pipeline TEXT NOT NULL,"            \
	" region TEXT NOT NULL, image_id TEXT NOT NULL, attempt INTEGER NOT NULL,"                 \
	" token TEXT NOT NULL, publisher TEXT NOT NULL, release TEXT NOT NULL,"                    \
	" image_name TEXT NOT NULL, architecture TEXT, message_id TEXT, notes_url TEXT,"           \
	" role_arn TEXT, variables TEXT NOT NULL, announced_ms INTEGER NOT NULL,"                  \
	" wanted_ms INTEGER NOT NULL, execution_id TEXT, started_ms INTEGER NOT NULL,"             \
	" finished_ms INTEGER NOT NULL, status TEXT NOT NULL, summary TEXT, failed_stage TEXT,"    \
	" failed_action TEXT, error_code TEXT, error_message TEXT, error_url TEXT,"                \
	" golden_ami TEXT, base_written INTEGER NOT NULL, golden_written INTEGER NOT NULL,"        \
	" trouble TEXT, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL,"                          \
	" UNIQUE (family, region, image_id, pipeline_region, pipeline, attempt), UNIQUE (token));" \
	"CREATE INDEX builds_due ON builds (due_ms) WHERE state <> 'finished';"                    \
	"CREATE INDEX builds_execution ON builds (execution_id);"                                  \
	"CREATE TABLE notices (id INTEGER PRIMARY KEY,"                                            \
	" build INTEGER NOT NULL REFERENCES builds (id), kind TEXT NOT NULL,"                      \
	" created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL,"           \
	" done INTEGER NOT NULL, ts TEXT);"                                                        \
	"CREATE INDEX notices_waiting ON notices (build, id) WHERE NOT done;"                      \
	"PRAGMA user_version = 1;"

#define BUILD(id, state, execution)                                                                \
	"INSERT INTO builds VALUES (" id ", " state ", 'web', 'eu-west-1', 'golden', 'eu-west-1'," \
	" 'ami-" id "', 0, 'token-" id "', 'amazon-linux-2023', '2023.9.2025010" id ".0', 'name'," \
	" 'x86_64', 'm', NULL, NULL, '{}', 1, 2, " execution ", 3, 4, 'Succeeded', NULL, NULL,"    \
	" NULL, NULL, NULL, NULL, 'ami-golden', 1, 1, 'trouble', 5, 6);"

TEST(a_ledger_of_the_first_version_keeps_all_that_it_has)
{
	struct build build = keeping_build("ami-9");

	keeping_begin_empty(&on);
	sql_run(on.path,
	        FIRST BUILD("1", "'finished'", "'e-1'") BUILD("2", "'started'", "'e-2'")
	                BUILD("3", "'wanted'", "NULL") "INSERT INTO notices VALUES (7, 1, "
	                                               "'finished', 11, 12, 13, 0, '14.5')");
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	CHECK(keeping_look(&on, keeping_now_ms(&on)));
	CHECK_INT(on.n_builds, 2);
	CHECK_INT(on.builds[0].state, BUILD_STARTED);
	CHECK_TEXT(on.builds[0].execution_id, "e-2");
	CHECK_TEXT(on.builds[0].golden_ami, "ami-golden");
	CHECK_INT(on.builds[1].held, REASON_MATCHED);
	CHECK(!on.builds[1].admitted);
	CHECK_INT(on.builds[1].tries, 6);
	on.ledger->look_up(on.ledger, &(struct ledger_look){ .build = &build }, on_facts, &on);
	CHECK(keeping_worked(&on));
	CHECK(facts.busy);
	CHECK_TEXT(facts.newest, "2023.9.20250102.0");
	CHECK_TEXT(facts.next, "2023.9.20250103.0");
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM notices JOIN deliveries ON notice = id"
	                             " WHERE id = 7 AND notices.build = 1 AND kind = 'finished'"
	                             " AND created_ms = 11 AND due_ms = 12 AND tries = 13"
	                             " AND sink = 'slack' AND deliveries.family = 'web'"),
	          1);
	keeping_end(&on);
}

/* Only what nobody had announced before is built when it is. */
#define ADOPTED(id, message, detail)                                                              \
	"UPDATE builds SET state = 'adopted' WHERE image_id = 'ami-" id "';"                      \
	"INSERT INTO decisions VALUES ('t', '" message "', 'web', 'eu-west-1', 'r', 'duplicate'," \
	" 'already_started', 'ami-" id "', '" detail "', 0);"

TEST(what_an_older_worker_adopted_and_called_a_duplicate_stays_one)
{
	keeping_begin(&on);
	CHECK(keeping_record_image(&on, "ami-1"));
	CHECK(keeping_record_image(&on, "ami-2"));
	CHECK(keeping_record_image(&on, "ami-3"));
	keeping_close(&on);
	sql_run(on.path,
	        ADOPTED("1", "c1", "adopted: it was there at the first look")
	                ADOPTED("2", "c2", "adopted: the base parameter names it") ADOPTED(
				"3", "c3",
				"this image has its build already") "PRAGMA user_version = 11");
	CHECK(keeping_open(&on, LEDGER_WRITE), "%s", on.failure.text);
	CHECK_INT(keeping_count(&on, "SELECT count(*) FROM builds WHERE base_written"), 2);
	CHECK_INT(keeping_count(&on, "SELECT base_written FROM builds WHERE image_id = 'ami-1'"),
	          0);
	keeping_end(&on);
}

int main(void)
{
	check_run(every_state_of_another_build_is_a_fact);
	check_run(what_is_too_young_is_no_rival);
	check_run(a_change_of_a_state_or_a_hold_wakes_the_others);
	check_run(a_wake_during_a_look_is_not_lost);
	check_run(a_worker_that_opens_the_ledger_wakes_what_is_held);
	check_run(a_ledger_of_the_first_version_keeps_all_that_it_has);
	check_run(what_an_older_worker_adopted_and_called_a_duplicate_stays_one);
	return check_done();
}
